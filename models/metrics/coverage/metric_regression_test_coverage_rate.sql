with fixed_findings as (
    select * from {{ ref('int_finding_months') }}
    where confirmed_fix_at is not null
),

regression_tests as (
    select * from {{ ref('int_regression_tests') }}
),

-- One row per month and finding whose fix is confirmed at the month's T.
measured as (
    select
        fixed_findings.observed_on,
        'finding' as entity_type,
        fixed_findings.finding_id as entity_id,
        fixed_findings.system_id,
        fixed_findings.severity,
        fixed_findings.detection_source,
        fixed_findings.vulnerability_class,
        fixed_findings.technique_id,
        fixed_findings.tool,
        case when count(regression_tests.regression_test_id) > 0 then 1 else 0 end as numerator,
        1 as denominator
    from fixed_findings
    left join regression_tests
        on
            fixed_findings.finding_id = regression_tests.finding_id
            and fixed_findings.judged_at > regression_tests.added_at
            and fixed_findings.judged_at
            <= coalesce(regression_tests.removed_at, fixed_findings.judged_at)
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9
)

select * from measured
