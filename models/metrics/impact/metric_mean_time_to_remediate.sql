with findings as (
    select * from {{ ref('fct_findings') }}
    where not is_excluded and confirmed_fix_at is not null
),

-- One row per finding whose fix a retest confirmed; a claim alone is not a fix.
measured as (
    select
        cast(confirmed_fix_at as date) as observed_on,
        'finding' as entity_type,
        finding_id as entity_id,
        system_id,
        severity,
        detection_source,
        vulnerability_class,
        technique_id,
        tool,
        {{ days_between('reported_at', 'confirmed_fix_at') }} as numerator,
        1 as denominator
    from findings
)

select * from measured
