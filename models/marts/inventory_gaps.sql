-- What escapes a metric because nobody recorded it, with the register line that would bring it in.
with systems as (
    select * from {{ ref('dim_systems') }}
    where system_id <> 'unknown'
),

as_of as (
    select * from {{ ref('stg_ledger__as_of') }}
),

in_production as (
    select systems.*
    from systems
    cross join as_of
    where
        systems.in_production_from < as_of.as_of_end
        and coalesce(systems.retired_at, as_of.as_of_end) >= as_of.as_of_end
),

input_vectors as (
    select distinct system_id from {{ ref('stg_program__input_vectors') }}
),

deployments as (
    select distinct system_id from {{ ref('fct_deployments') }}
),

techniques as (
    select distinct assessment_id from {{ ref('stg_program__assessment_techniques') }}
),

assessments as (
    select * from {{ ref('fct_assessments') }}
    where is_delivered
),

-- Of trackers only what policy reads as the name of a system.
targets as (
    select * from {{ ref('stg_identity__targets') }}
    where system_id is null and source not in ('defectdojo', 'jira', 'github')
),

tracker_findings as (
    select * from {{ ref('int_tracker_findings') }}
    where is_finding and system_id = 'unknown'
),

tracker_systems as (
    select * from {{ ref('int_tracker_attributes') }}
    where attribute = 'system'
),

accounts as (
    select * from {{ ref('int_finding_accounts') }}
    where is_before_report
),

findings as (
    select * from {{ ref('fct_findings') }}
),

tracker_items as (
    select distinct
        source,
        item_id
    from {{ ref('stg_trackers__items') }}
),

tracker_changes as (
    select distinct
        source,
        item_id
    from {{ ref('stg_trackers__changes') }}
),

gaps as (
    select
        'system without input vectors' as gap,
        'system' as entity_type,
        in_production.system_id as entity_id,
        in_production.system_id,
        'input_vector_coverage_rate' as metric_id,
        'input_vectors' as register,
        '<input_vector_id>,' || in_production.system_id || ',user_prompt,<identified_at>'
            as line_to_add
    from in_production
    left join input_vectors on in_production.system_id = input_vectors.system_id
    where input_vectors.system_id is null

    union all

    select
        'system without deployments' as gap,
        'system' as entity_type,
        in_production.system_id as entity_id,
        in_production.system_id,
        'pre_deployment_test_rate' as metric_id,
        'deployments' as register,
        '<deployment_id>,' || in_production.system_id || ',new_system,<deployed_at>' as line_to_add
    from in_production
    left join deployments on in_production.system_id = deployments.system_id
    where deployments.system_id is null

    union all

    select
        'system that never went live' as gap,
        'system' as entity_type,
        systems.system_id as entity_id,
        systems.system_id,
        'system_test_coverage_rate' as metric_id,
        'systems' as register,
        'in_production_from of ' || systems.system_id as line_to_add
    from systems
    where systems.in_production_from is null and systems.retired_at is null

    union all

    select
        'assessment without techniques' as gap,
        'assessment' as entity_type,
        assessments.assessment_id as entity_id,
        assessments.system_id,
        'technique_coverage_rate' as metric_id,
        'assessment_techniques' as register,
        assessments.assessment_id || ',<technique_id>,true,true' as line_to_add
    from assessments
    left join techniques on assessments.assessment_id = techniques.assessment_id
    where techniques.assessment_id is null

    union all

    select
        'target without alias' as gap,
        'target' as entity_type,
        targets.target_name as entity_id,
        'unknown' as system_id,
        'attack_success_rate' as metric_id,
        'system_aliases' as register,
        targets.source || ',' || targets.target_name || ',<system_id>' as line_to_add
    from targets

    union all

    select distinct
        'finding without a system' as gap,
        'finding' as entity_type,
        coalesce(tracker_systems.attribute_value, tracker_findings.project) as entity_id,
        'unknown' as system_id,
        'vulnerability_density' as metric_id,
        'system_aliases' as register,
        tracker_findings.source || ','
        || {{ csv_cell('coalesce(tracker_systems.attribute_value, tracker_findings.project)') }}
        || ',<system_id>' as line_to_add
    from tracker_findings
    left join tracker_systems
        on
            tracker_findings.source = tracker_systems.source
            and tracker_findings.item_id = tracker_systems.item_id

    union all

    select distinct
        'event before its report' as gap,
        'finding' as entity_type,
        accounts.finding_id as entity_id,
        findings.system_id,
        'finding_acceptance_rate' as metric_id,
        case
            when accounts.source = 'register' then 'finding_events' else 'findings'
        end as register,
        'an earlier reported_at of ' || accounts.finding_id || ', or a later '
        || accounts.event_type || ' in ' || accounts.source as line_to_add
    from accounts
    inner join findings on accounts.finding_id = findings.finding_id

    union all

    select
        'history without its issue' as gap,
        'finding' as entity_type,
        tracker_changes.item_id as entity_id,
        'unknown' as system_id,
        'remediation_completion_rate' as metric_id,
        tracker_changes.source as register,
        'an export of ' || tracker_changes.source || ' that holds issue ' || tracker_changes.item_id
            as line_to_add
    from tracker_changes
    left join tracker_items
        on
            tracker_changes.source = tracker_items.source
            and tracker_changes.item_id = tracker_items.item_id
    where tracker_items.item_id is null
)

select
    gap,
    entity_type,
    {{ display_safe('entity_id') }} as entity_id,
    system_id,
    metric_id,
    register,
    {{ display_safe('line_to_add') }} as line_to_add
from gaps
