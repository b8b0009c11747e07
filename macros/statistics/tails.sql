{#-
Probabilities beyond a point, one-sided: what a p value is made of. Each is the density at the point times the
integral of what is left of it further out, followed until it has fallen to e^-30; the density is smooth there and
24 points give 1e-12 of the result (scipy.stats norm.sf, t.sf, binom.cdf). Arguments are doubles and best columns:
they stand in the text many times. Null where an argument is null. Nothing is below e^-700: PostgreSQL takes an
exponential that underflows for an error.
-#}

{#- The chance that a standard normal number exceeds z. Twice that of abs(z) is the two-sided p. -#}
{% macro normal_upper(z) -%}
    {%- set size = 'abs(' ~ z ~ ')' -%}
    (
        (1 - sign({{ z }})) / 2.0
        + sign({{ z }}) * 0.3989422804014327 * exp(greatest(-700, -0.5 * {{ z }} * {{ z }})) * {{ integral(
            'exp(-(@ * (' ~ size ~ ' + 0.5 * @)))',
            'least(sqrt(60.0), 30 / nullif(' ~ size ~ ', 0))'
        ) }}
    )
{%- endmacro %}

{#-
The chance that Student's t with df degrees of freedom (a whole number, 1 or more) exceeds t. In the angle
atan(t / sqrt(df)) the density is a power of the cosine, smooth to its end for one degree of freedom as for thousands.
-#}
{% macro student_t_upper(t, df) -%}
    {%- set slope = '(abs(' ~ t ~ ') / sqrt(' ~ df ~ '))' -%}
    {%- set exponent = '(' ~ df ~ ' - 1)' -%}
    (
        (1 - sign({{ t }})) / 2.0 + sign({{ t }}) * exp(greatest(
            -700,
            {{ ln_gamma('((' ~ df ~ ' + 1) / 2.0)') }} - {{ ln_gamma('(' ~ df ~ ' / 2.0)') }}
            - 0.5723649429247001 - {{ exponent }} / 2.0 * ln(1 + {{ slope }} * {{ slope }})
        )) * {{ integral(
            'power(cos(@) - ' ~ slope ~ ' * sin(@), ' ~ exponent ~ ')',
            'least(pi() / 2 - atan(' ~ slope ~ '), sqrt(60.0 / nullif(' ~ exponent ~ ', 0)), 30 / nullif('
            ~ exponent ~ ' * ' ~ slope ~ ', 0))'
        ) }}
    )
{%- endmacro %}

{#-
The chance of at most k successes in n independent trials, 0 <= k < n, where it is the smaller one: the success rate
is given as `angle`, asin(sqrt(rate)), and lies at or above (2 * k + 1) / (2 * n). It is the chance that a
Beta(k + 1, n - k) number exceeds the rate. In the angle that density, 2 / B(k + 1, n - k) * sin ^ (2 * k + 1)
* cos ^ (2 * (n - k) - 1), is smooth and about equally wide for every k. Three macros for three columns:
how far to follow it, the chance divided by the density, and ln of the density.
-#}
{% macro binomial_reach(k, n, angle) -%}
    {%- set sines = '(2 * ' ~ k ~ ' + 1)' -%}
    {%- set cosines = '(2 * (' ~ n ~ ' - ' ~ k ~ ') - 1)' -%}
    least(
        pi() / 2 - {{ angle }},
        sqrt(60.0) / (sqrt({{ sines }}) + sqrt({{ cosines }})),
        30 / nullif(greatest({{ cosines }} * tan({{ angle }}) - {{ sines }} / tan({{ angle }}), 0), 0)
    )
{%- endmacro %}

{% macro binomial_beyond(k, n, angle, reach) -%}
    {{ integral(
        'exp((2 * ' ~ k ~ ' + 1) * ln(sin(' ~ angle ~ ' + @) / sin(' ~ angle ~ ')) + (2 * (' ~ n ~ ' - ' ~ k
        ~ ') - 1) * ln(cos(' ~ angle ~ ' + @) / cos(' ~ angle ~ ')))',
        reach
    ) }}
{%- endmacro %}

{% macro binomial_ln_density(k, n, angle) -%}
    (
        0.6931471805599453 + {{ ln_gamma('(' ~ n ~ ' + 1)') }}
        - {{ ln_gamma('(' ~ k ~ ' + 1)') }} - {{ ln_gamma('(' ~ n ~ ' - ' ~ k ~ ')') }}
        + (2 * {{ k }} + 1) * ln(sin({{ angle }})) + (2 * ({{ n }} - {{ k }}) - 1) * ln(cos({{ angle }}))
    )
{%- endmacro %}
