{% set as_of_asked = var('as_of') or env_var('AISM_AS_OF', '') %}
-- The one moment every model looks from: the day asked for, else the landing folder's own,
-- else the day this run started.
with landing as (
    select * from {{ source('ledger', 'landing') }}
),

as_of_day as (
    select
        coalesce(
            cast({{ "'" ~ as_of_asked ~ "'" if as_of_asked else 'null' }} as date),
            as_of,
            cast('{{ run_started_at.strftime("%Y-%m-%d") }}' as date)
        ) as as_of_date
    from landing
),

as_of as (
    select
        as_of_date,
        cast(as_of_date + interval '1 day' as timestamp) as as_of_end,
        cast('{{ var("history_start") }}' as timestamp) as history_start
    from as_of_day
)

select
    as_of_date,
    as_of_end,
    history_start
from as_of
