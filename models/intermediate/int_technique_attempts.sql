-- What attempts say of each system and technique: counts of the last 12 months, and when a primary
-- judge last judged one. Judges look at the same attempts: the primary one counts them, and where a
-- run has none the judge with the most attempts, whose verdicts then count for nothing.
with attack_results as (
    select * from {{ ref('fct_attack_results') }}
    where not is_control and system_id <> 'unknown' and technique_id <> 'unknown'
),

as_of as (
    select * from {{ ref('stg_ledger__as_of') }}
),

t_critical_values as (
    select * from {{ ref('t_critical_values') }}
),

windowed as (
    select
        attack_results.*,
        attack_results.successes + attack_results.resisted as judged
    from attack_results
    cross join as_of
    where attack_results.attempted_on >= {{ add_months('as_of.as_of_end', -12) }}
),

by_judge as (
    select
        system_id,
        technique_id,
        source,
        run_id,
        target_name,
        attack,
        strategy,
        judge,
        is_primary_judge,
        sum(attempts) as attempts,
        row_number() over (
            partition by system_id, technique_id, source, run_id, target_name, attack, strategy
            order by case when is_primary_judge then 0 else 1 end, sum(attempts) desc, judge
        ) as place
    from windowed
    group by
        system_id,
        technique_id,
        source,
        run_id,
        target_name,
        attack,
        strategy,
        judge,
        is_primary_judge
),

attempts as (
    select
        system_id,
        technique_id,
        sum(attempts) as attempts
    from by_judge
    where is_primary_judge or place = 1
    group by system_id, technique_id
),

by_cluster as (
    select
        system_id,
        technique_id,
        cluster_id,
        sum(successes) as successes,
        sum(judged) as judged
    from windowed
    where is_primary_judge and judged > 0
    group by system_id, technique_id, cluster_id
),

verdicts as (
    select
        system_id,
        technique_id,
        sum(successes) as successes,
        sum(judged) as judged,
        count(*) as prompts
    from by_cluster
    group by system_id, technique_id
),

residuals as (
    select
        verdicts.system_id,
        verdicts.technique_id,
        {{ squared_residuals(
            'by_cluster.successes',
            'by_cluster.judged',
            'verdicts.successes',
            'verdicts.judged'
        ) }} as squared_residuals
    from verdicts
    inner join by_cluster
        on
            verdicts.system_id = by_cluster.system_id
            and verdicts.technique_id = by_cluster.technique_id
    group by verdicts.system_id, verdicts.technique_id
),

last_judged as (
    select
        system_id,
        technique_id,
        max(attempted_on) as last_judged_on
    from attack_results
    where is_primary_judge and successes + resisted > 0
    group by system_id, technique_id
),

pairs as (
    select
        system_id,
        technique_id
    from attempts

    union

    select
        system_id,
        technique_id
    from last_judged
),

technique_attempts as (
    select
        pairs.system_id,
        pairs.technique_id,
        coalesce(attempts.attempts, 0) as attempts,
        coalesce(verdicts.judged, 0) as judged,
        coalesce(verdicts.successes, 0) as successes,
        coalesce(verdicts.prompts, 0) as prompts,
        cast(verdicts.successes as {{ type_double() }}) / verdicts.judged as rate,
        {{ effective_n(
            'verdicts.successes',
            'verdicts.judged',
            'verdicts.prompts',
            'residuals.squared_residuals'
        ) }} as effective_n,
        {{ clustered_z('verdicts.successes', 'verdicts.judged', 't_critical_values.t_975') }}
            as critical_value,
        last_judged.last_judged_on
    from pairs
    left join attempts
        on pairs.system_id = attempts.system_id and pairs.technique_id = attempts.technique_id
    left join verdicts
        on pairs.system_id = verdicts.system_id and pairs.technique_id = verdicts.technique_id
    left join residuals
        on pairs.system_id = residuals.system_id and pairs.technique_id = residuals.technique_id
    left join t_critical_values on verdicts.prompts = t_critical_values.clusters
    left join last_judged
        on pairs.system_id = last_judged.system_id and pairs.technique_id = last_judged.technique_id
)

select * from technique_attempts
