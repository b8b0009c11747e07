-- What decides the facts of a run: its attempts, and what the registers say of its targets.
with run_fingerprints as (
    select * from {{ ref('int_run_fingerprints') }}
),

attack_names as (
    select * from {{ ref('int_attack_names') }}
),

targets as (
    select * from {{ ref('stg_identity__targets') }}
),

systems as (
    select * from {{ ref('dim_systems') }}
),

run_targets as (
    select distinct
        source,
        run_id,
        target_name
    from attack_names
),

known_targets as (
    select
        run_targets.source,
        run_targets.run_id,
        {{ hash_key([
            'run_targets.target_name', 'systems.system_id', 'targets.system_version',
            'targets.configuration',
        ]) }} as target_key
    from run_targets
    left join targets
        on
            run_targets.source = targets.source
            and run_targets.target_name = targets.target_name
    left join systems on targets.system_id = systems.system_id
),

target_keys as (
    select
        source,
        run_id,
        {{ joined_text('target_key', ',') }} as target_keys
    from known_targets
    group by source, run_id
),

fact_fingerprints as (
    select
        run_fingerprints.source,
        run_fingerprints.run_id,
        {{ hash_key(['run_fingerprints.fingerprint', 'target_keys.target_keys']) }} as fingerprint
    from run_fingerprints
    left join target_keys
        on
            run_fingerprints.source = target_keys.source
            and run_fingerprints.run_id = target_keys.run_id
)

select * from fact_fingerprints
