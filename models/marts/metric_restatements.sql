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
        older.as_of as older_as_of,
        newer.as_of as newer_as_of,
        newer.published_at as newer_published_at,
        newer.landing_sha256 = older.landing_sha256 as is_same_landing,
        newer.as_of = older.as_of as is_same_day
    from generations as older
    inner join generations as newer on older.next_generation = newer.generation
),

known_definitions as (
    select distinct
        generation,
        metric_id,
        definition_sha256
    from published

    union all

    select
        last_published.generation + 1 as generation,
        metrics.metric_id,
        metrics.definition_sha256
    from metrics
    cross join last_published
),

-- A generation without any row of a metric is of the definition that the next one with a row has.
definitions as (
    select
        generation,
        metric_id,
        definition_sha256,
        coalesce(lag(generation) over (partition by metric_id order by generation), 0)
            as previous_generation
    from known_definitions
),

first_publications as (
    select
        metric_id,
        period_grain,
        period_start,
        segment_dimension,
        segment_value,
        min(published_at) as first_published_at
    from versions
    where not is_partial_period
    group by 1, 2, 3, 4, 5
),

-- Numbers that the next generation had to publish, too: looking from an earlier day, it does not
-- know the period yet.
then_published as (
    select
        versions.*,
        pairs.next_generation
    from versions
    inner join pairs on versions.generation = pairs.generation
    where
        not versions.is_partial_period
        and pairs.newer_as_of >= {{ add_days_to_date('versions.period_end', -1) }}
),

-- Numbers of periods that the generation before knew whole.
next_published as (
    select
        versions.*,
        pairs.generation as previous_generation
    from versions
    inner join pairs on versions.generation = pairs.next_generation
    where
        not versions.is_partial_period
        and pairs.older_as_of >= {{ add_days_to_date('versions.period_end', -1) }}
),

-- A number may vanish, as its only thing moves elsewhere, and one may appear where none was.
matched as (
    select
        coalesce(older.metric_id, newer.metric_id) as metric_id,
        coalesce(older.period_grain, newer.period_grain) as period_grain,
        coalesce(older.period_start, newer.period_start) as period_start,
        coalesce(older.period_end, newer.period_end) as period_end,
        coalesce(older.segment_dimension, newer.segment_dimension) as segment_dimension,
        coalesce(older.segment_value, newer.segment_value) as segment_value,
        coalesce(older.generation, newer.previous_generation) as from_generation,
        older.value as published_value,
        newer.value as new_value,
        older.target_low as published_target_low,
        older.target_high as published_target_high,
        newer.target_low as new_target_low,
        newer.target_high as new_target_high,
        older.sample_size as published_sample_size,
        newer.sample_size as new_sample_size,
        -- Doubles summed in another order are equal; unmeasured equals unmeasured only.
        case
            when older.value is null and newer.value is null then false
            when older.value is null or newer.value is null then true
            else
                abs(newer.value - older.value) > 1e-9 * greatest(1, abs(older.value))
        end as is_new_value,
        older.metric_id is not null
        and newer.metric_id is not null
        and (
            coalesce(older.target_low, -1e300) <> coalesce(newer.target_low, -1e300)
            or coalesce(older.target_high, 1e300) <> coalesce(newer.target_high, 1e300)
        )
            as is_new_target
    from then_published as older
    full outer join next_published as newer
        on
            {{ same_number('older', 'newer') }}
            and older.next_generation = newer.generation
),

compared as (
    select
        matched.*,
        pairs.next_generation as to_generation,
        -- No later generation has a definition of a metric that was given up; a metric that the
        -- older one did not publish at all is no restatement.
        coalesce(newer.definition_sha256 <> older.definition_sha256, true) as is_new_definition,
        pairs.is_same_landing,
        pairs.is_same_day,
        pairs.newer_published_at as changed_at
    from matched
    inner join pairs on matched.from_generation = pairs.generation
    inner join known_definitions as older
        on
            matched.metric_id = older.metric_id
            and matched.from_generation = older.generation
    left join definitions as newer
        on
            matched.metric_id = newer.metric_id
            and pairs.next_generation > newer.previous_generation
            and pairs.next_generation <= newer.generation
    where matched.is_new_value or matched.is_new_target
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
            when compared.is_same_day then 'late data'
            when
                coalesce(compared.new_sample_size, 0)
                <> coalesce(compared.published_sample_size, 0)
                then 'late data'
            else 'state change'
        end as cause
    from compared
    inner join first_publications
        on
            {{ same_number('compared', 'first_publications') }}
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
