{#-
The verdict of a release gate: k of n independent prompts failed, at most the rate `allowed_rate` may. It passes where
the exact upper bound is at or below it, fails where the exact lower bound is above it (95 % one-sided each), and is
insufficient in between, with nothing tested above all: a gate never passes by default.

`gates` is a relation with whole numbers k and n and allowed_rate (0..1). Returns a select with one row for every
distinct three, as doubles: exact_lower, exact_upper, verdict, and further_clean_prompts: how many more prompts
without a single failure would make it pass, 0 where it does. That number is null where no number is enough: where
allowed_rate is not above 0, or k not in 0..n.
-#}
{% macro gate_verdicts(gates) -%}
    {%- if is_linting() %}{{ return('select * from ' ~ gates) }}{% endif -%}
    with asked as (
        select distinct
            cast(k as {{ type_double() }}) as k,
            cast(n as {{ type_double() }}) as n,
            cast(allowed_rate as {{ type_double() }}) as allowed_rate
        from {{ gates }}
    ),

    bounds as (
        {{ exact_bounds('asked') }}
    ),

    needed as (
        {{ prompts_to_pass('asked') }}
    ),

    -- A limit that was itself computed as a bound is met.
    judged as (
        select
            asked.k,
            asked.n,
            asked.allowed_rate,
            bounds.exact_lower,
            bounds.exact_upper,
            case
                when bounds.exact_upper <= asked.allowed_rate + 1e-12 then 'pass'
                when bounds.exact_lower > asked.allowed_rate + 1e-12 then 'fail'
                else 'insufficient'
            end as verdict
        from asked
        left join bounds
            on asked.k = bounds.k and asked.n = bounds.n
    )

    select
        judged.k,
        judged.n,
        judged.allowed_rate,
        judged.exact_lower,
        judged.exact_upper,
        judged.verdict,
        case
            when judged.verdict = 'pass' then 0
            when judged.k not between 0 and judged.n or judged.allowed_rate <= 0 then null
            when judged.allowed_rate >= 1 or needed.prompts <= judged.n then 1
            else needed.prompts - judged.n
        end as further_clean_prompts
    from judged
    left join needed
        on judged.k = needed.k and judged.allowed_rate = needed.allowed_rate
{%- endmacro %}

{#-
The smallest number of independent prompts at which k failures still pass: exact_upper <= allowed_rate. `gates` has
the columns k and allowed_rate; returns one row for every distinct two with k >= 0 and 0 < allowed_rate < 1:
prompts. Without failures it is ln 0.05 / ln (1 - allowed_rate), rounded up. Else the search starts where it passes
for sure, at the bound of a Poisson count, rounded up (chi-square quantile(0.95, 2k + 2) / 2 < k + 3 + 2 sqrt(k)),
and steps down by Newton's method on ln of the chance of k failures or fewer. That is concave in the number of
prompts, and one prompt more lowers it faster than the ones before: no step leaves the numbers that pass.
-#}
{% macro prompts_to_pass(gates) -%}
    with starts as (
        select distinct
            k,
            allowed_rate
        from {{ gates }}
        where k >= 0 and allowed_rate > 0 and allowed_rate < 1
    ),

    searched as (
        with recursive steps as (
            select
                k,
                cast(ceiling((k + 3 + 2 * sqrt(k)) / allowed_rate) as {{ type_double() }}) as n,
                asin(sqrt(allowed_rate)) as angle,
                allowed_rate,
                0 as step
            from starts
            union all
            select
                k,
                greatest(
                    k + 1,
                    n - greatest(
                        floor(
                            (ln_density + ln(beyond) - ln(0.05))
                            / ln(1 - sin(angle) * cos(angle) / (2 * beyond * (n - k)))
                        ),
                        case
                            when ln_density + ln(beyond) + ln(1 + tan(angle) / (2 * beyond * n)) <= ln(0.05) + 1e-11
                                then 1
                            else 0
                        end
                    )
                ) as n,
                angle,
                allowed_rate,
                step + 1 as step
            from {{ binomial_chances('steps', 'step < 7') }}
        )

        select
            k,
            allowed_rate,
            n
        from steps
        where step = 7
    )

    select
        k,
        allowed_rate,
        case
            when k = 0 then ceiling(ln(0.05) / ln(1 - allowed_rate) - 1e-9)
            else n
        end as prompts
    from searched
{%- endmacro %}

{#-
The smallest change a comparison can see: the smallest k2 of n2 that Fisher's one-sided test calls higher than k1 of
n1 (p_greater at most alpha). `compared` is a relation with the whole numbers k1, n1 and n2; returns a select with
one row for every distinct three, as doubles: smallest_k2. Null where not even n2 of n2 would be called higher,
where an n is 0, and beyond 2 ^ steps - 2 tries in n2. Halving finds it: p_greater falls as k2 rises.
-#}
{% macro smallest_detectable(compared, alpha='0.05', steps=16) -%}
    {%- if is_linting() %}{{ return('select * from ' ~ compared) }}{% endif -%}
    {%- set chance -%}
        case
            when middle > n2 * (k1 + middle) / (n1 + n2)
                then {{ hypergeometric_chance('i', 'k1 + middle', 'n1', 'n2') }}
            else 1
        end
    {%- endset -%}
    with asked as (
        select distinct
            {%- for column in ['k1', 'n1', 'n2'] %}
            cast({{ column }} as {{ type_double() }}) as {{ column }}{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ compared }}
    ),

    found as (
        -- Between what is not called higher and what is: none at all, and one more than there are.
        with recursive halved as (
            select
                k1,
                n1,
                n2,
                cast(0 as {{ type_double() }}) as low,
                n2 + 1 as high,
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
                    cast(floor((low + high) / 2) as {{ type_double() }}) as middle
                from halved
                where high - low > 1 and step < {{ steps }}
            ) as middles
            cross join lateral (
                {{ sum_for_each_number(
                    chance,
                    'least(middle, n2)',
                    'least(n2, k1 + middle, middle + ' ~ hypergeometric_reach('k1 + middle', 'n1', 'n2') ~ ')',
                    'chance'
                ) }}
            ) as summed
        )

        select
            k1,
            n1,
            n2,
            high as smallest_k2
        from halved
        where high - low = 1 and high <= n2
    )

    select
        asked.k1,
        asked.n1,
        asked.n2,
        found.smallest_k2
    from asked
    left join found
        on asked.k1 = found.k1 and asked.n1 = found.n1 and asked.n2 = found.n2
{%- endmacro %}
