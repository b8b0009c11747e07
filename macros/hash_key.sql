{#- A stable key of several columns. Doubled bars keep hostile text from making two rows look like one. -#}
{% macro hash_key(columns) -%}
    md5(
        concat(
            {%- for column in columns %}
            {% if not loop.first %}'|/', {% endif -%}
            replace(coalesce(cast({{ column }} as {{ dbt.type_string() }}), ''), '|', '||')
            {%- if not loop.last %},{% endif %}
            {%- endfor %}
        )
    )
{%- endmacro %}
