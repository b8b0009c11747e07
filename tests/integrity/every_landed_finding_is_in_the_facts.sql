-- Nothing is lost on the way: each finding that stands and lies in the counted history is a fact.
with staged as (
    select finding_id from {{ ref('stg_program__findings') }}
),

facts as (
    select finding_id from {{ ref('fct_findings') }}
)

select coalesce(staged.finding_id, facts.finding_id) as finding_id
from staged
full outer join facts on staged.finding_id = facts.finding_id
where staged.finding_id is null or facts.finding_id is null
