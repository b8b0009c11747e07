{#-
A sum of doubles depends on the order in which they are added: the same rows in another order end in another last digit.
These do not, for they add whole numbers of 1e-15. For amounts, hours, days and rates; not for probabilities, which may
be smaller than that. Where a number is beyond 1e15, and would not fit, doubles are added after all.
-#}
{% macro exact_sum(expression) -%}
    case
        when max(abs({{ expression }})) >= 1e15 then sum({{ expression }})
        else cast(sum(case when abs({{ expression }}) < 1e15 then
            cast(cast({{ expression }} as {{ type_double() }}) as decimal(38, 15))
        end) as {{ type_double() }})
    end
{%- endmacro %}

{% macro exact_mean(expression) -%}
    {{ exact_sum(expression) }} / nullif(count({{ expression }}), 0)
{%- endmacro %}
