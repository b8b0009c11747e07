-- What each delivered assessment looked at and found. A finding belongs to the assessment it names;
-- how far it has come since is as of the as-of date.
with assessments as (
    select * from {{ ref('fct_assessments') }}
    where is_delivered
),

systems as (
    select * from {{ ref('dim_systems') }}
),

deployments as (
    select * from {{ ref('fct_deployments') }}
),

findings as (
    select * from {{ ref('fct_findings') }}
    where not is_excluded
),

techniques as (
    select * from {{ ref('stg_program__assessment_techniques') }}
),

input_vectors as (
    select * from {{ ref('stg_program__assessment_input_vectors') }}
),

needs as (
    select max(case when is_measurable then 1 end) as has_findings
    from {{ ref('int_metric_needs') }}
    where metric_id = 'open_overdue_findings'
),

found as (
    select
        assessment_id,
        count(*) as findings,
        {%- for severity in ['critical', 'high', 'medium', 'low'] %}
        sum(case when severity = '{{ severity }}' then 1 else 0 end) as {{ severity }}_findings,
        {%- endfor %}
        sum(case when verdict = 'false_positive' then 1 else 0 end) as false_positives,
        sum(case when is_open then 1 else 0 end) as open_findings,
        sum(case when confirmed_fix_at is not null then 1 else 0 end) as fixed_findings
    from findings
    group by assessment_id
),

tried as (
    select
        assessment_id,
        sum(case when is_applicable and is_tested then 1 else 0 end) as techniques_tested,
        sum(case when is_applicable then 1 else 0 end) as techniques_applicable
    from techniques
    group by assessment_id
),

entered as (
    select
        assessment_id,
        count(distinct input_vector_id) as input_vectors_tested
    from input_vectors
    group by assessment_id
),

summarised as (
    select
        assessments.*,
        systems.system_name,
        systems.owner_team,
        deployments.system_version,
        deployments.deployed_at,
        needs.has_findings,
        found.findings,
        {%- for severity in ['critical', 'high', 'medium', 'low'] %}
        found.{{ severity }}_findings,
        {%- endfor %}
        found.false_positives,
        found.open_findings,
        found.fixed_findings,
        tried.techniques_tested,
        tried.techniques_applicable,
        entered.input_vectors_tested,
        row_number() over (
            partition by assessments.system_id
            order by assessments.report_delivered_at desc, assessments.assessment_id desc
        ) as recency
    from assessments
    cross join needs
    left join systems on assessments.system_id = systems.system_id
    left join deployments on assessments.deployment_id = deployments.deployment_id
    left join found on assessments.assessment_id = found.assessment_id
    left join tried on assessments.assessment_id = tried.assessment_id
    left join entered on assessments.assessment_id = entered.assessment_id
)

select
    assessment_id,
    system_id,
    coalesce(system_name, system_id) as system_name,
    coalesce(owner_team, 'unknown') as owner_team,
    assessment_tier,
    deployment_id,
    system_version,
    deployed_at,
    requested_at,
    started_at,
    report_delivered_at,
    cast(recency as bigint) as recency,
    {%- for column in [
        'findings', 'critical_findings', 'high_findings', 'medium_findings', 'low_findings',
        'false_positives', 'open_findings', 'fixed_findings',
    ] %}
    case when has_findings = 1 then cast(coalesce({{ column }}, 0) as bigint) end as {{ column }},
    {%- endfor %}
    cast(techniques_tested as bigint) as techniques_tested,
    cast(techniques_applicable as bigint) as techniques_applicable,
    cast(input_vectors_tested as bigint) as input_vectors_tested
from summarised
