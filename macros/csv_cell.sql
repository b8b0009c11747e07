{#- Text as one cell of a CSV line, quoted only where it has to be. -#}
{% macro csv_cell(text) -%}
    case
        when {{ text }} like '%,%' or {{ text }} like '%"%' then '"' || replace({{ text }}, '"', '""') || '"'
        else {{ text }}
    end
{%- endmacro %}
