-- The rate and interval that the tool itself gives for a cell of a run, in percent, and what it
-- does otherwise than we do. Where a file records no rate, the tool's own formula is applied.
with attack_names as (
    select * from {{ ref('int_attack_names') }}
),

garak_evals as (
    select * from {{ ref('stg_garak__evals') }}
),

scanner_results as (
    select * from {{ ref('stg_scanners__results') }}
),

scanner_outcomes as (
    select * from {{ ref('int_scanner_outcomes') }}
    where not is_control
),

figures as (
    select * from {{ ref('stg_scanners__figures') }}
),

judges as (
    select * from {{ ref('int_scanner_judges') }}
),

cells as (
    select distinct
        source,
        run_id,
        target_name,
        attack,
        strategy,
        judge,
        is_control
    from attack_names
),

ranked_evals as (
    select
        run_id,
        attack,
        judge,
        100.0 * fails / nullif(passed + fails, 0) as tool_rate,
        100 * confidence_lower as tool_low,
        100 * confidence_upper as tool_high,
        row_number() over (partition by run_id, attack, judge order by line_number desc) as recency
    from garak_evals
),

-- What Inspect's means hold besides attempts that were judged.
samples as (
    select
        run_id,
        attack,
        judge,
        prompt_id,
        count(score) as scored,
        sum(case when verdict = 'no_answer' then 1 else 0 end) as unanswered,
        sum(case when score > 0 and score < 1 then 1 else 0 end) as partial_scores
    from scanner_results
    where source = 'inspect'
    group by run_id, attack, judge, prompt_id
),

sample_counts as (
    select
        run_id,
        attack,
        judge,
        sum(unanswered) as unanswered,
        sum(partial_scores) as partial_scores,
        min(scored) <> max(scored) as is_uneven
    from samples
    group by run_id, attack, judge
),

inspect_controls as (
    select distinct
        run_id,
        attack
    from cells
    where source = 'inspect' and is_control
),

inspect_rates as (
    select
        figures.run_id,
        figures.attack,
        figures.judge,
        100 * max(
            case judges.high_score_means
                when 'success' then figures.value
                else 1 - figures.value
            end
        ) as tool_rate
    from figures
    inner join judges
        on
            figures.source = judges.source
            and figures.run_id = judges.run_id
            and figures.attack = judges.attack
            and figures.judge = judges.judge
    where
        figures.source = 'inspect'
        and figures.figure in ('accuracy/mean', 'mean/mean', 'accuracy', 'mean')
        and judges.high_score_means is not null
    group by figures.run_id, figures.attack, figures.judge
),

-- promptfoo divides the failures by all tests, PyRIT the successes by the decided attempts.
own_verdicts as (
    select
        source,
        run_id,
        target_name,
        attack,
        strategy,
        judge,
        sum(
            case
                when source = 'promptfoo' and verdict = 'fail' then 1
                when source = 'pyrit' and verdict = 'success' then 1
                else 0
            end
        ) as successes,
        sum(
            case
                when source = 'promptfoo' then 1
                when verdict in ('success', 'failure') then 1
                else 0
            end
        ) as tests,
        sum(case when outcome = 'error' then 1 else 0 end) as errors,
        sum(
            case
                when outcome <> 'undetermined' then 0
                when source = 'promptfoo' or verdict in ('success', 'failure') then 1
                else 0
            end
        ) as unjudged
    from scanner_outcomes
    where source in ('promptfoo', 'pyrit')
    group by source, run_id, target_name, attack, strategy, judge
),

tool_rates as (
    select
        cells.source,
        cells.run_id,
        cells.target_name,
        cells.attack,
        cells.strategy,
        cells.judge,
        ranked_evals.tool_rate,
        ranked_evals.tool_low,
        ranked_evals.tool_high,
        cast(null as {{ dbt.type_string() }}) as counts_otherwise
    from cells
    inner join ranked_evals
        on
            cells.run_id = ranked_evals.run_id
            and cells.attack = ranked_evals.attack
            and cells.judge = ranked_evals.judge
            and ranked_evals.recency = 1
    where cells.source = 'garak' and not cells.is_control

    union all

    select
        cells.source,
        cells.run_id,
        cells.target_name,
        cells.attack,
        cells.strategy,
        cells.judge,
        inspect_rates.tool_rate,
        cast(null as {{ type_double() }}) as tool_low,
        cast(null as {{ type_double() }}) as tool_high,
        nullif(
            case
                when inspect_controls.run_id is not null
                    then 'the tool counts benign controls as attacks; '
                else ''
            end
            || case
                when sample_counts.unanswered > 0 then 'it counts no answer as a score of 0; '
                else ''
            end
            || case
                when sample_counts.partial_scores > 0 then 'it counts a partial score in part; '
                else ''
            end
            || case
                when sample_counts.is_uneven
                    then 'it averages prompts of unequal numbers of scored tries; '
                else ''
            end, ''
        ) as counts_otherwise
    from cells
    inner join inspect_rates
        on
            cells.run_id = inspect_rates.run_id
            and cells.attack = inspect_rates.attack
            and cells.judge = inspect_rates.judge
    left join sample_counts
        on
            cells.run_id = sample_counts.run_id
            and cells.attack = sample_counts.attack
            and cells.judge = sample_counts.judge
    left join inspect_controls
        on cells.run_id = inspect_controls.run_id and cells.attack = inspect_controls.attack
    where cells.source = 'inspect' and not cells.is_control

    union all

    select
        own_verdicts.source,
        own_verdicts.run_id,
        own_verdicts.target_name,
        own_verdicts.attack,
        own_verdicts.strategy,
        own_verdicts.judge,
        100.0 * own_verdicts.successes / nullif(own_verdicts.tests, 0) as tool_rate,
        cast(null as {{ type_double() }}) as tool_low,
        cast(null as {{ type_double() }}) as tool_high,
        nullif(
            case
                when own_verdicts.source = 'promptfoo' and own_verdicts.errors > 0
                    then 'the tool counts errors in the denominator; '
                else ''
            end
            || case
                when own_verdicts.unjudged > 0
                    then 'the tool counts tests without an output or without a judge; '
                else ''
            end, ''
        ) as counts_otherwise
    from own_verdicts
    inner join judges
        on
            own_verdicts.source = judges.source
            and own_verdicts.run_id = judges.run_id
            and own_verdicts.attack = judges.attack
            and own_verdicts.judge = judges.judge
    where judges.is_primary
)

select * from tool_rates
