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
        100 * cast(successes as {{ type_double() }}) / (successes + resisted) as attack_success_rate
    from weeks
    where successes + resisted > 0
),

charted as (
    {{ individuals_chart(
        'measured',
        ['system_id', 'tool', 'attack', 'strategy', 'judge', 'comparability_key'],
        ordered_by='week_start', value='attack_success_rate', lowest='0', highest='100'
    ) }}
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
        when side_of_eight = 8 then 'eight weeks above the centre'
        when side_of_eight = -8 then 'eight weeks below the centre'
        else 'within limits'
    end as signal
from charted
