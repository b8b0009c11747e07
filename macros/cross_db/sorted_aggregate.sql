{#- An aggregate of doubles that sees them in their own order, so that the order of rows changes no last digit. -#}
{% macro sorted_aggregate(function, expression) -%}
    {{ adapter.dispatch('sorted_aggregate')(function, expression) }}
{%- endmacro %}

{% macro default__sorted_aggregate(function, expression) -%}
    {{ function }}({{ expression }} order by {{ expression }})
{%- endmacro %}

{#- Spark has no order within an aggregate: equal to 1e-9, as other engines are to each other. -#}
{% macro spark__sorted_aggregate(function, expression) -%}
    {{ function }}({{ expression }})
{%- endmacro %}
