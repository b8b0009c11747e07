-- One row per month and regression test in force at the month's T: the days since its last run, or
-- since it was added where it never ran. The register keeps the last run only: of a test that has
-- run after T nobody knows its last run before T, and it is not counted at T.
with regression_tests as (
    select * from {{ ref('int_regression_tests') }}
),

months as (
    select * from {{ ref('int_months') }}
),

regression_runs as (
    select
        months.observed_on,
        regression_tests.regression_test_id,
        {{ days_between(
            'coalesce(regression_tests.last_run_at, regression_tests.added_at)', 'months.judged_at'
        ) }} as days_since_run
    from regression_tests
    inner join months
        on
            regression_tests.added_at < months.judged_at
            and months.judged_at <= coalesce(regression_tests.removed_at, months.judged_at)
            and months.judged_at
            > coalesce(regression_tests.last_run_at, regression_tests.added_at)
)

select * from regression_runs
