-- How many independent trials stand behind each attack rate, and on which like-for-like set.
{% set cell_keys = [
    'risk_tier', 'provider', 'owner_team', 'business_unit', 'system_id', 'vulnerability_class',
    'technique_id', 'tool',
] %}
with cells as (
    select * from {{ ref('int_metric_cells') }}
),

period_months as (
    select * from {{ ref('int_period_months') }}
),

t_critical_values as (
    select * from {{ ref('t_critical_values') }}
),

dimensions as (
    {{ dimension_names() }}
),

every_dimension as (
    select
        cells.metric_id,
        period_months.period_grain,
        period_months.period_start,
        dimensions.segment_dimension,
        {{ segment_value('cells', keys=cell_keys) }} as segment_value,
        cells.system_id,
        cells.cluster_id,
        cells.comparability_key,
        cells.numerator,
        cells.denominator
    from cells
    inner join period_months on cells.month_start = period_months.month_start
    cross join dimensions
),

segmented as (
    select * from every_dimension
    where segment_value is not null
),

clusters as (
    select
        metric_id,
        period_grain,
        period_start,
        segment_dimension,
        segment_value,
        cluster_id,
        sum(numerator) as successes,
        sum(denominator) as tries
    from segmented
    group by 1, 2, 3, 4, 5, 6
),

totals as (
    select
        metric_id,
        period_grain,
        period_start,
        segment_dimension,
        segment_value,
        sum(successes) as successes,
        sum(tries) as tries,
        count(*) as clusters
    from clusters
    group by 1, 2, 3, 4, 5
),

residuals as (
    select
        clusters.metric_id,
        clusters.period_grain,
        clusters.period_start,
        clusters.segment_dimension,
        clusters.segment_value,
        {{ squared_residuals(
            'clusters.successes', 'clusters.tries', 'totals.successes', 'totals.tries'
        ) }} as squared_residuals
    from clusters
    inner join totals
        on
            {{ same_number('clusters', 'totals') }}
    group by 1, 2, 3, 4, 5
),

compared as (
    select distinct
        metric_id,
        period_grain,
        period_start,
        segment_dimension,
        segment_value,
        {{ hash_key(['system_id', 'comparability_key']) }} as compared_key
    from segmented
),

comparison_sets as (
    select
        metric_id,
        period_grain,
        period_start,
        segment_dimension,
        segment_value,
        md5({{ joined_text('compared_key', ',') }}) as comparison_set
    from compared
    group by 1, 2, 3, 4, 5
),

metric_clusters as (
    select
        totals.metric_id,
        totals.period_grain,
        totals.period_start,
        totals.segment_dimension,
        totals.segment_value,
        totals.clusters,
        {{ effective_n(
            'totals.successes', 'totals.tries', 'totals.clusters', 'residuals.squared_residuals'
        ) }} as effective_n,
        {{ clustered_z('totals.successes', 'totals.tries', 't_critical_values.t_975') }}
            as critical_value,
        comparison_sets.comparison_set
    from totals
    inner join residuals
        on
            {{ same_number('totals', 'residuals') }}
    inner join comparison_sets
        on
            {{ same_number('totals', 'comparison_sets') }}
    left join t_critical_values on totals.clusters = t_critical_values.clusters
)

select * from metric_clusters
