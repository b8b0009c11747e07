{#-
The integral of a smooth function from 0 to `length`: Gauss and Legendre's rule with 24 points, written out as a sum,
because no engine at hand has the distributions and a sum runs on all of them. The integrand is SQL in which @ stands
for the distance from 0. Points and weights are those of [0, 1] (numpy.polynomial.legendre.leggauss).
-#}
{% macro integral(integrand, length) -%}
    {%- if is_linting() -%}
    ({{ length }})
    {%- else -%}
    (
        ({{ length }}) * (
            {%- for nearer, farther, weight in [
                ('0.4679715535686972', '0.5320284464313028', '0.06396909767337601'),
                ('0.40444056626319186', '0.5955594337368082', '0.06291872817341412'),
                ('0.3424786601519183', '0.6575213398480817', '0.06083523646390165'),
                ('0.28310324618697746', '0.7168967538130225', '0.05775283402686276'),
                ('0.22728926430558022', '0.7727107356944198', '0.05372213505798278'),
                ('0.17595317403151223', '0.8240468259684878', '0.04880932605205696'),
                ('0.12993790421072282', '0.8700620957892772', '0.0430950807659766'),
                ('0.08999900701304853', '0.9100009929869515', '0.03667324070554008'),
                ('0.056792236497799464', '0.9432077635022005', '0.02964929245771818'),
                ('0.0308627239986336', '0.9691372760013663', '0.022138719408709706'),
                ('0.012635722014345263', '0.9873642779856547', '0.01426569431446678'),
                ('0.0024063900014893447', '0.9975936099985107', '0.006170614899994345'),
            ] %}
            {{ '+ ' if not loop.first }}{{ weight }} * (
                {{ integrand | replace('@', '(' ~ nearer ~ ' * ' ~ length ~ ')') }}
                + {{ integrand | replace('@', '(' ~ farther ~ ' * ' ~ length ~ ')') }}
            )
            {%- endfor %}
        )
    )
    {%- endif -%}
{%- endmacro %}
