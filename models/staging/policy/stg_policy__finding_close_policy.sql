-- The organisation's own rows (layer 1) go before the shipped ones (layer 2).
with landed as (
    select * from {{ source('program', 'finding_close_policy') }}
),

shipped as (
    select * from {{ ref('finding_close_policy') }}
),

finding_close_policy as (
    select
        1 as layer,
        source,
        project,
        close_means
    from landed

    union all

    select
        2 as layer,
        source,
        project,
        close_means
    from shipped
)

select * from finding_close_policy
