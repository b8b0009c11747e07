{#-
Success within k tries: what repeated exposure makes of a rate. Both 0..1.
-#}

{#- At least one success in k independent tries at the rate p. For k prompts, not for k repeats of one. -#}
{% macro success_within(p, k) -%}
    (1 - power(1 - cast({{ p }} as {{ type_double() }}), {{ k }}))
{%- endmacro %}

{#-
At least one success in k of the n tries that were made of one prompt, c of which succeeded: the share of all choices of
k that hold one, an unbiased estimate (Chen et al. 2021, pass@k), 1 - choose(n - c, k) / choose(n, k). The mean over
prompts is the rate of the suite. Null where fewer than k tries were made: they cannot say.
-#}
{% macro success_within_tries(c, n, k) -%}
    case
        when {{ n }} < {{ k }} or {{ k }} < 1 then null
        when {{ c }} = 0 then 0
        when {{ n }} - {{ c }} < {{ k }} then 1
        else
            1 - exp(
                {{ ln_choose('(' ~ n ~ ' - ' ~ c ~ ')', k) }}
                - {{ ln_choose(n, k) }}
            )
    end
{%- endmacro %}
