{#- Sources whose files are runs of a scanner; generic attempts are none. -#}
{% macro scanner_sources() -%}
    ('garak', 'promptfoo', 'pyrit', 'inspect')
{%- endmacro %}
