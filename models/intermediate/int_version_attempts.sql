-- Attempts on each version of a known system, by what was tried and by prompt. `none` is a system
-- without a named guardrail or mitigation.
with attack_results as (
    select * from {{ ref('fct_attack_results') }}
    where is_primary_judge and system_id <> 'unknown' and system_version is not null
),

version_attempts as (
    select
        system_id,
        system_version,
        coalesce(configuration, 'none') as configuration,
        is_control,
        tool,
        attack,
        strategy,
        judge,
        technique_id,
        vulnerability_class,
        coalesce(comparability_key, 'control') as comparability_key,
        cluster_id,
        min(attempted_on) as first_attempt_on,
        max(attempted_on) as last_attempt_on,
        sum(attempts) as attempts,
        sum(successes) as successes,
        sum(resisted) as resisted,
        sum(undetermined) as undetermined,
        sum(errors) as errors,
        sum(successes + resisted) as judged
    from attack_results
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
)

select * from version_attempts
