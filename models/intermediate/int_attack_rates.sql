{{ config(**keeping_runs('int_fact_fingerprints')) }}
-- What each run measured: counts and independent evidence per target, attack, strategy and judge,
-- benign controls left out.
with attack_results as (
    select * from {{ ref('fct_attack_results') }}
    where not is_control and {{ is_to_make('run_id', 'source', 'int_fact_fingerprints') }}
),

-- The same again: read twice, few columns here, where one would be kept in memory whole.
prompt_results as (
    select * from {{ ref('fct_attack_results') }}
    where not is_control and {{ is_to_make('run_id', 'source', 'int_fact_fingerprints') }}
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
        cast(sum(attempts) as bigint) as attempts,
        cast(sum(successes) as bigint) as successes,
        cast(sum(resisted) as bigint) as resisted,
        cast(sum(undetermined) as bigint) as undetermined,
        cast(sum(errors) as bigint) as errors
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

attack_rates as (
    select
        described.*,
        clusters.prompts,
        clusters.prompts_broken,
        clusters.prompts_judged,
        described.successes + described.resisted as judged,
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
        ) }} as critical_value
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
)

select * from attack_rates
