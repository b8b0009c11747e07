{#-
Wilson's score interval for a proportion, bounds in 0..1 (Wilson 1927; statsmodels proportion_confint, method wilson).
p: observed proportion, n: (effective) number of trials, z: normal or t quantile, side: '-' lower, '+' upper.
The ends are pinned, rounding would otherwise give -1e-17 at 0 and 1.0000000000000002 at 1. Null where n is 0.
-#}
{% macro wilson_bound(p, n, side, z='1.959963984540054') -%}
    case
        {% if side == '-' %}when {{ p }} = 0 and {{ n }} > 0 then 0{% else %}when {{ p }} = 1 and {{ n }} > 0 then 1{% endif %}
        else
            (
                {{ p }} + {{ z }} * {{ z }} / (2 * nullif({{ n }}, 0))
                {{ side }} {{ z }} * sqrt(
                    {{ p }} * (1 - {{ p }}) / nullif({{ n }}, 0)
                    + {{ z }} * {{ z }} / (4 * nullif({{ n }}, 0) * {{ n }})
                )
            ) / (1 + {{ z }} * {{ z }} / nullif({{ n }}, 0))
    end
{%- endmacro %}

{#- Sum over clusters of (k_c - m_c * k / n) ^ 2: k_c successes in the m_c tries of one, k in the n tries of all. -#}
{% macro squared_residuals(k_c, m_c, k, n) -%}
    {{ exact_sum(
        'power(' ~ k_c ~ ' - ' ~ m_c ~ ' * ' ~ k ~ ' / nullif(cast(' ~ n ~ ' as ' ~ type_double() ~ '), 0), 2)'
    ) }}
{%- endmacro %}

{#-
Effective number of independent trials behind k successes in n tries of several clusters (repeats of one prompt
are alike), from their squared_residuals; the design effect uses the
C / (C - 1) correction (statsmodels OLS, cov_type cluster). One cluster is one trial. When nothing or everything
succeeded the residuals say nothing: each cluster counts once.
-#}
{% macro effective_n(k, n, clusters, squared_residuals) -%}
    case
        when {{ n }} = 0 then null
        when {{ clusters }} <= 1 then 1
        when {{ k }} = 0 or {{ k }} = {{ n }} then {{ clusters }}
        else
            {{ n }} / greatest(
                1,
                (1.0 * {{ clusters }} / ({{ clusters }} - 1))
                * {{ squared_residuals }} / {{ n }}
                / ((1.0 * {{ k }} / {{ n }}) * (1 - 1.0 * {{ k }} / {{ n }}))
            )
    end
{%- endmacro %}

{#- The quantile for the clustered interval: Student's t with clusters - 1 degrees of freedom where it applies. -#}
{% macro clustered_z(k, n, t_975) -%}
    case
        when {{ k }} = 0 or {{ k }} = {{ n }} then 1.959963984540054
        else coalesce({{ t_975 }}, 1.959963984540054)
    end
{%- endmacro %}
