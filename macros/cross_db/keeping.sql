{#- Whether models may keep rows of the build before (macros/kept_runs.sql); elsewhere every build makes all rows. -#}
{% macro can_keep_runs() -%}
    {{ return(adapter.dispatch('can_keep_runs')()) }}
{%- endmacro %}

{% macro default__can_keep_runs() -%}
    {{ return(false) }}
{%- endmacro %}

{% macro duckdb__can_keep_runs() -%}
    {{ return(true) }}
{%- endmacro %}

{#- One row that identifies the project, written into the working state before each build. -#}
{% macro building_project() -%}
    {{ return(adapter.dispatch('building_project')()) }}
{%- endmacro %}

{% macro default__building_project() -%}
    {{ return(none) }}
{%- endmacro %}

{% macro duckdb__building_project() -%}
    {{ return("read_parquet('" ~ env_var('AISM_HOME', '.aism') | replace("'", "''") ~ "/project.parquet')") }}
{%- endmacro %}
