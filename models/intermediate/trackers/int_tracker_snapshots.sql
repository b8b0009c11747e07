-- One row per item and delivery that holds it: of several files the row that the tracker updated
-- last. What changed since the delivery before happened after previous_at, and at seen_at at the
-- latest.
with items as (
    select * from {{ ref('stg_trackers__items') }}
),

test_products as (
    select
        tests.source,
        tests.object_id as test_id,
        products.name as product
    from {{ ref('stg_trackers__objects') }} as tests
    inner join {{ ref('stg_trackers__objects') }} as engagements
        on
            tests.source = engagements.source
            and engagements.kind = 'engagement'
            and tests.parent_id = engagements.object_id
    inner join {{ ref('stg_trackers__objects') }} as products
        on
            engagements.source = products.source
            and products.kind = 'product'
            and engagements.parent_id = products.object_id
    where tests.kind = 'test'
),

field_values as (
    select * from {{ ref('stg_trackers__values') }}
    where field = 'test'
),

ranked as (
    select
        *,
        row_number() over (
            partition by source, item_id, delivery_number
            order by coalesce(updated_at, created_at) desc, file_name desc
        ) as place
    from items
),

ordered as (
    select
        ranked.*,
        coalesce(ranked.project, test_products.product, '(none)') as project_name,
        row_number() over one_item as snapshot_number,
        count(*) over (partition by ranked.source, ranked.item_id) as snapshots,
        lag(ranked.delivered_at) over one_item as delivered_before
    from ranked
    left join field_values
        on
            ranked.file_sha256 = field_values.file_sha256
            and ranked.item_id = field_values.item_id
    left join test_products
        on
            ranked.source = test_products.source
            and field_values.value_id = test_products.test_id
    where ranked.place = 1
    window one_item as (
        partition by ranked.source, ranked.item_id order by ranked.delivery_number
    )
),

bounded as (
    select
        *,
        greatest(coalesce(delivered_before, created_at), created_at) as previous_at,
        greatest(delivered_at, coalesce(delivered_before, created_at), created_at) as latest_at
    from ordered
),

snapshots as (
    select
        source,
        item_id,
        snapshot_number,
        snapshot_number = snapshots as is_latest,
        delivery_number,
        file_name,
        file_sha256,
        record_path,
        item_key,
        project_name as project,
        title,
        created_at,
        closed_at,
        has_history,
        delivered_at,
        previous_at,
        -- The tracker's own clock is a closer bound wherever it ticked since the last delivery.
        case
            when
                updated_at >= previous_at
                and updated_at < delivered_at + interval '1 day'
                then updated_at
            else latest_at
        end as seen_at,
        case
            when
                status_at >= previous_at
                and status_at < delivered_at + interval '1 day'
                then status_at
            when
                updated_at >= previous_at
                and updated_at < delivered_at + interval '1 day'
                then updated_at
            else latest_at
        end as state_seen_at
    from bounded
)

select * from snapshots
