-- What scanners write and no policy maps yet, with how often and the seed line that would map it.
with attack_results as (
    select * from {{ ref('fct_attack_results') }}
    where not is_control
),

unmapped as (
    select
        'garak' as source,
        'attack' as field,
        attack as value,
        sum(attempts) as occurrences,
        'seeds/policy/technique_map.csv' as policy,
        'garak,' || split_part(attack, '.', 1) || '.,<technique_id>,<vulnerability_class>'
            as line_to_add
    from attack_results
    where source = 'garak' and technique_id = 'unknown'
    group by attack

    union all

    select
        'garak' as source,
        'primary detector' as field,
        attack as value,
        sum(attempts) as occurrences,
        'seeds/reference/garak_primary_detectors.csv' as policy,
        attack || ',<primary_detector>,<garak_version>' as line_to_add
    from attack_results
    where source = 'garak'
    group by attack
    having not bool_or(is_primary_judge)
)

select
    source,
    field,
    {{ display_safe('value') }} as value,
    cast(occurrences as bigint) as occurrences,
    policy,
    {{ display_safe('line_to_add') }} as line_to_add
from unmapped
