{#-
Publishing on Spark. Each of core and marts is a view on a table of the generation, and turns to the next one at once;
the generation before stays, for queries that still read it.
-#}
{% macro spark__publish_generation(results) -%}
    {%- set tables = publishable_tables(results) if execute and flags.WHICH == 'build' else [] -%}
    {%- if tables -%}
        {{ log('Publishing core and marts', info=true) }}
        {%- do publish_views(tables) -%}
    {%- endif -%}
{%- endmacro %}

{% macro publish_views(tables) -%}
    {%- do make_history() -%}
    {%- set number = value_of('select coalesce(max(generation), 0) + 1 from history.metric_values') -%}
    {%- for schema in reader_schemas() -%}
        {%- do run_query('create schema if not exists ' ~ schema) -%}
        {%- do run_query('drop schema if exists ' ~ schema ~ '_' ~ number ~ ' cascade') -%}
        {%- do run_query('create schema ' ~ schema ~ '_' ~ number) -%}
    {%- endfor -%}
    {%- for node in reader_nodes() -%}
        {%- do run_query(generation_table(node, number)) -%}
    {%- endfor -%}
    {%- for node in reader_nodes() -%}
        {%- do run_query(reader_view(node, number)) -%}
    {%- endfor -%}
    {%- do run_query(history_rows(number)) -%}
    {%- do drop_left_over(tables, number) -%}
{%- endmacro %}

{% macro value_of(query) -%}
    {{ return(run_query(query).columns[0].values()[0]) }}
{%- endmacro %}

{% macro reader_nodes() -%}
    {%- set nodes = [] -%}
    {%- for node in graph.nodes.values()
        if node.resource_type == 'model' and node.config.get('schema') in reader_schemas() -%}
        {%- do nodes.append(node) -%}
    {%- endfor -%}
    {{ return(nodes) }}
{%- endmacro %}

{#- The table of all generations' metric values; one of an older release gets the columns it lacks. -#}
{% macro make_history() -%}
    {%- do run_query('create schema if not exists history') -%}
    {%- set described = [] -%}
    {%- for column, type in history_columns().items() -%}
        {%- do described.append(column ~ ' ' ~ type) -%}
    {%- endfor -%}
    {%- do run_query(
        'create table if not exists history.metric_values (' ~ described | join(', ') ~ ') using parquet'
    ) -%}
    {%- set there = run_query('show columns in history.metric_values').columns[0].values() | list -%}
    {%- for column, type in history_columns().items() if column not in there -%}
        {%- do run_query('alter table history.metric_values add columns (' ~ column ~ ' ' ~ type ~ ')') -%}
    {%- endfor -%}
{%- endmacro %}

{#- A copy of what was built; build_generation says which generation it is, and when it was published. -#}
{% macro generation_table(node, number) -%}
    create table {{ node.config.schema }}_{{ number }}.{{ node.alias }} using parquet as
    select
        {%- for column in node.columns %}
        {% if node.name == 'build_generation' and column == 'generation' -%}
        cast({{ number }} as bigint) as generation
        {%- elif node.name == 'build_generation' and column == 'published_at' -%}
        date_trunc('second', current_timestamp()) as published_at
        {%- else -%}
        {{ column }}
        {%- endif %}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ node.schema }}.{{ node.alias }}
{%- endmacro %}

{% macro reader_view(node, number) -%}
    create or replace view {{ node.config.schema }}.{{ node.alias }} (
        {%- for column, described in node.columns.items() %}
        {{ column }} comment '{{ text_literal(described.description) }}'{{ ',' if not loop.last }}
        {%- endfor %}
    )
    comment '{{ text_literal(node.description) }}'
    as select {{ node.columns | join(', ') }}
    from {{ node.config.schema }}_{{ number }}.{{ node.alias }}
{%- endmacro %}

{% macro text_literal(text) -%}
    {{ return(text | trim | replace('\\', '\\\\') | replace("'", "\\'")) }}
{%- endmacro %}

{% macro history_rows(number) -%}
    insert into history.metric_values ({{ history_columns() | join(', ') }})
    select
        {%- for column in history_columns() %}
        {% if column in ('generation', 'published_at', 'as_of', 'landing_sha256') -%}
        builds.{{ column }}
        {%- elif column == 'definition_sha256' -%}
        metrics.{{ column }}
        {%- else -%}
        published.{{ column }}
        {%- endif %}{{ ',' if not loop.last }}
        {%- endfor %}
    from marts_{{ number }}.metric_values as published
    inner join marts_{{ number }}.metric_catalog as metrics on published.metric_id = metrics.metric_id
    cross join marts_{{ number }}.build_generation as builds
{%- endmacro %}

{#- Generations but this one and the one before, and views of tables that no longer exist. -#}
{% macro drop_left_over(tables, number) -%}
    {%- for schema in reader_schemas() -%}
        {%- for name in run_query("show schemas like '" ~ schema ~ "_*'").columns[0].values() -%}
            {%- set generation = name.removeprefix(schema ~ '_') -%}
            {%- if generation.isdigit() and generation | int < number - 1 -%}
                {%- do run_query('drop schema if exists ' ~ name ~ ' cascade') -%}
            {%- endif -%}
        {%- endfor -%}
        {%- for name in run_query('show views in ' ~ schema).columns[1].values()
            if (schema, name) not in tables -%}
            {%- do run_query('drop view if exists ' ~ schema ~ '.' ~ name) -%}
        {%- endfor -%}
    {%- endfor -%}
{%- endmacro %}
