-- The tracker's id of a value by its name, as any delivery or change has it: some payloads carry
-- only names, and names of long ago.
with field_values as (
    select * from {{ ref('stg_trackers__values') }}
),

files as (
    select * from {{ ref('stg_trackers__files') }}
),

changes as (
    select * from {{ ref('stg_trackers__changes') }}
),

named as (
    select
        files.source,
        field_values.field,
        field_values.value,
        field_values.value_id
    from field_values
    inner join files on field_values.file_sha256 = files.file_sha256

    union all

    select
        source,
        field,
        from_value as value,
        from_id as value_id
    from changes

    union all

    select
        source,
        field,
        to_value as value,
        to_id as value_id
    from changes
),

words as (
    select
        source,
        field,
        {{ tracker_word('value') }} as word,
        max(value_id) as value_id
    from named
    where value_id is not null and value is not null
    group by source, field, {{ tracker_word('value') }}
)

select * from words
