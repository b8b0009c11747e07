-- One threshold holds for a whole run: the lowest score that any of its hit logs lists.
-- A hit log landed twice says the same twice, so the minimum needs no choice of file.
with landed as (
    select * from {{ source('scanners', 'garak_hits') }}
),

hits as (
    select
        run_id,
        min(min_score) as lowest_hit_score
    from landed
    group by run_id
)

select * from hits
