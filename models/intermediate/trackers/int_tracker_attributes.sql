-- What policy reads from the fields of an item as they stand at the as-of date, one row per item
-- and attribute. Severity is the first one; later ones are events.
with transitions as (
    select * from {{ ref('int_tracker_transitions') }}
),

snapshots as (
    select * from {{ ref('int_tracker_snapshots') }}
    where is_latest
),

rules as (
    select * from {{ ref('stg_policy__finding_field_map') }}
),

targets as (
    select * from {{ ref('stg_identity__targets') }}
),

systems as (
    select * from {{ ref('stg_program__systems') }}
),

as_of as (
    select * from {{ ref('stg_ledger__as_of') }}
),

known as (
    select
        transitions.*,
        row_number() over (
            partition by
                transitions.source, transitions.item_id, transitions.field, transitions.element
            order by
                transitions.happened_at desc,
                case when transitions.is_taken then 0 else 1 end
        ) as recency
    from transitions
    cross join as_of
    where transitions.happened_at < as_of.as_of_end
),

fitting as (
    select
        known.source,
        known.item_id,
        known.field,
        known.element,
        known.happened_at,
        known.recency = 1 as is_in_force,
        rules.attribute,
        rules.layer,
        rules.precedence,
        case when rules.project = '*' then 1 else 0 end as project_rank,
        {{ tracker_rule_value('rules', 'known') }} as attribute_value,
        row_number() over (
            partition by
                known.source, known.item_id, known.field, known.element, known.happened_at,
                rules.attribute
            order by {{ tracker_rule_order('rules', 'known') }}
        ) as choice
    from known
    inner join snapshots
        on known.source = snapshots.source and known.item_id = snapshots.item_id
    inner join rules on {{ tracker_rule_fits('rules', 'known', 'snapshots.project') }}
    where known.is_taken
),

-- A name that the alias register knows goes before one that nobody knows.
resolved as (
    select
        fitting.source,
        fitting.item_id,
        fitting.attribute,
        fitting.field,
        fitting.happened_at,
        fitting.is_in_force,
        fitting.layer,
        fitting.project_rank,
        coalesce(fitting.precedence, 100) as precedence,
        fitting.attribute_value,
        case
            when fitting.attribute = 'system' then coalesce(targets.system_id, systems.system_id)
            else fitting.attribute_value
        end as resolved_value
    from fitting
    left join targets
        on
            fitting.attribute = 'system'
            and fitting.source = targets.source
            and fitting.attribute_value = targets.target_name
    left join systems
        on fitting.attribute = 'system' and fitting.attribute_value = systems.system_id
    where fitting.choice = 1
),

ranked as (
    select
        *,
        row_number() over (
            partition by source, item_id, attribute
            order by
                case when resolved_value is null then 1 else 0 end,
                layer,
                project_rank,
                precedence,
                happened_at,
                attribute_value
        ) as choice
    from resolved
    where is_in_force
),

attributes as (
    select
        source,
        item_id,
        attribute,
        field,
        attribute_value,
        resolved_value
    from ranked
    where choice = 1 and attribute <> 'severity'

    union all

    -- Of several fields that tell a severity the one of the first precedence tells all of them.
    select
        source,
        item_id,
        attribute,
        field,
        attribute_value,
        attribute_value as resolved_value
    from (
        select
            *,
            row_number() over (
                partition by source, item_id
                order by layer, project_rank, precedence, happened_at, attribute_value
            ) as first_rating
        from resolved
        where attribute = 'severity'
    ) as ratings
    where first_rating = 1
)

select * from attributes
