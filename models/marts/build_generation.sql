-- Which build this is. Publishing stamps what only it knows: generation, moment and commit.
with as_of as (
    select * from {{ ref('stg_ledger__as_of') }}
),

landing as (
    select * from {{ source('ledger', 'landing') }}
)

select
    cast(null as bigint) as generation,
    '{{ invocation_id }}' as invocation_id,
    cast('{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S") }}' as timestamp) as built_at,
    cast(null as timestamp) as published_at,
    as_of.as_of_date as as_of,
    landing.landing_sha256,
    '{{ project_version() }}' as project_version,
    '{{ dbt_version }}' as dbt_version,
    {{ engine_version() }} as engine_version,
    cast(null as {{ dbt.type_string() }}) as git_commit
from as_of
cross join landing
