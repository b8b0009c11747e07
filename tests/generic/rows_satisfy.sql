{#- Every row satisfies a condition; a null result counts as a failure. -#}
{% test rows_satisfy(model, condition) %}

select *
from {{ model }}
where not coalesce({{ condition }}, false)

{% endtest %}
