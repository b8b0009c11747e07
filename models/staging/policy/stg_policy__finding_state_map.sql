-- The organisation's own rows (layer 1) go before the shipped ones (layer 2).
with landed as (
    select * from {{ source('program', 'finding_state_map') }}
),

shipped as (
    select * from {{ ref('finding_state_map') }}
),

finding_state_map as (
    select
        1 as layer,
        source,
        project,
        field,
        value,
        on_enter,
        on_leave,
        reason
    from landed

    union all

    select
        2 as layer,
        source,
        project,
        field,
        value,
        on_enter,
        on_leave,
        reason
    from shipped
)

select * from finding_state_map
