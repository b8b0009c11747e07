{#-
How far two periods lie apart, in standard errors. Positive: the later one is higher. Null where a side has no
trials, or where neither side shows any spread to judge the difference by.
-#}

{#- Two proportions, pooled (statsmodels proportions_ztest): successes k in n (effective) trials, now and before. -#}
{% macro two_proportions_z(k, n, previous_k, previous_n) -%}
    {%- set pooled = '(' ~ k ~ ' + ' ~ previous_k ~ ') / nullif(' ~ n ~ ' + ' ~ previous_n ~ ', 0)' -%}
    (
        {{ k }} / nullif({{ n }}, 0) - {{ previous_k }} / nullif({{ previous_n }}, 0)
    ) / nullif(
        sqrt(
            greatest({{ pooled }} * (1 - {{ pooled }}), 0)
            * (1.0 / nullif({{ n }}, 0) + 1.0 / nullif({{ previous_n }}, 0))
        ), 0
    )
{%- endmacro %}

{#- Two means, or any two estimates that know their standard error. -#}
{% macro two_means_z(value, error, previous_value, previous_error) -%}
    ({{ value }} - {{ previous_value }})
    / nullif(sqrt({{ error }} * {{ error }} + {{ previous_error }} * {{ previous_error }}), 0)
{%- endmacro %}

{#-
Two Poisson rates, pooled: k events in an exposure, now and before. With equal exposures it is
(a - b) / sqrt(a + b), the test of two counts. An exposure that is not positive measures nothing.
-#}
{% macro two_rates_z(k, exposure, previous_k, previous_exposure) -%}
    case
        when {{ exposure }} > 0 and {{ previous_exposure }} > 0
            then
                ({{ k }} / {{ exposure }} - {{ previous_k }} / {{ previous_exposure }})
                / nullif(
                    sqrt(
                        greatest({{ k }} + {{ previous_k }}, 0)
                        / ({{ exposure }} + {{ previous_exposure }})
                        * (1.0 / {{ exposure }} + 1.0 / {{ previous_exposure }})
                    ), 0
                )
    end
{%- endmacro %}

{#-
Where the interval behind the standard error of a median begins: the rank, counted from either end
(McKean and Schrader 1984, at 99 %).
-#}
{% macro median_error_rank(n) -%}
    greatest(1, floor(({{ n }} + 1) / 2.0 - 2.5758293035489 * sqrt({{ n }} / 4.0) + 0.5))
{%- endmacro %}

{#-
Standard error of the median of n counts, from the values at that rank from below and from above. Counts that are
all alike leave no spread: it is never below that of Poisson counts, sqrt(pi / 2) * sqrt(median / n).
-#}
{% macro median_error(lower, upper, median, n) -%}
    greatest(
        ({{ upper }} - {{ lower }}) / (2 * 2.5758293035489),
        1.2533141373155 * sqrt({{ median }} / nullif({{ n }}, 0))
    )
{%- endmacro %}
