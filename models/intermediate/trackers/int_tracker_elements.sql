-- One row per item, delivery and value that a field of policy holds. `element` tells values of a
-- field apart: by the tracker's id wherever it is known, for names are translated and renamed.
with snapshots as (
    select * from {{ ref('int_tracker_snapshots') }}
),

field_values as (
    select * from {{ ref('stg_trackers__values') }}
),

links as (
    select * from {{ ref('stg_trackers__links') }}
),

words as (
    select * from {{ ref('int_tracker_words') }}
),

watched as (
    select
        source,
        field
    from {{ ref('stg_policy__finding_state_map') }}

    union

    select
        source,
        field
    from {{ ref('stg_policy__finding_field_map') }}
),

held as (
    select
        snapshots.source,
        snapshots.item_id,
        snapshots.snapshot_number,
        snapshots.project,
        field_values.field,
        field_values.value_id,
        field_values.value
    from snapshots
    inner join field_values
        on
            snapshots.file_sha256 = field_values.file_sha256
            and snapshots.item_id = field_values.item_id
    left join watched
        on snapshots.source = watched.source and field_values.field = watched.field
    where
        field_values.field <> 'project'
        and (watched.field is not null or field_values.field in {{ closing_fields() }})

    union all

    select
        source,
        item_id,
        snapshot_number,
        project,
        'project' as field,
        cast(null as {{ dbt.type_string() }}) as value_id,
        project as value
    from snapshots

    union all

    select
        snapshots.source,
        snapshots.item_id,
        snapshots.snapshot_number,
        snapshots.project,
        'link' as field,
        cast(null as {{ dbt.type_string() }}) as value_id,
        links.link as value
    from snapshots
    inner join links
        on
            snapshots.file_sha256 = links.file_sha256
            and snapshots.item_id = links.item_id
),

elements as (
    select distinct
        held.source,
        held.item_id,
        held.snapshot_number,
        held.field,
        coalesce(held.value_id, words.value_id) as value_id,
        held.value,
        coalesce(held.value_id, words.value_id, {{ tracker_word('held.value') }}) as element
    from held
    left join words
        on
            held.source = words.source
            and held.project = words.project
            and held.field = words.field
            and {{ tracker_word('held.value') }} = words.word
)

select * from elements
