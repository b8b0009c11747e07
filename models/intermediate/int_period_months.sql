-- Which months make up a period: a flow adds up all of them, a stock is that of the last one.
with periods as (
    select * from {{ ref('dim_periods') }}
),

months as (
    select period_start as month_start
    from periods
    where period_grain = 'month'
),

period_months as (
    select
        periods.period_grain,
        periods.period_start,
        months.month_start,
        months.month_start = periods.last_month_start as is_last_month,
        -- Months of the period that have begun, those before the counted history included.
        (extract(year from periods.last_month_start) - extract(year from periods.period_start)) * 12
        + extract(month from periods.last_month_start)
        - extract(month from periods.period_start)
        + 1 as begun_months
    from periods
    inner join months
        on
            periods.period_start <= months.month_start
            and periods.last_month_start >= months.month_start
)

select * from period_months
