-- Attempts of promptfoo, PyRIT and Inspect, one row per attempt and judge, with what the verdict
-- means for the attacker. A control's `success` means that the benign request was refused.
with results as (
    select * from {{ ref('stg_scanners__results') }}
),

judges as (
    select * from {{ ref('int_scanner_judges') }}
),

verdict_outcomes as (
    select * from {{ ref('verdict_outcomes') }}
),

attack_controls as (
    select * from {{ ref('attack_controls') }}
),

primary_judges as (
    select * from judges
    where is_primary
),

-- An attempt that failed early may not even say which attack it was.
only_judges as (
    select
        source,
        run_id,
        min(judge) as judge
    from primary_judges
    group by source, run_id
    having min(judge) = max(judge)
),

-- An attempt that nobody judged belongs to the judge whose verdict is missing.
judged as (
    select
        results.source,
        results.run_id,
        results.line_number,
        results.record_path,
        results.attempt_id,
        results.target_name,
        results.target_version,
        results.attempted_at,
        results.attack,
        results.strategy,
        results.category,
        results.technique_id,
        results.prompt_id,
        coalesce(results.judge, primary_judges.judge, only_judges.judge, 'none') as judge,
        results.judge is null
        and coalesce(primary_judges.judge, only_judges.judge) is not null as misses_its_judge,
        results.judge_version,
        results.verdict,
        results.score,
        results.reason
    from results
    left join primary_judges
        on
            results.judge is null
            and results.source = primary_judges.source
            and results.run_id = primary_judges.run_id
            and results.attack = primary_judges.attack
    left join only_judges
        on
            results.judge is null
            and results.source = only_judges.source
            and results.run_id = only_judges.run_id
),

read_verdicts as (
    select
        judged.*,
        coalesce(judges.is_primary, judged.misses_its_judge) as is_primary_judge,
        -- A target that gave no output gave nothing to judge, whatever an assertion made of it.
        case
            when judged.reason = 'null_output' then 'undetermined'
            when verdict_outcomes.outcome is not null then verdict_outcomes.outcome
            when judged.score is null or judges.success_from is null then 'undetermined'
            when judged.score >= judges.success_from then judges.high_score_means
            when judges.high_score_means = 'success' then 'resisted'
            else 'success'
        end as outcome,
        case
            when judged.reason is not null then judged.reason
            when verdict_outcomes.outcome is not null then null
            when judged.score is null then 'unscored'
            when judges.success_from is null then 'polarity_unknown'
        end as outcome_reason
    from judged
    left join judges
        on
            judged.source = judges.source
            and judged.run_id = judges.run_id
            and judged.attack = judges.attack
            and judged.judge = judges.judge
    left join verdict_outcomes
        on judged.source = verdict_outcomes.tool and judged.verdict = verdict_outcomes.verdict
),

with_controls as (
    select
        read_verdicts.*,
        coalesce(by_attack.tool, by_category.tool) is not null as is_control,
        coalesce(by_attack.judge, by_category.judge) as control_judge,
        coalesce(by_attack.refused_when, by_category.refused_when) as refused_when
    from read_verdicts
    left join attack_controls as by_attack
        on
            read_verdicts.source = by_attack.tool
            and by_attack.field = 'attack'
            and read_verdicts.attack = by_attack.value
    left join attack_controls as by_category
        on
            read_verdicts.source = by_category.tool
            and by_category.field = 'category'
            and read_verdicts.category = by_category.value
),

scanner_outcomes as (
    select
        source,
        run_id,
        line_number,
        record_path,
        attempt_id,
        target_name,
        target_version,
        attempted_at,
        attack,
        strategy,
        category,
        technique_id,
        prompt_id,
        judge,
        judge_version,
        verdict,
        case
            when is_control and control_judge is not null then judge = control_judge
            else is_primary_judge
        end as is_primary_judge,
        is_control,
        case
            when not is_control or outcome in ('undetermined', 'error') then outcome
            when judge <> coalesce(control_judge, judge) then 'undetermined'
            when outcome = refused_when then 'success'
            else 'resisted'
        end as outcome,
        case
            when not is_control or outcome in ('undetermined', 'error') then outcome_reason
            when judge <> coalesce(control_judge, judge) then 'no_refusal_judge'
            else outcome_reason
        end as outcome_reason,
        score
    from with_controls
)

select * from scanner_outcomes
