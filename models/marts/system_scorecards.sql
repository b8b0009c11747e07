-- One row per system: how it was tested, what is open, how often attacks get through, whether its
-- latest version may go out. Numbers of metrics are those of metric_values, none is computed again.
{% set coverage = [
    'system_test_coverage_rate', 'technique_coverage_rate', 'input_vector_coverage_rate',
    'automated_scan_frequency', 'pre_deployment_test_rate', 'regression_test_coverage_rate',
] %}
with systems as (
    select * from {{ ref('dim_systems') }}
    where system_id <> 'unknown'
),

as_of as (
    select * from {{ ref('stg_ledger__as_of') }}
),

metric_values as (
    select * from {{ ref('metric_values') }}
    where segment_dimension = 'system' and not is_partial_period
),

needs as (
    select
        max(case when metric_id = 'open_overdue_findings' and is_measurable then 1 end)
            as has_findings,
        max(case when metric_id = 'pre_deployment_test_rate' and is_measurable then 1 end)
            as has_launches
    from {{ ref('int_metric_needs') }}
),

findings as (
    select * from {{ ref('fct_findings') }}
    where not is_excluded
),

assessments as (
    select * from {{ ref('fct_assessments') }}
    where is_delivered
),

deployments as (
    select * from {{ ref('fct_deployments') }}
),

release_gates as (
    select * from {{ ref('release_gates') }}
),

periods as (
    select
        period_start,
        period_end
    from {{ ref('dim_periods') }}
    where period_grain = 'trailing_12_months' and not is_partial_period
),

latest as (
    select
        max(period_start) as period_start,
        max(period_end) as period_end
    from periods
),

coverage as (
    select
        metric_values.segment_value as system_id,
        {%- for metric_id in coverage %}
        {%- for column in ['numerator', 'denominator', 'value'] %}
        max(
            case
                when metric_values.metric_id = '{{ metric_id }}' then metric_values.{{ column }}
            end
        ) as {{ metric_id }}_{{ column }},
        {%- endfor %}
        {%- endfor %}
        max(metric_values.period_start) as period_start
    from metric_values
    inner join latest
        on
            metric_values.period_grain = 'trailing_12_months'
            and metric_values.period_start = latest.period_start
    group by metric_values.segment_value
),

attacked as (
    select
        *,
        row_number() over (partition by segment_value order by period_start desc) as recency
    from metric_values
    where
        metric_id = 'attack_success_rate' and period_grain = 'month' and value is not null
),

open_findings as (
    select
        findings.system_id,
        count(*) as findings,
        {%- for severity in ['critical', 'high', 'medium', 'low'] %}
        sum(case when findings.severity = '{{ severity }}' then 1 else 0 end) as {{ severity }},
        {%- endfor %}
        sum(case when findings.is_risk_accepted then 1 else 0 end) as risk_accepted,
        sum(case when findings.due_at < as_of.as_of_end then 1 else 0 end) as overdue,
        min(findings.reported_at) as oldest_reported_at,
        min(case when findings.due_at >= as_of.as_of_end then findings.due_at end) as next_due_at
    from findings
    cross join as_of
    where findings.is_open
    group by findings.system_id
),

assessed as (
    select
        *,
        row_number() over (
            partition by system_id order by report_delivered_at desc, assessment_id desc
        ) as recency
    from assessments
),

assessment_findings as (
    select
        assessment_id,
        count(*) as findings,
        sum(case when severity in ('critical', 'high') then 1 else 0 end) as serious_findings
    from findings
    group by assessment_id
),

launched as (
    select
        *,
        row_number() over (
            partition by system_id order by deployed_at desc, deployment_id desc
        ) as recency
    from deployments
    where requires_assessment
),

went_live as (
    select
        system_id,
        system_version,
        max(deployed_at) as deployed_at
    from deployments
    group by system_id, system_version
),

-- The version that went live last, else the one that was attacked last.
gated as (
    select
        release_gates.*,
        row_number() over (
            partition by release_gates.system_id
            order by
                went_live.deployed_at desc nulls last,
                release_gates.last_attempt_on desc nulls last,
                release_gates.system_version desc,
                release_gates.configuration asc
        ) as recency
    from release_gates
    left join went_live
        on
            release_gates.system_id = went_live.system_id
            and release_gates.system_version = went_live.system_version
)

select
    systems.system_id,
    systems.system_name,
    systems.risk_tier,
    systems.provider,
    systems.owner_team,
    systems.business_unit,
    systems.system_type,
    systems.in_production_from,
    systems.retired_at,
    coalesce(
        systems.in_production_from < as_of.as_of_end
        and coalesce(systems.retired_at, as_of.as_of_end) >= as_of.as_of_end,
        false
    ) as is_in_production,
    latest.period_start,
    latest.period_end,
    {%- for metric_id in coverage %}
    {%- for column in ['numerator', 'denominator', 'value'] %}
    coverage.{{ metric_id }}_{{ column }},
    {%- endfor %}
    {%- endfor %}
    {%- for column in [
        'findings', 'critical', 'high', 'medium', 'low', 'risk_accepted', 'overdue'
    ] %}
    case
        when needs.has_findings = 1 then cast(coalesce(open_findings.{{ column }}, 0) as bigint)
    end as open_{{ column }},
    {%- endfor %}
    case when needs.has_findings = 1 then open_findings.oldest_reported_at end
        as oldest_open_reported_at,
    case
        when needs.has_findings = 1
            then {{ days_between('open_findings.oldest_reported_at', 'as_of.as_of_end') }}
    end as oldest_open_days,
    case when needs.has_findings = 1 then open_findings.next_due_at end as next_due_at,
    attacked.period_start as attack_month,
    attacked.value as attack_success_rate,
    attacked.sample_size as attack_attempts,
    attacked.interval_low as attack_interval_low,
    attacked.interval_high as attack_interval_high,
    gated.system_version as gate_version,
    gated.configuration as gate_configuration,
    gated.verdict as gate_verdict,
    gated.reason as gate_reason,
    gated.further_prompts_needed as gate_further_prompts_needed,
    gated.attack_success_rate as gate_attack_success_rate,
    gated.upper_bound as gate_upper_bound,
    gated.attack_success_limit as gate_limit,
    gated.baseline_version as gate_baseline_version,
    gated.baseline_verdict as gate_baseline_verdict,
    gated.caution as gate_caution,
    launched.deployment_id as last_launch_id,
    launched.system_version as last_launch_version,
    launched.deployed_at as last_launch_at,
    case when needs.has_launches = 1 then launched.is_assessed_before_launch end
        as is_last_launch_tested,
    case when needs.has_launches = 1 then launched.first_report_at end as last_launch_report_at,
    assessed.assessment_id as last_assessment_id,
    assessed.assessment_tier as last_assessment_tier,
    assessed.report_delivered_at as last_assessment_at,
    case
        when needs.has_findings = 1 and assessed.assessment_id is not null
            then cast(coalesce(assessment_findings.findings, 0) as bigint)
    end as last_assessment_findings,
    case
        when needs.has_findings = 1 and assessed.assessment_id is not null
            then cast(coalesce(assessment_findings.serious_findings, 0) as bigint)
    end as last_assessment_serious_findings
from systems
cross join as_of
cross join latest
cross join needs
left join coverage on systems.system_id = coverage.system_id
left join open_findings on systems.system_id = open_findings.system_id
left join attacked on systems.system_id = attacked.segment_value and attacked.recency = 1
left join gated on systems.system_id = gated.system_id and gated.recency = 1
left join launched on systems.system_id = launched.system_id and launched.recency = 1
left join assessed on systems.system_id = assessed.system_id and assessed.recency = 1
left join assessment_findings on assessed.assessment_id = assessment_findings.assessment_id
