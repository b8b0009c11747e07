-- What each attack of a tool exercises by policy. The attack's own name decides, else its category,
-- else its strategy; in each the longest prefix that fits. Technique and weakness are looked up
-- apart: a plugin may name the weakness, and only its strategy the technique.
with attack_names as (
    select * from {{ ref('int_attack_names') }}
),

technique_map as (
    select * from {{ ref('technique_map') }}
),

attacks as (
    select distinct
        tool,
        attack,
        strategy,
        coalesce(category, '') as category
    from attack_names
),

fitting as (
    select
        attacks.tool,
        attacks.attack,
        attacks.strategy,
        attacks.category,
        technique_map.technique_id,
        technique_map.vulnerability_class,
        case technique_map.field when 'attack' then 1 when 'category' then 2 else 3 end
            as field_rank,
        length(technique_map.value_prefix) as fitting_length
    from attacks
    inner join technique_map
        on
            attacks.tool = technique_map.tool
            and technique_map.value_prefix = substr(
                case technique_map.field
                    when 'attack' then attacks.attack
                    when 'category' then attacks.category
                    else attacks.strategy
                end, 1, length(technique_map.value_prefix)
            )
),

ranked as (
    select
        tool,
        attack,
        strategy,
        category,
        technique_id,
        vulnerability_class,
        row_number() over (
            partition by tool, attack, strategy, category
            order by
                case when technique_id is null then 1 else 0 end asc,
                field_rank asc,
                fitting_length desc
        ) as technique_fit,
        row_number() over (
            partition by tool, attack, strategy, category
            order by
                case when vulnerability_class is null then 1 else 0 end asc,
                field_rank asc,
                fitting_length desc
        ) as class_fit
    from fitting
),

attack_techniques as (
    select
        tool,
        attack,
        strategy,
        category,
        max(case when technique_fit = 1 then technique_id end) as technique_id,
        max(case when class_fit = 1 then vulnerability_class end) as vulnerability_class
    from ranked
    group by tool, attack, strategy, category
)

select * from attack_techniques
