-- What each metric needs, a row each, from the YAML beside its SQL.
with needs as (
    {%- for metric_id in metric_ids() %}
    {%- set definition = metric_definition(metric_id) if execute else {} %}
    {%- set is_first_metric = loop.first %}
    {%- for needed in definition.get('needs', ['systems']) %}
    {% if not (is_first_metric and loop.first) %}union all {% endif -%}
    select
        '{{ metric_id }}' as metric_id,
        '{{ needed }}' as needed
    {%- endfor %}
    {%- endfor %}
)

select * from needs
