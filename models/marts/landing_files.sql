with files as (
    select * from {{ ref('stg_ledger__files') }}
)

select
    file_name,
    {{ public_source('source') }} as source,
    file_sha256,
    size_bytes,
    landed_at,
    rows_read,
    rows_loaded,
    rows_superseded,
    rows_quarantined,
    is_complete,
    schema_note
from files
