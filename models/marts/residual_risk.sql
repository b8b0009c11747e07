-- What a version still carries: its open and risk-accepted findings, with how often their attack
-- works on it at worst, and what persistence makes of that. A finding whose attack was never tried
-- on any known version has one row without a version: its risk is not measured.
with findings as (
    select * from {{ ref('fct_findings') }}
    where is_open and not is_excluded
),

version_attempts as (
    select * from {{ ref('int_version_attempts') }}
    where not is_control
),

tested_versions as (
    select
        system_id,
        system_version,
        max(last_attempt_on) as last_attempt_on
    from version_attempts
    group by system_id, system_version
),

latest_versions as (
    select
        system_id,
        system_version,
        row_number() over (
            partition by system_id
            order by last_attempt_on desc nulls last, system_version desc nulls last
        ) as recency
    from tested_versions
),

clusters as (
    select
        {{ hash_key(['findings.finding_id', 'version_attempts.system_version']) }} as risk_id,
        findings.finding_id,
        version_attempts.system_version,
        version_attempts.cluster_id,
        sum(version_attempts.attempts) as attempts,
        sum(version_attempts.successes) as successes,
        sum(version_attempts.judged) as judged,
        max(version_attempts.last_attempt_on) as last_attempt_on
    from findings
    inner join version_attempts
        on
            findings.system_id = version_attempts.system_id
            and findings.attack = version_attempts.attack
            and coalesce(findings.tool, version_attempts.tool) = version_attempts.tool
    group by findings.finding_id, version_attempts.system_version, version_attempts.cluster_id
),

evidence as (
    {{ independent_evidence('clusters', ['risk_id']) }}
),

bounds as (
    {{ exact_bounds('evidence') }}
),

tried as (
    select
        risk_id,
        finding_id,
        system_version,
        sum(attempts) as attempts,
        max(last_attempt_on) as last_attempt_on
    from clusters
    group by risk_id, finding_id, system_version
),

measured as (
    select
        findings.*,
        tried.system_version,
        latest_versions.recency = 1 as is_latest_version,
        tried.attempts,
        tried.last_attempt_on,
        evidence.judged,
        evidence.prompts,
        evidence.n as independent_prompts,
        evidence.rate,
        bounds.exact_upper
    from findings
    left join tried on findings.finding_id = tried.finding_id
    left join evidence on tried.risk_id = evidence.risk_id
    left join bounds on evidence.k = bounds.k and evidence.n = bounds.n
    left join latest_versions
        on
            findings.system_id = latest_versions.system_id
            and tried.system_version = latest_versions.system_version
)

select
    system_id,
    system_version,
    is_latest_version,
    finding_id,
    title,
    severity,
    current_severity,
    case when is_risk_accepted then 'risk accepted' else 'open' end as state,
    risk_acceptance_expires_at,
    tool,
    attack,
    cast(coalesce(attempts, 0) as bigint) as attempts,
    cast(coalesce(judged, 0) as bigint) as judged,
    cast(coalesce(prompts, 0) as bigint) as prompts,
    cast(coalesce(independent_prompts, 0) as bigint) as independent_prompts,
    100 * rate as attack_success_rate,
    100 * exact_upper as upper_bound,
    {{ var('exposure_tries') }} as tries,
    100 * ({{ success_within('rate', var('exposure_tries')) }}) as success_within_tries,
    100 * ({{ success_within('exact_upper', var('exposure_tries')) }}) as success_within_tries_high,
    last_attempt_on,
    case
        when attack is null then 'the finding names no attack'
        when attempts is null then 'its attack was never tried on a known version'
        when judged = 0 then 'nothing was judged'
    end as not_measured_because
from measured
