{#- After a table was filled: lets the engine's planner know how much is in it, where that takes a command. -#}
{% macro gather_statistics() -%}
    {{ adapter.dispatch('gather_statistics')() }}
{%- endmacro %}

{% macro default__gather_statistics() -%}
{%- endmacro %}

{% macro postgres__gather_statistics() -%}
    {%- if model.config.materialized == 'table' -%}
        analyze {{ this }}
    {%- endif -%}
{%- endmacro %}
