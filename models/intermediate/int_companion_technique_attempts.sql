-- One row per technique that a delivered assessment calls tested and that its recorded runs tried,
-- with their attempts. What was tested by hand leaves no run: its attempts are not known.
with techniques as (
    select * from {{ ref('stg_program__assessment_techniques') }}
    where is_applicable and is_tested
),

assessments as (
    select * from {{ ref('fct_assessments') }}
    where is_delivered
),

assessment_runs as (
    select * from {{ ref('stg_program__assessment_runs') }}
),

-- Other judges look at the same attempts once more.
attack_results as (
    select * from {{ ref('fct_attack_results') }}
    where is_primary_judge and not is_control
),

technique_attempts as (
    select
        assessments.assessment_id,
        techniques.technique_id,
        cast(assessments.report_delivered_at as date) as delivered_on,
        sum(attack_results.attempts) as attempts
    from techniques
    inner join assessments on techniques.assessment_id = assessments.assessment_id
    inner join assessment_runs on techniques.assessment_id = assessment_runs.assessment_id
    inner join attack_results
        on
            assessment_runs.run_id = attack_results.run_id
            and techniques.technique_id = attack_results.technique_id
    group by
        assessments.assessment_id, techniques.technique_id, assessments.report_delivered_at
)

select * from technique_attempts
