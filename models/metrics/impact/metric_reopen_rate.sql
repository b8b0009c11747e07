with passes as (
    select * from {{ ref('fct_retest_passes') }}
    where not is_excluded and is_mature
),

-- One row per passed retest that had its 90 days to fail.
measured as (
    select
        cast(passed_at as date) as observed_on,
        'retest_pass' as entity_type,
        retest_pass_id as entity_id,
        system_id,
        severity,
        detection_source,
        vulnerability_class,
        technique_id,
        tool,
        case when is_reopened then 1 else 0 end as numerator,
        1 as denominator
    from passes
)

select * from measured
