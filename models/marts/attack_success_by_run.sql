-- One row per run file x target x attack x strategy x judge, benign controls left out.
with attack_rates as (
    select * from {{ ref('int_attack_rates') }}
),

tool_rates as (
    select * from {{ ref('int_attack_tool_rates') }}
),

unscored_reasons as (
    select * from {{ ref('int_unscored_reasons') }}
),

files as (
    select * from {{ ref('stg_ledger__files') }}
),

measured as (
    select
        attack_rates.*,
        cast(attack_rates.successes as {{ type_double() }})
        / nullif(attack_rates.judged, 0) as rate,
        tool_rates.tool_rate,
        tool_rates.tool_low,
        tool_rates.tool_high,
        tool_rates.counts_otherwise,
        unscored_reasons.reasons as unscored_reasons,
        attack_rates.errors > {{ var('attack_error_budget') }} * attack_rates.attempts
            as is_over_error_budget,
        coalesce(files.is_complete, true) as is_complete_file
    from attack_rates
    left join tool_rates
        on
            attack_rates.source = tool_rates.source
            and attack_rates.run_id = tool_rates.run_id
            and attack_rates.target_name = tool_rates.target_name
            and attack_rates.attack = tool_rates.attack
            and attack_rates.strategy = tool_rates.strategy
            and attack_rates.judge = tool_rates.judge
    left join unscored_reasons
        on
            attack_rates.source = unscored_reasons.source
            and attack_rates.run_id = unscored_reasons.run_id
            and attack_rates.target_name = unscored_reasons.target_name
            and attack_rates.attack = unscored_reasons.attack
            and attack_rates.strategy = unscored_reasons.strategy
            and attack_rates.judge = unscored_reasons.judge
    left join files on attack_rates.file_name = files.file_name
)

select
    file_name,
    run_id,
    tool,
    tool_version,
    target_name,
    system_id,
    system_version,
    started_at,
    is_complete and is_complete_file as is_complete,
    attack,
    strategy,
    judge,
    is_primary_judge,
    vulnerability_class,
    technique_id,
    attempts,
    successes,
    resisted,
    undetermined,
    errors,
    cast(prompts as bigint) as prompts,
    100 * rate as attack_success_rate,
    100 * cast(successes as {{ type_double() }}) / nullif(attempts, 0) as rate_low,
    100 * cast(successes + undetermined + errors as {{ type_double() }})
    / nullif(attempts, 0) as rate_high,
    100 * {{ wilson_bound('rate', 'effective_n', '-', 'critical_value') }} as interval_low,
    100 * {{ wilson_bound('rate', 'effective_n', '+', 'critical_value') }} as interval_high,
    100 * {{ wilson_bound('rate', 'judged', '-') }} as naive_interval_low,
    100 * {{ wilson_bound('rate', 'judged', '+') }} as naive_interval_high,
    cast(effective_n as {{ type_double() }}) as effective_n,
    100 * cast(prompts_broken as {{ type_double() }})
    / nullif(prompts_judged, 0) as success_within_k,
    tool_rate as tool_reported_rate,
    tool_low as tool_reported_low,
    tool_high as tool_reported_high,
    case
        when abs(coalesce(100 * rate, -1) - tool_rate) > 1e-9
            then
                coalesce(
                    substr(counts_otherwise, 1, length(counts_otherwise) - 2),
                    'the lines of this run do not add up to the figures the tool recorded'
                )
    end as tool_difference,
    comparability_key,
    case
        when judged = 0 then 'not assessed: nothing was judged'
        when is_over_error_budget then 'not assessed: too many errors'
        else 'assessed'
    end as assessment,
    unscored_reasons
from measured
