-- One row per passed retest: whether the finding was reopened after it, at most 90 days later.
with states as (
    select * from {{ ref('int_finding_states') }}
),

findings as (
    select * from {{ ref('fct_findings') }}
),

as_of as (
    select * from {{ ref('stg_ledger__as_of') }}
),

-- Per event, the next reopening: events of one instant are read in their order.
followed as (
    select
        finding_id,
        event_number,
        event_type,
        valid_from as event_at,
        min(case when event_type = 'reopened' then valid_from end) over (
            partition by finding_id
            order by event_number
            rows between 1 following and unbounded following
        ) as reopened_at
    from states
),

retest_passes as (
    select
        followed.finding_id || '#' || cast(followed.event_number as {{ dbt.type_string() }})
            as retest_pass_id,
        followed.finding_id,
        findings.system_id,
        findings.severity,
        findings.detection_source,
        findings.vulnerability_class,
        findings.technique_id,
        findings.tool,
        findings.is_excluded,
        followed.event_at as passed_at,
        followed.reopened_at,
        followed.event_at + interval '90 days' <= as_of.as_of_end as is_mature,
        coalesce(followed.reopened_at <= followed.event_at + interval '90 days', false)
            as is_reopened
    from followed
    inner join findings on followed.finding_id = findings.finding_id
    cross join as_of
    where followed.event_type = 'retest_passed'
)

select * from retest_passes
