-- Every day that a number can count on: the spine of time of the semantic layer.
with as_of as (
    select * from {{ ref('stg_ledger__as_of') }}
),

days as (
    select cast(spine.day as date) as date_day
    from as_of
    cross join lateral {{ day_spine('as_of.history_start', 'as_of.as_of_date') }} as spine
)

select date_day from days
