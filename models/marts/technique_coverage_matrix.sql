-- Every system that is not retired against every technique in scope: known to policy, or named by
-- an assessment, a finding or an attack. A technique counts where it is named: no parent stands in
-- for its sub-techniques, nor the other way round.
{% set prompts_needed = 5 %}
with systems as (
    select * from {{ ref('dim_systems') }}
    where system_id <> 'unknown'
),

techniques as (
    select * from {{ ref('dim_techniques') }}
),

technique_map as (
    select * from {{ ref('technique_map') }}
),

listed as (
    select * from {{ ref('stg_program__assessment_techniques') }}
),

findings as (
    select * from {{ ref('fct_findings') }}
    where not is_excluded
),

attack_results as (
    select * from {{ ref('fct_attack_results') }}
    where not is_control
),

technique_attempts as (
    select * from {{ ref('int_technique_attempts') }}
),

technique_assessments as (
    select * from {{ ref('int_technique_assessments') }}
),

present_sources as (
    select * from {{ ref('int_present_sources') }}
    where needed in ('attempts', 'assessment_techniques')
),

as_of as (
    select * from {{ ref('stg_ledger__as_of') }}
),

in_scope as (
    select technique_id from technique_map
    union
    select technique_id from listed
    union
    select technique_id from findings
    union
    select technique_id from attack_results
),

-- Where nobody keeps any record of tests, nothing is known: no row rather than "untested".
pairs as (
    select
        systems.system_id,
        systems.system_name,
        systems.risk_tier,
        techniques.technique_id,
        techniques.technique_name,
        techniques.tactics
    from systems
    cross join as_of
    cross join in_scope
    inner join techniques on in_scope.technique_id = techniques.technique_id
    where
        coalesce(systems.retired_at, as_of.as_of_end) >= as_of.as_of_end
        and techniques.technique_id <> 'unknown'
        and exists (select 1 from present_sources)
),

weighed as (
    select
        pairs.system_id,
        pairs.system_name,
        pairs.risk_tier,
        pairs.technique_id,
        pairs.technique_name,
        pairs.tactics,
        coalesce(technique_attempts.prompts, 0) >= {{ prompts_needed }} as is_tested_by_attempts,
        technique_assessments.tested_assessment_id,
        technique_assessments.not_applicable_assessment_id,
        technique_assessments.not_applicable_reason,
        coalesce(technique_attempts.attempts, 0) as attempts,
        coalesce(technique_attempts.judged, 0) as judged,
        coalesce(technique_attempts.successes, 0) as successes,
        coalesce(technique_attempts.prompts, 0) as prompts,
        technique_attempts.rate,
        technique_attempts.effective_n,
        technique_attempts.critical_value,
        -- `greatest` of a null is null on some engines.
        case
            when technique_attempts.last_judged_on > technique_assessments.last_tested_on
                then technique_attempts.last_judged_on
            else coalesce(technique_assessments.last_tested_on, technique_attempts.last_judged_on)
        end as last_tested_on
    from pairs
    left join technique_attempts
        on
            pairs.system_id = technique_attempts.system_id
            and pairs.technique_id = technique_attempts.technique_id
    left join technique_assessments
        on
            pairs.system_id = technique_assessments.system_id
            and pairs.technique_id = technique_assessments.technique_id
),

-- Attempts show that a technique applies, whatever an assessment says; else its last word counts.
stated as (
    select
        weighed.*,
        case
            when weighed.is_tested_by_attempts then 'tested'
            when weighed.not_applicable_assessment_id is not null then 'not_applicable'
            when weighed.tested_assessment_id is not null then 'tested'
            when weighed.attempts > 0 then 'thin'
            else 'untested'
        end as state
    from weighed
)

select
    system_id,
    system_name,
    risk_tier,
    technique_id,
    technique_name,
    tactics,
    state,
    case
        when state <> 'tested' then null
        when tested_assessment_id is null then 'attempts'
        when is_tested_by_attempts then 'both'
        else 'assessment'
    end as tested_by,
    case
        when state = 'tested' then tested_assessment_id
        when state = 'not_applicable' then not_applicable_assessment_id
    end as assessment_id,
    case when state = 'not_applicable' then {{ display_safe('not_applicable_reason') }} end
        as not_applicable_reason,
    cast(attempts as bigint) as attempts,
    cast(judged as bigint) as judged,
    cast(successes as bigint) as successes,
    cast(prompts as bigint) as prompts,
    100 * rate as attack_success_rate,
    100 * {{ wilson_bound('rate', 'effective_n', '-', 'critical_value') }} as interval_low,
    100 * {{ wilson_bound('rate', 'effective_n', '+', 'critical_value') }} as interval_high,
    last_tested_on
from stated
