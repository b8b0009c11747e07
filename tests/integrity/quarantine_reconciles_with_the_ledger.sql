{{ config(meta={'dimension': 'completeness'}) }}

-- Every row the ledger calls quarantined is listed, once, and none other.
with files as (
    select * from {{ ref('landing_files') }}
),

quarantined as (
    select
        file_name,
        count(*) as listed
    from {{ ref('quarantined_rows') }}
    where line_number is not null or record_path is not null
    group by file_name
)

select
    files.file_name,
    files.rows_quarantined,
    quarantined.listed
from files
full outer join quarantined on files.file_name = quarantined.file_name
where coalesce(files.rows_quarantined, -1) <> coalesce(quarantined.listed, 0)
