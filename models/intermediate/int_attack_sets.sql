{{ config(**keeping_runs('int_run_fingerprints')) }}
-- Results compare only when the same tool version judged the same prompts of an attack alike.
with attack_results as (
    select * from {{ ref('int_attack_results') }}
    where {{ is_to_make('run_id', 'source') }}
),

-- A run may name its tool on some attempts only: that is still one set.
prompts as (
    select
        run_id,
        source,
        target_name,
        attack,
        strategy,
        judge,
        coalesce(prompt_id, '') as prompt_id,
        min(tool) as first_tool,
        max(tool) as last_tool,
        max(tool_version) as tool_version,
        max(coalesce(judged_how, '')) as judged_how
    from attack_results
    where not is_control
    group by 1, 2, 3, 4, 5, 6, 7
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
            'min(first_tool)', 'max(last_tool)', 'max(tool_version)', 'attack', 'strategy', 'judge',
            joined_text('prompt_id || judged_how', ',', 'prompt_id'),
        ]) }} as comparability_key
    from prompts
    group by 1, 2, 3, 4, 5, 6
)

select * from attack_sets
