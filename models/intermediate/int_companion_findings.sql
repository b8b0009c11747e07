-- One row per counted finding: whether its severity was lowered after the report, and whether it
-- was lowered or its risk accepted just before it came due. Lower than the rating before it.
{% set severities = ['informational', 'low', 'medium', 'high', 'critical'] %}
with findings as (
    select * from {{ ref('fct_findings') }}
    where not is_excluded
),

events as (
    select * from {{ ref('fct_finding_events') }}
),

ratings as (
    select
        finding_id,
        reported_at as rated_at,
        0 as is_change,
        severity
    from findings

    union all

    select
        finding_id,
        event_at as rated_at,
        1 as is_change,
        new_severity as severity
    from events
    where event_type = 'severity_changed' and new_severity is not null
),

ranked as (
    select
        finding_id,
        rated_at,
        is_change,
        case severity
            {%- for severity in severities %}
            when '{{ severity }}' then {{ loop.index }}
            {%- endfor %}
        end as severity_rank
    from ratings
),

followed as (
    select
        finding_id,
        rated_at,
        severity_rank,
        lag(severity_rank) over (
            partition by finding_id order by rated_at, is_change
        ) as previous_rank
    from ranked
),

lowered as (
    select
        finding_id,
        min(rated_at) as first_lowered_at
    from followed
    where severity_rank < previous_rank
    group by finding_id
),

-- The last tenth of the time allowed, due_at itself included; in whole products, so that a moment
-- on the border is not lost to rounding.
late_acceptances as (
    select distinct findings.finding_id
    from findings
    inner join events
        on
            findings.finding_id = events.finding_id
            and findings.due_at >= events.event_at
            and events.event_type = 'risk_accepted'
    where
        10 * {{ days_between('findings.reported_at', 'events.event_at') }}
        >= 9 * {{ days_between('findings.reported_at', 'findings.due_at') }}
),

companion_findings as (
    select
        findings.finding_id,
        cast(findings.reported_at as date) as reported_on,
        findings.severity,
        findings.vulnerability_class,
        findings.verdict,
        findings.due_at is not null as has_due_date,
        lowered.finding_id is not null as is_downgraded,
        coalesce(lowered.first_lowered_at < findings.due_at, false) as is_downgraded_before_due,
        late_acceptances.finding_id is not null as is_accepted_late
    from findings
    left join lowered on findings.finding_id = lowered.finding_id
    left join late_acceptances on findings.finding_id = late_acceptances.finding_id
)

select * from companion_findings
