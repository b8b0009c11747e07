-- The observations of the attack metrics with what their interval and their comparisons need.
with observations as (
    select * from {{ ref('metric_observations') }}
),

attack_results as (
    select * from {{ ref('fct_attack_results') }}
),

cells as (
    select
        observations.metric_id,
        cast(date_trunc('month', observations.observed_on) as date) as month_start,
        observations.risk_tier,
        observations.provider,
        observations.owner_team,
        observations.business_unit,
        observations.system_id,
        observations.vulnerability_class,
        observations.technique_id,
        observations.tool,
        attack_results.cluster_id,
        attack_results.comparability_key,
        observations.numerator,
        observations.denominator
    from observations
    inner join attack_results on observations.entity_id = attack_results.attack_result_id
    where observations.entity_type = 'attack_result'
)

select * from cells
