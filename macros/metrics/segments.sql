{#- The published segment dimensions as rows, `all` among them. -#}
{% macro dimension_names() -%}
    select 'all' as segment_dimension
    {%- for name in segment_dimensions() %}
    union all
    select '{{ name }}' as segment_dimension
    {%- endfor %}
{%- endmacro %}

{#- The value of a row for the dimension at hand; null where the row counts for every value. -#}
{% macro segment_value(relation, keys=none) -%}
    case dimensions.segment_dimension
        when 'all' then 'all'
        {%- for name, key in segment_dimensions().items() if keys is none or key in keys %}
        when '{{ name }}' then {{ relation }}.{{ key }}
        {%- endfor %}
    end
{%- endmacro %}

{#- Two relations at the grain metric x period x segment speak of the same number. -#}
{% macro same_number(one, other) -%}
    {{ one }}.metric_id = {{ other }}.metric_id
    and {{ one }}.period_grain = {{ other }}.period_grain
    and {{ one }}.period_start = {{ other }}.period_start
    and {{ one }}.segment_dimension = {{ other }}.segment_dimension
    and {{ one }}.segment_value = {{ other }}.segment_value
{%- endmacro %}

{#- The sum of a value's own rows and of those that count for every value of the dimension. -#}
{% macro with_broadcast(sum_column) -%}
    coalesce({{ sum_column }}, 0)
    + coalesce(sum(case when segment_value is null then {{ sum_column }} end) over same_dimension, 0)
{%- endmacro %}
