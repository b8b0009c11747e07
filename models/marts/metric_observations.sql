-- Everything that a number counts. The attributes of the system are joined here, once.
with observations as (
    {{ union_metrics() }}
),

systems as (
    select * from {{ ref('dim_systems') }}
),

needs as (
    select * from {{ ref('int_metric_needs') }}
)

select
    observations.metric_id,
    observations.observed_on,
    observations.entity_type,
    observations.entity_id,
    systems.risk_tier,
    systems.provider,
    systems.owner_team,
    systems.business_unit,
    observations.system_id,
    observations.severity,
    observations.detection_source,
    observations.assessment_tier,
    observations.tier_and_risk,
    observations.vulnerability_class,
    observations.technique_id,
    observations.tool,
    observations.numerator,
    observations.denominator,
    observations.sample_size,
    observations.is_immature
from observations
inner join needs on observations.metric_id = needs.metric_id
left join systems on observations.system_id = systems.system_id
where needs.is_measurable
