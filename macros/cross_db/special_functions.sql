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
Halving in a recursion: Spark works the sixteen steps of smallest_detectable out anew for each part of a query that
reads them, and needs minutes to plan that. The sum over the tables of one step is taken in the row itself.
-#}
{% macro spark__found_by_halving(alpha, steps) -%}
    {%- set chance -%}
        case
            when middle > n2 * (k1 + middle) / (n1 + n2)
                then {{ hypergeometric_chance('i', 'k1 + middle', 'n1', 'n2') }}
            else 1D
        end
    {%- endset -%}
    found as (
        with recursive halved as (
            select
                k1,
                n1,
                n2,
                0D as low,
                n2 + 1D as high,
                0 as step
            from asked
            where n1 > 0 and n2 > 0 and k1 between 0 and n1
            union all
            select
                k1,
                n1,
                n2,
                case when chance <= {{ alpha }} then low else middle end as low,
                case when chance <= {{ alpha }} then middle else high end as high,
                step + 1 as step
            from (
                select
                    *,
                    aggregate(
                        sequence(
                            cast(least(middle, n2) as bigint),
                            cast(least(
                                n2,
                                k1 + middle,
                                middle + {{ hypergeometric_reach('k1 + middle', 'n1', 'n2') }}
                            ) as bigint)
                        ),
                        0D,
                        (total, i) -> total + {{ chance }}
                    ) as chance
                from (
                    select
                        *,
                        cast(floor((low + high) / 2) as double) as middle
                    from halved
                    where step < {{ steps }}
                ) as middles
            ) as summed
        )

        select
            k1,
            n1,
            n2,
            high as smallest_k2
        from halved
        where step = {{ steps }} and high - low = 1 and high <= n2
    )
{%- endmacro %}
