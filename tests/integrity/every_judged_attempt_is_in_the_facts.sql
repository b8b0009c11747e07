-- Generic attempts and garak outputs, counted before and after they become cells.
with landed as (
    select
        run_id,
        count(*) as attempts
    from {{ ref('stg_attempts__attempts') }}
    group by run_id
),

facts as (
    select
        run_id,
        sum(attempts) as attempts
    from {{ ref('fct_attack_results') }}
    where source = 'attempts'
    group by run_id
)

select
    coalesce(landed.run_id, facts.run_id) as run_id,
    landed.attempts as landed_attempts,
    facts.attempts as fact_attempts
from landed
full outer join facts on landed.run_id = facts.run_id
where coalesce(landed.attempts, -1) <> coalesce(facts.attempts, -1)
