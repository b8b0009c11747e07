with scans as (
    select * from {{ ref('fct_scans') }}
    -- Targets that no alias knows are many systems, not one.
    where status = 'completed' and system_id <> 'unknown'
),

consecutive as (
    select
        scan_id,
        system_id,
        tool,
        started_at,
        lag(started_at) over (
            partition by system_id order by started_at, scan_id
        ) as previous_started_at
    from scans
),

-- One row per completed scan that followed another one of the same system.
measured as (
    select
        cast(started_at as date) as observed_on,
        'scan' as entity_type,
        scan_id as entity_id,
        system_id,
        tool,
        {{ days_between('previous_started_at', 'started_at') }} as numerator,
        1 as denominator
    from consecutive
    where previous_started_at is not null
)

select * from measured
