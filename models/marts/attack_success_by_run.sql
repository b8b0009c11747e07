-- One row per run file x target x attack x strategy x judge, benign controls left out.
with attack_results as (
    select * from {{ ref('fct_attack_results') }}
    where not is_control
),

-- The same again: read twice, few columns here, where one would be kept in memory whole.
prompt_results as (
    select * from {{ ref('fct_attack_results') }}
    where not is_control
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

t_critical_values as (
    select * from {{ ref('t_critical_values') }}
),

-- Rows of generic attempts may differ in what they name: the mart then says `several`.
described as (
    select
        source,
        file_name,
        run_id,
        target_name,
        attack,
        strategy,
        judge,
        case when min(tool) = max(tool) then min(tool) else 'several' end as tool,
        min(tool_version) as tool_version,
        min(system_id) as system_id,
        case when min(system_version) = max(system_version) then min(system_version) end
            as system_version,
        min(started_at) as started_at,
        bool_and(is_complete) as is_complete,
        bool_and(is_primary_judge) as is_primary_judge,
        case
            when min(vulnerability_class) = max(vulnerability_class) then min(vulnerability_class)
            else 'several'
        end as vulnerability_class,
        case when min(technique_id) = max(technique_id) then min(technique_id) else 'several' end
            as technique_id,
        min(comparability_key) as comparability_key,
        sum(attempts) as attempts,
        sum(successes) as successes,
        sum(resisted) as resisted,
        sum(undetermined) as undetermined,
        sum(errors) as errors
    from attack_results
    group by source, file_name, run_id, target_name, attack, strategy, judge
),

-- Within an attack of a run, a cluster is one prompt, or all tries without a prompt id.
by_cluster as (
    select
        source,
        run_id,
        target_name,
        attack,
        strategy,
        judge,
        cluster_id,
        max(prompt_id) as prompt_id,
        sum(successes) as successes,
        sum(successes + resisted) as judged
    from prompt_results
    group by source, run_id, target_name, attack, strategy, judge, cluster_id
),

clusters as (
    select
        described.source,
        described.run_id,
        described.target_name,
        described.attack,
        described.strategy,
        described.judge,
        count(case when by_cluster.judged > 0 then 1 end) as clusters,
        count(by_cluster.prompt_id) as prompts,
        count(case when by_cluster.successes > 0 then by_cluster.prompt_id end) as prompts_broken,
        count(case when by_cluster.judged > 0 then by_cluster.prompt_id end) as prompts_judged,
        {{ squared_residuals(
            'by_cluster.successes',
            'by_cluster.judged',
            'described.successes',
            '(described.successes + described.resisted)'
        ) }} as squared_residuals
    from described
    inner join by_cluster
        on
            described.source = by_cluster.source
            and described.run_id = by_cluster.run_id
            and described.target_name = by_cluster.target_name
            and described.attack = by_cluster.attack
            and described.strategy = by_cluster.strategy
            and described.judge = by_cluster.judge
    group by
        described.source,
        described.run_id,
        described.target_name,
        described.attack,
        described.strategy,
        described.judge
),

measured as (
    select
        described.*,
        clusters.prompts,
        clusters.prompts_broken,
        clusters.prompts_judged,
        described.successes + described.resisted as judged,
        cast(described.successes as {{ type_double() }})
        / nullif(described.successes + described.resisted, 0) as rate,
        {{ effective_n(
            'described.successes',
            '(described.successes + described.resisted)',
            'clusters.clusters',
            'clusters.squared_residuals'
        ) }} as effective_n,
        {{ clustered_z(
            'described.successes',
            '(described.successes + described.resisted)',
            't_critical_values.t_975'
        ) }} as critical_value,
        tool_rates.tool_rate,
        tool_rates.tool_low,
        tool_rates.tool_high,
        tool_rates.counts_otherwise,
        unscored_reasons.reasons as unscored_reasons,
        described.errors > {{ var('attack_error_budget') }} * described.attempts
            as is_over_error_budget,
        coalesce(files.is_complete, true) as is_complete_file
    from described
    inner join clusters
        on
            described.source = clusters.source
            and described.run_id = clusters.run_id
            and described.target_name = clusters.target_name
            and described.attack = clusters.attack
            and described.strategy = clusters.strategy
            and described.judge = clusters.judge
    left join t_critical_values on clusters.clusters = t_critical_values.clusters
    left join tool_rates
        on
            described.source = tool_rates.source
            and described.run_id = tool_rates.run_id
            and described.target_name = tool_rates.target_name
            and described.attack = tool_rates.attack
            and described.strategy = tool_rates.strategy
            and described.judge = tool_rates.judge
    left join unscored_reasons
        on
            described.source = unscored_reasons.source
            and described.run_id = unscored_reasons.run_id
            and described.target_name = unscored_reasons.target_name
            and described.attack = unscored_reasons.attack
            and described.strategy = unscored_reasons.strategy
            and described.judge = unscored_reasons.judge
    left join files on described.file_name = files.file_name
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
    cast(attempts as bigint) as attempts,
    cast(successes as bigint) as successes,
    cast(resisted as bigint) as resisted,
    cast(undetermined as bigint) as undetermined,
    cast(errors as bigint) as errors,
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
