-- What decides which attempts a run has, and how each is judged, besides the project itself.
with standing_runs as (
    select * from {{ source('identity', 'standing_runs') }}
),

hits as (
    select * from {{ ref('stg_garak__hits') }}
),

as_of as (
    select * from {{ ref('stg_ledger__as_of') }}
),

run_fingerprints as (
    select
        standing_runs.source,
        standing_runs.run_id,
        standing_runs.file_sha256,
        {{ hash_key([
            'standing_runs.reading',
            'standing_runs.landed_run_id',
            'standing_runs.file_name',
            'hits.lowest_hit_score',
            'as_of.history_start',
            'case when standing_runs.latest_at < as_of.as_of_end then null else as_of.as_of_end end',
        ]) }} as fingerprint
    from standing_runs
    left join hits on standing_runs.source = 'garak' and standing_runs.run_id = hits.run_id
    cross join as_of
)

select * from run_fingerprints
