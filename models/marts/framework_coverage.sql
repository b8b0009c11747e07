-- Every entry of the public lists with how many systems were tested for it. A technique belongs to
-- an entry when policy, a finding or an attack names it together with a class of that entry; of its
-- techniques at a system the best one speaks for the entry.
with matrix as (
    select * from {{ ref('technique_coverage_matrix') }}
),

class_frameworks as (
    select * from {{ ref('int_class_frameworks') }}
),

framework_risks as (
    select * from {{ ref('int_framework_risks') }}
),

technique_map as (
    select * from {{ ref('technique_map') }}
),

findings as (
    select * from {{ ref('fct_findings') }}
    where not is_excluded
),

attack_results as (
    select * from {{ ref('fct_attack_results') }}
    where not is_control
),

technique_classes as (
    select
        technique_id,
        vulnerability_class
    from technique_map

    union all

    select
        technique_id,
        vulnerability_class
    from findings

    union all

    select
        technique_id,
        vulnerability_class
    from attack_results
),

-- Two classes of one entry may name the same technique.
entry_techniques as (
    select distinct
        class_frameworks.framework,
        class_frameworks.edition,
        class_frameworks.id,
        technique_classes.technique_id
    from class_frameworks
    inner join technique_classes
        on class_frameworks.vulnerability_class = technique_classes.vulnerability_class
),

systems as (
    select distinct system_id from matrix
),

entry_systems as (
    select
        framework_risks.framework,
        framework_risks.edition,
        framework_risks.id,
        framework_risks.name,
        systems.system_id,
        count(matrix.technique_id) as techniques,
        bool_or(matrix.state = 'tested') as is_tested,
        bool_or(matrix.state = 'thin') as is_thin,
        bool_and(matrix.state = 'not_applicable') as is_not_applicable,
        coalesce(sum(matrix.attempts), 0) as attempts
    from framework_risks
    cross join systems
    left join entry_techniques
        on
            framework_risks.framework = entry_techniques.framework
            and framework_risks.edition = entry_techniques.edition
            and framework_risks.id = entry_techniques.id
    left join matrix
        on
            systems.system_id = matrix.system_id
            and entry_techniques.technique_id = matrix.technique_id
    group by
        framework_risks.framework,
        framework_risks.edition,
        framework_risks.id,
        framework_risks.name,
        systems.system_id
),

stated as (
    select
        framework,
        edition,
        id,
        name,
        techniques,
        attempts,
        case
            when is_tested then 'tested'
            when is_thin then 'thin'
            when is_not_applicable then 'not_applicable'
            else 'untested'
        end as state
    from entry_systems
)

select
    framework,
    edition,
    id,
    name,
    cast(max(techniques) as bigint) as techniques,
    cast(count(*) as bigint) as systems,
    cast(sum(case when state = 'tested' then 1 else 0 end) as bigint) as systems_tested,
    cast(sum(case when state = 'thin' then 1 else 0 end) as bigint) as thin,
    cast(sum(case when state = 'untested' then 1 else 0 end) as bigint) as untested,
    cast(sum(case when state = 'not_applicable' then 1 else 0 end) as bigint) as not_applicable,
    cast(sum(attempts) as bigint) as attempts
from stated
group by framework, edition, id, name
