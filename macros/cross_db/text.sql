{#-
Free text made safe to show: composed form (NFC), control, direction, zero-width and tag characters
replaced by the replacement character, at most 500 characters.
-#}
{% macro display_safe(text) -%}
    {%- if is_linting() %}{{ return(text) }}{% endif -%}
    {{ adapter.dispatch('display_safe')(text) }}
{%- endmacro %}

{% macro default__display_safe(text) -%}
    substr(
        regexp_replace(
            normalize({{ text }}),
            '[\u0001-\u001F\u007F-\u009F\u200B-\u200F\u2028-\u202E\u2060-\u2069\uFEFF\U000E0000-\U000E007F]',
            '�',
            'g'
        ),
        1, 500
    )
{%- endmacro %}

{% macro duckdb__display_safe(text) -%}
    substr(
        regexp_replace(
            nfc_normalize({{ text }}),
            '[\x{0}-\x{1F}\x{7F}-\x{9F}\x{200B}-\x{200F}\x{2028}-\x{202E}\x{2060}-\x{2069}\x{FEFF}\x{E0000}-\x{E007F}]',
            '�',
            'g'
        ),
        1, 500
    )
{%- endmacro %}

{#- Java's expressions; ICU, which Spark brings along for collations, composes. -#}
{% macro spark__display_safe(text) -%}
    substr(
        regexp_replace(
            case
                when {{ text }} is not null
                    then reflect('com.ibm.icu.text.Normalizer', 'compose', {{ text }}, false)
            end,
            r'[\x{0}-\x{1F}\x{7F}-\x{9F}\x{200B}-\x{200F}\x{2028}-\x{202E}\x{2060}-\x{2069}\x{FEFF}\x{E0000}-\x{E007F}]',
            '�'
        ),
        1, 500
    )
{%- endmacro %}

{#-
The texts of a group, one after the other in an order; null where there is none. Distinct texts stand in their own
order.
-#}
{% macro joined_text(text, separator, order_by=none, is_distinct=false) -%}
    {{ adapter.dispatch('joined_text')(text, separator, order_by or text, is_distinct) }}
{%- endmacro %}

{% macro default__joined_text(text, separator, order_by, is_distinct) -%}
    string_agg({{ 'distinct ' if is_distinct }}{{ text }}, '{{ separator }}' order by {{ order_by }})
{%- endmacro %}

{#- listagg of distinct texts fails where a query has two of them. -#}
{% macro spark__joined_text(text, separator, order_by, is_distinct) -%}
    {%- if is_distinct -%}
        case when count({{ text }}) > 0 then array_join(array_sort(collect_set({{ text }})), '{{ separator }}') end
    {%- else -%}
        listagg({{ text }}, '{{ separator }}') within group (order by {{ order_by }})
    {%- endif -%}
{%- endmacro %}
