{%- set told_once = {
    'system': 'system_id',
    'severity': 'severity',
    'vulnerability_class': 'vulnerability_class',
} -%}
{%- set attributes = ['title', 'reported_at', 'other'] + told_once.keys() | list -%}
-- Every finding once, whoever knows it: of each field the value of the source that policy believes
-- first, of those that have one.
with registered as (
    select * from {{ ref('stg_program__findings') }}
),

tracker_findings as (
    select * from {{ ref('int_tracker_findings') }}
),

finding_items as (
    select * from {{ ref('int_finding_items') }}
),

records as (
    select
        *,
        row_number() over (partition by attribute, source order by layer) as choice
    from {{ ref('stg_policy__system_of_record') }}
),

-- How early each source is believed about each attribute.
precedences as (
    select
        {%- for attribute in attributes %}
        coalesce(max(case when attribute = '{{ attribute }}' then precedence end), 100)
            as {{ attribute }}_precedence,
        {%- endfor %}
        source
    from records
    where choice = 1
    group by source
),

told as (
    select
        finding_id,
        'register' as source,
        finding_id as source_key,
        finding_id as item_id,
        system_id,
        title,
        severity,
        vulnerability_class,
        reported_at,
        assessment_id,
        technique_id,
        owasp_id,
        detection_source,
        impact_claimed,
        impact_confirmed,
        tool,
        attack,
        source_run_id,
        cast(null as timestamp) as acceptance_expires_at,
        case when duplicate_of is not null then 'duplicate' end as exclusion_reason
    from registered

    union all

    select
        finding_items.finding_id,
        tracker_findings.source,
        tracker_findings.item_key as source_key,
        tracker_findings.item_id,
        nullif(tracker_findings.system_id, 'unknown') as system_id,
        tracker_findings.title,
        nullif(tracker_findings.severity, 'unknown') as severity,
        nullif(tracker_findings.vulnerability_class, 'unknown') as vulnerability_class,
        tracker_findings.reported_at,
        tracker_findings.assessment_id,
        tracker_findings.technique_id,
        tracker_findings.owasp_id,
        tracker_findings.detection_source,
        tracker_findings.impact_claimed,
        tracker_findings.impact_confirmed,
        tracker_findings.tool,
        tracker_findings.attack,
        cast(null as {{ dbt.type_string() }}) as source_run_id,
        tracker_findings.acceptance_expires_at,
        tracker_findings.exclusion_reason
    from tracker_findings
    inner join finding_items
        on
            tracker_findings.source = finding_items.source
            and tracker_findings.item_id = finding_items.item_id
),

-- Of several items of one source the one that is no duplicate and was there first.
ranked as (
    select
        told.*,
        {%- for attribute in attributes %}
        row_number() over (
            partition by told.finding_id
            order by
                {% if attribute in told_once -%}
                case when told.{{ told_once[attribute] }} is null then 1 else 0 end,
                {% endif -%}
                coalesce(precedences.{{ attribute }}_precedence, 100),
                case when told.exclusion_reason is null then 0 else 1 end,
                told.reported_at,
                told.source,
                told.item_id
        ) as {{ attribute }}_choice,
        {%- endfor %}
        told.source = 'register' as is_registered
    from told
    left join precedences on told.source = precedences.source
),

findings as (
    select
        finding_id,
        max(case when other_choice = 1 then source end) as source,
        max(case when other_choice = 1 then source_key end) as source_key,
        coalesce(max(case when system_choice = 1 then system_id end), 'unknown') as system_id,
        max(case when title_choice = 1 then title end) as title,
        coalesce(max(case when severity_choice = 1 then severity end), 'unknown') as severity,
        coalesce(
            max(case when vulnerability_class_choice = 1 then vulnerability_class end), 'unknown'
        ) as vulnerability_class,
        max(case when reported_at_choice = 1 then reported_at end) as reported_at,
        max(case when other_choice = 1 then exclusion_reason end) as exclusion_reason,
        max(case when other_choice = 1 then assessment_id end) as assessment_id,
        {%- for column in [
            'technique_id', 'owasp_id', 'detection_source', 'tool', 'attack', 'source_run_id',
        ] %}
        coalesce(
            max(case when other_choice = 1 then {{ column }} end), max({{ column }})
        ) as {{ column }},
        {%- endfor %}
        coalesce(
            bool_or(case when other_choice = 1 then impact_claimed end), bool_or(impact_claimed)
        ) as impact_claimed,
        coalesce(
            bool_or(case when other_choice = 1 then impact_confirmed end), bool_or(impact_confirmed)
        ) as impact_confirmed,
        max(acceptance_expires_at) as acceptance_expires_at
    from ranked
    group by finding_id
)

select * from findings
