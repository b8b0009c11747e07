{#- Schemas carry the names of the layers, whatever the target: readers rely on core and marts. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
