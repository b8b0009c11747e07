{#-
Types in the YAML of models and seeds are DuckDB's names; what another engine calls them stands here. dbt itself
hands them on as they are.
-#}
{% macro engine_type(name) -%}
    {{ return(adapter.dispatch('engine_type')(name)) }}
{%- endmacro %}

{% macro default__engine_type(name) -%}
    {{ return(name) }}
{%- endmacro %}

{% macro postgres__engine_type(name) -%}
    {{ return({'double': 'double precision', 'varchar': 'text'}.get(name, name)) }}
{%- endmacro %}

{% macro spark__engine_type(name) -%}
    {{ return({'varchar': 'string'}.get(name, name)) }}
{%- endmacro %}

{#- The columns of a contract, their types as the engine calls them. -#}
{% macro engine_columns(columns) -%}
    {%- set named = {} -%}
    {%- for name, column in columns.items() -%}
        {%- do named.update({name: dict(column, data_type=engine_type(column.data_type))}) -%}
    {%- endfor -%}
    {{ return(named) }}
{%- endmacro %}

{#- The rows of a contract before there are any: what a model's SQL is compared with. -#}
{% macro postgres__get_empty_schema_sql(columns) -%}
    {{ return(default__get_empty_schema_sql(engine_columns(columns))) }}
{%- endmacro %}

{#- The table of a contract. -#}
{% macro postgres__get_table_columns_and_constraints() -%}
    {%- set parts = adapter.render_raw_columns_constraints(raw_columns=engine_columns(model['columns']))
        + adapter.render_raw_model_constraints(raw_constraints=model['constraints']) -%}
    {{ return('(\n    ' ~ parts | join(',\n    ') ~ '\n)') }}
{%- endmacro %}

{#- The table of a seed. -#}
{% macro postgres__create_csv_table(model, agate_table) -%}
    {{ return(default__create_csv_table(engine_seed(model), agate_table)) }}
{%- endmacro %}

{% macro engine_seed(model) -%}
    {%- set types = {} -%}
    {%- for column, name in model.config.get('column_types', {}).items() -%}
        {%- do types.update({column: engine_type(name)}) -%}
    {%- endfor -%}
    {{ return(dict(model, config=dict(model.config, column_types=types))) }}
{%- endmacro %}

{% macro spark__get_empty_schema_sql(columns) -%}
    {{ return(default__get_empty_schema_sql(engine_columns(columns))) }}
{%- endmacro %}

{% macro spark__create_csv_table(model, agate_table) -%}
    {{ return(dbt.spark__create_csv_table(engine_seed(model), agate_table)) }}
{%- endmacro %}

{% macro spark__load_csv_rows(model, agate_table) -%}
    {{ return(dbt.spark__load_csv_rows(engine_seed(model), agate_table)) }}
{%- endmacro %}

{#- A Parquet table of Spark takes no constraint: a null where none may be ends the query that makes the table. -#}
{% macro spark__get_select_subquery(sql) -%}
    select
        {%- for name, column in model['columns'].items() %}
        {% if column.constraints | selectattr('type', 'equalto', 'not_null') | list -%}
        coalesce({{ name }}, raise_error('{{ model.name }}.{{ name }} is null')) as {{ name }}
        {%- else -%}
        {{ name }}
        {%- endif %}{{ ',' if not loop.last }}
        {%- endfor %}
    from (
        {{ sql }}
    ) as model_subq
{%- endmacro %}

{% macro spark__persist_constraints(relation, model) -%}
{%- endmacro %}

{#- Nor does a table made from a query take comments of columns. -#}
{% macro spark__persist_docs(relation, model, for_relation, for_columns) -%}
{%- endmacro %}
