-- garak's outputs as successes and resisted attempts per run, probe, detector and prompt.
--
-- garak does not write its threshold down. A recount at 0.5 that gives garak's own figures proves
-- 0.5; else the lowest score of the hit log is tried; else garak's own counts stand, and the
-- prompts are not known.
with attempts as (
    select * from {{ ref('stg_garak__attempts') }}
),

evals as (
    select * from {{ ref('stg_garak__evals') }}
),

hits as (
    select * from {{ ref('stg_garak__hits') }}
),

primary_judges as (
    select * from {{ ref('int_garak_primary_judges') }}
),

-- garak writes each attempt when generated (1) and when detected (2): of the furthest status the
-- last line counts.
last_status as (
    select
        run_id,
        attempt_id,
        max(status) as status
    from attempts
    group by run_id, attempt_id
),

last_lines as (
    select
        attempts.run_id,
        attempts.attempt_id,
        max(attempts.line_number) as line_number
    from attempts
    inner join last_status
        on
            attempts.run_id = last_status.run_id
            and attempts.attempt_id = last_status.attempt_id
            and attempts.status = last_status.status
    group by attempts.run_id, attempts.attempt_id
),

outputs as (
    select
        attempts.run_id,
        attempts.attack,
        attempts.judge,
        attempts.prompt_id,
        attempts.score,
        attempts.outputs,
        hits.lowest_hit_score
    from attempts
    inner join last_lines
        on
            attempts.run_id = last_lines.run_id
            and attempts.attempt_id = last_lines.attempt_id
            and attempts.line_number = last_lines.line_number
    left join hits on attempts.run_id = hits.run_id
),

last_evals as (
    select
        run_id,
        attack,
        judge,
        passed,
        fails,
        nones,
        row_number() over (partition by run_id, attack, judge order by line_number desc) as recency
    from evals
),

tool_counts as (
    select * from last_evals
    where recency = 1
),

recounts as (
    select
        run_id,
        attack,
        judge,
        sum(case when score >= 0.5 then outputs else 0 end) as hits_at_half,
        sum(case when score >= lowest_hit_score then outputs else 0 end) as hits_at_lowest,
        sum(case when score is not null then outputs else 0 end) as scored,
        sum(case when score is null then outputs else 0 end) as unscored,
        max(lowest_hit_score) as lowest_hit_score
    from outputs
    where judge is not null
    group by run_id, attack, judge
),

-- Which count stands for each probe and detector of a run.
counted as (
    select
        coalesce(recounts.run_id, tool_counts.run_id) as run_id,
        coalesce(recounts.attack, tool_counts.attack) as attack,
        coalesce(recounts.judge, tool_counts.judge) as judge,
        case
            when tool_counts.run_id is null then 'recount'
            when recounts.scored <> tool_counts.passed + tool_counts.fails then 'tool'
            when recounts.hits_at_half = tool_counts.fails then 'recount'
            when recounts.hits_at_lowest = tool_counts.fails then 'hit log'
            else 'tool'
        end as counted_by,
        tool_counts.passed,
        tool_counts.fails,
        coalesce(tool_counts.nones, recounts.unscored, 0) as nones,
        recounts.lowest_hit_score
    from recounts
    full outer join tool_counts
        on
            recounts.run_id = tool_counts.run_id
            and recounts.attack = tool_counts.attack
            and recounts.judge = tool_counts.judge
),

judged_by as (
    select
        run_id,
        attack,
        judge,
        counted_by,
        passed,
        fails,
        nones,
        case counted_by when 'recount' then 0.5 when 'hit log' then lowest_hit_score end
            as threshold
    from counted
),

recounted as (
    select
        outputs.run_id,
        outputs.attack,
        outputs.judge,
        outputs.prompt_id,
        judged_by.counted_by,
        sum(
            case
                when outputs.score >= judged_by.threshold then outputs.outputs
                else 0
            end
        ) as successes,
        sum(case when outputs.score is not null then outputs.outputs else 0 end) as scored,
        sum(case when outputs.score is null then outputs.outputs else 0 end) as undetermined
    from outputs
    inner join judged_by
        on
            outputs.run_id = judged_by.run_id
            and outputs.attack = judged_by.attack
            and outputs.judge = judged_by.judge
    where judged_by.counted_by <> 'tool'
    group by
        outputs.run_id, outputs.attack, outputs.judge, outputs.prompt_id, judged_by.counted_by
),

-- Generated, but never judged: a run that was cut off. Not a pass and not a fail.
unjudged as (
    select
        outputs.run_id,
        outputs.attack,
        coalesce(primary_judges.judge, 'none') as judge,
        outputs.prompt_id,
        'recount' as counted_by,
        0 as successes,
        0 as scored,
        sum(outputs.outputs) as undetermined
    from outputs
    left join primary_judges
        on
            outputs.run_id = primary_judges.run_id
            and outputs.attack = primary_judges.attack
    where outputs.judge is null
    group by
        outputs.run_id, outputs.attack, coalesce(primary_judges.judge, 'none'), outputs.prompt_id
),

by_prompt as (
    select
        run_id,
        attack,
        judge,
        prompt_id,
        counted_by,
        successes,
        scored - successes as resisted,
        undetermined
    from recounted

    union all

    select
        run_id,
        attack,
        judge,
        prompt_id,
        counted_by,
        successes,
        scored - successes as resisted,
        undetermined
    from unjudged

    union all

    select
        run_id,
        attack,
        judge,
        cast(null as {{ dbt.type_string() }}) as prompt_id,
        counted_by,
        fails as successes,
        passed as resisted,
        nones as undetermined
    from judged_by
    where counted_by = 'tool'
),

garak_results as (
    select
        by_prompt.run_id,
        by_prompt.attack,
        by_prompt.judge,
        by_prompt.prompt_id,
        by_prompt.counted_by,
        sum(by_prompt.successes) as successes,
        sum(by_prompt.resisted) as resisted,
        sum(by_prompt.undetermined) as undetermined
    from by_prompt
    group by
        by_prompt.run_id,
        by_prompt.attack,
        by_prompt.judge,
        by_prompt.prompt_id,
        by_prompt.counted_by
)

select * from garak_results
