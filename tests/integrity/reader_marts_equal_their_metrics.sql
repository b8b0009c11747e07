{{ config(meta={'dimension': 'consistency'}) }}

-- A number that stands in a mart for a reader and in metric_values too is the same number: both
-- come from the facts, each on its own way. What a mart does not date is compared over all months.
{% set checks = [
    {
        'metric_id': 'pre_deployment_test_rate', 'side': 'denominator - numerator',
        'mart': 'untested_deployments', 'counted': 'count(*)',
        'month': "cast(date_trunc('month', deployed_at) as date)",
        'segments': {'all': "'all'", 'system': 'system_id'},
    },
    {
        'metric_id': 'critical_high_finding_rate', 'side': 'numerator',
        'mart': 'severity_distribution', 'month': 'period_start',
        'counted': "sum(case when severity in ('critical', 'high') then findings else 0 end)",
        'segments': {'all': 'segment_value', 'owner_team': 'segment_value', 'system': 'segment_value'},
        'is_margin': true,
    },
    {
        'metric_id': 'critical_high_finding_rate', 'side': 'denominator',
        'mart': 'severity_distribution', 'month': 'period_start', 'counted': 'max(total_findings)',
        'segments': {'all': 'segment_value', 'business_unit': 'segment_value', 'risk_tier': 'segment_value'},
        'is_margin': true,
    },
    {
        'metric_id': 'mean_time_to_remediate', 'side': 'denominator',
        'mart': 'remediation_survival', 'counted': 'sum(fixed)',
        'segments': {'severity': 'severity'}, 'where': "severity <> 'all'",
    },
    {
        'metric_id': 'remediation_completion_rate', 'side': 'denominator',
        'mart': 'remediation_survival', 'counted': 'sum(fixed + censored)',
        'segments': {'all': "'all'"}, 'where': "severity = 'all'",
    },
    {
        'metric_id': 'production_incident_correlation', 'side': 'numerator',
        'mart': 'incident_correlation', 'counted': 'sum(found_before)',
        'month': "cast(date_trunc('month', occurred_at) as date)",
        'segments': {'system': 'system_id'},
        'where': "level = 'incident' and found_before is not null",
    },
    {
        'metric_id': 'production_incident_correlation', 'side': 'denominator',
        'mart': 'incident_correlation', 'counted': 'sum(classified_incidents)',
        'segments': {'vulnerability_class': 'vulnerability_class'},
        'where': "level = 'class' and found_before is not null",
    },
    {
        'metric_id': 'assessment_throughput', 'side': 'numerator', 'mart': 'resource_summary',
        'month': 'period_start', 'counted': 'sum(delivered_assessments)',
        'segments': {'all': "'all'"},
    },
    {
        'metric_id': 'automation_ratio', 'side': 'numerator', 'mart': 'resource_summary',
        'month': 'period_start', 'counted': 'sum(automated_hours)', 'segments': {'all': "'all'"},
    },
    {
        'metric_id': 'automation_ratio', 'side': 'denominator', 'mart': 'resource_summary',
        'month': 'period_start', 'counted': 'sum(manual_hours + automated_hours)',
        'segments': {'all': "'all'"},
    },
] %}
with shown as (
    {%- for check in checks %}
    {%- set outer_loop = loop %}
    {%- for dimension, value in check.segments.items() %}
    {{ 'union all' if not (outer_loop.first and loop.first) }}
    select
        {{ outer_loop.index }} as check_number,
        '{{ check.mart }}' as mart,
        '{{ check.metric_id }}' as metric_id,
        {{ check.month or 'cast(null as date)' }} as period_start,
        '{{ dimension }}' as segment_dimension,
        {{ value }} as segment_value,
        {{ check.counted }} as counted
    from {{ ref(check.mart) }}
    where
        {{ check.where or 'true' }}
        {{ "and segment_dimension = '" ~ dimension ~ "'" if check.is_margin }}
    group by 4, 6
    {%- endfor %}
    {%- endfor %}
),

measured as (
    {%- for check in checks %}
    {{ 'union all' if not loop.first }}
    select
        {{ loop.index }} as check_number,
        '{{ check.metric_id }}' as metric_id,
        {{ 'period_start' if check.month else 'cast(null as date)' }} as period_start,
        segment_dimension,
        segment_value,
        sum({{ check.side }}) as counted
    from {{ ref('metric_values') }}
    where
        metric_id = '{{ check.metric_id }}'
        and period_grain = 'month'
        and segment_dimension in ('{{ check.segments.keys() | join("', '") }}')
    group by 3, 4, 5
    {%- endfor %}
)

select
    measured.metric_id,
    shown.mart,
    coalesce(measured.period_start, shown.period_start) as period_start,
    coalesce(measured.segment_dimension, shown.segment_dimension) as segment_dimension,
    coalesce(measured.segment_value, shown.segment_value) as segment_value,
    measured.counted as measured,
    shown.counted as shown
from measured
full outer join shown
    on
        measured.check_number = shown.check_number
        and coalesce(measured.period_start, cast('2000-01-01' as date))
        = coalesce(shown.period_start, cast('2000-01-01' as date))
        and measured.segment_dimension = shown.segment_dimension
        and measured.segment_value = shown.segment_value
where abs(coalesce(measured.counted, 0) - coalesce(shown.counted, 0)) > 1e-6
