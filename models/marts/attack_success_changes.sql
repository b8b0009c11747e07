-- Did it get better or worse? Each result of a run against the last one measured alike: the same
-- prompts, paired by prompt where they were tried repeatedly, else Fisher's exact test.
with run_pairs as (
    select * from {{ ref('int_run_pairs') }}
),

attack_results as (
    select * from {{ ref('fct_attack_results') }}
    where is_primary_judge and not is_control
),

by_prompt as (
    select
        {{ hash_key(['source', 'run_id', 'target_name', 'attack', 'strategy', 'judge']) }}
            as result_id,
        cluster_id,
        sum(successes) as successes,
        sum(successes + resisted) as judged
    from attack_results
    group by source, run_id, target_name, attack, strategy, judge, cluster_id
),

evidence as (
    {{ independent_evidence('by_prompt', ['result_id']) }}
),

sides as (
    select
        run_pairs.*,
        before_evidence.k as k1,
        before_evidence.n as n1,
        before_evidence.rate as rate_before,
        after_evidence.k as k2,
        after_evidence.n as n2,
        after_evidence.rate as rate_after,
        before_evidence.judged > before_evidence.prompts
        or after_evidence.judged > after_evidence.prompts as has_repeats
    from run_pairs
    inner join evidence as before_evidence
        on run_pairs.baseline_result_id = before_evidence.result_id
    inner join evidence as after_evidence on run_pairs.result_id = after_evidence.result_id
),

prompt_pairs as (
    select
        run_pairs.result_id,
        before_prompts.cluster_id,
        cast(before_prompts.successes as {{ type_double() }}) / nullif(before_prompts.judged, 0)
            as rate_before,
        cast(after_prompts.successes as {{ type_double() }}) / nullif(after_prompts.judged, 0)
            as rate_after
    from run_pairs
    inner join by_prompt as before_prompts
        on run_pairs.baseline_result_id = before_prompts.result_id
    inner join by_prompt as after_prompts
        on
            run_pairs.result_id = after_prompts.result_id
            and before_prompts.cluster_id = after_prompts.cluster_id
    where run_pairs.is_comparable
),

paired as (
    {{ paired_by_prompt('prompt_pairs', ['result_id']) }}
),

compared as (
    select * from sides
    where is_comparable and n1 > 0 and n2 > 0
),

fisher as (
    {{ fisher_exact('compared') }}
),

detectable as (
    {{ smallest_detectable('compared') }}
),

tested as (
    select
        compared.*,
        compared.has_repeats and paired.t is not null as is_paired,
        paired.difference,
        {{ change_of_rate('paired.interval_low') }} as paired_low,
        {{ change_of_rate('paired.interval_high') }} as paired_high,
        case
            when compared.has_repeats and paired.t is not null then paired.p_two_sided
            else fisher.p_two_sided
        end as p,
        {{ newcombe_bound('rate_before', 'compared.n1', 'rate_after', 'compared.n2', '-') }}
            as newcombe_low,
        {{ newcombe_bound('rate_before', 'compared.n1', 'rate_after', 'compared.n2', '+') }}
            as newcombe_high,
        detectable.smallest_k2 / compared.n2
        - cast(compared.k1 as {{ type_double() }}) / compared.n1 as smallest_change
    from compared
    left join paired on compared.result_id = paired.result_id
    left join fisher
        on
            compared.k1 = fisher.k1
            and compared.n1 = fisher.n1
            and compared.k2 = fisher.k2
            and compared.n2 = fisher.n2
    left join detectable
        on
            compared.k1 = detectable.k1
            and compared.n1 = detectable.n1
            and compared.n2 = detectable.n2
),

-- All attacks of one run against one earlier run are one family of tests.
adjusted as (
    {{ benjamini_hochberg('tested', ['result_id'], ['system_id', 'baseline_run_id', 'run_id']) }}
),

changes as (
    select
        sides.*,
        case
            when tested.is_paired then tested.difference
            else tested.rate_after - tested.rate_before
        end as delta,
        case when tested.is_paired then tested.paired_low else tested.newcombe_low end as delta_low,
        case when tested.is_paired then tested.paired_high else tested.newcombe_high end
            as delta_high,
        case
            when tested.is_paired then 'paired by prompt'
            when tested.result_id is not null then 'fisher'
        end as method,
        tested.smallest_change,
        tested.p,
        adjusted.q
    from sides
    left join tested on sides.result_id = tested.result_id
    left join adjusted on sides.result_id = adjusted.result_id
)

select
    system_id,
    tool,
    attack,
    strategy,
    judge,
    technique_id,
    baseline_run_id,
    baseline_target_name,
    baseline_version,
    baseline_configuration,
    baseline_started_at,
    run_id,
    target_name,
    system_version,
    configuration,
    started_at,
    n1 as baseline_prompts,
    n2 as prompts,
    100 * rate_before as baseline_rate,
    100 * rate_after as attack_success_rate,
    100 * delta as delta,
    100 * delta_low as interval_low,
    100 * delta_high as interval_high,
    method,
    p as p_value,
    q as q_value,
    100 * smallest_change as smallest_detectable_change,
    case
        when not is_comparable then 'not comparable'
        when q <= 0.1 and delta > 0 then 'worse'
        when q <= 0.1 and delta < 0 then 'better'
        else 'no evidence'
    end as verdict
from changes
