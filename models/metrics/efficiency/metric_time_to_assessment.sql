with assessments as (
    select * from {{ ref('fct_assessments') }}
    where is_delivered
),

-- One row per delivered assessment, from the request to the report.
measured as (
    select
        cast(report_delivered_at as date) as observed_on,
        'assessment' as entity_type,
        assessment_id as entity_id,
        system_id,
        assessment_tier,
        {{ days_between('requested_at', 'report_delivered_at') }} as numerator,
        1 as denominator
    from assessments
)

select * from measured
