-- How the findings of each month fall into severities at report, for the program and by what owns
-- the systems. A month without findings has its zeros and no share.
with findings as (
    select * from {{ ref('fct_findings') }}
    where not is_excluded
),

systems as (
    select * from {{ ref('dim_systems') }}
),

periods as (
    select * from {{ ref('dim_periods') }}
    where period_grain = 'month'
),

severity_sla as (
    select distinct severity from {{ ref('severity_sla') }}
),

-- A severity that nobody recorded is shown where there is one.
severities as (
    select severity from severity_sla
    union
    select severity from findings
),

reported as (
    select
        cast(date_trunc('month', findings.reported_at) as date) as period_start,
        findings.severity,
        findings.system_id,
        coalesce(systems.owner_team, 'unknown') as owner_team,
        coalesce(systems.business_unit, 'unknown') as business_unit,
        coalesce(systems.risk_tier, 'unknown') as risk_tier
    from findings
    left join systems on findings.system_id = systems.system_id
),

dimensions as (
    {%- for dimension in ['all', 'owner_team', 'business_unit', 'risk_tier', 'system'] %}
    {{ 'union all' if not loop.first }}
    select '{{ dimension }}' as segment_dimension
    {%- endfor %}
),

counted as (
    select
        reported.period_start,
        dimensions.segment_dimension,
        {{ segment_value(
            'reported', keys=['owner_team', 'business_unit', 'risk_tier', 'system_id']
        ) }} as segment_value,
        reported.severity,
        count(*) as findings
    from reported
    cross join dimensions
    group by 1, 2, 3, 4
),

-- Every month since the first finding for the program, of a segment those in which it has findings.
shown as (
    select
        periods.period_start,
        'all' as segment_dimension,
        'all' as segment_value
    from periods
    where periods.period_start >= (select min(reported.period_start) from reported)

    union

    select
        period_start,
        segment_dimension,
        segment_value
    from counted
),

distributed as (
    select
        shown.period_start,
        shown.segment_dimension,
        shown.segment_value,
        severities.severity,
        coalesce(counted.findings, 0) as findings,
        sum(coalesce(counted.findings, 0)) over (
            partition by shown.period_start, shown.segment_dimension, shown.segment_value
        ) as total_findings
    from shown
    cross join severities
    left join counted
        on
            shown.period_start = counted.period_start
            and shown.segment_dimension = counted.segment_dimension
            and shown.segment_value = counted.segment_value
            and severities.severity = counted.severity
)

select
    distributed.period_start,
    periods.period_end,
    periods.is_partial_period,
    distributed.segment_dimension,
    distributed.segment_value,
    distributed.severity,
    case distributed.severity
        when 'critical' then 1
        when 'high' then 2
        when 'medium' then 3
        when 'low' then 4
        else 5
    end as severity_order,
    cast(distributed.findings as bigint) as findings,
    cast(distributed.total_findings as bigint) as total_findings,
    100 * cast(distributed.findings as {{ type_double() }})
    / nullif(distributed.total_findings, 0) as share
from distributed
inner join periods on distributed.period_start = periods.period_start
