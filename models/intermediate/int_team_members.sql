-- One row per address as it is spelt: which spellings are one person is the app's to decide.
with team_members as (
    select * from {{ ref('stg_policy__team_members') }}
),

ranked as (
    select
        email,
        role,
        nullif(trim(team), '') as team,
        row_number() over (partition by email order by layer) as place
    from team_members
),

first_rows as (
    select
        email,
        role,
        team
    from ranked
    where place = 1
)

select * from first_rows
