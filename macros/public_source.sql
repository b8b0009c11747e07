{#- The source as readers know it: a scanner's hit logs are files of that scanner. -#}
{% macro public_source(column) -%}
    case when {{ column }} = 'garak/hitlog' then 'garak' else {{ column }} end
{%- endmacro %}
