-- One row per finding and month: what was known of it at the month's T.
with states as (
    select * from {{ ref('int_finding_states') }}
),

findings as (
    select * from {{ ref('fct_findings') }}
    where not is_excluded
),

months as (
    select * from {{ ref('int_months') }}
),

finding_months as (
    select
        months.month_start,
        months.observed_on,
        months.judged_at,
        findings.finding_id,
        findings.system_id,
        findings.severity,
        findings.detection_source,
        findings.vulnerability_class,
        findings.technique_id,
        findings.tool,
        findings.due_at,
        states.verdict,
        states.confirmed_fix_at
    from states
    inner join findings on states.finding_id = findings.finding_id
    inner join months
        on
            states.valid_from < months.judged_at
            and states.valid_to >= months.judged_at
)

select * from finding_months
