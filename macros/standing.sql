{#- Rows of a scanner table that count: each run stands in one file only, under one id. -#}
{% macro standing_rows(landed, standing_runs='standing_runs') -%}
    {{ landed }}.file_sha256 = {{ standing_runs }}.file_sha256
    and {{ landed }}.run_id = {{ standing_runs }}.landed_run_id
{%- endmacro %}
