select
    file_name,
    line_number,
    record_path,
    column_name,
    reason,
    raw_text,
    source
from {{ source('ledger', 'quarantine') }}
