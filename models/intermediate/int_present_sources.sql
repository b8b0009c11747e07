-- What an organisation keeps at all. A scanner's files stand for attempts; those of scanners that
-- run by themselves also for scans; trackers for findings. A register that is present and empty is
-- there.
with files as (
    select * from {{ ref('stg_ledger__files') }}
),

tracker_sources as (
    select * from {{ ref('int_tracker_sources') }}
),

present_sources as (
    select substr(source, 9) as needed
    from files
    where is_readable and source like 'program/%'

    union

    select 'attempts' as needed
    from files
    where is_readable and (source = 'attempts' or source in {{ scanner_sources() }})

    union

    select 'scans' as needed
    from files
    where is_readable and source in {{ scanner_sources() }}

    union

    select needed
    from tracker_sources

    union

    -- A register of events can tell of retests.
    select 'retests' as needed
    from files
    where is_readable and source = 'program/finding_events'
)

select * from present_sources
