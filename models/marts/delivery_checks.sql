with delivery_checks as (
    select * from {{ ref('stg_ledger__delivery_checks') }}
)

select
    source,
    file_name,
    check_name,
    observed,
    expected,
    status,
    severity,
    checked_as_of
from delivery_checks
