-- A cited public figure beside our own of the same kind. No verdict: populations, clocks and
-- definitions differ, and the caution says so on every row.
with register as (
    select * from {{ ref('stg_program__benchmarks') }}
),

shipped as (
    select * from {{ ref('benchmarks') }}
),

metrics as (
    select * from {{ ref('metric_catalog') }}
),

metric_values as (
    select * from {{ ref('metric_values') }}
    where period_grain = 'trailing_12_months' and not is_partial_period
),

survival as (
    select distinct
        severity,
        median_days,
        median_days_low,
        median_days_high,
        findings
    from {{ ref('remediation_survival') }}
),

latest as (
    select max(period_start) as period_start from metric_values
),

-- A row of the organisation's own register stands before a shipped one of the same id.
cited as (
    select
        benchmark_id,
        'register' as origin,
        metric_id,
        'all' as segment_dimension,
        'all' as segment_value,
        'as published' as statistic,
        value,
        cast(null as {{ dbt.type_string() }}) as unit,
        source,
        cast(null as {{ dbt.type_string() }}) as publisher,
        year,
        population,
        cast(null as {{ dbt.type_string() }}) as address,
        cast(null as {{ dbt.type_string() }}) as source_kind,
        comparability_note
    from register

    union all

    select
        benchmark_id,
        'shipped' as origin,
        metric_id,
        segment_dimension,
        segment_value,
        statistic,
        value,
        unit,
        source,
        publisher,
        year,
        population,
        address,
        source_kind,
        comparability_note
    from shipped
    where benchmark_id not in (select register.benchmark_id from register)
),

beside as (
    select
        cited.*,
        metrics.name as metric_name,
        metrics.unit as own_unit,
        metric_values.period_start as own_period_start,
        metric_values.period_end as own_period_end,
        case cited.statistic
            when 'survival median' then survival.median_days
            when 'median' then metric_values.median
            else metric_values.value
        end as own_value,
        case
            when cited.statistic = 'survival median' then survival.findings
            else metric_values.sample_size
        end as own_sample_size,
        case cited.statistic
            when 'survival median' then survival.median_days_low
            when 'median' then null
            else metric_values.interval_low
        end as own_interval_low,
        case cited.statistic
            when 'survival median' then survival.median_days_high
            when 'median' then null
            else metric_values.interval_high
        end as own_interval_high,
        case
            when cited.statistic not in ('survival median', 'median')
                then metric_values.previous_value
        end as own_previous_value
    from cited
    cross join latest
    left join metrics on cited.metric_id = metrics.metric_id
    left join metric_values
        on
            cited.metric_id = metric_values.metric_id
            and latest.period_start = metric_values.period_start
            and cited.segment_dimension = metric_values.segment_dimension
            and cited.segment_value = metric_values.segment_value
    left join survival
        on cited.segment_value = survival.severity and cited.statistic = 'survival median'
)

select
    benchmark_id,
    origin,
    metric_id,
    metric_name,
    segment_dimension,
    segment_value,
    statistic,
    value as public_value,
    coalesce(unit, own_unit) as unit,
    source,
    publisher,
    cast(year as integer) as year,
    population,
    address,
    source_kind,
    comparability_note,
    own_period_start,
    own_period_end,
    own_value,
    cast(own_sample_size as bigint) as own_sample_size,
    own_interval_low,
    own_interval_high,
    own_previous_value,
    own_value - value as difference,
    case
        when metric_name is null then 'No metric has this id; nothing of ours stands beside it.'
        when own_value is null then 'Our own figure is not measured.'
        when own_sample_size < 5 then 'Too few things stand behind our own figure.'
        when comparability_note is null then 'Nobody has said how far the two can be compared.'
        else 'Another population, clock or definition; read the note before the difference.'
    end as caution
from beside
