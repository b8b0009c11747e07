-- Slots in which a scan is due: each UTC day of a high, each ISO week of a medium risk system, as
-- far as the system was in production for the whole slot and the slot has ended.
with systems as (
    select * from {{ ref('dim_systems') }}
),

scans as (
    select * from {{ ref('fct_scans') }}
    where status = 'completed'
),

as_of as (
    select * from {{ ref('stg_ledger__as_of') }}
),

-- A week that ends in the counted history may begin before it.
days as (
    select spine.day
    from as_of
    cross join lateral {{ day_spine(
        "as_of.history_start - interval '6 days'", "as_of.as_of_date"
    ) }} as spine
),

slots as (
    select
        'high' as risk_tier,
        day as slot_start,
        cast(day + interval '1 day' as date) as slot_end
    from days

    union all

    select
        'medium' as risk_tier,
        day as slot_start,
        cast(day + interval '7 days' as date) as slot_end
    from days
    where cast(date_trunc('week', day) as date) = day
),

due_slots as (
    select
        systems.system_id,
        slots.slot_start,
        slots.slot_end
    from systems
    cross join as_of
    inner join slots
        on
            systems.risk_tier = slots.risk_tier
            and systems.in_production_from <= cast(slots.slot_start as timestamp)
            and coalesce(systems.retired_at, as_of.as_of_end) >= cast(slots.slot_end as timestamp)
            and as_of.as_of_end >= cast(slots.slot_end as timestamp)
            and as_of.history_start < cast(slots.slot_end as timestamp)
),

scanned_slots as (
    select distinct
        scans.system_id,
        case
            when systems.risk_tier = 'high' then cast(scans.started_at as date)
            else cast(date_trunc('week', scans.started_at) as date)
        end as slot_start
    from scans
    inner join systems on scans.system_id = systems.system_id
),

scan_slots as (
    select
        due_slots.system_id,
        due_slots.slot_start,
        cast(due_slots.slot_end - interval '1 day' as date) as last_day,
        scanned_slots.system_id is not null as is_scanned
    from due_slots
    left join scanned_slots
        on
            due_slots.system_id = scanned_slots.system_id
            and due_slots.slot_start = scanned_slots.slot_start
)

select * from scan_slots
