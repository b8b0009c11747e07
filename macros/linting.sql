{#-
Whether sqlfluff asks. It judges no text that a macro wrote, but would parse all of it: a macro whose text is long
says the shortest thing that stands in its place.
-#}
{% macro is_linting() -%}
    {{ return(var('lint_only', false)) }}
{%- endmacro %}
