{{ config(meta={'dimension': 'validity'}) }}

-- What class_frameworks maps to stands in the list and edition that it names.
with policy as (
    select * from {{ ref('class_frameworks') }}
),

framework_risks as (
    select * from {{ ref('int_framework_risks') }}
)

select
    policy.vulnerability_class_prefix,
    policy.framework,
    policy.edition,
    policy.id
from policy
left join framework_risks
    on
        policy.framework = framework_risks.framework
        and policy.edition = framework_risks.edition
        and policy.id = framework_risks.id
where framework_risks.id is null
