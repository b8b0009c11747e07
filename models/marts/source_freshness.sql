-- How old each source is: last delivery, newest date in its rows, rows outside the counted time.
with files as (
    select * from {{ ref('stg_ledger__files') }}
    where source not in ('unknown', 'as_of')
),

as_of as (
    select * from {{ ref('stg_ledger__as_of') }}
),

-- Copies of a file are one content.
file_contents as (
    select distinct
        source,
        file_sha256
    from files
),

moved_items as (
    select distinct
        file_contents.source,
        items.item_id,
        greatest(items.updated_at, items.status_at, items.created_at) as happened_at
    from {{ source('trackers', 'tracker_items') }} as items
    inner join file_contents on items.file_sha256 = file_contents.file_sha256
),

dated as (
    {%- for register, key_date in var('key_dates').items() %}
    select
        'program/{{ register }}' as source,
        cast({{ key_date }} as timestamp) as happened_at
    from {{ source('program', register) }}
    union all
    {%- endfor %}
    select
        'attempts' as source,
        attempted_at as happened_at
    from {{ source('scanners', 'attempts') }}
    union all
    select
        'garak' as source,
        started_at as happened_at
    from {{ source('scanners', 'garak_runs') }}
    union all
    select
        file_contents.source,
        scanner_runs.started_at as happened_at
    from {{ source('scanners', 'scanner_runs') }} as scanner_runs
    inner join file_contents on scanner_runs.file_sha256 = file_contents.file_sha256
    union all
    -- An item stands in many deliveries: each of its last moves once.
    select
        source,
        happened_at
    from moved_items
),

dates as (
    select
        dated.source,
        max(case when dated.happened_at < as_of.as_of_end then dated.happened_at end)
            as newest_row_at,
        count(case when dated.happened_at >= as_of.as_of_end then 1 end) as rows_after_as_of,
        count(case when dated.happened_at < as_of.history_start then 1 end)
            as rows_before_history
    from dated
    cross join as_of
    group by dated.source
),

deliveries as (
    select
        source,
        count(*) as files,
        max(landed_at) as last_landed_at,
        sum(rows_loaded) as rows_loaded,
        sum(rows_quarantined) as rows_quarantined,
        count(case when not is_complete then 1 end) as incomplete_files
    from files
    group by source
)

select
    deliveries.source,
    cast(deliveries.files as bigint) as files,
    deliveries.last_landed_at,
    cast(deliveries.rows_loaded as bigint) as rows_loaded,
    cast(deliveries.rows_quarantined as bigint) as rows_quarantined,
    cast(deliveries.incomplete_files as bigint) as incomplete_files,
    dates.newest_row_at,
    {{ days_between('dates.newest_row_at', 'as_of.as_of_end') }} as days_since_newest_row,
    cast(coalesce(dates.rows_after_as_of, 0) as bigint) as rows_after_as_of,
    cast(coalesce(dates.rows_before_history, 0) as bigint) as rows_before_history
from deliveries
cross join as_of
left join dates on deliveries.source = dates.source
