with incidents as (
    select * from {{ ref('stg_program__incidents') }}
),

described_incidents as (
    select
        incident_id,
        system_id,
        occurred_at,
        vulnerability_class,
        coalesce(severity, 'unknown') as severity,
        title
    from incidents
)

select * from described_incidents
