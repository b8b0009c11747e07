-- Each result of a run beside the last earlier one of the same system, attack, strategy and judge:
-- one that was measured alike if there is any, else the last one at all, which does not compare.
with attack_results as (
    select * from {{ ref('fct_attack_results') }}
    where
        is_primary_judge and not is_control and system_id <> 'unknown' and started_at is not null
),

results as (
    select
        {{ hash_key(['source', 'run_id', 'target_name', 'attack', 'strategy', 'judge']) }}
            as result_id,
        run_id,
        tool,
        target_name,
        system_id,
        max(system_version) as system_version,
        max(configuration) as configuration,
        attack,
        strategy,
        judge,
        max(technique_id) as technique_id,
        min(comparability_key) as comparability_key,
        min(started_at) as started_at
    from attack_results
    group by source, run_id, tool, target_name, system_id, attack, strategy, judge
),

ranked as (
    select
        *,
        lag(result_id) over (
            partition by system_id, tool, attack, strategy, judge, comparability_key
            order by started_at, run_id, target_name
        ) as like_result_id,
        lag(result_id) over (
            partition by system_id, tool, attack, strategy, judge
            order by started_at, run_id, target_name
        ) as last_result_id
    from results
),

run_pairs as (
    select
        ranked.result_id,
        baselines.result_id as baseline_result_id,
        ranked.system_id,
        ranked.tool,
        ranked.attack,
        ranked.strategy,
        ranked.judge,
        ranked.technique_id,
        baselines.run_id as baseline_run_id,
        baselines.target_name as baseline_target_name,
        baselines.system_version as baseline_version,
        baselines.configuration as baseline_configuration,
        baselines.started_at as baseline_started_at,
        ranked.run_id,
        ranked.target_name,
        ranked.system_version,
        ranked.configuration,
        ranked.started_at,
        ranked.like_result_id is not null as is_comparable
    from ranked
    inner join ranked as baselines
        on coalesce(ranked.like_result_id, ranked.last_result_id) = baselines.result_id
)

select * from run_pairs
