{{ config(meta={'dimension': 'validity'}) }}

-- No interval of a change says that a rate may have moved by more than there is.
with changes as (
    select
        interval_low,
        interval_high
    from {{ ref('attack_success_changes') }}
),

effects as (
    select
        interval_low,
        interval_high,
        over_refusal_low,
        over_refusal_high
    from {{ ref('mitigation_effects') }}
),

intervals as (
    select
        'attack_success_changes' as mart,
        interval_low,
        interval_high
    from changes

    union all

    select
        'mitigation_effects' as mart,
        interval_low,
        interval_high
    from effects

    union all

    select
        'mitigation_effects' as mart,
        over_refusal_low as interval_low,
        over_refusal_high as interval_high
    from effects
)

select
    mart,
    interval_low,
    interval_high
from intervals
where interval_low < -100 or interval_high > 100
