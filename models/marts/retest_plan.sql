-- One row per claimed fix of a finding that has an attack: what the tries since the claim prove.
-- Attempts are known by day; those of the day of the claim may lie before it and prove nothing.
with claims as (
    select * from {{ ref('fct_remediation_claims') }}
    where not is_excluded
),

findings as (
    select * from {{ ref('fct_findings') }}
    where attack is not null
),

attack_results as (
    select * from {{ ref('fct_attack_results') }}
    where is_primary_judge and not is_control and attempted_on is not null
),

retest_policy as (
    select * from {{ ref('retest_policy') }}
),

claimed_fixes as (
    select
        claims.claim_id,
        claims.finding_id,
        claims.claim_number,
        findings.system_id,
        findings.title,
        findings.severity,
        findings.tool,
        findings.attack,
        claims.claimed_at,
        lead(claims.claimed_at) over (
            partition by claims.finding_id order by claims.claim_number
        ) as next_claimed_at,
        claims.verified_by as recorded_retest
    from claims
    inner join findings on claims.finding_id = findings.finding_id
),

tries_by_prompt as (
    select
        claimed_fixes.claim_id,
        attack_results.cluster_id,
        sum(attack_results.attempts) as attempts,
        sum(attack_results.successes) as successes,
        sum(attack_results.successes + attack_results.resisted) as judged,
        max(attack_results.attempted_on) as last_tried_on
    from claimed_fixes
    inner join attack_results
        on
            claimed_fixes.system_id = attack_results.system_id
            and claimed_fixes.attack = attack_results.attack
            and coalesce(claimed_fixes.tool, attack_results.tool) = attack_results.tool
            and cast(claimed_fixes.claimed_at as date) < attack_results.attempted_on
            and (
                claimed_fixes.next_claimed_at is null
                or attack_results.attempted_on <= cast(claimed_fixes.next_claimed_at as date)
            )
    group by claimed_fixes.claim_id, attack_results.cluster_id
),

tries as (
    select
        claim_id,
        sum(attempts) as attempts,
        sum(judged) as judged,
        sum(successes) as successes,
        sum(case when judged > 0 and successes = 0 then 1 else 0 end) as clean_prompts,
        max(last_tried_on) as last_tried_on
    from tries_by_prompt
    group by claim_id
),

planned as (
    select
        claimed_fixes.*,
        coalesce(tries.attempts, 0) as attempts,
        coalesce(tries.judged, 0) as judged,
        coalesce(tries.successes, 0) as successes,
        coalesce(tries.clean_prompts, 0) as clean_prompts,
        tries.last_tried_on,
        retest_policy.attack_success_limit,
        ceil(ln(0.05) / ln(1 - retest_policy.attack_success_limit / 100) - 1e-9) as needed_prompts
    from claimed_fixes
    left join tries on claimed_fixes.claim_id = tries.claim_id
    left join retest_policy on claimed_fixes.severity = retest_policy.severity
)

select
    claim_id,
    finding_id,
    cast(claim_number as integer) as claim_number,
    system_id,
    title,
    severity,
    tool,
    attack,
    claimed_at,
    next_claimed_at is null as is_last_claim,
    cast(attempts as bigint) as attempts,
    cast(judged as bigint) as judged,
    cast(successes as bigint) as successes,
    cast(clean_prompts as bigint) as clean_prompts,
    attack_success_limit,
    cast(needed_prompts as bigint) as needed_prompts,
    case
        when successes > 0 or needed_prompts is null then null
        when clean_prompts >= needed_prompts then 0
        else cast(needed_prompts - clean_prompts as bigint)
    end as missing_prompts,
    case
        when successes > 0 then 'failed'
        when clean_prompts >= needed_prompts then 'proven'
        else 'unproven'
    end as state,
    last_tried_on,
    recorded_retest
from planned
