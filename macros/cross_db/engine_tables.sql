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

{#- These rows, each a list of values in SQL, and no others in a table. -#}
{% macro replace_rows(table, rows) -%}
    {{ adapter.dispatch('replace_rows')(table, rows) }}
{%- endmacro %}

{% macro default__replace_rows(table, rows) -%}
    {%- do run_query('delete from ' ~ table) -%}
    {%- do run_query('insert into ' ~ table ~ ' values ' ~ rows | join(', ')) -%}
{%- endmacro %}

{% macro spark__replace_rows(table, rows) -%}
    {%- do run_query('insert overwrite ' ~ table ~ ' values ' ~ rows | join(', ')) -%}
{%- endmacro %}

{#-
A number with a point is a decimal on Spark, and the quotient of two decimals has six digits: 1 / 360.0 is 0.002778.
Everywhere else it computes like a double, so here it is written as one. Text and comments stay as they are.
-#}
{% macro with_doubles(sql) -%}
    {%- set parts = [] -%}
    {%- for part in modules.re.split("('[^']*'|--[^\n]*)", sql) -%}
        {%- do parts.append(
            part if loop.index is divisibleby(2)
            else modules.re.sub('(?<![\\w.])([0-9]+[.][0-9]+)(?![\\w.])', '\\1D', part)
        ) -%}
    {%- endfor -%}
    {{ return(parts | join) }}
{%- endmacro %}

{% macro spark__create_table_as(temporary, relation, compiled_code, language='sql') -%}
    {#- What many tasks computed is put together to files of a good size: one, where a table is small. -#}
    {%- set rows = 'select /*+ rebalance */ * from (\n' ~ with_doubles(compiled_code) ~ '\n) as built' -%}
    {{ dbt.spark__create_table_as(temporary, relation, rows, language) }}
{%- endmacro %}

{% macro spark__create_view_as(relation, sql) -%}
    {{ dbt.spark__create_view_as(relation, with_doubles(sql)) }}
{%- endmacro %}
