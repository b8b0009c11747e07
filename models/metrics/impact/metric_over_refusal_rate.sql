with attack_results as (
    select * from {{ ref('fct_attack_results') }}
    where is_primary_judge and is_control and attempted_on is not null
),

-- One row per cell of benign controls; for a control, success means that it was refused.
measured as (
    select
        attempted_on as observed_on,
        'attack_result' as entity_type,
        attack_result_id as entity_id,
        system_id,
        vulnerability_class,
        technique_id,
        tool,
        successes as numerator,
        successes + resisted as denominator,
        successes + resisted as sample_size
    from attack_results
    where successes + resisted > 0
)

select * from measured
