{#- What every metric promises of each row it counts: a day, an identity, at least one side, no infinity. -#}
{% test observations_are_sound(model) %}

select
    observed_on,
    entity_type,
    entity_id
from {{ model }}
where
    observed_on is null
    or entity_type is null
    or entity_id is null
    or (numerator is null and denominator is null)
    or denominator < 0
    or abs(cast(coalesce(numerator, 0) as {{ type_double() }})) > 1e300
    or abs(cast(coalesce(denominator, 0) as {{ type_double() }})) > 1e300

{% endtest %}
