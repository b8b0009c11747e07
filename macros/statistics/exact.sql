{#-
The exact bounds of a proportion (Clopper and Pearson 1934; scipy.stats.beta.ppf): exact_upper is the highest true rate
at which k or fewer successes in n still happen with the chance alpha, exact_lower the lowest at which k or more do.
Each is one-sided with confidence 1 - alpha; both together are the two-sided interval of 1 - 2 * alpha.

`counted` is a relation with the whole numbers k and n, in independent trials. Returns a select with one row for every
distinct k and n: k and n as doubles, exact_lower, exact_upper (0..1). Null where n is 0, or k not in 0..n.
No successes and nothing but successes have closed forms. Else the bound is solved for by Newton's method on ln of the
chance, from the arcsine approximation; four steps are enough for 1e-12, five are taken.
-#}
{% macro exact_bounds(counted, alpha='0.05') -%}
    {%- if is_linting() %}{{ return('select * from ' ~ counted) }}{% endif -%}
    with counts as (
        select distinct
            cast(k as {{ type_double() }}) as k,
            cast(n as {{ type_double() }}) as n
        from {{ counted }}
    ),

    -- The lower bound of k is what the upper bound of the failures leaves.
    asked as (
        select k, n from counts
        where k > 0 and k < n
        union
        select n - k as k, n from counts
        where k > 0 and k < n
    ),

    -- In this angle the estimate is about equally uncertain, 1 / (2 * sqrt(n)), for every k.
    solved as (
        with recursive steps as (
            select
                k,
                n,
                least(
                    asin(sqrt((k + 1) / (n + 1))) + 1 / sqrt(n + 0.5),
                    pi() / 2 - 0.15 / sqrt(n)
                ) as angle,
                0 as step
            from asked
            union all
            select
                k,
                n,
                angle + beyond * (ln_density + ln(beyond) - ln({{ alpha }})) as angle,
                step + 1 as step
            from {{ binomial_chances('steps', 'step < 5') }}
        )

        select
            k,
            n,
            power(sin(angle), 2) as bound
        from steps
        where step = 5
    )

    select
        counts.k,
        counts.n,
        case
            when counts.k = 0 and counts.n > 0 then 0
            when counts.k = counts.n and counts.n > 0 then power({{ alpha }}, 1 / counts.n)
            else 1 - of_failures.bound
        end as exact_lower,
        case
            when counts.k = 0 and counts.n > 0 then 1 - power({{ alpha }}, 1 / counts.n)
            when counts.k = counts.n and counts.n > 0 then 1
            else of_successes.bound
        end as exact_upper
    from counts
    left join solved as of_successes
        on counts.k = of_successes.k and counts.n = of_successes.n
    left join solved as of_failures
        on counts.n - counts.k = of_failures.k and counts.n = of_failures.n
{%- endmacro %}

{#-
A subquery: the rows of a relation with k, n and angle for which `condition` holds, and what binomial_beyond and
binomial_ln_density say of them.
-#}
{% macro binomial_chances(relation, condition) -%}
    (
            select
                *,
                {{ binomial_beyond('k', 'n', 'angle', 'reach') }} as beyond,
                {{ binomial_ln_density('k', 'n', 'angle') }} as ln_density
            from (
                select
                    *,
                    {{ binomial_reach('k', 'n', 'angle') }} as reach
                from {{ relation }}
                where {{ condition }}
            ) as reached
        ) as chances
{%- endmacro %}
