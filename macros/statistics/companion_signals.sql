{#-
The signals that stand against a metric and are no metric themselves. kind: share of things, mean or median over
things, count of things, distinct (things seen at least once), rate per exposure. measures: flow counts what is
dated in the period, stock judges the state at its end. needs: registers without which it is not measured.
-#}
{% macro companion_signals() -%}
    {{ return({
        'untested_deployments': {
            'kind': 'count', 'measures': 'flow', 'unit': 'count',
            'needs': ['systems', 'deployments', 'assessments'],
        },
        'not_applicable_share': {
            'kind': 'share', 'measures': 'flow', 'unit': 'percent',
            'needs': ['systems', 'assessments', 'assessment_techniques'],
        },
        'median_attempts_per_tested_technique': {
            'kind': 'median', 'measures': 'flow', 'unit': 'count',
            'needs': ['systems', 'assessments', 'assessment_techniques', 'assessment_runs', 'attempts'],
        },
        'scan_error_share': {
            'kind': 'share', 'measures': 'flow', 'unit': 'percent', 'needs': ['systems', 'scans'],
        },
        'days_since_last_regression_run': {
            'kind': 'mean', 'measures': 'stock', 'unit': 'days', 'needs': ['systems', 'regression_tests'],
        },
        'downgrade_share': {
            'kind': 'share', 'measures': 'flow', 'unit': 'percent',
            'needs': ['systems', 'findings', 'finding_events'],
        },
        'undecided_age_days': {
            'kind': 'mean', 'measures': 'stock', 'unit': 'days',
            'needs': ['systems', 'findings', 'finding_events'],
        },
        'undecided_share': {
            'kind': 'share', 'measures': 'flow', 'unit': 'percent',
            'needs': ['systems', 'findings', 'finding_events'],
        },
        'quick_scan_share': {
            'kind': 'share', 'measures': 'flow', 'unit': 'percent', 'needs': ['systems', 'assessments'],
        },
        'low_severity_share': {
            'kind': 'share', 'measures': 'flow', 'unit': 'percent',
            'needs': ['systems', 'findings', 'finding_events'],
        },
        'downgrades_before_due_share': {
            'kind': 'share', 'measures': 'flow', 'unit': 'percent',
            'needs': ['systems', 'findings', 'finding_events'],
        },
        'late_risk_acceptance_share': {
            'kind': 'share', 'measures': 'flow', 'unit': 'percent',
            'needs': ['systems', 'findings', 'finding_events'],
        },
        'assessments_per_system': {
            'kind': 'rate', 'measures': 'flow', 'unit': 'per_system_quarter',
            'needs': ['systems', 'assessments'],
        },
        'unknown_class_share': {
            'kind': 'share', 'measures': 'flow', 'unit': 'percent', 'needs': ['systems', 'findings'],
        },
        'unknown_class_incident_share': {
            'kind': 'share', 'measures': 'flow', 'unit': 'percent', 'needs': ['systems', 'incidents'],
        },
        'attack_error_share': {
            'kind': 'share', 'measures': 'flow', 'unit': 'percent', 'needs': ['systems', 'attempts'],
        },
        'attack_prompts': {
            'kind': 'distinct', 'measures': 'flow', 'unit': 'count', 'needs': ['systems', 'attempts'],
        },
    }) }}
{%- endmacro %}

{#- The definitions as rows. -#}
{% macro companion_signal_rows() -%}
    {%- for signal, definition in companion_signals().items() %}
    {% if not loop.first %}union all {% endif -%}
    select
        '{{ signal }}' as signal,
        '{{ definition.kind }}' as kind,
        '{{ definition.measures }}' as measures,
        '{{ definition.unit }}' as unit,
        {{ definition.needs | length }} as needed_sources
    {%- endfor %}
{%- endmacro %}

{#- One row per signal and register that it needs. -#}
{% macro companion_signal_needs() -%}
    {%- for signal, definition in companion_signals().items() %}
    {%- set first_signal = loop.first %}
    {%- for needed in definition.needs %}
    {% if not (first_signal and loop.first) %}union all {% endif -%}
    select '{{ signal }}' as signal, '{{ needed }}' as needed
    {%- endfor %}
    {%- endfor %}
{%- endmacro %}

{#- The columns of companion_signals: whose signal, which column of the long form each one shows. -#}
{% macro companion_signal_columns() -%}
    {%- set columns = [] -%}
    {%- for signal, definition in companion_signals().items() -%}
        {%- set shown = {'': 'value'} -%}
        {%- if definition.kind in ('share', 'rate') -%}
            {%- do shown.update({'_numerator': 'numerator', '_denominator': 'denominator'}) -%}
        {%- elif definition.kind in ('mean', 'median') -%}
            {%- do shown.update({'_standard_error': 'standard_error'}) -%}
        {%- endif -%}
        {%- if definition.kind != 'share' -%}
            {%- do shown.update({'_n': 'sample_size'}) -%}
        {%- endif -%}
        {%- for suffix, column in shown.items() -%}
            {%- do columns.append({
                'signal': signal,
                'name': signal ~ suffix,
                'shown': column,
                'type': 'bigint' if column == 'sample_size' else type_double(),
            }) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}
