with landed as (
    select * from {{ source('program', 'control_evidence') }}
),

as_of as (
    select * from {{ ref('stg_ledger__as_of') }}
),

control_evidence as (
    select
        landed.framework,
        landed.control_id,
        landed.evidenced_on,
        landed.system_id,
        landed.assessment_id,
        landed.status
    from landed
    cross join as_of
    where {{ within_history('landed.evidenced_on') }}
)

select * from control_evidence
