-- Where each weakness class belongs, one row per framework and edition that knows it: the longest
-- prefix that fits decides, for each of them by itself.
with vulnerability_classes as (
    select * from {{ ref('int_vulnerability_classes') }}
),

policy as (
    select * from {{ ref('class_frameworks') }}
),

fitting as (
    select
        vulnerability_classes.vulnerability_class,
        policy.framework,
        policy.edition,
        policy.id,
        row_number() over (
            partition by
                vulnerability_classes.vulnerability_class, policy.framework, policy.edition
            order by length(policy.vulnerability_class_prefix) desc
        ) as fit
    from vulnerability_classes
    inner join policy
        on
            substr(
                vulnerability_classes.vulnerability_class,
                1,
                length(policy.vulnerability_class_prefix)
            ) = policy.vulnerability_class_prefix
),

class_frameworks as (
    select
        vulnerability_class,
        framework,
        edition,
        id
    from fitting
    where fit = 1
)

select * from class_frameworks
