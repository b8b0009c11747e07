{#-
The attempts of a run are judged by themselves: by the file in which the run stands, and what else its fingerprint names.
So a model may keep the rows of runs whose fingerprint is that of the build before, and make those of the others:

    {{ config(**keeping_runs('int_run_fingerprints')) }}             the model that has a fingerprint for every run
    where {{ is_to_make('attempts.run_id', "'attempts'") }}          in each CTE that reads rows of runs

What the rows of a table were made of stands in intermediate.kept_runs, and is written in one transaction with them. It
holds for one project: with another model, macro, seed or package everything is made anew. So it is where dbt runs
without something that the model stands on, or with other tables than those it left.
-#}
{% macro keeping_runs(fingerprints, source_column='source') -%}
    {%- set config = {'materialized': 'table'} -%}
    {%- if can_keep_runs() -%}
        {%- if not execute -%}
            {#- When dbt reads the project it learns here what the hooks will read. -#}
            {%- do ref(fingerprints) -%}
        {%- endif -%}
        {%- do config.update({
            'materialized': 'incremental',
            'incremental_strategy': 'append',
            'on_schema_change': 'fail',
            'pre_hook': '{{ forget_runs("' ~ fingerprints ~ '", "' ~ source_column ~ '") }}',
            'post_hook': '{{ remember_runs("' ~ fingerprints ~ '") }}',
        }) -%}
    {%- endif -%}
    {{ return(config) }}
{%- endmacro %}

{#-
Whether a row is of a run that is to be made: true of every row where nothing is kept. `source` is a literal or a column.
The list of runs says nothing more, but lets the engine pass over parts of a table, which it does not do for two columns
at once. Of the lake it passes over whole files only if they are named: `file` is the column with their hash.
-#}
{% macro is_to_make(run_id, source, fingerprints='int_run_fingerprints', file=none) -%}
    {%- if not keeps_rows() -%}
        true
    {%- else -%}
        {{ run_id }} in (select run_to_make from ({{ runs_to_make(fingerprints) }}) as to_make)
        and exists (
            select 1 from ({{ runs_to_make(fingerprints) }}) as to_make
            where source_to_make = {{ source }} and run_to_make = {{ run_id }}
        )
        {%- if file -%}
            {%- set files = run_query(
                'select distinct file_sha256 from ' ~ ref(fingerprints)
                ~ ' inner join (' ~ runs_to_make(fingerprints) ~ ') as to_make'
                ~ ' on source = source_to_make and run_id = run_to_make limit 101'
            ).columns[0].values() -%}
            {%- if files | length <= 100 %}
        and {{ file }} in ('{{ files | join("', '") }}')
            {%- endif -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{#- Columns have names that no model has: within is_to_make, those of the model are found outside. -#}
{% macro runs_to_make(fingerprints) -%}
    select source as source_to_make, run_id as run_to_make, fingerprint from {{ ref(fingerprints) }}
    except
    select source, run_id, fingerprint from {{ kept_runs_table() }} where model = '{{ this.identifier }}'
{%- endmacro %}

{#- Whether this run of dbt may keep rows of the last one: it builds all that the model stands on. Not in unit tests. -#}
{% macro keeps_rows() -%}
    {%- set is_model = execute and model.resource_type == 'model' -%}
    {{ return(is_model and is_incremental() and builds_all_behind(model.unique_id)) }}
{%- endmacro %}

{% macro builds_all_behind(unique_id) -%}
    {%- set behind = [unique_id] -%}
    {%- for known in behind if known in graph.nodes -%}
        {%- if known not in selected_resources -%}
            {{ return(false) }}
        {%- endif -%}
        {%- for parent in graph.nodes[known].depends_on.nodes if parent not in behind -%}
            {%- do behind.append(parent) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(true) }}
{%- endmacro %}

{#- Before rows of runs come: those of runs that are gone, or no longer what they were, leave. -#}
{% macro forget_runs(fingerprints, source_column) -%}
    {%- if execute and is_incremental() -%}
        delete from {{ this }}
        {%- if keeps_rows() %}
        where ({{ source_column }}, run_id) in (
            select
                kept_runs.source,
                kept_runs.run_id
            from {{ kept_runs_table() }} as kept_runs
            left join {{ ref(fingerprints) }} as fingerprints
                on
                    kept_runs.source = fingerprints.source
                    and kept_runs.run_id = fingerprints.run_id
                    and kept_runs.fingerprint = fingerprints.fingerprint
            where kept_runs.model = '{{ this.identifier }}' and fingerprints.run_id is null
        )
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{% macro remember_runs(fingerprints) -%}
    {%- if execute -%}
        delete from {{ kept_runs_table() }} where model = '{{ this.identifier }}'
        {%- if builds_all_behind(model.unique_id) %};
        insert into {{ kept_runs_table() }}
        select
            projects.project_sha256,
            '{{ this.identifier }}',
            fingerprints.source,
            fingerprints.run_id,
            fingerprints.fingerprint
        from {{ ref(fingerprints) }} as fingerprints
        cross join {{ building_project() }} as projects
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{#-
Before the first model: of the models that this run makes, those go of which nobody knows what they were made of, or
which another project made. So no new row has to fit an old table.
-#}
{% macro forget_other_projects() -%}
    {%- if execute and can_keep_runs() and flags.WHICH in ('build', 'run') -%}
        {%- do run_query('create schema if not exists ' ~ build_schema('intermediate')) -%}
        {%- do run_query(
            'create table if not exists ' ~ kept_runs_table()
            ~ ' (project_sha256 varchar, model varchar, source varchar, run_id varchar, fingerprint varchar)'
        ) -%}
        {%- do run_query(
            'delete from ' ~ kept_runs_table()
            ~ ' where project_sha256 not in (select project_sha256 from ' ~ building_project() ~ ')'
        ) -%}
        {%- set known = run_query('select distinct model from ' ~ kept_runs_table()).columns[0].values() -%}
        {%- for unique_id in selected_resources if unique_id in graph.nodes -%}
            {%- set node = graph.nodes[unique_id] -%}
            {%- if node.config.materialized == 'incremental' and node.alias not in known -%}
                {%- set made = adapter.get_relation(node.database, node.schema, node.alias) -%}
                {%- if made -%}
                    {%- do adapter.drop_relation(made) -%}
                {%- endif -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{% macro kept_runs_table() -%}
    {{ build_schema('intermediate') }}.kept_runs
{%- endmacro %}
