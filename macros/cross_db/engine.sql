{#- The version of the engine that runs the models, as text. -#}
{% macro engine_version() -%}
    {{ adapter.dispatch('engine_version')() }}
{%- endmacro %}

{% macro default__engine_version() -%}
    version()
{%- endmacro %}
