with quarantine as (
    select * from {{ ref('stg_ledger__quarantine') }}
)

select
    file_name,
    line_number,
    record_path,
    column_name,
    reason,
    raw_text,
    {{ public_source('source') }} as source
from quarantine
