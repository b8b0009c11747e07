-- What policy says of each judge that a run used on an attack: does it count, and which way does
-- its score point. promptfoo's verdict of the whole test needs no policy. Of the other tools the
-- judge that policy names counts, else the only one there is, else none.
with results as (
    select * from {{ ref('stg_scanners__results') }}
),

judge_policy as (
    select * from {{ ref('judge_policy') }}
),

judges as (
    select
        source,
        run_id,
        attack,
        judge,
        bool_or(is_test_verdict) as is_test_verdict
    from results
    where judge is not null
    group by source, run_id, attack, judge
),

fitting as (
    select
        judges.source,
        judges.run_id,
        judges.attack,
        judges.judge,
        judge_policy.is_primary,
        judge_policy.high_score_means,
        judge_policy.success_from,
        row_number() over (
            partition by judges.source, judges.run_id, judges.attack, judges.judge
            order by
                case when judge_policy.judge is null then 1 else 0 end,
                length(coalesce(judge_policy.attack_prefix, '')) desc
        ) as fit
    from judges
    inner join judge_policy
        on
            judges.source = judge_policy.tool
            and coalesce(judge_policy.judge, judges.judge) = judges.judge
            and substr(judges.attack, 1, length(coalesce(judge_policy.attack_prefix, '')))
            = coalesce(judge_policy.attack_prefix, '')
),

policed as (
    select
        judges.source,
        judges.run_id,
        judges.attack,
        judges.judge,
        judges.is_test_verdict,
        coalesce(fitting.is_primary, false) as is_named,
        fitting.high_score_means,
        fitting.success_from,
        count(*) over (partition by judges.source, judges.run_id, judges.attack) as judges_there
    from judges
    left join fitting
        on
            judges.source = fitting.source
            and judges.run_id = fitting.run_id
            and judges.attack = fitting.attack
            and judges.judge = fitting.judge
            and fitting.fit = 1
),

ranked as (
    select
        source,
        run_id,
        attack,
        judge,
        is_test_verdict,
        high_score_means,
        success_from,
        case
            when source = 'promptfoo' then is_test_verdict
            else is_named or judges_there = 1
        end as may_count,
        row_number() over (
            partition by source, run_id, attack
            order by case when is_named then 0 else 1 end, judge
        ) as place
    from policed
),

scanner_judges as (
    select
        source,
        run_id,
        attack,
        judge,
        high_score_means,
        success_from,
        may_count and (source = 'promptfoo' or place = 1) as is_primary
    from ranked
)

select * from scanner_judges
