{{ config(**keeping_runs('int_run_fingerprints')) }}
-- Attempts of every scanner at one grain: run x target x attack x strategy x judge x prompt x day.
with attempts as (
    select * from {{ ref('stg_attempts__attempts') }}
    where {{ is_to_make('run_id', "'attempts'", file='file_sha256') }}
),

-- The same again: read twice, few columns here, where one would be kept in memory whole.
attempt_times as (
    select * from {{ ref('stg_attempts__attempts') }}
    where {{ is_to_make('run_id', "'attempts'", file='file_sha256') }}
),

garak_runs as (
    select * from {{ ref('stg_garak__runs') }}
),

garak_results as (
    select * from {{ ref('int_garak_results') }}
    where {{ is_to_make('run_id', "'garak'") }}
),

garak_primary_judges as (
    select * from {{ ref('int_garak_primary_judges') }}
),

scanner_runs as (
    select * from {{ ref('stg_scanners__runs') }}
),

scanner_outcomes as (
    select * from {{ ref('int_scanner_outcomes') }}
    where {{ is_to_make('run_id', 'source') }}
),

-- An attempt without a time happened, as far as anyone knows, when its run began.
run_starts as (
    select
        run_id,
        min(attempted_at) as started_at
    from attempt_times
    group by 1
),

-- Counted before anything is added that a run's attempts share: fewer columns to group by.
attempt_cells as (
    select
        attempts.file_name,
        attempts.run_id,
        coalesce(attempts.tool, 'unknown') as tool,
        attempts.target_name,
        attempts.target_version,
        attempts.configuration,
        attempts.attack,
        coalesce(attempts.judge, 'unknown') as judge,
        attempts.is_control,
        attempts.prompt_id,
        attempts.technique_id,
        attempts.vulnerability_class,
        cast(coalesce(attempts.attempted_at, run_starts.started_at) as date) as attempted_on,
        min(run_starts.started_at) as started_at,
        count(case when attempts.outcome = 'success' then 1 end) as successes,
        count(case when attempts.outcome = 'resisted' then 1 end) as resisted,
        count(case when attempts.outcome = 'undetermined' then 1 end) as undetermined,
        count(case when attempts.outcome = 'error' then 1 end) as errors
    from attempts
    inner join run_starts on attempts.run_id = run_starts.run_id
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13
),

from_attempts as (
    select
        'attempts' as source,
        attempt_cells.file_name,
        attempt_cells.run_id,
        attempt_cells.tool,
        cast(null as {{ dbt.type_string() }}) as tool_version,
        attempt_cells.target_name,
        attempt_cells.target_version,
        attempt_cells.configuration,
        attempt_cells.started_at,
        true as is_complete,
        attempt_cells.attack,
        'basic' as strategy,
        cast(null as {{ dbt.type_string() }}) as category,
        attempt_cells.judge,
        cast(null as {{ dbt.type_string() }}) as judged_how,
        true as is_primary_judge,
        attempt_cells.is_control,
        attempt_cells.prompt_id,
        attempt_cells.technique_id,
        attempt_cells.vulnerability_class,
        attempt_cells.attempted_on,
        attempt_cells.successes,
        attempt_cells.resisted,
        attempt_cells.undetermined,
        attempt_cells.errors
    from attempt_cells
),

from_garak as (
    select
        'garak' as source,
        garak_runs.file_name,
        garak_runs.run_id,
        'garak' as tool,
        garak_runs.garak_version as tool_version,
        garak_runs.target_name,
        cast(null as {{ dbt.type_string() }}) as target_version,
        cast(null as {{ dbt.type_string() }}) as configuration,
        garak_runs.started_at,
        garak_runs.is_complete,
        garak_results.attack,
        'basic' as strategy,
        cast(null as {{ dbt.type_string() }}) as category,
        garak_results.judge,
        cast(null as {{ dbt.type_string() }}) as judged_how,
        coalesce(garak_results.judge = garak_primary_judges.judge, false) as is_primary_judge,
        false as is_control,
        garak_results.prompt_id,
        cast(null as {{ dbt.type_string() }}) as technique_id,
        cast(null as {{ dbt.type_string() }}) as vulnerability_class,
        cast(garak_runs.started_at as date) as attempted_on,
        garak_results.successes,
        garak_results.resisted,
        garak_results.undetermined,
        0 as errors
    from garak_results
    inner join garak_runs on garak_results.run_id = garak_runs.run_id
    left join garak_primary_judges
        on
            garak_results.run_id = garak_primary_judges.run_id
            and garak_results.attack = garak_primary_judges.attack
),

from_scanners as (
    select
        scanner_runs.source,
        scanner_runs.file_name,
        scanner_runs.run_id,
        scanner_runs.source as tool,
        scanner_runs.tool_version,
        scanner_outcomes.target_name,
        scanner_outcomes.target_version,
        cast(null as {{ dbt.type_string() }}) as configuration,
        scanner_runs.started_at,
        scanner_runs.is_complete,
        scanner_outcomes.attack,
        scanner_outcomes.strategy,
        scanner_outcomes.category,
        scanner_outcomes.judge,
        -- What else must be alike for two runs to compare: the judge's version and the decoding.
        nullif(
            coalesce(scanner_outcomes.judge_version, '') || coalesce(scanner_runs.decoding, ''), ''
        ) as judged_how,
        scanner_outcomes.is_primary_judge,
        scanner_outcomes.is_control,
        scanner_outcomes.prompt_id,
        scanner_outcomes.technique_id,
        cast(null as {{ dbt.type_string() }}) as vulnerability_class,
        cast(coalesce(scanner_outcomes.attempted_at, scanner_runs.started_at) as date)
            as attempted_on,
        count(case when scanner_outcomes.outcome = 'success' then 1 end) as successes,
        count(case when scanner_outcomes.outcome = 'resisted' then 1 end) as resisted,
        count(case when scanner_outcomes.outcome = 'undetermined' then 1 end) as undetermined,
        count(case when scanner_outcomes.outcome = 'error' then 1 end) as errors
    from scanner_outcomes
    inner join scanner_runs
        on
            scanner_outcomes.source = scanner_runs.source
            and scanner_outcomes.run_id = scanner_runs.run_id
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21
),

attack_results as (
    select * from from_attempts
    union all
    select * from from_garak
    union all
    select * from from_scanners
)

select
    source,
    file_name,
    run_id,
    tool,
    tool_version,
    target_name,
    target_version,
    configuration,
    started_at,
    is_complete,
    attack,
    strategy,
    category,
    judge,
    judged_how,
    is_primary_judge,
    is_control,
    prompt_id,
    technique_id,
    vulnerability_class,
    attempted_on,
    successes,
    resisted,
    undetermined,
    errors
from attack_results
