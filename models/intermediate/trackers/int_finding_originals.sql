-- What each duplicate is a duplicate of, to the end of the chain. Where a chain runs in a circle,
-- its members end at the one before they would come back to themselves.
with recursive registered as (
    select * from {{ ref('stg_program__findings') }}
    where duplicate_of is not null
),

finding_names as (
    select * from {{ ref('int_finding_names') }}
),

snapshots as (
    select * from {{ ref('int_tracker_snapshots') }}
    where is_latest
),

links as (
    select * from {{ ref('stg_trackers__links') }}
    where
        link in ('duplicate_finding', 'duplicate_of')
        or {{ tracker_word('link') }} = 'duplicate/outward'
),

tracker_findings as (
    select * from {{ ref('int_tracker_findings') }}
),

finding_items as (
    select * from {{ ref('int_finding_items') }}
),

told as (
    select
        registered.finding_id,
        coalesce(finding_names.finding_id, registered.duplicate_of) as original_id
    from registered
    left join finding_names on registered.duplicate_of = finding_names.name

    union all

    select
        copies.finding_id,
        originals.finding_id as original_id
    from snapshots
    inner join links
        on
            snapshots.file_sha256 = links.file_sha256
            and snapshots.item_id = links.item_id
    inner join tracker_findings
        on
            snapshots.source = tracker_findings.source
            and (
                links.target_id = tracker_findings.item_id
                or links.target_key = tracker_findings.item_key
            )
    inner join finding_items as copies
        on
            snapshots.source = copies.source
            and snapshots.item_id = copies.item_id
    inner join finding_items as originals
        on
            tracker_findings.source = originals.source
            and tracker_findings.item_id = originals.item_id
),

pairs as (
    select
        finding_id,
        min(original_id) as original_id
    from told
    where finding_id <> original_id
    group by finding_id
),

chains as (
    select
        finding_id,
        original_id,
        1 as depth
    from pairs

    union all

    select
        chains.finding_id,
        pairs.original_id,
        chains.depth + 1 as depth
    from chains
    inner join pairs on chains.original_id = pairs.finding_id
    where pairs.original_id <> chains.finding_id and chains.depth < 100
),

ranked as (
    select
        finding_id,
        original_id,
        row_number() over (partition by finding_id order by depth desc) as choice
    from chains
),

originals as (
    select
        finding_id,
        original_id
    from ranked
    where choice = 1
)

select * from originals
