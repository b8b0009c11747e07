{#-
Publishing on Spark, which has no transaction across tables: readers have views. Here too dbt builds in next_core and
next_marts. When a whole `dbt build` has passed, its tables are copied to a schema of the generation, the values go to
the history, and the views are turned to that schema, one after the other, each at once. Whoever reads
marts.build_generation first knows the least generation that the other views show: it is turned last. The generation
before stays for queries that began with it; older ones go.
-#}
{% macro spark__publish_generation(results) -%}
    {%- set tables = publishable_tables(results) if execute and flags.WHICH == 'build' else [] -%}
    {%- if tables -%}
        {{ log('Publishing core and marts', info=true) }}
        {%- for schema in reader_schemas() + ['history'] -%}
            {%- do run_query('create schema if not exists ' ~ schema) -%}
        {%- endfor -%}
        {%- set shown = generation_shown() -%}
        {%- set number = next_generation() -%}
        {%- do copy_generation(tables, number) -%}
        {%- do keep_history(number) -%}
        {%- do turn_views(tables, number) -%}
        {%- for there in generations_there() if there not in (shown, number) -%}
            {%- do run_query('drop schema generation_' ~ there ~ ' cascade') -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{#- Numbers of the schemas of generations that are there. -#}
{% macro generations_there() -%}
    {%- set numbers = [] -%}
    {%- for schema in run_query("show schemas like 'generation_*'").columns[0].values() -%}
        {%- do numbers.append(schema.split('_')[1] | int) -%}
    {%- endfor -%}
    {{ return(numbers) }}
{%- endmacro %}

{#- What readers see now; 0 before the first generation. -#}
{% macro generation_shown() -%}
    {%- if run_query("show views in marts like 'build_generation'").rows | length == 0 -%}
        {{ return(0) }}
    {%- endif -%}
    {{ return(run_query('select generation from marts.build_generation').columns[0].values()[0] | int) }}
{%- endmacro %}

{#- A number that nothing has: neither what was published nor what was cut off while publishing. -#}
{% macro next_generation() -%}
    {%- set described = [] -%}
    {%- for column, type in history_columns().items() -%}
        {%- do described.append(column ~ ' ' ~ type) -%}
    {%- endfor -%}
    {%- do run_query(
        'create table if not exists history.metric_values (' ~ described | join(', ') ~ ') using parquet'
    ) -%}
    {%- set there = run_query('describe history.metric_values').columns[0].values() -%}
    {%- for column in described if column.split(' ')[0] not in there -%}
        {%- do run_query('alter table history.metric_values add columns (' ~ column ~ ')') -%}
    {%- endfor -%}
    {%- set last = run_query('select coalesce(max(generation), 0) from history.metric_values') -%}
    {{ return((generations_there() + [last.columns[0].values()[0] | int]) | max + 1) }}
{%- endmacro %}

{#- Many statements in one call: each call of its own takes a second or more, however little it does. -#}
{% macro run_script(statements) -%}
    {%- do run_query('begin\n' ~ statements | join(';\n') ~ ';\nend') -%}
{%- endmacro %}

{#-
Tables carry the comments, and a view takes those of the columns that it reads. Hive's metastore, which may be behind
Spark, keeps 256 characters of a column's comment, and refuses a longer one for twenty seconds before Spark goes around.
-#}
{% macro copy_generation(tables, number) -%}
    {%- set statements = ['create schema generation_' ~ number] -%}
    {%- for table in tables -%}
        {%- set name = 'generation_' ~ number ~ '.' ~ table.alias -%}
        {%- set described = [] -%}
        {%- set columns = [] -%}
        {%- for column in table.columns.values() -%}
            {%- do described.append(
                column.name ~ ' ' ~ engine_type(column.data_type) ~ ' comment '
                ~ spark_text(column.description | truncate(256, true, '...', 0))
            ) -%}
            {%- do columns.append({
                'build_generation.generation': 'cast(' ~ number ~ ' as bigint)',
                'build_generation.published_at': "date_trunc('second', current_timestamp())",
            }.get(table.alias ~ '.' ~ column.name, column.name)) -%}
        {%- endfor -%}
        {%- do statements.append(
            'create table ' ~ name ~ ' (' ~ described | join(', ') ~ ') using parquet comment '
            ~ spark_text(table.description)
        ) -%}
        {%- do statements.append(
            'insert into ' ~ name ~ ' select ' ~ columns | join(', ') ~ ' from ' ~ table.schema ~ '.' ~ table.alias
        ) -%}
    {%- endfor -%}
    {%- do run_script(statements) -%}
{%- endmacro %}

{% macro keep_history(number) -%}
    {%- set columns = [] -%}
    {%- for column in history_columns() -%}
        {%- if column in ('generation', 'published_at', 'as_of', 'landing_sha256') -%}
            {%- do columns.append('builds.' ~ column) -%}
        {%- elif column == 'definition_sha256' -%}
            {%- do columns.append('metrics.' ~ column) -%}
        {%- else -%}
            {%- do columns.append('published.' ~ column) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set schema = 'generation_' ~ number -%}
    {%- do run_query(
        'insert into history.metric_values (' ~ history_columns() | join(', ') ~ ') select ' ~ columns | join(', ')
        ~ ' from ' ~ schema ~ '.metric_values as published inner join ' ~ schema ~ '.metric_catalog as metrics'
        ~ ' on published.metric_id = metrics.metric_id cross join ' ~ schema ~ '.build_generation as builds'
    ) -%}
{%- endmacro %}

{#-
A view that is there is altered: to replace it is to drop it first. New ones are made, one whose table is no more goes.
-#}
{% macro turn_views(tables, number) -%}
    {%- set statements = [] -%}
    {%- set last = [] -%}
    {%- set comments = [] -%}
    {%- for schema in reader_schemas() -%}
        {%- set there = run_query('show views in ' ~ schema).columns[1].values() -%}
        {%- set wanted = [] -%}
        {%- for table in tables if table.config.schema == schema -%}
            {%- set view = schema ~ '.' ~ table.alias -%}
            {%- do wanted.append(table.alias) -%}
            {%- do (last if table.alias == 'build_generation' else statements).append(
                ('alter' if table.alias in there else 'create') ~ ' view ' ~ view ~ ' as select '
                ~ table.columns | join(', ') ~ ' from generation_' ~ number ~ '.' ~ table.alias
            ) -%}
            {%- do comments.append(
                'alter view ' ~ view ~ " set tblproperties ('comment' = " ~ spark_text(table.description) ~ ')'
            ) -%}
        {%- endfor -%}
        {%- for name in there if name not in wanted -%}
            {%- do last.append('drop view ' ~ schema ~ '.' ~ name) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- do run_script(statements + last + comments) -%}
{%- endmacro %}

{% macro spark_text(text) -%}
    {{ return("'" ~ text | replace('\\', '\\\\') | replace("'", "\\'") ~ "'") }}
{%- endmacro %}
