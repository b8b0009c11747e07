{#-
Every published generation's metric values, as `aism publish` keeps them beside the warehouse; nothing
where nothing was published yet. The files are looked for when the model runs: a list that matches no
file is an error for the engine.
-#}
{% macro published_history() -%}
    {{ adapter.dispatch('published_history')() }}
{%- endmacro %}

{% macro duckdb__published_history() -%}
    {%- set pattern = env_var('AISM_WAREHOUSE_DIR', 'warehouse') ~ '/history/*.parquet' -%}
    {%- set files = run_query("select count(*) from glob('" ~ pattern | replace("'", "''") ~ "')")
        if execute and flags.WHICH in ('build', 'run') -%}
    select
        cast(null as varchar) as metric_id,
        cast(null as varchar) as period_grain,
        cast(null as date) as period_start,
        cast(null as date) as period_end,
        cast(null as boolean) as is_partial_period,
        cast(null as varchar) as segment_dimension,
        cast(null as varchar) as segment_value,
        cast(null as double) as value,
        cast(null as bigint) as sample_size,
        cast(null as double) as target_low,
        cast(null as double) as target_high,
        cast(null as bigint) as generation,
        cast(null as timestamp) as published_at,
        cast(null as date) as as_of,
        cast(null as varchar) as landing_sha256,
        cast(null as varchar) as definition_sha256
    where false
    {%- if files and files.columns[0].values()[0] > 0 %}
    -- By name: files of an older release may lack a column.
    union all by name
    select *
    from read_parquet('{{ pattern | replace("'", "''") }}', union_by_name = true)
    {%- endif -%}
{%- endmacro %}
