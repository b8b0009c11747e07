{#- Schemas carry the names of the layers; where dbt builds beside what readers see, an engine adds to them. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ build_schema((custom_schema_name or target.schema) | trim) }}
{%- endmacro %}
