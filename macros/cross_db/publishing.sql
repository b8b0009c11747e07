{#-
How a build reaches its readers where no file can be published. On PostgreSQL dbt builds core and marts beside the
schemas that readers know, as next_core and next_marts. When a whole `dbt build` has passed, one transaction puts the
rows of the one into the tables of the other: who reads sees the old generation or the new one, and whatever hangs on
those tables (grants, views of others) stays.
-#}
{% macro build_schema(name) -%}
    {{ return(adapter.dispatch('build_schema')(name)) }}
{%- endmacro %}

{% macro default__build_schema(name) -%}
    {{ return(name) }}
{%- endmacro %}

{% macro postgres__build_schema(name) -%}
    {{ return('next_' ~ name if name in reader_schemas() else name) }}
{%- endmacro %}

{% macro spark__build_schema(name) -%}
    {{ return(postgres__build_schema(name)) }}
{%- endmacro %}

{% macro reader_schemas() -%}
    {{ return(['core', 'marts']) }}
{%- endmacro %}

{#- The hook at the end of every run; nothing on DuckDB, where `aism publish` does it. -#}
{% macro publish_generation(results) -%}
    {{ adapter.dispatch('publish_generation')(results) }}
{%- endmacro %}

{% macro default__publish_generation(results) -%}
{%- endmacro %}

{% macro postgres__publish_generation(results) -%}
    {%- set tables = publishable_tables(results) if execute and flags.WHICH == 'build' else [] -%}
    {%- if tables -%}
        {{ log('Publishing core and marts', info=true) }}
        {{ publishing_block(tables) }}
    {%- endif -%}
{%- endmacro %}

{#- The model of every table for readers if all of them were built now and every test passed, else none. -#}
{% macro publishable_tables(results) -%}
    {%- set built = [] -%}
    {%- set failed = [] -%}
    {%- for result in results -%}
        {%- do built.append(result.node.unique_id) -%}
        {%- if result.status | string not in ('success', 'pass', 'warn', 'no-op') -%}
            {%- do failed.append(result.node.unique_id) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set tables = [] -%}
    {%- set missing = [] -%}
    {%- for node in graph.nodes.values()
        if node.resource_type == 'model' and node.config.get('schema') in reader_schemas() -%}
        {%- do tables.append(node) -%}
        {%- if node.unique_id not in built -%}
            {%- do missing.append(node.unique_id) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return([] if failed or missing else tables) }}
{%- endmacro %}

{% macro publishing_block(tables) -%}
do $publish$
declare
    item record;
    number bigint;
    moment timestamp := date_trunc('second', clock_timestamp() at time zone 'UTC');
begin
    perform pg_advisory_xact_lock(4021947117);
    create schema if not exists history;
    create table if not exists history.metric_values (metric_id text);
    {%- for column, type in history_columns().items() %}
    alter table history.metric_values add column if not exists {{ column }} {{ type }};
    {%- endfor %}
    select coalesce(max(generation), 0) + 1 into number from history.metric_values;
    {%- for schema in reader_schemas() %}
    create schema if not exists {{ schema }};
    {%- endfor %}

    -- A table whose columns changed is made anew; what hangs on it makes this fail, by name.
    for item in
        with wanted (layer, relname) as (
            values
            {%- for table in tables %}
            ('{{ table.config.schema }}', '{{ table.alias }}'){{ ',' if not loop.last }}
            {%- endfor %}
        ),
        shapes as (
            select
                pg_namespace.nspname,
                pg_class.relname,
                string_agg(
                    pg_attribute.attname || ' ' || format_type(pg_attribute.atttypid, pg_attribute.atttypmod),
                    ',' order by pg_attribute.attnum
                ) as shape
            from pg_class
            inner join pg_namespace on pg_class.relnamespace = pg_namespace.oid
            inner join pg_attribute on pg_class.oid = pg_attribute.attrelid
            where
                pg_class.relkind = 'r'
                and pg_attribute.attnum > 0
                and not pg_attribute.attisdropped
            group by pg_namespace.nspname, pg_class.relname
        ),
        current_tables as (
            select * from shapes where nspname in ('{{ reader_schemas() | join("', '") }}')
        )
        select
            coalesce(wanted.layer, current_tables.nspname) as layer,
            coalesce(wanted.relname, current_tables.relname) as name,
            wanted.layer is not null as is_wanted,
            current_tables.shape is not null as is_there,
            current_tables.shape is not distinct from shapes.shape as is_alike
        from wanted
        left join shapes on shapes.nspname = 'next_' || wanted.layer and shapes.relname = wanted.relname
        full join current_tables
            on current_tables.nspname = wanted.layer and current_tables.relname = wanted.relname
    loop
        if item.is_there and not item.is_alike then
            execute format('drop table %I.%I', item.layer, item.name);
        end if;
        if item.is_wanted and item.is_alike then
            execute format('delete from %I.%I', item.layer, item.name);
        elsif item.is_wanted then
            execute format(
                'create table %I.%I (like %I.%I including all)',
                item.layer, item.name, 'next_' || item.layer, item.name
            );
        end if;
        if item.is_wanted then
            execute format(
                'insert into %I.%I select * from %I.%I',
                item.layer, item.name, 'next_' || item.layer, item.name
            );
        end if;
    end loop;

    for item in
        select
            substr(pg_namespace.nspname, 6) as layer,
            pg_class.relname,
            pg_attribute.attname,
            pg_description.description
        from pg_description
        inner join pg_class on pg_description.objoid = pg_class.oid
        inner join pg_namespace on pg_class.relnamespace = pg_namespace.oid
        left join pg_attribute
            on pg_attribute.attrelid = pg_class.oid
            and pg_attribute.attnum = nullif(pg_description.objsubid, 0)
        where
            pg_description.classoid = 'pg_class'::regclass
            and pg_namespace.nspname in ('next_{{ reader_schemas() | join("', 'next_") }}')
            and to_regclass(format('%I.%I', substr(pg_namespace.nspname, 6), pg_class.relname)) is not null
    loop
        if item.attname is null then
            execute format('comment on table %I.%I is %L', item.layer, item.relname, item.description);
        else
            execute format(
                'comment on column %I.%I.%I is %L', item.layer, item.relname, item.attname, item.description
            );
        end if;
    end loop;

    update marts.build_generation set generation = number, published_at = moment;
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
    from marts.metric_values as published
    inner join marts.metric_catalog as metrics on published.metric_id = metrics.metric_id
    cross join marts.build_generation as builds;
end
$publish$
{%- endmacro %}
