with landed as (
    select * from {{ source('program', 'findings') }}
),

as_of as (
    select * from {{ ref('stg_ledger__as_of') }}
),

findings as (
    select
        landed.finding_id,
        landed.system_id,
        {{ display_safe('landed.title') }} as title,
        landed.severity,
        landed.vulnerability_class,
        landed.reported_at,
        landed.assessment_id,
        landed.technique_id,
        landed.owasp_id,
        landed.detection_source,
        landed.impact_claimed,
        landed.impact_confirmed,
        landed.duplicate_of,
        landed.tool,
        landed.attack,
        landed.source_run_id
    from landed
    cross join as_of
    where {{ within_history('landed.reported_at') }}
)

select * from findings
