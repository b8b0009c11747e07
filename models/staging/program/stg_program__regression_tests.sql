with landed as (
    select * from {{ source('program', 'regression_tests') }}
),

as_of as (
    select * from {{ ref('stg_ledger__as_of') }}
),

regression_tests as (
    select
        landed.regression_test_id,
        landed.finding_id,
        landed.added_at,
        {{ known('landed.removed_at') }} as removed_at,
        {{ known('landed.last_run_at') }} as last_run_at
    from landed
    cross join as_of
    where {{ within_history('landed.added_at') }}
)

select * from regression_tests
