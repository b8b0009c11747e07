-- One row per month and input vector of a system in production: its tests in the year before T.
with in_production as (
    select * from {{ ref('int_systems_in_production') }}
),

months as (
    select * from {{ ref('int_months') }}
),

input_vectors as (
    select * from {{ ref('stg_program__input_vectors') }}
),

assessment_input_vectors as (
    select * from {{ ref('stg_program__assessment_input_vectors') }}
),

assessments as (
    select * from {{ ref('fct_assessments') }}
),

-- A test with a day of its own counts whatever became of its assessment; else delivery dates it.
tests as (
    select
        assessment_input_vectors.input_vector_id,
        coalesce(
            assessment_input_vectors.tested_at,
            case when assessments.is_delivered then assessments.report_delivered_at end
        ) as tested_at
    from assessment_input_vectors
    left join assessments
        on assessment_input_vectors.assessment_id = assessments.assessment_id
),

due as (
    select
        in_production.month_start,
        in_production.observed_on,
        in_production.judged_at,
        months.year_before,
        in_production.system_id,
        input_vectors.input_vector_id
    from in_production
    inner join months on in_production.month_start = months.month_start
    inner join input_vectors
        on
            in_production.system_id = input_vectors.system_id
            and in_production.judged_at > input_vectors.identified_at
            and in_production.judged_at
            <= coalesce(input_vectors.removed_at, in_production.judged_at)
),

input_vector_months as (
    select
        due.month_start,
        due.observed_on,
        due.system_id,
        due.input_vector_id,
        count(tests.tested_at) as tests_last_12_months
    from due
    left join tests
        on
            due.input_vector_id = tests.input_vector_id
            and due.year_before <= tests.tested_at
            and due.judged_at > tests.tested_at
    group by due.month_start, due.observed_on, due.system_id, due.input_vector_id
)

select * from input_vector_months
