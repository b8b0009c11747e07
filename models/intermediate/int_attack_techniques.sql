-- What each attack of a tool exercises by policy: the longest prefix that fits its name decides.
with attack_results as (
    select * from {{ ref('int_attack_results') }}
),

technique_map as (
    select * from {{ ref('technique_map') }}
),

attacks as (
    select distinct
        tool,
        attack
    from attack_results
),

fitting as (
    select
        attacks.tool,
        attacks.attack,
        technique_map.technique_id,
        technique_map.vulnerability_class,
        row_number() over (
            partition by attacks.tool, attacks.attack
            order by length(technique_map.attack_prefix) desc
        ) as fit
    from attacks
    inner join technique_map
        on
            attacks.tool = technique_map.tool
            and substr(attacks.attack, 1, length(technique_map.attack_prefix))
            = technique_map.attack_prefix
),

attack_techniques as (
    select
        tool,
        attack,
        technique_id,
        vulnerability_class
    from fitting
    where fit = 1
)

select * from attack_techniques
