-- Findings that no metric counts, by where they come from and why.
with findings as (
    select * from {{ ref('fct_findings') }}
    where is_excluded
)

select
    source,
    exclusion_reason,
    count(*) as findings,
    min(reported_at) as first_reported_at,
    max(reported_at) as last_reported_at
from findings
group by source, exclusion_reason
