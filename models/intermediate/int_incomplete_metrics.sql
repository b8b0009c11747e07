-- Metrics fed by a file of which more than one row in a hundred is in quarantine. Of a file that
-- nobody can read, all are; where it was the only one, the metric is missing, not incomplete.
with files as (
    select * from {{ ref('stg_ledger__files') }}
    where not is_readable or rows_quarantined > 0.01 * rows_read
),

broken_sources as (
    select substr(source, 9) as needed
    from files
    where source like 'program/%'

    union

    select 'attempts' as needed
    from files
    where source = 'attempts' or source in {{ scanner_sources() }}

    union

    select 'scans' as needed
    from files
    where source in {{ scanner_sources() }}
),

needs as (
    select * from {{ ref('int_metric_needs_listed') }}
),

measurable as (
    select * from {{ ref('int_metric_needs') }}
    where is_measurable
),

incomplete_metrics as (
    select distinct needs.metric_id
    from needs
    inner join broken_sources on needs.needed = broken_sources.needed
    inner join measurable on needs.metric_id = measurable.metric_id
)

select * from incomplete_metrics
