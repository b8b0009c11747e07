-- What is told of each finding, once: of each question (verdict, accepted risk, fix, retest,
-- severity) the source that policy believes first tells all events, of those that tell any.
with registered as (
    select * from {{ ref('stg_program__finding_events') }}
),

finding_names as (
    select * from {{ ref('int_finding_names') }}
),

tracker_events as (
    select * from {{ ref('int_tracker_events') }}
),

ratings as (
    select * from {{ ref('int_tracker_ratings') }}
),

tracker_findings as (
    select * from {{ ref('int_tracker_findings') }}
),

finding_items as (
    select * from {{ ref('int_finding_items') }}
),

findings as (
    select * from {{ ref('int_findings') }}
),

records as (
    select
        attribute,
        source,
        precedence,
        row_number() over (partition by attribute, source order by layer) as choice
    from {{ ref('stg_policy__system_of_record') }}
),

as_of as (
    select * from {{ ref('stg_ledger__as_of') }}
),

told as (
    select
        finding_names.finding_id,
        'register' as source,
        registered.finding_id as item_id,
        registered.event_type,
        registered.event_at,
        cast(null as timestamp) as event_not_before,
        registered.new_severity,
        registered.reason,
        registered.run_id,
        registered.expires_at
    from registered
    inner join finding_names on registered.finding_id = finding_names.name

    union all

    select
        finding_items.finding_id,
        tracker_events.source,
        tracker_events.item_id,
        tracker_events.event_type,
        tracker_events.event_at,
        tracker_events.event_not_before,
        cast(null as {{ dbt.type_string() }}) as new_severity,
        tracker_events.reason,
        cast(null as {{ dbt.type_string() }}) as run_id,
        case
            when tracker_events.event_type = 'risk_accepted'
                then tracker_findings.acceptance_expires_at
        end as expires_at
    from tracker_events
    inner join tracker_findings
        on
            tracker_events.source = tracker_findings.source
            and tracker_events.item_id = tracker_findings.item_id
    inner join finding_items
        on
            tracker_events.source = finding_items.source
            and tracker_events.item_id = finding_items.item_id

    union all

    select
        finding_items.finding_id,
        ratings.source,
        ratings.item_id,
        'severity_changed' as event_type,
        ratings.event_at,
        ratings.event_not_before,
        ratings.new_severity,
        cast(null as {{ dbt.type_string() }}) as reason,
        cast(null as {{ dbt.type_string() }}) as run_id,
        cast(null as timestamp) as expires_at
    from ratings
    inner join finding_items
        on
            ratings.source = finding_items.source
            and ratings.item_id = finding_items.item_id
    cross join as_of
    where ratings.event_at < as_of.as_of_end
),

asked as (
    select
        *,
        case
            when event_type in ('accepted', 'disputed', 'dispute_rejected', 'false_positive')
                then 'verdict'
            when event_type in ('risk_accepted', 'risk_acceptance_expired') then 'risk_acceptance'
            when event_type in ('remediation_claimed', 'reopened') then 'remediation'
            when event_type in ('retest_passed', 'retest_failed') then 'retest'
            else 'severity_change'
        end as question
    from told
),

-- Of several items of one source the one that is no duplicate of the others, as in int_findings.
ranked as (
    select
        asked.*,
        dense_rank() over (
            partition by asked.finding_id, asked.question
            order by
                coalesce(records.precedence, 100),
                case when tracker_findings.exclusion_reason is null then 0 else 1 end,
                asked.source,
                asked.item_id
        ) as choice
    from asked
    left join records
        on
            asked.question = records.attribute
            and asked.source = records.source
            and records.choice = 1
    left join tracker_findings
        on asked.source = tracker_findings.source and asked.item_id = tracker_findings.item_id
),

finding_accounts as (
    select
        ranked.finding_id,
        ranked.event_type,
        ranked.event_at,
        ranked.event_not_before,
        ranked.source,
        ranked.new_severity,
        ranked.reason,
        ranked.run_id,
        ranked.expires_at,
        ranked.event_at < findings.reported_at as is_before_report
    from ranked
    inner join findings on ranked.finding_id = findings.finding_id
    where ranked.choice = 1
)

select * from finding_accounts
