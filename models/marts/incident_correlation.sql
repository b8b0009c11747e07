-- What we knew of a weakness before it hurt: one row per incident, per class and for the whole
-- program. Before means strictly earlier; attempts are known by day, those of its day do not count.
with incidents as (
    select * from {{ ref('fct_incidents') }}
),

systems as (
    select * from {{ ref('dim_systems') }}
),

findings as (
    select * from {{ ref('fct_findings') }}
    where not is_excluded and verdict <> 'false_positive'
),

states as (
    select * from {{ ref('int_finding_states') }}
),

attack_results as (
    select * from {{ ref('fct_attack_results') }}
    where not is_control
),

technique_map as (
    select * from {{ ref('technique_map') }}
),

listed as (
    select * from {{ ref('stg_program__assessment_techniques') }}
    where is_applicable and is_tested
),

assessments as (
    select * from {{ ref('fct_assessments') }}
    where is_delivered
),

present as (
    select
        max(case when needed in ('attempts', 'assessment_techniques') then 1 end) as has_tests,
        max(case when needed = 'findings' then 1 end) as has_findings,
        max(case when needed = 'finding_events' then 1 end) as has_events
    from {{ ref('int_present_sources') }}
),

-- Tries of the class itself, and assessments of a technique that policy, a finding or an attack
-- names together with it.
technique_classes as (
    select
        technique_id,
        vulnerability_class
    from technique_map

    union

    select
        technique_id,
        vulnerability_class
    from findings

    union

    select
        technique_id,
        vulnerability_class
    from attack_results
),

tests as (
    select
        system_id,
        vulnerability_class,
        cast(min(attempted_on) as timestamp) + interval '1 day' - interval '1 microsecond'
            as tested_at
    from attack_results
    where is_primary_judge and successes + resisted > 0
    group by system_id, vulnerability_class

    union all

    select
        assessments.system_id,
        technique_classes.vulnerability_class,
        min(assessments.report_delivered_at) as tested_at
    from listed
    inner join assessments on listed.assessment_id = assessments.assessment_id
    inner join technique_classes on listed.technique_id = technique_classes.technique_id
    group by assessments.system_id, technique_classes.vulnerability_class
),

tested as (
    select
        incidents.incident_id,
        max(case when tests.system_id = incidents.system_id then 1 else 0 end) as in_system
    from incidents
    inner join tests
        on
            incidents.vulnerability_class = tests.vulnerability_class
            and incidents.occurred_at > tests.tested_at
    group by incidents.incident_id
),

-- Each finding of the class as it stood when the incident happened; its first state is its report.
known as (
    select
        incidents.incident_id,
        findings.reported_at,
        findings.system_id = incidents.system_id as is_in_system,
        states.confirmed_fix_at is not null as is_fixed,
        states.is_risk_accepted,
        states.confirmed_fix_at is null and states.verdict <> 'false_positive' as is_open
    from incidents
    inner join findings on incidents.vulnerability_class = findings.vulnerability_class
    inner join states
        on
            findings.finding_id = states.finding_id
            and incidents.occurred_at > states.valid_from
            and incidents.occurred_at <= states.valid_to
),

found as (
    select
        incident_id,
        min(reported_at) as first_reported_at,
        max(case when is_in_system then 1 else 0 end) as found_in_system,
        max(case when is_fixed then 1 else 0 end) as fixed,
        max(case when is_fixed and is_in_system then 1 else 0 end) as fixed_in_system,
        max(case when is_risk_accepted then 1 else 0 end) as accepted,
        max(case when is_risk_accepted and is_in_system then 1 else 0 end) as accepted_in_system,
        max(case when is_open then 1 else 0 end) as still_open,
        max(case when is_open and is_in_system then 1 else 0 end) as still_open_in_system
    from known
    group by incident_id
),

-- Nothing can be said of a class that nobody named, nor from a register that nobody keeps.
judged as (
    select
        incidents.*,
        found.first_reported_at,
        case when incidents.vulnerability_class <> 'unknown' then 1 else 0 end as is_classified,
        case when incidents.vulnerability_class <> 'unknown' then present.has_tests end as can_test,
        case when incidents.vulnerability_class <> 'unknown' then present.has_findings end
            as can_find,
        case
            when incidents.vulnerability_class <> 'unknown'
                then present.has_findings * present.has_events
        end as can_decide,
        case when tested.incident_id is not null then 1 else 0 end as tested,
        coalesce(tested.in_system, 0) as tested_in_system,
        case when found.incident_id is not null then 1 else 0 end as found,
        coalesce(found.found_in_system, 0) as found_in_system,
        coalesce(found.fixed, 0) as fixed,
        coalesce(found.fixed_in_system, 0) as fixed_in_system,
        coalesce(found.accepted, 0) as accepted,
        coalesce(found.accepted_in_system, 0) as accepted_in_system,
        coalesce(found.still_open, 0) as still_open,
        coalesce(found.still_open_in_system, 0) as still_open_in_system
    from incidents
    cross join present
    left join tested on incidents.incident_id = tested.incident_id
    left join found on incidents.incident_id = found.incident_id
),

levels as (
    select 'incident' as level
    union all
    select 'class' as level
    union all
    select 'all' as level
),

placed as (
    select
        judged.*,
        levels.level,
        case when levels.level = 'incident' then judged.incident_id end as shown_incident_id,
        case when levels.level <> 'all' then judged.vulnerability_class end as shown_class
    from judged
    cross join levels
),

summed as (
    select
        level,
        shown_incident_id,
        shown_class,
        count(*) as incidents,
        sum(is_classified) as classified_incidents,
        {%- for word in ['test', 'find', 'decide'] %}
        {%- for column in {
            'test': ['tested'], 'find': ['found'], 'decide': ['fixed', 'accepted', 'still_open'],
        }[word] %}
        sum({{ column }} * can_{{ word }}) as {{ column }}_before,
        sum({{ column }}_in_system * can_{{ word }}) as {{ column }}_before_in_system,
        {%- endfor %}
        {%- endfor %}
        min(case when can_find = 1 then first_reported_at end) as first_reported_at
    from placed
    group by level, shown_incident_id, shown_class
),

shares as (
    select
        *,
        cast(found_before as {{ type_double() }}) / nullif(classified_incidents, 0) as found_share
    from summed
)

select
    shares.level,
    shares.shown_incident_id as incident_id,
    incidents.title,
    incidents.system_id,
    systems.system_name,
    systems.risk_tier,
    systems.owner_team,
    systems.business_unit,
    incidents.occurred_at,
    incidents.severity,
    shares.shown_class as vulnerability_class,
    cast(shares.incidents as bigint) as incidents,
    cast(shares.classified_incidents as bigint) as classified_incidents,
    {%- for column in ['tested', 'found', 'fixed', 'accepted', 'still_open'] %}
    cast(shares.{{ column }}_before as bigint) as {{ column }}_before,
    cast(shares.{{ column }}_before_in_system as bigint) as {{ column }}_before_in_system,
    {%- endfor %}
    case when shares.level <> 'all' then shares.first_reported_at end as first_reported_at,
    {{ days_between('shares.first_reported_at', 'incidents.occurred_at') }} as days_known,
    case when shares.level <> 'incident' then 100 * shares.found_share end as found_before_percent,
    case
        when shares.level <> 'incident'
            then 100 * {{ wilson_bound('shares.found_share', 'shares.classified_incidents', '-') }}
    end as interval_low,
    case
        when shares.level <> 'incident'
            then 100 * {{ wilson_bound('shares.found_share', 'shares.classified_incidents', '+') }}
    end as interval_high
from shares
left join incidents on shares.shown_incident_id = incidents.incident_id
left join systems on incidents.system_id = systems.system_id
