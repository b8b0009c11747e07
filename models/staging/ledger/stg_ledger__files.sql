select
    file_name,
    source,
    file_sha256,
    size_bytes,
    landed_at,
    rows_read,
    rows_loaded,
    rows_superseded,
    rows_quarantined,
    is_complete,
    is_readable,
    schema_note
from {{ source('ledger', 'files') }}
