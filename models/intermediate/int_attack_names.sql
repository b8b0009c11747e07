{{ config(**keeping_runs('int_run_fingerprints')) }}
-- The names under which each run has results: of its targets, attacks, strategies and judges.
with attack_results as (
    select * from {{ ref('int_attack_results') }}
    where {{ is_to_make('run_id', 'source') }}
),

attack_names as (
    select distinct
        source,
        run_id,
        tool,
        target_name,
        attack,
        strategy,
        category,
        judge,
        is_control
    from attack_results
)

select * from attack_names
