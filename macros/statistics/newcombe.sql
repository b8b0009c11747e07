{#-
The difference p2 - p1 of two proportions, a bound in -1..1 (Newcombe 1998, method 10; statsmodels
confint_proportions_2indep, compare diff, method newcomb): the distances to Wilson's bounds, squared and added.
p, n: each side's observed proportion and (effective) number of independent trials, before (1) and after (2).
side: '-' lower, '+' upper. z: 1.959963984540054 for 95 %; 1.6448536269514722 for 90 %, whose upper end is what
a non-inferiority gate holds against its margin. Null where either n is 0.
-#}
{% macro newcombe_bound(p1, n1, p2, n2, side, z='1.959963984540054') -%}
    {%- if is_linting() %}{{ return(p1) }}{% endif -%}
    {%- set other = '+' if side == '-' else '-' -%}
    ({{ p2 }} - {{ p1 }} {{ side }} sqrt(
        power({{ p2 }} - {{ wilson_bound(p2, n2, side, z) }}, 2)
        + power({{ p1 }} - {{ wilson_bound(p1, n1, other, z) }}, 2)
    ))
{%- endmacro %}
