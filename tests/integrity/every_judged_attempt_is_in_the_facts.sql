{{ config(meta={'dimension': 'completeness'}) }}

-- Attempts as they landed, counted again as cells and in the run mart: nothing lost, nothing doubled.
-- Of garak, outputs are what is counted, and each detector looks at them once more.
with generic_attempts as (
    select
        'attempts' as source,
        run_id,
        count(*) as attempts
    from {{ ref('stg_attempts__attempts') }}
    group by run_id
),

scanner_attempts as (
    select
        results.source,
        results.run_id,
        count(*) as attempts
    from {{ ref('stg_scanners__results') }} as results
    inner join {{ ref('stg_scanners__runs') }} as runs
        on results.source = runs.source and results.run_id = runs.run_id
    group by results.source, results.run_id
),

garak_outputs as (
    select
        'garak' as source,
        results.run_id,
        sum(results.successes + results.resisted + results.undetermined) as attempts
    from {{ ref('int_garak_results') }} as results
    inner join {{ ref('stg_garak__runs') }} as runs on results.run_id = runs.run_id
    group by results.run_id
),

landed as (
    select * from generic_attempts
    union all
    select * from scanner_attempts
    union all
    select * from garak_outputs
),

facts as (
    select
        source,
        run_id,
        sum(attempts) as attempts,
        sum(case when is_control then 0 else attempts end) as attacks
    from {{ ref('fct_attack_results') }}
    group by source, run_id
),

runs as (
    select
        run_id,
        sum(attempts) as attempts
    from {{ ref('attack_success_by_run') }}
    group by run_id
),

attacks as (
    select
        run_id,
        sum(attacks) as attempts
    from facts
    group by run_id
)

select
    'facts' as place,
    coalesce(landed.run_id, facts.run_id) as run_id,
    landed.attempts as landed_attempts,
    facts.attempts as counted_attempts
from landed
full outer join facts on landed.source = facts.source and landed.run_id = facts.run_id
where coalesce(landed.attempts, 0) <> coalesce(facts.attempts, 0)

union all

select
    'attack_success_by_run' as place,
    coalesce(attacks.run_id, runs.run_id) as run_id,
    attacks.attempts as landed_attempts,
    runs.attempts as counted_attempts
from attacks
full outer join runs on attacks.run_id = runs.run_id
where coalesce(attacks.attempts, 0) <> coalesce(runs.attempts, 0)
