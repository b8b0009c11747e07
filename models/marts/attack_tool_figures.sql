-- Every figure that a scanner recorded itself, beside the same figure recounted by the tool's own
-- formula from the rows that landed.
with figures as (
    select * from {{ ref('stg_scanners__figures') }}
),

recounts as (
    select * from {{ ref('int_scanner_recounts') }}
),

runs as (
    select * from {{ ref('stg_scanners__runs') }}
),

garak_runs as (
    select * from {{ ref('stg_garak__runs') }}
),

garak_evals as (
    select * from {{ ref('stg_garak__evals') }}
),

garak_results as (
    select * from {{ ref('int_garak_results') }}
),

garak_counts as (
    select
        run_id,
        attack,
        judge,
        max(counted_by) as counted_by,
        sum(successes) as fails,
        sum(resisted) as passed,
        sum(undetermined) as nones
    from garak_results
    group by run_id, attack, judge
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
    from garak_evals
),

garak_figures as (
    {%- for figure in ['passed', 'fails', 'nones'] %}
    {% if not loop.first %}union all {% endif -%}
    select
        run_id,
        attack,
        judge,
        '{{ figure }}' as figure,
        cast({{ figure }} as {{ type_double() }}) as value
    from last_evals
    where recency = 1 and {{ figure }} is not null
    {%- endfor %}
),

recorded as (
    select
        garak_runs.file_name,
        garak_figures.run_id,
        'garak' as tool,
        garak_runs.target_name,
        garak_figures.attack,
        garak_figures.judge,
        garak_figures.figure,
        garak_figures.value as tool_value,
        cast(
            case
                when garak_counts.counted_by = 'tool' then null
                when garak_figures.figure = 'passed' then garak_counts.passed
                when garak_figures.figure = 'fails' then garak_counts.fails
                else garak_counts.nones
            end as {{ type_double() }}
        ) as recounted_value,
        garak_runs.is_complete
    from garak_figures
    inner join garak_runs on garak_figures.run_id = garak_runs.run_id
    left join garak_counts
        on
            garak_figures.run_id = garak_counts.run_id
            and garak_figures.attack = garak_counts.attack
            and garak_figures.judge = garak_counts.judge

    union all

    select
        figures.file_name,
        figures.run_id,
        figures.source as tool,
        figures.target_name,
        figures.attack,
        figures.judge,
        figures.figure,
        figures.value as tool_value,
        recounts.recount as recounted_value,
        runs.is_complete
    from figures
    inner join runs on figures.source = runs.source and figures.run_id = runs.run_id
    left join recounts
        on
            figures.source = recounts.source
            and figures.run_id = recounts.run_id
            and figures.figure = recounts.figure
            and coalesce(figures.target_name, '') = coalesce(recounts.target_name, '')
            and coalesce(figures.attack, '') = coalesce(recounts.attack, '')
            and coalesce(figures.judge, '') = coalesce(recounts.judge, '')
),

compared as (
    select
        *,
        abs(tool_value - recounted_value) <= 1e-9 * greatest(1, abs(tool_value)) as is_same
    from recorded
)

select
    file_name,
    run_id,
    tool,
    target_name,
    attack,
    judge,
    figure,
    tool_value,
    recounted_value,
    coalesce(is_same, false) as is_reproduced,
    case
        when is_same then null
        when recounted_value is null and tool = 'garak'
            then 'the scores fit no threshold the file gives: the counts of the tool stand'
        when recounted_value is null and figure like '%/mode'
            then 'epochs are tied: their mode depends on an order the file does not keep'
        when recounted_value is null then 'the rows that landed do not say enough to recount it'
        when figure = 'named_score'
            then 'the tool multiplies scores by the weight of their assertion, we do not'
        when not is_complete then 'the run was cut off: the tool counted other rows than it wrote'
        else 'the rows that landed do not add up to it'
    end as difference
from compared
