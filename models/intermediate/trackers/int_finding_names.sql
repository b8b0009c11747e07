-- What registers may call a finding, and the finding that it is: its own id, or the name of an item
-- that is about it. A DefectDojo number alone is nobody's name.
with registered as (
    select * from {{ ref('stg_program__findings') }}
),

tracker_findings as (
    select * from {{ ref('int_tracker_findings') }}
),

finding_items as (
    select * from {{ ref('int_finding_items') }}
),

items as (
    select
        tracker_findings.source,
        tracker_findings.item_id,
        tracker_findings.item_key,
        finding_items.finding_id
    from tracker_findings
    inner join finding_items
        on
            tracker_findings.source = finding_items.source
            and tracker_findings.item_id = finding_items.item_id
),

spelled as (
    select
        finding_id as name,
        finding_id,
        1 as rank
    from registered

    union all

    select
        finding_id as name,
        finding_id,
        2 as rank
    from items

    union all

    select
        source || ':' || item_id as name,
        finding_id,
        3 as rank
    from items

    union all

    select
        source || ':' || item_key as name,
        finding_id,
        4 as rank
    from items

    union all

    select
        item_key as name,
        finding_id,
        5 as rank
    from items
    where source <> 'defectdojo'
),

ranked as (
    select
        name,
        finding_id,
        row_number() over (partition by name order by rank, finding_id) as choice
    from spelled
),

finding_names as (
    select
        name,
        finding_id
    from ranked
    where choice = 1
)

select * from finding_names
