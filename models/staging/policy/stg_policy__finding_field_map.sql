-- The organisation's own rows (layer 1) go before the shipped ones (layer 2).
with landed as (
    select * from {{ source('program', 'finding_field_map') }}
),

shipped as (
    select * from {{ ref('finding_field_map') }}
),

finding_field_map as (
    select
        1 as layer,
        source,
        project,
        attribute,
        field,
        value,
        attribute_value,
        precedence
    from landed

    union all

    select
        2 as layer,
        source,
        project,
        attribute,
        field,
        value,
        attribute_value,
        precedence
    from shipped
)

select * from finding_field_map
