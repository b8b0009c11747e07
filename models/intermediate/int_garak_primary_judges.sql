{{ config(**keeping_runs('int_run_fingerprints', "'garak'")) }}
-- The one detector whose verdict the metric counts: by the run's plugin cache, else by the seed.
with probes as (
    select * from {{ ref('stg_garak__probes') }}
),

attempts as (
    select * from {{ ref('stg_garak__attempts') }}
    where {{ is_to_make('run_id', "'garak'", file='file_sha256') }}
),

evals as (
    select * from {{ ref('stg_garak__evals') }}
    where {{ is_to_make('run_id', "'garak'") }}
),

shipped as (
    select * from {{ ref('garak_primary_detectors') }}
),

attacks as (
    select
        run_id,
        attack
    from attempts

    union

    select
        run_id,
        attack
    from evals
),

own as (
    select
        run_id,
        attack,
        min(primary_detector) as primary_detector
    from probes
    group by run_id, attack
),

primary_judges as (
    select
        attacks.run_id,
        attacks.attack,
        coalesce(own.primary_detector, shipped.primary_detector) as judge
    from attacks
    left join own on attacks.run_id = own.run_id and attacks.attack = own.attack
    left join shipped on attacks.attack = shipped.probe
    where coalesce(own.primary_detector, shipped.primary_detector) is not null
)

select * from primary_judges
