-- Results compare only when the same tool version judged the same prompts of an attack alike.
with attack_results as (
    select * from {{ ref('int_attack_results') }}
),

prompts as (
    select distinct
        run_id,
        source,
        target_name,
        tool,
        tool_version,
        attack,
        strategy,
        judge,
        coalesce(prompt_id, '') as prompt_id
    from attack_results
    where not is_control
),

attack_sets as (
    select
        run_id,
        source,
        target_name,
        attack,
        strategy,
        judge,
        {{ hash_key([
            'tool', 'tool_version', 'attack', 'strategy', 'judge',
            "string_agg(prompt_id, ',' order by prompt_id)",
        ]) }} as comparability_key
    from prompts
    group by run_id, source, target_name, tool, tool_version, attack, strategy, judge
)

select * from attack_sets
