-- Figures that promptfoo and Inspect recorded, recounted by the tool's own formula from the rows
-- that landed: what shows that no row was lost or misread, whatever our rate makes of them.
with results as (
    select * from {{ ref('stg_scanners__results') }}
),

figures as (
    select * from {{ ref('stg_scanners__figures') }}
),

-- promptfoo: tests counted by verdict for the run and for each target, and sums of named scores.
tests as (
    select
        run_id,
        target_name,
        sum(case when verdict in ('pass', 'none') then 1 else 0 end) as passed,
        sum(case when verdict = 'fail' then 1 else 0 end) as failed,
        sum(case when verdict = 'error' then 1 else 0 end) as errors
    from results
    where source = 'promptfoo' and is_test_verdict
    group by run_id, target_name
),

named_scores as (
    select
        run_id,
        target_name,
        judge,
        {{ exact_sum('score') }} as summed
    from results
    where source = 'promptfoo' and not is_test_verdict
    group by run_id, target_name, judge
),

-- Inspect: epochs of a sample are reduced first, samples are averaged then.
samples as (
    select
        run_id,
        attack,
        judge,
        category,
        prompt_id,
        count(score) as scored,
        sum(case when score >= 1 then 1 else 0 end) as full_scores,
        {{ exact_mean('score') }} as mean_score,
        max(score) as max_score
    from results
    where source = 'inspect' and score is not null
    group by run_id, attack, judge, category, prompt_id
),

asked as (
    select
        source,
        run_id,
        target_name,
        attack,
        judge,
        figure,
        split_part(figure, '/', 1) as metric,
        split_part(figure, '/', 2) as reducer
    from figures
),

reduced as (
    select
        asked.run_id,
        asked.target_name,
        asked.attack,
        asked.judge,
        asked.figure,
        asked.metric,
        case
            when asked.reducer in ('mean', '') then samples.mean_score
            when asked.reducer = 'max' then samples.max_score
            when asked.reducer like 'at_least_%'
                then
                    case
                        when samples.full_scores >= cast(substr(asked.reducer, 10) as integer)
                            then 1
                        else 0
                    end
            when asked.reducer like 'pass_at_%'
                then
                    {{ success_within_tries(
                        'samples.full_scores',
                        'samples.scored',
                        'cast(substr(asked.reducer, 9) as integer)',
                    ) }}
            when asked.reducer = 'mode' and 2 * samples.full_scores <> samples.scored
                then case when 2 * samples.full_scores > samples.scored then 1 else 0 end
        end as reduced_score
    from asked
    inner join samples
        on
            asked.run_id = samples.run_id
            and asked.attack = samples.attack
            and asked.judge = samples.judge
            and (
                asked.metric in ('accuracy', 'mean', 'all', 'stderr', 'std')
                or asked.metric = samples.category
            )
    where asked.source = 'inspect'
),

averaged as (
    select
        run_id,
        target_name,
        attack,
        judge,
        figure,
        case metric
            when 'stderr'
                then {{ sorted_aggregate('stddev_samp', 'reduced_score') }} / sqrt(count(*))
            when 'std' then {{ sorted_aggregate('stddev_samp', 'reduced_score') }}
            else {{ exact_mean('reduced_score') }}
        end as recount
    from reduced
    group by run_id, target_name, attack, judge, figure, metric
    having count(*) = count(reduced_score)
),

attempts as (
    select
        run_id,
        count(distinct attempt_id) as total_samples,
        count(distinct case when verdict <> 'error' then attempt_id end) as completed_samples
    from results
    where source = 'inspect'
    group by run_id
),

recounts as (
    select
        'promptfoo' as source,
        asked.run_id,
        asked.target_name,
        asked.attack,
        asked.judge,
        asked.figure,
        cast(
            sum(
                case
                    when asked.figure in ('successes', 'test_pass_count') then tests.passed
                    when asked.figure in ('failures', 'test_fail_count') then tests.failed
                    when asked.figure in ('errors', 'test_error_count') then tests.errors
                end
            ) as {{ type_double() }}
        ) as recount
    from asked
    inner join tests
        on
            asked.run_id = tests.run_id
            and coalesce(asked.target_name, tests.target_name) = tests.target_name
    where asked.source = 'promptfoo' and asked.judge is null
    group by asked.run_id, asked.target_name, asked.attack, asked.judge, asked.figure

    union all

    select
        'promptfoo' as source,
        asked.run_id,
        asked.target_name,
        asked.attack,
        asked.judge,
        asked.figure,
        named_scores.summed as recount
    from asked
    inner join named_scores
        on
            asked.run_id = named_scores.run_id
            and asked.target_name = named_scores.target_name
            and asked.judge = named_scores.judge
    where asked.source = 'promptfoo' and asked.figure = 'named_score'

    union all

    select
        'inspect' as source,
        run_id,
        target_name,
        attack,
        judge,
        figure,
        recount
    from averaged

    union all

    select
        'inspect' as source,
        asked.run_id,
        asked.target_name,
        asked.attack,
        asked.judge,
        asked.figure,
        cast(
            case asked.figure
                when 'total_samples' then attempts.total_samples
                else attempts.completed_samples
            end as {{ type_double() }}
        ) as recount
    from asked
    inner join attempts on asked.run_id = attempts.run_id
    where asked.source = 'inspect' and asked.figure in ('total_samples', 'completed_samples')
)

select * from recounts
