-- Every two versions of a system, or two configurations of one version, on what was measured alike
-- on both: the same prompts of an attack, tried by the same tool and judged alike.
with version_attempts as (
    select * from {{ ref('int_version_attempts') }}
    where not is_control
),

cells as (
    select distinct
        system_id,
        system_version,
        configuration,
        comparability_key
    from version_attempts
),

alike as (
    select
        cells.system_id,
        baselines.system_version as baseline_version,
        baselines.configuration as baseline_configuration,
        cells.system_version,
        cells.configuration,
        cells.comparability_key,
        {{ hash_key([
            'cells.system_id', 'baselines.system_version', 'baselines.configuration',
            'cells.system_version', 'cells.configuration',
        ]) }} as pair_id
    from cells
    inner join cells as baselines
        on
            cells.system_id = baselines.system_id
            and cells.comparability_key = baselines.comparability_key
            and (
                cells.system_version <> baselines.system_version
                or cells.configuration <> baselines.configuration
            )
),

pairs as (
    select
        pair_id,
        system_id,
        baseline_version,
        baseline_configuration,
        system_version,
        configuration,
        count(*) as comparable_attacks
    from alike
    group by 1, 2, 3, 4, 5, 6
),

before_clusters as (
    select
        alike.pair_id,
        version_attempts.cluster_id,
        sum(version_attempts.successes) as successes,
        sum(version_attempts.judged) as judged
    from alike
    inner join version_attempts
        on
            alike.system_id = version_attempts.system_id
            and alike.baseline_version = version_attempts.system_version
            and alike.baseline_configuration = version_attempts.configuration
            and alike.comparability_key = version_attempts.comparability_key
    group by 1, 2
),

after_clusters as (
    select
        alike.pair_id,
        version_attempts.cluster_id,
        sum(version_attempts.successes) as successes,
        sum(version_attempts.judged) as judged
    from alike
    inner join version_attempts
        on
            alike.system_id = version_attempts.system_id
            and alike.system_version = version_attempts.system_version
            and alike.configuration = version_attempts.configuration
            and alike.comparability_key = version_attempts.comparability_key
    group by 1, 2
),

before_evidence as (
    {{ independent_evidence('before_clusters', ['pair_id']) }}
),

after_evidence as (
    {{ independent_evidence('after_clusters', ['pair_id']) }}
),

prompt_pairs as (
    select
        before_clusters.pair_id,
        cast(before_clusters.successes as {{ type_double() }}) / nullif(before_clusters.judged, 0)
            as rate_before,
        cast(after_clusters.successes as {{ type_double() }}) / nullif(after_clusters.judged, 0)
            as rate_after
    from before_clusters
    inner join after_clusters
        on
            before_clusters.pair_id = after_clusters.pair_id
            and before_clusters.cluster_id = after_clusters.cluster_id
),

paired as (
    {{ paired_by_prompt('prompt_pairs', ['pair_id']) }}
),

version_pairs as (
    select
        pairs.pair_id,
        pairs.system_id,
        pairs.baseline_version,
        pairs.baseline_configuration,
        pairs.system_version,
        pairs.configuration,
        pairs.comparable_attacks,
        before_evidence.rate as rate_before,
        before_evidence.k as k_before,
        before_evidence.n as n_before,
        after_evidence.rate as rate_after,
        after_evidence.k as k_after,
        after_evidence.n as n_after,
        paired.difference as paired_delta,
        {{ change_of_rate('paired.interval_low') }} as paired_low,
        {{ change_of_rate('paired.interval_high') }} as paired_high
    from pairs
    inner join before_evidence on pairs.pair_id = before_evidence.pair_id
    inner join after_evidence on pairs.pair_id = after_evidence.pair_id
    left join paired on pairs.pair_id = paired.pair_id
)

select * from version_pairs
