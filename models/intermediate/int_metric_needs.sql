-- Which metrics can be measured at all: every register they need has landed. Missing is a fact of
-- the ledger; a register that is present and empty is there.
with present as (
    select * from {{ ref('int_present_sources') }}
),

needs as (
    select * from {{ ref('int_metric_needs_listed') }}
),

measurable as (
    select
        needs.metric_id,
        count(*) = count(present.needed) as is_measurable,
        {{ joined_text(
            'case when present.needed is null then needs.needed end', ',', 'needs.needed'
        ) }} as missing
    from needs
    left join present on needs.needed = present.needed
    group by needs.metric_id
)

select * from measurable
