{{ config(**keeping_runs('int_fact_fingerprints')) }}
-- Attempts counted in cells: run x target x attack x strategy x judge x prompt x day.
with attack_results as (
    select * from {{ ref('int_attack_results') }}
    where {{ is_to_make('run_id', 'source', 'int_fact_fingerprints') }}
),

attack_sets as (
    select * from {{ ref('int_attack_sets') }}
),

attack_techniques as (
    select * from {{ ref('int_attack_techniques') }}
),

targets as (
    select * from {{ ref('stg_identity__targets') }}
),

systems as (
    select * from {{ ref('dim_systems') }}
),

resolved as (
    select
        attack_results.source,
        attack_results.file_name,
        attack_results.run_id,
        attack_results.tool,
        attack_results.tool_version,
        attack_results.target_name,
        coalesce(systems.system_id, 'unknown') as system_id,
        coalesce(attack_results.target_version, targets.system_version) as system_version,
        coalesce(attack_results.configuration, targets.configuration) as configuration,
        attack_results.started_at,
        attack_results.is_complete,
        attack_results.attack,
        attack_results.strategy,
        attack_results.category,
        attack_results.judge,
        attack_results.is_primary_judge,
        attack_results.is_control,
        attack_results.prompt_id,
        coalesce(attack_results.technique_id, attack_techniques.technique_id, 'unknown')
            as technique_id,
        coalesce(
            attack_results.vulnerability_class, attack_techniques.vulnerability_class, 'unknown'
        ) as vulnerability_class,
        attack_sets.comparability_key,
        attack_results.attempted_on,
        attack_results.successes,
        attack_results.resisted,
        attack_results.undetermined,
        attack_results.errors
    from attack_results
    -- A control belongs to no set. Said within the key, the join stays one of equal keys.
    left join attack_sets
        on
            case when not attack_results.is_control then attack_results.run_id end
            = attack_sets.run_id
            and attack_results.source = attack_sets.source
            and attack_results.target_name = attack_sets.target_name
            and attack_results.attack = attack_sets.attack
            and attack_results.strategy = attack_sets.strategy
            and attack_results.judge = attack_sets.judge
    left join attack_techniques
        on
            attack_results.tool = attack_techniques.tool
            and attack_results.attack = attack_techniques.attack
            and attack_results.strategy = attack_techniques.strategy
            and coalesce(attack_results.category, '') = coalesce(attack_techniques.category, '')
    left join targets
        on
            attack_results.source = targets.source
            and attack_results.target_name = targets.target_name
    left join systems on targets.system_id = systems.system_id
),

measured_results as (
    select
        {{ hash_key([
            'source', 'run_id', 'target_name', 'attack', 'strategy', 'judge', 'tool',
            'technique_id', 'vulnerability_class', 'category', 'is_control', 'is_primary_judge',
            'system_version', 'configuration', 'prompt_id', 'attempted_on',
        ]) }} as attack_result_id,
        source,
        file_name,
        run_id,
        tool,
        tool_version,
        target_name,
        system_id,
        system_version,
        configuration,
        started_at,
        is_complete,
        attack,
        strategy,
        category,
        judge,
        is_primary_judge,
        is_control,
        prompt_id,
        -- Tries without a prompt id may all be one prompt: one cluster for the run's attack.
        system_id || '|' || coalesce(prompt_id, run_id || '|' || attack) as cluster_id,
        technique_id,
        vulnerability_class,
        comparability_key,
        attempted_on,
        cast(successes + resisted + undetermined + errors as bigint) as attempts,
        cast(successes as bigint) as successes,
        cast(resisted as bigint) as resisted,
        cast(undetermined as bigint) as undetermined,
        cast(errors as bigint) as errors
    from resolved
)

select * from measured_results
