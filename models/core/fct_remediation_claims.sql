-- One row per remediation claim, with the first retest after it and before the next claim.
with states as (
    select * from {{ ref('int_finding_states') }}
),

findings as (
    select * from {{ ref('fct_findings') }}
),

numbered as (
    select
        finding_id,
        event_number,
        event_type,
        valid_from as event_at,
        sum(case when event_type = 'remediation_claimed' then 1 else 0 end) over (
            partition by finding_id order by event_number rows unbounded preceding
        ) as claim_number
    from states
),

retests as (
    select
        finding_id,
        claim_number,
        event_at,
        event_type,
        row_number() over (
            partition by finding_id, claim_number order by event_number
        ) as retest_number
    from numbered
    where event_type in ('retest_passed', 'retest_failed')
),

claims as (
    select
        numbered.finding_id || '#' || cast(numbered.claim_number as {{ dbt.type_string() }})
            as claim_id,
        numbered.finding_id,
        cast(numbered.claim_number as integer) as claim_number,
        findings.system_id,
        findings.severity,
        findings.vulnerability_class,
        findings.technique_id,
        findings.detection_source,
        findings.tool,
        findings.is_excluded,
        numbered.event_at as claimed_at,
        retests.event_at as verified_at,
        retests.event_type as verified_by
    from numbered
    inner join findings on numbered.finding_id = findings.finding_id
    left join retests
        on
            numbered.finding_id = retests.finding_id
            and numbered.claim_number = retests.claim_number
            and retests.retest_number = 1
    where numbered.event_type = 'remediation_claimed'
)

select * from claims
