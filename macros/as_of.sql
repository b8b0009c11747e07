{#- A field other than the key date: what lies at or after the as_of instant is not known yet. -#}
{% macro known(column, as_of='as_of') -%}
    case when {{ column }} < {{ as_of }}.as_of_end then {{ column }} end
{%- endmacro %}

{#- The key date of a row: nothing before history_start is counted, nothing after as_of exists. -#}
{% macro within_history(column, as_of='as_of') -%}
    {{ column }} >= {{ as_of }}.history_start and {{ column }} < {{ as_of }}.as_of_end
{%- endmacro %}
