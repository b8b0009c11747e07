{{ config(**keeping_runs('int_run_fingerprints', "'garak'")) }}
-- garak's outputs as successes and resisted attempts per run, probe, detector and prompt.
--
-- garak does not write its threshold down. A recount at 0.5 that gives garak's own figures proves
-- 0.5; else the lowest score of the hit log is tried; else garak's own counts stand, and the
-- prompts are not known.
with attempts as (
    select * from {{ ref('stg_garak__attempts') }}
    where {{ is_to_make('run_id', "'garak'", file='file_sha256') }}
),

-- The same again: read twice, few columns each, where one would be kept in memory whole.
attempt_lines as (
    select * from {{ ref('stg_garak__attempts') }}
    where {{ is_to_make('run_id', "'garak'", file='file_sha256') }}
),

evals as (
    select * from {{ ref('stg_garak__evals') }}
    where {{ is_to_make('run_id', "'garak'") }}
),

hits as (
    select * from {{ ref('stg_garak__hits') }}
),

primary_judges as (
    select * from {{ ref('int_garak_primary_judges') }}
),

-- garak writes each attempt when generated (1) and when detected (2): of the furthest status the
-- last line counts. A line belongs to one attempt.
last_lines as (
    select
        run_id,
        coalesce(
            max(case when status = 2 then line_number end),
            max(case when status = 1 then line_number end),
            max(line_number)
        ) as line_number
    from attempt_lines
    group by run_id, attempt_id
),

-- Both thresholds that may turn out to be garak's, counted in one pass. A sum of whole numbers is
-- wider than they are, and slow to store and read again: it is made one of them.
prompts as (
    select
        attempts.run_id,
        attempts.attack,
        attempts.judge,
        attempts.prompt_id,
        cast(sum(attempts.outputs) as bigint) as outputs,
        cast(sum(case when attempts.score >= 0.5 then attempts.outputs else 0 end) as bigint)
            as hits_at_half,
        cast(
            sum(case when attempts.score >= hits.lowest_hit_score then attempts.outputs else 0 end)
            as bigint
        ) as hits_at_lowest,
        cast(sum(case when attempts.score is not null then attempts.outputs else 0 end) as bigint)
            as scored,
        cast(sum(case when attempts.score is null then attempts.outputs else 0 end) as bigint)
            as unscored
    from attempts
    inner join last_lines
        on
            attempts.run_id = last_lines.run_id
            and attempts.line_number = last_lines.line_number
    left join hits on attempts.run_id = hits.run_id
    group by attempts.run_id, attempts.attack, attempts.judge, attempts.prompt_id
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
        sum(hits_at_half) as hits_at_half,
        sum(hits_at_lowest) as hits_at_lowest,
        sum(scored) as scored,
        sum(unscored) as unscored
    from prompts
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
        coalesce(tool_counts.nones, recounts.unscored, 0) as nones
    from recounts
    full outer join tool_counts
        on
            recounts.run_id = tool_counts.run_id
            and recounts.attack = tool_counts.attack
            and recounts.judge = tool_counts.judge
),

recounted as (
    select
        prompts.run_id,
        prompts.attack,
        prompts.judge,
        prompts.prompt_id,
        counted.counted_by,
        case counted.counted_by
            when 'recount' then prompts.hits_at_half
            else prompts.hits_at_lowest
        end as successes,
        prompts.scored,
        prompts.unscored as undetermined
    from prompts
    inner join counted
        on
            prompts.run_id = counted.run_id
            and prompts.attack = counted.attack
            and prompts.judge = counted.judge
    where counted.counted_by <> 'tool'
),

-- Generated, but never judged: a run that was cut off. Not a pass and not a fail.
unjudged as (
    select
        prompts.run_id,
        prompts.attack,
        coalesce(primary_judges.judge, 'none') as judge,
        prompts.prompt_id,
        'recount' as counted_by,
        0 as successes,
        0 as scored,
        prompts.outputs as undetermined
    from prompts
    left join primary_judges
        on
            prompts.run_id = primary_judges.run_id
            and prompts.attack = primary_judges.attack
    where prompts.judge is null
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
    from counted
    where counted_by = 'tool'
),

garak_results as (
    select
        by_prompt.run_id,
        by_prompt.attack,
        by_prompt.judge,
        by_prompt.prompt_id,
        by_prompt.counted_by,
        cast(sum(by_prompt.successes) as bigint) as successes,
        cast(sum(by_prompt.resisted) as bigint) as resisted,
        cast(sum(by_prompt.undetermined) as bigint) as undetermined
    from by_prompt
    group by
        by_prompt.run_id,
        by_prompt.attack,
        by_prompt.judge,
        by_prompt.prompt_id,
        by_prompt.counted_by
)

select * from garak_results
