{{ config(meta={'dimension': 'completeness'}) }}

-- Nothing is lost on the way: each finding of the register and each tracker item that stands and lies
-- in the counted history is a fact, and a fact comes from nowhere else.
with registered as (
    select finding_id from {{ ref('stg_program__findings') }}
),

tracker_items as (
    select distinct
        source,
        item_id
    from {{ ref('stg_trackers__items') }}
),

finding_items as (
    select * from {{ ref('int_finding_items') }}
),

staged as (
    select finding_id from registered

    union

    select coalesce(finding_items.finding_id, 'no finding for ' || tracker_items.item_id)
        as finding_id
    from tracker_items
    left join finding_items
        on
            tracker_items.source = finding_items.source
            and tracker_items.item_id = finding_items.item_id
),

facts as (
    select finding_id from {{ ref('fct_findings') }}
)

select coalesce(staged.finding_id, facts.finding_id) as finding_id
from staged
full outer join facts on staged.finding_id = facts.finding_id
where staged.finding_id is null or facts.finding_id is null
