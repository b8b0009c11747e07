"""Statements of the attack success page; `$system` and `$of` are a system, or null for all."""

# ruff: noqa: S608  # only the fixed expressions of this file are put together

from __future__ import annotations

from typing import Final

_NAME: Final = "coalesce(systems.system_name, rows.system_id) as system_name"
_NAMES: Final = "left join marts.system_scorecards as systems on rows.system_id = systems.system_id"
_OF_SYSTEM: Final = "($system is null or rows.system_id = $system)"
_SERIES: Final = """
            md5(concat_ws(
                '|', rows.system_id, rows.tool, rows.attack, rows.strategy, rows.judge,
                rows.comparability_key
            ))
"""

ATTACKS: Final = {
    "attacked_systems": f"""
        select rows.system_id, {_NAME}
        from marts.release_gates as rows
        {_NAMES}
        where rows.attempts > 0
        group by all
        order by system_name, rows.system_id
    """,
    "attacked_versions": f"""
        select
            {_NAME}, rows.system_id, rows.system_version, rows.configuration,
            rows.attack_success_rate, rows.lower_bound, rows.upper_bound,
            rows.attack_success_limit, rows.verdict, rows.reason, rows.further_prompts_needed,
            rows.attempts, rows.prompts, rows.last_attempt_on
        from marts.release_gates as rows
        {_NAMES}
        where rows.attempts > 0 and {_OF_SYSTEM}
        qualify $system is not null or row_number() over (
            partition by rows.system_id
            order by rows.last_attempt_on desc, rows.system_version desc, rows.configuration
        ) = 1
        order by
            case when $system is null then rows.upper_bound end desc nulls last,
            rows.last_attempt_on desc, rows.system_version desc, rows.configuration
    """,
    "attack_runs": f"""
        select
            rows.run_id, {_NAME}, rows.system_version, rows.tool, rows.attack, rows.strategy,
            rows.judge, rows.attempts, rows.successes, rows.prompts, rows.attack_success_rate,
            rows.interval_low, rows.interval_high, rows.rate_low, rows.rate_high,
            rows.success_within_k, rows.undetermined, rows.errors, rows.started_at,
            rows.is_complete, rows.technique_id, rows.assessment, rows.file_name
        from marts.attack_success_by_run as rows
        {_NAMES}
        where rows.is_primary_judge and ($of is null or rows.system_id = $of)
        order by
            rows.started_at desc, rows.run_id, rows.system_version, rows.attack, rows.strategy,
            rows.judge
    """,
    "attack_changes": f"""
        select
            {_NAME}, rows.attack, rows.strategy, rows.verdict, rows.delta, rows.interval_low,
            rows.interval_high, rows.q_value, rows.smallest_detectable_change,
            rows.baseline_version, rows.system_version, rows.baseline_configuration,
            rows.configuration, rows.baseline_rate, rows.attack_success_rate,
            rows.baseline_prompts, rows.prompts, rows.started_at, rows.baseline_run_id,
            rows.run_id, rows.judge, rows.tool, rows.method, rows.system_id
        from marts.attack_success_changes as rows
        {_NAMES}
        where rows.verdict in ('better', 'worse') and ($of is null or rows.system_id = $of)
        order by rows.verdict desc, rows.started_at desc, abs(rows.delta) desc, rows.attack
    """,
    "run_pairs": f"""
        select
            md5(concat_ws('|', rows.system_id, rows.baseline_run_id, rows.run_id,
                rows.baseline_version, rows.system_version, rows.baseline_configuration,
                rows.configuration)) as pair,
            {_NAME}, rows.tool, rows.baseline_run_id, rows.run_id, rows.baseline_version,
            rows.system_version, rows.baseline_configuration,
            rows.configuration as system_configuration,
            max(rows.started_at) as started_at,
            count(*) as attacks,
            count(*) filter (where rows.verdict = 'worse') as worse,
            count(*) filter (where rows.verdict = 'better') as better
        from marts.attack_success_changes as rows
        {_NAMES}
        where {_OF_SYSTEM} and rows.delta is not null
        group by all
        order by
            worse + better = 0, started_at desc, system_name, rows.baseline_run_id, rows.run_id,
            pair
    """,
    "run_comparison": """
        select
            attack, strategy, judge, verdict, delta, interval_low, interval_high, q_value,
            smallest_detectable_change, baseline_rate, attack_success_rate, baseline_prompts,
            prompts, method, technique_id, system_id, baseline_run_id, run_id,
            baseline_version, system_version, baseline_configuration, configuration
        from marts.attack_success_changes
        where
            md5(concat_ws('|', system_id, baseline_run_id, run_id, baseline_version,
                system_version, baseline_configuration, configuration)) = $pair
        order by delta desc nulls last, attack, strategy, judge
    """,
    "technique_cells": f"""
        select
            rows.technique_id, rows.technique_name, {_NAME}, rows.state, rows.tested_by,
            rows.attempts, rows.prompts, rows.attack_success_rate, rows.interval_low,
            rows.interval_high, rows.last_tested_on, rows.not_applicable_reason, rows.tactics,
            rows.risk_tier, rows.assessment_id, rows.system_id
        from marts.technique_coverage_matrix as rows
        {_NAMES}
        where $of is null or rows.system_id = $of
        order by rows.technique_id, system_name
    """,
    "drift_series": f"""
        select
            {_SERIES} as series,
            {_NAME}, rows.tool, rows.attack, rows.strategy, rows.judge,
            count(*) as weeks,
            max(rows.week_start) filter (
                where rows.signal not in ('within limits', 'no limits yet')
            ) as last_signal_on,
            max(rows.week_start) as last_week_on
        from marts.attack_success_drift as rows
        {_NAMES}
        where {_OF_SYSTEM}
        group by all
        having count(*) >= 4
        order by last_signal_on desc nulls last, weeks desc, system_name, rows.attack, series
    """,
    "drift_weeks": f"""
        select
            rows.week_start, rows.attack_success_rate, rows.centre, rows.limit_low,
            rows.limit_high, rows.signal, rows.successes, rows.attempts, rows.prompts,
            rows.system_id, rows.tool, rows.attack, rows.strategy, rows.judge,
            rows.comparability_key
        from marts.attack_success_drift as rows
        where {_SERIES} = $series
        order by rows.week_start
    """,
    "mitigations": f"""
        select
            {_NAME}, rows.configuration, rows.baseline_configuration, rows.system_version,
            rows.baseline_version, rows.is_same_version, rows.verdict, rows.cost, rows.delta,
            rows.interval_low, rows.interval_high, rows.baseline_rate,
            rows.attack_success_rate, rows.prompts, rows.over_refusal_delta,
            rows.over_refusal_low, rows.over_refusal_high, rows.controls
        from marts.mitigation_effects as rows
        {_NAMES}
        where {_OF_SYSTEM}
        order by system_name, rows.configuration, rows.system_version
    """,
    "retests": f"""
        select
            rows.finding_id, rows.title, {_NAME}, rows.severity, rows.state,
            rows.clean_prompts, rows.needed_prompts, rows.missing_prompts, rows.attack,
            rows.tool, rows.claimed_at, rows.last_tried_on, rows.successes,
            rows.attack_success_limit, rows.recorded_retest
        from marts.retest_plan as rows
        {_NAMES}
        where rows.is_last_claim and ($of is null or rows.system_id = $of)
        order by
            list_position(['failed', 'unproven', 'proven'], rows.state),
            list_position(['critical', 'high', 'medium', 'low'], rows.severity),
            rows.claimed_at desc, rows.finding_id
    """,
    "retest_states": f"""
        select
            rows.state, count(*) as findings,
            cast(sum(rows.missing_prompts) as bigint) as missing_prompts
        from marts.retest_plan as rows
        where rows.is_last_claim and {_OF_SYSTEM}
        group by rows.state
        order by list_position(['failed', 'unproven', 'proven'], rows.state)
    """,
}
