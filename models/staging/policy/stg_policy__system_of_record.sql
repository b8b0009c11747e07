-- The organisation's own rows (layer 1) go before the shipped ones (layer 2).
with landed as (
    select * from {{ source('program', 'system_of_record') }}
),

shipped as (
    select * from {{ ref('system_of_record') }}
),

system_of_record as (
    select
        1 as layer,
        attribute,
        source,
        precedence
    from landed

    union all

    select
        2 as layer,
        attribute,
        source,
        precedence
    from shipped
)

select * from system_of_record
