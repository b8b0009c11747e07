-- What delivered assessments say of each system and technique: the last one of the last 12 months
-- that tested it, and the last word of all on whether it applies.
with listed as (
    select * from {{ ref('stg_program__assessment_techniques') }}
),

assessments as (
    select * from {{ ref('fct_assessments') }}
    where is_delivered
),

as_of as (
    select * from {{ ref('stg_ledger__as_of') }}
),

judged as (
    select
        assessments.system_id,
        listed.technique_id,
        assessments.assessment_id,
        assessments.report_delivered_at,
        listed.is_applicable,
        listed.is_applicable and listed.is_tested as is_tested,
        listed.is_applicable
        and listed.is_tested
        and assessments.report_delivered_at >= {{ add_months('as_of.as_of_end', -12) }}
            as is_tested_lately,
        listed.not_applicable_reason
    from listed
    inner join assessments on listed.assessment_id = assessments.assessment_id
    cross join as_of
),

ranked as (
    select
        system_id,
        technique_id,
        assessment_id,
        report_delivered_at,
        is_applicable,
        is_tested,
        is_tested_lately,
        not_applicable_reason,
        row_number() over (
            partition by system_id, technique_id
            order by report_delivered_at desc, assessment_id desc
        ) as recency,
        row_number() over (
            partition by system_id, technique_id, is_tested_lately
            order by report_delivered_at desc, assessment_id desc
        ) as recency_of_its_kind
    from judged
),

technique_assessments as (
    select
        system_id,
        technique_id,
        max(case when is_tested_lately and recency_of_its_kind = 1 then assessment_id end)
            as tested_assessment_id,
        max(case when recency = 1 and not is_applicable then assessment_id end)
            as not_applicable_assessment_id,
        max(
            case
                when recency = 1 and not is_applicable
                    then coalesce(not_applicable_reason, 'no reason given')
            end
        ) as not_applicable_reason,
        max(case when is_tested then cast(report_delivered_at as date) end) as last_tested_on
    from ranked
    group by system_id, technique_id
)

select * from technique_assessments
