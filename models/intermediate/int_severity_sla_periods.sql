-- The SLA policy as half-open spans of report days.
with severity_sla as (
    select * from {{ ref('severity_sla') }}
),

sla_periods as (
    select
        severity,
        sla_days,
        valid_from,
        coalesce(
            lead(valid_from) over (partition by severity order by valid_from),
            cast('9999-12-31' as date)
        ) as valid_to
    from severity_sla
)

select * from sla_periods
