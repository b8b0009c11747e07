-- What people remarked on a metric and the period that begins on a day, in their own words.
with annotations as (
    select * from {{ ref('stg_program__annotations') }}
),

metrics as (
    select * from {{ ref('metric_catalog') }}
)

select
    annotations.annotation_id,
    annotations.metric_id,
    metrics.name as metric_name,
    annotations.period_start,
    annotations.text,
    annotations.author
from annotations
left join metrics on annotations.metric_id = metrics.metric_id
