-- Which metrics can be measured at all: every register they need has landed. Missing is a fact of
-- the ledger; a register that is present and empty is there.
with present as (
    select * from {{ ref('int_present_sources') }}
),

needs as (
    {%- for metric_id in metric_ids() %}
    {%- set definition = metric_definition(metric_id) if execute else {} %}
    {%- set outer_first = loop.first %}
    {%- for needed in definition.get('needs', ['systems']) %}
    {% if not (outer_first and loop.first) %}union all {% endif -%}
    select '{{ metric_id }}' as metric_id, '{{ needed }}' as needed
    {%- endfor %}
    {%- endfor %}
),

measurable as (
    select
        needs.metric_id,
        count(*) = count(present.needed) as is_measurable,
        string_agg(
            case when present.needed is null then needs.needed end, ',' order by needs.needed
        ) as missing
    from needs
    left join present on needs.needed = present.needed
    group by needs.metric_id
)

select * from measurable
