-- What the latest evidence says of each control of each framework. Evidence is worth something for
-- twelve months; a control without any is not assessed, which is no failure and no pass.
with controls as (
    select * from {{ ref('compliance_controls') }}
),

evidence as (
    select * from {{ ref('stg_program__control_evidence') }}
),

systems as (
    select * from {{ ref('dim_systems') }}
),

as_of as (
    select * from {{ ref('stg_ledger__as_of') }}
),

-- Where nobody keeps evidence, nothing is known of any control: no rows.
present as (
    select * from {{ ref('int_present_sources') }}
    where needed = 'control_evidence'
),

counted as (
    select
        framework,
        control_id,
        max(evidenced_on) as evidenced_on,
        count(*) as evidence_rows
    from evidence
    group by framework, control_id
),

-- Evidence on a control that the list does not have is kept, and marked.
listed as (
    select
        framework,
        control_id
    from controls

    union

    select
        framework,
        control_id
    from counted
),

judged as (
    select
        listed.framework,
        listed.control_id,
        controls.edition,
        controls.control_order,
        controls.control_title,
        controls.control_id is not null as is_listed,
        coalesce(evidence.status, 'not_assessed') as status,
        coalesce({{ add_months('counted.evidenced_on', 12) }} <= as_of.as_of_date, false)
            as is_stale,
        counted.evidenced_on,
        {{ days_between('cast(counted.evidenced_on as timestamp)', 'as_of.as_of_end') }}
            as evidence_age_days,
        coalesce(counted.evidence_rows, 0) as evidence_rows,
        evidence.system_id,
        systems.system_name,
        systems.owner_team,
        evidence.assessment_id
    from listed
    cross join as_of
    left join controls
        on listed.framework = controls.framework and listed.control_id = controls.control_id
    left join counted
        on listed.framework = counted.framework and listed.control_id = counted.control_id
    left join evidence
        on
            counted.framework = evidence.framework
            and counted.control_id = evidence.control_id
            and counted.evidenced_on = evidence.evidenced_on
    left join systems on evidence.system_id = systems.system_id
    where exists (select 1 from present)
),

-- Counts speak of the listed controls, each in one of five boxes.
boxed as (
    select
        *,
        case
            when not is_listed then 'unlisted'
            when is_stale then 'stale'
            else status
        end as box
    from judged
)

select
    framework,
    control_id,
    edition,
    control_order,
    {{ display_safe('coalesce(control_title, control_id)') }} as control_title,
    is_listed,
    status,
    is_stale,
    evidenced_on,
    evidence_age_days,
    cast(evidence_rows as bigint) as evidence_rows,
    system_id,
    system_name,
    owner_team,
    assessment_id,
    {%- for box in ['met', 'partially_met', 'not_met', 'stale', 'not_assessed', 'unlisted'] %}
    count(case when box = '{{ box }}' then 1 end) over (partition by framework)
        as framework_{{ box }},
    {%- endfor %}
    count(case when is_listed then 1 end) over (partition by framework) as framework_controls
from boxed
