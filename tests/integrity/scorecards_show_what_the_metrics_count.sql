{{ config(meta={'dimension': 'consistency'}) }}

-- The open findings of the cards are those that open_overdue_findings counts at the as-of date, and
-- a card's coverage is that of metric_values.
with metric_values as (
    select * from {{ ref('metric_values') }}
    where segment_dimension = 'system'
),

cards as (
    select * from {{ ref('system_scorecards') }}
),

as_of as (
    select * from {{ ref('stg_ledger__as_of') }}
),

stock as (
    select metric_values.*
    from metric_values
    cross join as_of
    where
        metric_values.metric_id = 'open_overdue_findings'
        and metric_values.period_grain = 'month'
        and metric_values.period_start <= as_of.as_of_date
        and metric_values.period_end > as_of.as_of_date
),

differences as (
    select
        'open findings' as what,
        cards.system_id,
        cards.open_findings as shown,
        coalesce(stock.sample_size, 0) as counted
    from cards
    left join stock on cards.system_id = stock.segment_value

    union all

    select
        'overdue findings' as what,
        cards.system_id,
        cards.open_overdue as shown,
        coalesce(stock.numerator, 0) as counted
    from cards
    left join stock on cards.system_id = stock.segment_value

    union all

    select
        'launches' as what,
        cards.system_id,
        cards.pre_deployment_test_rate_numerator as shown,
        launches.numerator as counted
    from cards
    inner join metric_values as launches
        on
            cards.system_id = launches.segment_value
            and launches.metric_id = 'pre_deployment_test_rate'
            and launches.period_grain = 'trailing_12_months'
            and cards.period_start = launches.period_start
)

select
    what,
    system_id,
    shown,
    counted
from differences
where shown <> counted
