-- The organisation's own rows (layer 1) go before the shipped ones (layer 2).
with landed as (
    select * from {{ source('program', 'team_members') }}
),

shipped as (
    select * from {{ ref('team_members') }}
),

team_members as (
    select
        1 as layer,
        email,
        role,
        team
    from landed

    union all

    select
        2 as layer,
        email,
        role,
        team
    from shipped
)

select * from team_members
