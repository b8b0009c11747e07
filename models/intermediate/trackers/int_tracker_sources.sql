-- What trackers supply. Without an item that policy calls a finding they supply none. Retests are
-- only known where policy and the tracker have a word for them, or closing says that one passed.
with tracker_findings as (
    select * from {{ ref('int_tracker_findings') }}
    where is_finding
),

transitions as (
    select * from {{ ref('int_tracker_transitions') }}
),

objects as (
    select * from {{ ref('stg_trackers__objects') }}
    where kind = 'status'
),

rules as (
    select * from {{ ref('stg_policy__finding_state_map') }}
    where on_enter in ('retest_passed', 'retest_failed')
),

close_policy as (
    select * from {{ ref('stg_policy__finding_close_policy') }}
    where close_means = 'verified'
),

supplying as (
    select distinct source from tracker_findings
),

words as (
    select distinct
        source,
        field,
        value_id,
        value
    from transitions

    union

    select
        source,
        kind as field,
        object_id as value_id,
        name as value
    from objects
),

retesting as (
    select rules.source
    from rules
    inner join words
        on
            rules.source = words.source
            and rules.field = words.field
            and {{ tracker_value_fits('rules', 'words') }}

    union

    -- What an organisation writes down itself it means.
    select source from rules
    where layer = 1

    union

    select source from close_policy
),

tracker_sources as (
    select
        source,
        'findings' as needed
    from supplying

    union all

    select
        source,
        'finding_events' as needed
    from supplying

    union all

    select
        supplying.source,
        'retests' as needed
    from supplying
    inner join retesting on supplying.source = retesting.source
)

select * from tracker_sources
