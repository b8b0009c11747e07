-- Sums of each month and segment value. A null value holds the rows that count for every value of
-- the dimension. Months without any observation are there for `all`: a gap is "not measured".
with observations as (
    select * from {{ ref('metric_observations') }}
),

months as (
    select * from {{ ref('int_months') }}
),

dimensions as (
    {{ dimension_names() }}
),

first_months as (
    select
        metric_id,
        cast(date_trunc('month', min(observed_on)) as date) as month_start
    from observations
    group by 1
),

observed as (
    select
        observations.metric_id,
        cast(date_trunc('month', observations.observed_on) as date) as month_start,
        dimensions.segment_dimension,
        {{ segment_value('observations') }} as segment_value,
        {{ exact_sum('observations.numerator') }} as numerator,
        {{ exact_sum('observations.denominator') }} as denominator,
        sum(observations.sample_size) as sample_size,
        count(observations.numerator) as numerator_rows,
        count(observations.denominator) as denominator_rows,
        sum(case when observations.is_immature then 1 else 0 end) as immature_rows
    from observations
    cross join dimensions
    group by 1, 2, 3, 4
),

unobserved as (
    select
        first_months.metric_id,
        months.month_start,
        'all' as segment_dimension,
        'all' as segment_value,
        0 as numerator,
        0 as denominator,
        0 as sample_size,
        0 as numerator_rows,
        0 as denominator_rows,
        0 as immature_rows
    from first_months
    inner join months on first_months.month_start <= months.month_start
),

metric_months as (
    select * from observed
    union all
    select * from unobserved
)

select * from metric_months
