-- What scanners write and no policy maps yet, with how often and the seed line that would map it.
with attack_results as (
    select * from {{ ref('fct_attack_results') }}
    where not is_control
),

technique_map as (
    select * from {{ ref('technique_map') }}
),

-- A strategy or a category is worth a line only where the technique is not known without it.
written as (
    select
        source,
        tool,
        'attack' as field,
        attack as value,
        attempts
    from attack_results
    where technique_id = 'unknown'

    union all

    select
        source,
        tool,
        'category' as field,
        category as value,
        attempts
    from attack_results
    where technique_id = 'unknown' and category is not null

    union all

    select
        source,
        tool,
        'strategy' as field,
        strategy as value,
        attempts
    from attack_results
    where technique_id = 'unknown' and strategy <> 'basic'
),

unfit as (
    select
        written.source,
        written.tool,
        written.field,
        {{ display_safe('written.value') }} as value,
        written.attempts
    from written
    left join technique_map
        on
            written.tool = technique_map.tool
            and written.field = technique_map.field
            and substr(written.value, 1, length(technique_map.value_prefix))
            = technique_map.value_prefix
    where technique_map.tool is null
),

-- Of several tools that share a source and a value one is asked for first.
unmapped as (
    select
        source,
        field,
        value,
        sum(attempts) as occurrences,
        'seeds/policy/technique_map.csv' as policy,
        {{ csv_cell('min(tool)') }} || ',' || field || ','
        || case
            when source = 'garak' then {{ csv_cell("split_part(value, '.', 1) || '.'") }}
            else {{ csv_cell('value') }}
        end
        || ',<technique_id>,<vulnerability_class>' as line_to_add
    from unfit
    group by source, field, value

    union all

    select
        'garak' as source,
        'primary detector' as field,
        {{ display_safe('attack') }} as value,
        sum(attempts) as occurrences,
        'seeds/reference/garak_primary_detectors.csv' as policy,
        {{ csv_cell(display_safe('attack')) }} || ',<primary_detector>,<garak_version>'
            as line_to_add
    from attack_results
    where source = 'garak'
    group by {{ display_safe('attack') }}
    having not bool_or(is_primary_judge)
)

select
    source,
    field,
    value,
    cast(occurrences as bigint) as occurrences,
    policy,
    {{ display_safe('line_to_add') }} as line_to_add
from unmapped
