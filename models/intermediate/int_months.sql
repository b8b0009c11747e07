-- The instants at which stocks are judged, T of each month, and the day that dates them.
with periods as (
    select * from {{ ref('dim_periods') }}
),

months as (
    select
        period_start as month_start,
        judged_at,
        cast(judged_at - interval '1 microsecond' as date) as observed_on,
        judged_at - interval '12 months' as year_before
    from periods
    where period_grain = 'month'
)

select * from months
