{#- A tracker's word as policy compares it: `Won't Fix`, `won't_fix` and `won't fix` are one. -#}
{% macro tracker_word(text) -%}
    replace(replace(lower({{ text }}), '_', '-'), ' ', '-')
{%- endmacro %}

{#- A rule's value fits a field's value by id, by word, by what a `*` at its end leaves open, or always. -#}
{% macro tracker_value_fits(rule, field) -%}
    (
        {{ rule }}.value = '*'
        or {{ rule }}.value = {{ field }}.value_id
        or {{ tracker_word(rule ~ '.value') }} = {{ tracker_word(field ~ '.value') }}
        or (
            {{ rule }}.value like '%*'
            and substr({{ tracker_word(field ~ '.value') }}, 1, length({{ rule }}.value) - 1)
            = substr({{ tracker_word(rule ~ '.value') }}, 1, length({{ rule }}.value) - 1)
        )
    )
{%- endmacro %}

{#- A line of policy is for a project: for all of them, or by its name in any case. -#}
{% macro tracker_project_fits(rule, project) -%}
    ({{ rule }}.project = '*' or lower({{ rule }}.project) = lower({{ project }}))
{%- endmacro %}

{#- A rule is about a field of an item: of its tracker, its project, the field, and the value that it holds. -#}
{% macro tracker_rule_fits(rule, field, project) -%}
    {{ field }}.source = {{ rule }}.source
    and {{ field }}.field = {{ rule }}.field
    and {{ tracker_project_fits(rule, project) }}
    and {{ tracker_value_fits(rule, field) }}
{%- endmacro %}

{#- Of several rules that fit: the organisation's own, its project's, the one by id, the exact one, the longest. -#}
{% macro tracker_rule_order(rule, field) -%}
    {{ rule }}.layer,
    case when {{ rule }}.project = '*' then 1 else 0 end,
    case when {{ rule }}.value = {{ field }}.value_id then 0 else 1 end,
    case when {{ rule }}.value like '%*' then 1 else 0 end,
    length({{ rule }}.value) desc
{%- endmacro %}

{#- The fields that say whether an item is closed, of each tracker. -#}
{% macro closing_fields() -%}
    ('status', 'status_category', 'resolution', 'state', 'state_reason', 'is_mitigated', 'false_p', 'out_of_scope', 'duplicate')
{%- endmacro %}

{#- What a rule reads from a field: what the rule says, else what its `*` after a colon stands for, else all of it. -#}
{% macro tracker_rule_value(rule, field) -%}
    coalesce(
        {{ rule }}.attribute_value,
        case
            when {{ rule }}.value like '%:*' then substr({{ field }}.value, length({{ rule }}.value))
            else {{ field }}.value
        end
    )
{%- endmacro %}

{% macro severities() -%}
    ('critical', 'high', 'medium', 'low', 'informational')
{%- endmacro %}
