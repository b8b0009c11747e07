with scan_slots as (
    select * from {{ ref('int_scan_slots') }}
),

-- One row per slot in which a scan was due.
measured as (
    select
        last_day as observed_on,
        'scan_slot' as entity_type,
        system_id || '|' || cast(slot_start as {{ dbt.type_string() }}) as entity_id,
        system_id,
        case when is_scanned then 1 else 0 end as numerator,
        1 as denominator
    from scan_slots
)

select * from measured
