{#-
Every published generation's metric values, as publishing keeps them: `aism publish` in files beside the warehouse,
other engines in the table history.metric_values. Nothing where nothing was published yet. What is there is looked
for when the model runs: a list that matches no file is an error for the engine, and so is a missing table.
-#}
{% macro published_history() -%}
    {{ adapter.dispatch('published_history')() }}
{%- endmacro %}

{% macro default__published_history() -%}
    {%- set table = api.Relation.create(database=target.database | default(none), schema='history', identifier='metric_values') -%}
    {{ no_history() }}
    {%- if execute and flags.WHICH in ('build', 'run')
        and adapter.get_relation(table.database, table.schema, table.identifier) %}
    union all
    select {{ history_columns() | join(', ') }}
    from {{ table }}
    {%- endif -%}
{%- endmacro %}

{% macro duckdb__published_history() -%}
    {%- set pattern = env_var('AISM_WAREHOUSE_DIR', 'warehouse') ~ '/history/*.parquet' -%}
    {%- set files = run_query("select count(*) from glob('" ~ pattern | replace("'", "''") ~ "')")
        if execute and flags.WHICH in ('build', 'run') -%}
    {{ no_history() }}
    {%- if files and files.columns[0].values()[0] > 0 %}
    -- By name: files of an older release may lack a column.
    union all by name
    select *
    from read_parquet('{{ pattern | replace("'", "''") }}', union_by_name = true)
    {%- endif -%}
{%- endmacro %}

{% macro no_history() -%}
    select
        {%- for column, type in history_columns().items() %}
        cast(null as {{ type }}) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    where false
{%- endmacro %}

{#- What is kept of a metric value: its columns with their types. -#}
{% macro history_columns() -%}
    {%- set columns = {} -%}
    {%- for type, names in [
        ('varchar', ['metric_id', 'period_grain']),
        ('date', ['period_start', 'period_end']),
        ('boolean', ['is_partial_period']),
        ('varchar', ['segment_dimension', 'segment_value']),
        ('double', ['value']),
        ('bigint', ['sample_size']),
        ('double', ['target_low', 'target_high']),
        ('bigint', ['generation']),
        ('timestamp', ['published_at']),
        ('date', ['as_of']),
        ('varchar', ['landing_sha256', 'definition_sha256']),
    ] -%}
        {%- for name in names -%}
            {%- do columns.update({name: engine_type(type)}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}
