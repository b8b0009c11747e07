{#- The catalog as rows, from the YAML beside each metric; a list becomes comma separated text. -#}
{% macro catalog_rows() -%}
    {%- set columns = [
        'name', 'question', 'dimension', 'indicator', 'kind', 'is_supporting', 'formula', 'numerator',
        'denominator', 'unit', 'direction', 'considerations', 'companions', 'audiences', 'cadence',
        'is_core', 'owner', 'source', 'measures', 'needs', 'needs_every_month', 'interval',
        'is_like_for_like', 'reads_classes',
    ] %}
    {%- set flags = [
        'is_supporting', 'is_core', 'needs_every_month', 'is_like_for_like', 'reads_classes',
    ] %}
    {%- for metric_id in (metric_ids()[:2] if is_linting() else metric_ids()) %}
    {%- set definition = metric_definition(metric_id) if execute else {} %}
    {%- if not loop.first %}
    union all
    {%- endif %}
    select
        '{{ metric_id }}' as metric_id
        {%- for column in columns %},
        {{ catalog_literal(definition.get(column, false if column in flags else none)) }} as {{ column }}
        {%- endfor %},
        '{{ metric_checksum(metric_id) if execute }}' as definition_sha256
    {%- endfor %}
{%- endmacro %}

{% macro catalog_literal(value) -%}
    {%- if value is none -%} cast(null as {{ dbt.type_string() }})
    {%- elif value is sameas true or value is sameas false -%} {{ value | lower }}
    {%- elif value is mapping -%} '{{ value.keys() | join(",") }}'
    {%- elif value is string -%} '{{ value | trim | replace("'", "''") }}'
    {%- else -%} '{{ value | join(",") }}'
    {%- endif -%}
{%- endmacro %}

{#- Changes with the text of a metric's SQL: tells a new definition from new data. -#}
{% macro metric_checksum(metric_id) -%}
    {{ return(graph.nodes['model.' ~ project_name ~ '.metric_' ~ metric_id].checksum.checksum) }}
{%- endmacro %}
