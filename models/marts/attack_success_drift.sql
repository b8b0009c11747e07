-- Weekly attack success of one system under one attack measured alike, with the limits of an
-- individuals chart (XmR): mean +- 2.66 times the mean moving range. The first twelve weeks with
-- attempts set the limits and stay; with fewer than eight weeks there are none.
with attack_results as (
    select * from {{ ref('fct_attack_results') }}
    where is_primary_judge and not is_control and attempted_on is not null
),

weeks as (
    select
        system_id,
        tool,
        attack,
        strategy,
        judge,
        comparability_key,
        cast(date_trunc('week', attempted_on) as date) as week_start,
        sum(attempts) as attempts,
        sum(successes) as successes,
        sum(resisted) as resisted,
        count(distinct cluster_id) as prompts
    from attack_results
    group by 1, 2, 3, 4, 5, 6, 7
),

measured as (
    select
        *,
        100.0 * successes / (successes + resisted) as attack_success_rate,
        row_number() over (
            partition by system_id, tool, attack, strategy, judge, comparability_key
            order by week_start
        ) as week_number,
        count(*) over (
            partition by system_id, tool, attack, strategy, judge, comparability_key
        ) as weeks_measured
    from weeks
    where successes + resisted > 0
),

moving as (
    select
        *,
        abs(
            attack_success_rate - lag(attack_success_rate) over (
                partition by system_id, tool, attack, strategy, judge, comparability_key
                order by week_start
            )
        ) as moving_range
    from measured
),

baselines as (
    select
        system_id,
        tool,
        attack,
        strategy,
        judge,
        comparability_key,
        sum(attack_success_rate) / count(*) as centre,
        sum(moving_range) / nullif(count(moving_range), 0) as mean_moving_range
    from moving
    where week_number <= 12 and weeks_measured >= 8
    group by 1, 2, 3, 4, 5, 6
),

charted as (
    select
        moving.*,
        baselines.centre,
        case
            when baselines.centre is not null
                then greatest(baselines.centre - 2.66 * baselines.mean_moving_range, 0)
        end as limit_low,
        case
            when baselines.centre is not null
                then least(baselines.centre + 2.66 * baselines.mean_moving_range, 100)
        end as limit_high,
        sign(moving.attack_success_rate - baselines.centre) as side
    from moving
    left join baselines
        on
            moving.system_id = baselines.system_id
            and moving.tool = baselines.tool
            and moving.attack = baselines.attack
            and moving.strategy = baselines.strategy
            and moving.judge = baselines.judge
            and moving.comparability_key = baselines.comparability_key
),

runs_of_side as (
    select
        *,
        sum(side) over (
            partition by system_id, tool, attack, strategy, judge, comparability_key
            order by week_start
            rows between 7 preceding and current row
        ) as eight_weeks_side
    from charted
)

select
    system_id,
    tool,
    attack,
    strategy,
    judge,
    comparability_key,
    week_start,
    cast(attempts as bigint) as attempts,
    cast(successes as bigint) as successes,
    cast(resisted as bigint) as resisted,
    cast(prompts as bigint) as prompts,
    attack_success_rate,
    centre,
    limit_low,
    limit_high,
    case
        when centre is null then 'no limits yet'
        when attack_success_rate > limit_high then 'above the limit'
        when attack_success_rate < limit_low then 'below the limit'
        when eight_weeks_side = 8 then 'eight weeks above the centre'
        when eight_weeks_side = -8 then 'eight weeks below the centre'
        else 'within limits'
    end as signal
from runs_of_side
