-- Every month, quarter and trailing year up to the one that the as-of date lies in.
with as_of as (
    select * from {{ ref('stg_ledger__as_of') }}
),

months as (
    select spine.month_start
    from as_of
    cross join lateral {{ month_spine(
        "date_trunc('month', as_of.history_start)", "date_trunc('month', as_of.as_of_date)"
    ) }} as spine
),

spans as (
    select
        'month' as period_grain,
        month_start as period_start,
        {{ add_months('month_start', 1) }} as period_end
    from months

    union all

    select distinct
        'quarter' as period_grain,
        cast(date_trunc('quarter', month_start) as date) as period_start,
        cast(date_trunc('quarter', month_start) + interval '3 months' as date) as period_end
    from months

    union all

    select
        'trailing_12_months' as period_grain,
        {{ add_months('month_start', -11) }} as period_start,
        {{ add_months('month_start', 1) }} as period_end
    from months
),

periods as (
    select
        spans.period_grain,
        spans.period_start,
        spans.period_end,
        cast(spans.period_end as timestamp) > as_of.as_of_end as is_partial_period,
        least(cast(spans.period_end as timestamp), as_of.as_of_end) as judged_at,
        least(
            {{ add_months('spans.period_end', -1) }},
            cast(date_trunc('month', as_of.as_of_date) as date)
        ) as last_month_start
    from spans
    cross join as_of
)

select * from periods
