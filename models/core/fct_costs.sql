-- Amounts in the reporting currency, at the rate of the day they were incurred.
with costs as (
    select * from {{ ref('stg_program__costs') }}
),

exchange_rates as (
    select * from {{ ref('exchange_rates') }}
),

rate_periods as (
    select
        currency,
        rate,
        valid_from,
        coalesce(
            lead(valid_from) over (partition by currency order by valid_from),
            cast('9999-12-31' as date)
        ) as valid_to
    from exchange_rates
),

converted_costs as (
    select
        costs.cost_id,
        costs.incurred_on,
        coalesce(costs.cost_category, 'unknown') as cost_category,
        costs.amount as original_amount,
        costs.currency as original_currency,
        case
            when costs.currency = '{{ var("reporting_currency") }}' then costs.amount
            else costs.amount * rate_periods.rate
        end as amount
    from costs
    left join rate_periods
        on
            costs.currency = rate_periods.currency
            and costs.incurred_on >= rate_periods.valid_from
            and costs.incurred_on < rate_periods.valid_to
)

select * from converted_costs
