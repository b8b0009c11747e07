{#-
Before the first model: makes the lake's files known where an engine does not read them by their path in the YAML of
the sources. Nothing on DuckDB, which does, nor on PostgreSQL, where `aism load` copies them.
-#}
{% macro connect_lake() -%}
    {{ adapter.dispatch('connect_lake')() }}
{%- endmacro %}

{% macro default__connect_lake() -%}
{%- endmacro %}

{#- Views on the files as each query finds them; AISM_SPARK_LAKE is the lake as every process of the cluster sees it. -#}
{% macro spark__connect_lake() -%}
    {%- if execute and flags.WHICH in ('build', 'run') -%}
        {%- set lake = env_var('AISM_SPARK_LAKE') -%}
        {%- do run_query('create schema if not exists lake') -%}
        {%- for source in graph.sources.values() -%}
            {%- set files = source.config.meta.external_location.split('/lake/')[1].split("'")[0] -%}
            {%- do run_query(
                'create or replace view lake.' ~ source.identifier ~ ' as select * from parquet.`'
                ~ lake ~ '/' ~ files | replace('{name}', source.name) ~ '`'
            ) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
