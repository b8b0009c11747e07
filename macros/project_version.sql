{% macro project_version() -%}
    {{ var('project_version', '0.1.0') }}
{%- endmacro %}
