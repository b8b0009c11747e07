{#- Ratios are doubles: dbt's own type_float is 32 bit on DuckDB and type_numeric rounds. -#}
{% macro type_double() -%}
    {{ adapter.dispatch('type_double')() }}
{%- endmacro %}

{% macro default__type_double() -%}
    double precision
{%- endmacro %}

{% macro duckdb__type_double() -%}
    double
{%- endmacro %}

{% macro spark__type_double() -%}
    double
{%- endmacro %}
