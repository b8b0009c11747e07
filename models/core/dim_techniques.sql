-- Every technique of ATLAS, and every id that a register, an attack or policy names and ATLAS does
-- not have: kept, so that joins lose nothing, and marked.
with atlas_techniques as (
    select * from {{ ref('atlas_techniques') }}
),

technique_map as (
    select * from {{ ref('technique_map') }}
),

assessment_techniques as (
    select * from {{ ref('stg_program__assessment_techniques') }}
),

findings as (
    select * from {{ ref('fct_findings') }}
),

attack_results as (
    select * from {{ ref('fct_attack_results') }}
),

named as (
    select technique_id from atlas_techniques
    union
    select technique_id from technique_map
    union
    select technique_id from assessment_techniques
    union
    select technique_id from findings
    union
    select technique_id from attack_results
    union
    select 'unknown' as technique_id
),

described_techniques as (
    select
        named.technique_id,
        coalesce(
            atlas_techniques.technique_name,
            case
                when named.technique_id = 'unknown' then 'Unknown technique'
                else {{ display_safe('named.technique_id') }}
            end
        ) as technique_name,
        atlas_techniques.parent_technique_id,
        atlas_techniques.tactic_ids,
        atlas_techniques.tactics,
        atlas_techniques.edition,
        coalesce(atlas_techniques.is_current, false) as is_current,
        atlas_techniques.technique_id is not null as is_known
    from named
    left join atlas_techniques on named.technique_id = atlas_techniques.technique_id
    where named.technique_id is not null
)

select * from described_techniques
