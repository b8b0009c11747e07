select
    source,
    file_name,
    check_name,
    observed,
    expected,
    status,
    severity,
    checked_as_of
from {{ source('ledger', 'delivery_checks') }}
