-- What scanners and trackers write and no policy maps yet, with how often and the line that would
-- map it.
with attack_results as (
    select * from {{ ref('fct_attack_results') }}
    where not is_control
),

technique_map as (
    select * from {{ ref('technique_map') }}
),

outcomes as (
    select * from {{ ref('int_scanner_outcomes') }}
),

judges as (
    select * from {{ ref('int_scanner_judges') }}
),

tracker_values as (
    select * from {{ ref('int_tracker_unmapped') }}
),

-- Where several judges looked at an attack and policy names none of them, no verdict counts.
judged_attacks as (
    select
        source,
        run_id,
        attack,
        bool_or(is_primary) as has_primary
    from judges
    group by source, run_id, attack
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

    union all

    select
        outcomes.source,
        'primary judge' as field,
        {{ display_safe('outcomes.attack') }} as value,
        count(distinct outcomes.attempt_id) as occurrences,
        'seeds/policy/judge_policy.csv' as policy,
        outcomes.source || ',' || {{ csv_cell(display_safe('outcomes.attack')) }}
        || ',<judge>,true,<success or resisted>,0.5' as line_to_add
    from outcomes
    inner join judged_attacks
        on
            outcomes.source = judged_attacks.source
            and outcomes.run_id = judged_attacks.run_id
            and outcomes.attack = judged_attacks.attack
    where not judged_attacks.has_primary
    group by outcomes.source, {{ display_safe('outcomes.attack') }}

    union all

    -- The scores of the judge that counts, if nobody said which way they point.
    select
        source,
        'judge' as field,
        {{ display_safe('judge') }} as value,
        count(*) as occurrences,
        'seeds/policy/judge_policy.csv' as policy,
        source || ',,' || {{ csv_cell(display_safe('judge')) }}
        || ',true,<success or resisted>,0.5' as line_to_add
    from outcomes
    where outcome_reason = 'polarity_unknown' and is_primary_judge
    group by source, {{ display_safe('judge') }}

    union all

    select
        source,
        field,
        {{ display_safe('value') }} as value,
        sum(items) as occurrences,
        'program/finding_field_map.csv' as policy,
        source || ',*,severity,' || field || ',' || {{ csv_cell(display_safe('value')) }}
        || ',<severity>,' as line_to_add
    from tracker_values
    where field in ('severity', 'priority')
    group by source, field, {{ display_safe('value') }}

    union all

    -- Empty cells say that the value means nothing for a finding.
    select
        source,
        field,
        {{ display_safe('value') }} as value,
        sum(items) as occurrences,
        'program/finding_state_map.csv' as policy,
        source || ',*,' || field || ',' || {{ csv_cell(display_safe('value')) }}
        || ',<on_enter>,<on_leave>,' as line_to_add
    from tracker_values
    where field not in ('severity', 'priority')
    group by source, field, {{ display_safe('value') }}
)

select
    source,
    field,
    value,
    cast(occurrences as bigint) as occurrences,
    policy,
    {{ display_safe('line_to_add') }} as line_to_add
from unmapped
