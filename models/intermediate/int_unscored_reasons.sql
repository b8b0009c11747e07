-- Why attempts of a cell are neither a success nor resisted, most frequent reason first.
with outcomes as (
    select * from {{ ref('int_scanner_outcomes') }}
    where outcome in ('undetermined', 'error') and not is_control
),

counted as (
    select
        source,
        run_id,
        target_name,
        attack,
        strategy,
        judge,
        coalesce(outcome_reason, outcome) as reason,
        count(*) as attempts
    from outcomes
    group by source, run_id, target_name, attack, strategy, judge, coalesce(outcome_reason, outcome)
),

unscored_reasons as (
    select
        source,
        run_id,
        target_name,
        attack,
        strategy,
        judge,
        {{ joined_text(
            "reason || ' ' || cast(attempts as " ~ dbt.type_string() ~ ')', ', ', 'attempts desc, reason asc'
        ) }} as reasons
    from counted
    group by source, run_id, target_name, attack, strategy, judge
)

select * from unscored_reasons
