-- Regression tests with the finding as the facts know it, whatever the register calls it.
with landed as (
    select * from {{ ref('stg_program__regression_tests') }}
),

finding_names as (
    select * from {{ ref('int_finding_names') }}
),

regression_tests as (
    select
        landed.regression_test_id,
        coalesce(finding_names.finding_id, landed.finding_id) as finding_id,
        landed.added_at,
        landed.removed_at,
        landed.last_run_at
    from landed
    left join finding_names on landed.finding_id = finding_names.name
)

select * from regression_tests
