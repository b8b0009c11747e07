-- Numbers of complete periods that changed from one generation to the next, this build last.
with published as (
    select * from {{ ref('stg_history__metric_values') }}
),

metric_values as (
    select * from {{ ref('metric_values') }}
),

metrics as (
    select * from {{ ref('metric_catalog') }}
),

builds as (
    select * from {{ ref('build_generation') }}
),

last_published as (
    select coalesce(max(generation), 0) as generation
    from published
),

this_build as (
    select
        metric_values.metric_id,
        metric_values.period_grain,
        metric_values.period_start,
        metric_values.period_end,
        metric_values.is_partial_period,
        metric_values.segment_dimension,
        metric_values.segment_value,
        metric_values.value,
        metric_values.sample_size,
        metric_values.target_low,
        metric_values.target_high,
        last_published.generation + 1 as generation,
        builds.built_at as published_at,
        builds.as_of,
        builds.landing_sha256,
        metrics.definition_sha256
    from metric_values
    inner join metrics on metric_values.metric_id = metrics.metric_id
    cross join builds
    cross join last_published
),

versions as (
    select * from published
    union all
    select * from this_build
),

generations as (
    select
        generation,
        as_of,
        published_at,
        landing_sha256,
        lead(generation) over (order by generation) as next_generation
    from (
        select distinct
            generation,
            as_of,
            published_at,
            landing_sha256
        from versions
    ) as builds_in_order
),

-- A generation without any value of a metric leaves no row behind: it is not in this list.
pairs as (
    select
        older.generation,
        older.next_generation,
        newer.as_of as newer_as_of,
        newer.published_at as newer_published_at,
        newer.landing_sha256 = older.landing_sha256 as is_same_landing
    from generations as older
    inner join generations as newer on older.next_generation = newer.generation
),

first_publications as (
    select
        metric_id,
        period_grain,
        period_start,
        segment_dimension,
        segment_value,
        min(published_at) as first_published_at
    from published
    where not is_partial_period
    group by 1, 2, 3, 4, 5
),

compared as (
    select
        older.metric_id,
        older.period_grain,
        older.period_start,
        older.period_end,
        older.segment_dimension,
        older.segment_value,
        older.generation as from_generation,
        pairs.next_generation as to_generation,
        older.value as published_value,
        newer.value as new_value,
        older.target_low as published_target_low,
        older.target_high as published_target_high,
        newer.target_low as new_target_low,
        newer.target_high as new_target_high,
        older.sample_size as published_sample_size,
        newer.sample_size as new_sample_size,
        newer.definition_sha256 <> older.definition_sha256 as is_new_definition,
        pairs.is_same_landing,
        pairs.newer_published_at as changed_at,
        -- Doubles summed in another order are equal; unmeasured equals unmeasured only.
        case
            when older.value is null and newer.value is null then false
            when older.value is null or newer.value is null then true
            else
                abs(newer.value - older.value) > 1e-9 * greatest(1, abs(older.value))
        end as is_new_value,
        newer.metric_id is not null
        and (
            coalesce(older.target_low, -1e300) <> coalesce(newer.target_low, -1e300)
            or coalesce(older.target_high, 1e300) <> coalesce(newer.target_high, 1e300)
        )
            as is_new_target
    from versions as older
    inner join pairs on older.generation = pairs.generation
    left join versions as newer
        on
            older.metric_id = newer.metric_id
            and older.period_grain = newer.period_grain
            and older.period_start = newer.period_start
            and older.segment_dimension = newer.segment_dimension
            and older.segment_value = newer.segment_value
            and pairs.next_generation = newer.generation
    where
        not older.is_partial_period
        -- A build that looks from an earlier day does not know the period yet.
        and pairs.newer_as_of >= {{ add_days_to_date('older.period_end', -1) }}
),

restated as (
    select
        compared.metric_id,
        compared.period_grain,
        compared.period_start,
        compared.period_end,
        compared.segment_dimension,
        compared.segment_value,
        compared.from_generation,
        compared.to_generation,
        compared.published_value,
        compared.new_value,
        compared.published_sample_size,
        compared.new_sample_size,
        compared.published_target_low,
        compared.published_target_high,
        compared.new_target_low,
        compared.new_target_high,
        first_publications.first_published_at,
        compared.changed_at,
        case
            when compared.is_new_definition then 'definition'
            when not compared.is_new_value then 'targets'
            when compared.is_same_landing then 'state change'
            when
                coalesce(compared.new_sample_size, 0) <> compared.published_sample_size
                then 'late data'
            else 'state change'
        end as cause
    from compared
    inner join first_publications
        on
            compared.metric_id = first_publications.metric_id
            and compared.period_grain = first_publications.period_grain
            and compared.period_start = first_publications.period_start
            and compared.segment_dimension = first_publications.segment_dimension
            and compared.segment_value = first_publications.segment_value
    where compared.is_new_value or compared.is_new_target
)

select
    metric_id,
    period_grain,
    period_start,
    period_end,
    segment_dimension,
    segment_value,
    from_generation,
    to_generation,
    published_value,
    new_value,
    published_sample_size,
    new_sample_size,
    published_target_low,
    published_target_high,
    new_target_low,
    new_target_high,
    first_published_at,
    changed_at,
    cause
from restated
