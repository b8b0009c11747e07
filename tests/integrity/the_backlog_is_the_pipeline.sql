{{ config(meta={'dimension': 'consistency'}) }}

-- The requests that wait at the as-of date, counted by the month and listed one by one.
with months as (
    select * from {{ ref('resource_summary') }}
    where backlog is not null
),

listed as (
    select
        count(*) as backlog,
        coalesce(sum(case when is_overdue then 1 else 0 end), 0) as overdue_requests
    from {{ ref('assessment_pipeline') }}
)

select
    months.period_start,
    months.backlog,
    listed.backlog as listed,
    months.overdue_requests,
    listed.overdue_requests as listed_overdue
from months
cross join listed
where
    months.period_start = (select max(latest.period_start) from months as latest)
    and (
        months.backlog <> listed.backlog
        or months.overdue_requests <> listed.overdue_requests
    )
