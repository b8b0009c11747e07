-- Generated from the YAML beside each metric's SQL; nobody types these words again.
with definitions as (
    {{ catalog_rows() }}
)

select
    metric_id,
    name,
    question,
    dimension,
    indicator,
    kind,
    is_supporting,
    formula,
    numerator,
    denominator,
    unit,
    direction,
    considerations,
    companions as companion_metric_ids,
    audiences,
    cadence,
    is_core,
    owner,
    source,
    measures,
    needs,
    needs_every_month,
    is_like_for_like,
    reads_classes,
    interval as interval_method,
    definition_sha256
from definitions
