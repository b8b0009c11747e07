{#-
ln of the gamma function of a positive number. The default is Stirling's series behind six steps of
gamma(x + 1) = x * gamma(x) (Abramowitz and Stegun 1964, 6.1.15 and 6.1.40), right to 1e-13 of the larger of
the result and 1. Null where x is null. ln of n factorial is ln_gamma of n + 1.
-#}
{% macro ln_gamma(x) -%}
    {{ adapter.dispatch('ln_gamma')(x) }}
{%- endmacro %}

{% macro default__ln_gamma(x) -%}
    {%- set shifted = '(' ~ x ~ ' + 6)' -%}
    (
        ({{ shifted }} - 0.5) * ln({{ shifted }}) - {{ shifted }} + 0.9189385332046727
        + (
            1 / 12.0
            - (
                1 / 360.0
                - (
                    1 / 1260.0
                    - (1 / 1680.0 - (1 / 1188.0 - 691 / 360360.0 / power({{ shifted }}, 2)) / power({{ shifted }}, 2))
                    / power({{ shifted }}, 2)
                ) / power({{ shifted }}, 2)
            ) / power({{ shifted }}, 2)
        ) / {{ shifted }}
        - ln({{ x }})
        {%- for step in range(1, 6) %} - ln({{ x }} + {{ step }}){% endfor %}
    )
{%- endmacro %}

{% macro duckdb__ln_gamma(x) -%}
    lgamma({{ x }})
{%- endmacro %}

{#-
The same series as a function of one argument: written out, the argument stands in it twelve times, Spark puts its
formula into each place, and formulas that build on one another grow beyond memory.
-#}
{% macro spark__ln_gamma(x) -%}
    element_at(transform(array(cast({{ x }} as double)), argument -> {{ default__ln_gamma('argument') }}), 1)
{%- endmacro %}

{#-
Behind a relation in a from clause: repeats each of its rows for every whole number i from start to stop, both
expressions over its columns, start <= stop. The number is in the column i.
-#}
{% macro for_each_number(start, stop) -%}
    {{ adapter.dispatch('for_each_number')(start, stop) }}
{%- endmacro %}

{% macro default__for_each_number(start, stop) -%}
    cross join lateral generate_series(cast({{ start }} as bigint), cast({{ stop }} as bigint)) as numbers (i)
{%- endmacro %}

{% macro duckdb__for_each_number(start, stop) -%}
    cross join unnest(generate_series(cast({{ start }} as bigint), cast({{ stop }} as bigint))) as numbers (i)
{%- endmacro %}

{% macro spark__for_each_number(start, stop) -%}
    lateral view explode(sequence(cast({{ start }} as bigint), cast({{ stop }} as bigint))) numbers as i
{%- endmacro %}

{#-
A select of one row for a lateral join: the sum of a term over every whole number i from start to stop, start <= stop.
All three are expressions over the columns of the row that it is joined to. Unlike rows of numbers grouped again, it may
stand in a recursion.
-#}
{% macro sum_for_each_number(term, start, stop, name) -%}
    {{ adapter.dispatch('sum_for_each_number')(term, start, stop, name) }}
{%- endmacro %}

{% macro default__sum_for_each_number(term, start, stop, name) -%}
    select sum({{ term }}) as {{ name }}
    from generate_series(cast({{ start }} as bigint), cast({{ stop }} as bigint)) as numbers (i)
{%- endmacro %}

{% macro spark__sum_for_each_number(term, start, stop, name) -%}
    select aggregate(
        sequence(cast({{ start }} as bigint), cast({{ stop }} as bigint)),
        0D,
        (total, i) -> total + {{ term }}
    ) as {{ name }}
{%- endmacro %}
