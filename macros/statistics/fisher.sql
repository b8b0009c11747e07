{#-
Fisher's exact test of two proportions (Fisher 1934; scipy.stats.fisher_exact): given how many successes both sides
have together, how likely is a table like this one when both have the same rate?

`compared` is a relation with the whole numbers k1, n1 (before) and k2, n2 (after), in independent trials. Returns a
select with one row for every distinct four, as doubles: p_greater (the rate rose), p_less (it fell), p_two_sided
(tables no likelier than this one). 1 for nothing against nothing. Null where either n is 0 or a k not in 0..n.
Tables are summed as far from the expected one as this one lies, and ten standard deviations and forty further: the
chance of what is left out is below 1e-15.
-#}
{% macro fisher_exact(compared) -%}
    with comparisons as (
        select distinct
            {%- for column in ['k1', 'n1', 'k2', 'n2'] %}
            cast({{ column }} as {{ type_double() }}) as {{ column }}{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ compared }}
    ),

    moments as (
        select
            k1,
            n1,
            k2,
            n2,
            n2 * (k1 + k2) / (n1 + n2) as expected,
            {{ hypergeometric_reach('k1 + k2', 'n1', 'n2') }} as reach
        from comparisons
        where n1 > 0 and n2 > 0 and k1 between 0 and n1 and k2 between 0 and n2
    ),

    ranges as (
        select
            k1,
            n1,
            k2,
            n2,
            expected,
            greatest(0, k1 + k2 - n1, floor(expected - abs(k2 - expected) - reach)) as first_count,
            least(n2, k1 + k2, ceiling(expected + abs(k2 - expected) + reach)) as last_count
        from moments
    ),

    tables as (
        select
            k1,
            n1,
            k2,
            n2,
            expected,
            i,
            {{ hypergeometric_chance('i', 'k1 + k2', 'n1', 'n2') }} as chance
        from ranges
        {{ for_each_number('first_count', 'last_count') }}
    ),

    observed as (
        select
            k1,
            n1,
            k2,
            n2,
            expected,
            i,
            chance,
            sum(case when i = k2 then chance end) over (partition by k1, n1, k2, n2) as observed_chance
        from tables
    ),

    sums as (
        select
            k1,
            n1,
            k2,
            n2,
            expected,
            {{ sorted_aggregate('sum', 'case when i < k2 then chance else 0 end') }} as below,
            max(observed_chance) as observed_chance,
            {{ sorted_aggregate('sum', 'case when i > k2 then chance else 0 end') }} as above,
            -- As scipy: a table of the same chance up to rounding is as likely.
            {{ sorted_aggregate('sum', 'case when chance <= observed_chance * (1 + 1e-7) then chance else 0 end') }}
                as as_unlikely
        from observed
        group by k1, n1, k2, n2, expected
    )

    -- The smaller side is summed, the larger one is what it leaves.
    select
        comparisons.k1,
        comparisons.n1,
        comparisons.k2,
        comparisons.n2,
        case
            when sums.k2 > sums.expected then least(1, sums.observed_chance + sums.above)
            else 1 - sums.below
        end as p_greater,
        case
            when sums.k2 < sums.expected then least(1, sums.observed_chance + sums.below)
            else 1 - sums.above
        end as p_less,
        case when sums.as_unlikely > 1 then 1 else sums.as_unlikely end as p_two_sided
    from comparisons
    left join sums
        on
            comparisons.k1 = sums.k1 and comparisons.n1 = sums.n1
            and comparisons.k2 = sums.k2 and comparisons.n2 = sums.n2
{%- endmacro %}

{#-
The chance that i of the successes of both sides are on the second one. Never below e^-700: PostgreSQL takes an
exponential that underflows for an error.
-#}
{% macro hypergeometric_chance(i, successes, n1, n2) -%}
    exp(greatest(
        -700,
        {{ ln_choose(n2, i) }}
        + {{ ln_choose(n1, '(' ~ successes ~ ' - ' ~ i ~ ')') }}
        - {{ ln_choose('(' ~ n1 ~ ' + ' ~ n2 ~ ')', '(' ~ successes ~ ')') }}
    ))
{%- endmacro %}

{#- Ten standard deviations of that number, and forty where it is small and skewed. -#}
{% macro hypergeometric_reach(successes, n1, n2) -%}
    40 + 10 * sqrt(
        {{ n1 }} * {{ n2 }} * ({{ successes }}) * ({{ n1 }} + {{ n2 }} - ({{ successes }}))
        / power({{ n1 }} + {{ n2 }}, 3)
    )
{%- endmacro %}

{#- ln of the number of ways to choose k of n, 0 <= k <= n. -#}
{% macro ln_choose(n, k) -%}
    (
        {{ ln_gamma('(' ~ n ~ ' + 1)') }} - {{ ln_gamma('(' ~ k ~ ' + 1)') }}
        - {{ ln_gamma('(' ~ n ~ ' - ' ~ k ~ ' + 1)') }}
    )
{%- endmacro %}
