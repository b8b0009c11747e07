-- Kaplan-Meier: which share of the findings is still not fixed so many days after the report. An
-- open finding is watched to the as-of date, an accepted risk to its acceptance.
with findings as (
    select * from {{ ref('fct_findings') }}
    where not is_excluded and verdict <> 'false_positive'
),

events as (
    select * from {{ ref('fct_finding_events') }}
),

severity_sla as (
    select * from {{ ref('int_severity_sla_periods') }}
),

as_of as (
    select * from {{ ref('stg_ledger__as_of') }}
),

-- Without the register of events nobody knows what was fixed.
needs as (
    select * from {{ ref('int_metric_needs') }}
    where metric_id = 'mean_time_to_remediate' and is_measurable
),

expiries as (
    select
        finding_id,
        max(event_at) as expired_at
    from events
    where event_type = 'risk_acceptance_expired'
    group by finding_id
),

-- The acceptance that stands now: the first one after the last that expired.
acceptances as (
    select
        events.finding_id,
        min(events.event_at) as accepted_at
    from events
    left join expiries on events.finding_id = expiries.finding_id
    where
        events.event_type = 'risk_accepted'
        and (expiries.expired_at is null or events.event_at > expiries.expired_at)
    group by events.finding_id
),

watched as (
    select
        findings.severity,
        case when findings.confirmed_fix_at is not null then 1 else 0 end as event,
        {{ days_between(
            'findings.reported_at',
            'coalesce(findings.confirmed_fix_at, '
            ~ 'case when findings.is_risk_accepted then acceptances.accepted_at end, as_of.as_of_end)'
        ) }} as time
    from findings
    cross join as_of
    left join acceptances on findings.finding_id = acceptances.finding_id
    where exists (select 1 from needs)
),

observations as (
    select
        severity,
        event,
        time
    from watched

    union all

    select
        'all' as severity,
        event,
        time
    from watched
),

curve as (
    {{ kaplan_meier('observations', ['severity']) }}
),

medians as (
    {{ kaplan_meier_median('observations', ['severity']) }}
),

-- The curve begins with everything open.
steps as (
    select
        severity,
        time,
        at_risk,
        events,
        censored,
        survival,
        interval_low,
        interval_high
    from curve

    union all

    select
        severity,
        -1 as time,
        observations as at_risk,
        0 as events,
        0 as censored,
        1 as survival,
        1 as interval_low,
        1 as interval_high
    from medians
),

-- Whole days are fine enough to draw; what they show is the exact curve at the end of the day.
placed as (
    select
        *,
        greatest(0, ceiling(time)) as day,
        row_number() over (
            partition by severity, greatest(0, ceiling(time)) order by time desc
        ) as place
    from steps
),

days as (
    select
        severity,
        day,
        max(at_risk) as at_risk,
        sum(events) as fixed,
        sum(censored) as censored,
        max(case when place = 1 then survival end) as survival,
        max(case when place = 1 then interval_low end) as interval_low,
        max(case when place = 1 then interval_high end) as interval_high
    from placed
    group by severity, day
),

allowed as (
    select
        severity_sla.severity,
        severity_sla.sla_days
    from severity_sla
    cross join as_of
    where
        severity_sla.valid_from <= as_of.as_of_date
        and severity_sla.valid_to > as_of.as_of_date
),

-- Null where nothing was watched for so long and something is still open.
in_time as (
    select
        allowed.severity,
        allowed.sla_days,
        case
            when max(curve.time) >= allowed.sla_days or min(curve.survival) = 0
                then
                    1 - coalesce(
                        min(case when curve.time <= allowed.sla_days then curve.survival end), 1
                    )
        end as fixed_within_sla
    from allowed
    inner join curve on allowed.severity = curve.severity
    group by allowed.severity, allowed.sla_days
)

select
    days.severity,
    cast(days.day as integer) as day,
    cast(days.at_risk as bigint) as at_risk,
    cast(days.fixed as bigint) as fixed,
    cast(days.censored as bigint) as censored,
    cast(100 * days.survival as {{ type_double() }}) as survival,
    cast(100 * days.interval_low as {{ type_double() }}) as interval_low,
    cast(100 * days.interval_high as {{ type_double() }}) as interval_high,
    medians.observations as findings,
    medians.events as fixed_findings,
    medians.median as median_days,
    medians.median_low as median_days_low,
    medians.median_high as median_days_high,
    medians.longest as longest_days,
    cast(in_time.sla_days as integer) as sla_days,
    cast(100 * in_time.fixed_within_sla as {{ type_double() }}) as fixed_within_sla
from days
inner join medians on days.severity = medians.severity
left join in_time on days.severity = in_time.severity
