{#- Writes how each data test of this build ended into the mart test_results. At the end of a
    `dbt build`: no model can know it. Which quality dimension a test speaks for stands in the var
    test_dimensions by the name of the generic test, and in a singular test's own meta. -#}
{% macro record_test_results(results) -%}
    {%- if execute and flags.WHICH == 'build' -%}
        {%- set table = adapter.get_relation(target.database | default(none), build_schema('marts'), 'test_results') -%}
        {%- set rows = [] -%}
        {%- for result in results if result.node.resource_type == 'test' -%}
            {%- set test = result.node -%}
            {%- set kind = test.test_metadata.name if test.test_metadata else none -%}
            {%- set dimension = test.config.meta.get(
                'dimension', var('test_dimensions').get(kind, 'unassigned')
            ) -%}
            {%- set model = test.attached_node.split('.')[-1] if test.attached_node else none -%}
            {%- do rows.append(
                "('" ~ test.name ~ "', '" ~ dimension ~ "', "
                ~ ("'" ~ model ~ "'" if model else 'null') ~ ", '" ~ result.status ~ "', "
                ~ (result.failures or 0) ~ ")"
            ) -%}
        {%- endfor -%}
        {%- if table and rows -%}
            {%- do replace_rows(table, rows) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
