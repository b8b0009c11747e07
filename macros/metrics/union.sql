{#-
Every metric of the warehouse, in the order of the framework. A new metric is one SQL file, one YAML file
and one line here. The list is explicit because dbt infers references when it parses; forgetting a metric
fails the build by name.
-#}
{% macro metric_ids() -%}
    {{ return([
        'system_test_coverage_rate',
        'pre_deployment_test_rate',
        'technique_coverage_rate',
        'input_vector_coverage_rate',
        'automated_scan_frequency',
        'regression_test_coverage_rate',
        'critical_high_finding_rate',
        'finding_acceptance_rate',
        'novel_finding_rate',
        'confirmed_exploitability_rate',
        'false_positive_rate',
        'assessment_throughput',
        'time_to_assessment',
        'automation_ratio',
        'cost_per_assessment',
        'cost_per_finding',
        'mean_time_to_remediate',
        'remediation_completion_rate',
        'remediation_verification_rate',
        'fix_effectiveness_rate',
        'vulnerability_density',
        'recurrence_rate',
        'production_incident_correlation',
        'attack_success_rate',
        'system_test_coverage_rate_risk_weighted',
        'remediation_sla_attainment_rate',
        'finding_dispute_rate',
        'finding_decided_acceptance_rate',
        'reopen_rate',
        'open_overdue_findings',
        'scan_interval_days',
        'over_refusal_rate',
        'time_to_claimed_fix',
        'remediated_recurrence_rate',
    ]) }}
{%- endmacro %}

{#- The definition that a metric's YAML keeps beside its SQL. -#}
{% macro metric_definition(metric_id) -%}
    {{ return(graph.nodes['model.' ~ project_name ~ '.metric_' ~ metric_id].config.meta.metric) }}
{%- endmacro %}

{% macro require_every_metric() -%}
    {% if not execute %}{{ return('') }}{% endif %}
    {% set listed = metric_ids() %}
    {% for node in graph.nodes.values() | selectattr('resource_type', 'equalto', 'model') %}
        {% if 'metrics' in node.fqn and node.name[7:] not in listed %}
            {{ exceptions.raise_compiler_error(
                node.name ~ ' is missing from metric_ids() in macros/metrics/union.sql:'
                ~ ' add its line, or its numbers are nowhere'
            ) }}
        {% endif %}
    {% endfor %}
{%- endmacro %}

{#- One row shape for all metrics; a key that a metric does not have is null on all its rows. -#}
{% macro union_metrics() -%}
    {{ require_every_metric() }}
    {%- for metric_id in (metric_ids()[:2] if is_linting() else metric_ids()) %}
    {%- set definition = metric_definition(metric_id) if execute else {} %}
    {%- set keys = definition.get('segments', []) %}
    {%- if not loop.first %}

    union all
    {% endif %}
    select
        '{{ metric_id }}' as metric_id,
        observed_on,
        entity_type,
        cast(entity_id as {{ dbt.type_string() }}) as entity_id,
        {%- for key in ['system_id'] + finding_keys() %}
        {% if key in keys %}{{ key }}{% else %}cast(null as {{ dbt.type_string() }}){% endif %} as {{ key }},
        {%- endfor %}
        cast(numerator as {{ type_double() }}) as numerator,
        cast(denominator as {{ type_double() }}) as denominator,
        cast({{ 'sample_size' if definition.get('has_sample_size') else 1 }} as bigint) as sample_size,
        {{ 'is_immature' if definition.get('has_maturity') else 'false' }} as is_immature
    from {{ ref('metric_' ~ metric_id) }}
    {%- endfor %}
{%- endmacro %}

{#- Keys that a counted thing may carry itself; the attributes of its system are joined once, after the union. -#}
{% macro finding_keys() -%}
    {{ return([
        'severity', 'detection_source', 'assessment_tier', 'tier_and_risk', 'vulnerability_class',
        'technique_id', 'tool'
    ]) }}
{%- endmacro %}

{#- Published segment dimensions and the key column each one reads. -#}
{% macro segment_dimensions() -%}
    {{ return({
        'risk_tier': 'risk_tier',
        'provider': 'provider',
        'owner_team': 'owner_team',
        'business_unit': 'business_unit',
        'system': 'system_id',
        'severity': 'severity',
        'detection_source': 'detection_source',
        'assessment_tier': 'assessment_tier',
        'tier_and_risk': 'tier_and_risk',
        'vulnerability_class': 'vulnerability_class',
        'technique': 'technique_id',
        'tool': 'tool',
    }) }}
{%- endmacro %}
