-- What to do about a kind of finding: our guidance for its weakness class, else for its technique,
-- and the mitigations that ATLAS relates to the technique or, where it relates none, to its parent.
with findings as (
    select * from {{ ref('fct_findings') }}
    where not is_excluded and verdict <> 'false_positive'
),

techniques as (
    select * from {{ ref('dim_techniques') }}
),

vulnerability_classes as (
    select * from {{ ref('dim_vulnerability_classes') }}
),

advice as (
    select * from {{ ref('remediation_advice') }}
),

technique_mitigations as (
    select * from {{ ref('atlas_technique_mitigations') }}
),

mitigations as (
    select * from {{ ref('atlas_mitigations') }}
),

kinds as (
    select
        vulnerability_class,
        technique_id,
        count(*) as findings,
        sum(case when is_open then 1 else 0 end) as open_findings
    from findings
    group by vulnerability_class, technique_id
),

-- The longest prefix that fits, of the class before that of the technique.
fitting as (
    select
        kinds.vulnerability_class,
        kinds.technique_id,
        advice.field,
        advice.value_prefix,
        advice.guidance,
        row_number() over (
            partition by kinds.vulnerability_class, kinds.technique_id
            order by advice.field desc, length(advice.value_prefix) desc
        ) as fit
    from kinds
    inner join advice
        on
            advice.value_prefix = substr(
                case
                    when advice.field = 'vulnerability_class' then kinds.vulnerability_class
                    else kinds.technique_id
                end,
                1,
                length(advice.value_prefix)
            )
),

own_mitigations as (
    select
        technique_id,
        {{ joined_text('mitigation_id', ',') }} as mitigation_ids,
        {{ joined_text('mitigation_name', ', ', 'mitigation_id') }} as mitigation_names
    from (
        select
            technique_mitigations.technique_id,
            technique_mitigations.mitigation_id,
            mitigations.mitigation_name
        from technique_mitigations
        inner join mitigations on technique_mitigations.mitigation_id = mitigations.mitigation_id
    ) as named
    group by technique_id
),

guided as (
    select
        kinds.vulnerability_class,
        kinds.technique_id,
        techniques.technique_name,
        vulnerability_classes.owasp_id,
        vulnerability_classes.owasp_name,
        kinds.findings,
        kinds.open_findings,
        fitting.guidance,
        fitting.field as guidance_by,
        fitting.value_prefix as guidance_prefix,
        coalesce(of_technique.mitigation_ids, of_parent.mitigation_ids) as mitigation_ids,
        coalesce(of_technique.mitigation_names, of_parent.mitigation_names) as mitigation_names,
        of_technique.technique_id is null and of_parent.technique_id is not null
            as is_mitigation_of_parent
    from kinds
    left join techniques on kinds.technique_id = techniques.technique_id
    left join vulnerability_classes
        on kinds.vulnerability_class = vulnerability_classes.vulnerability_class
    left join fitting
        on
            kinds.vulnerability_class = fitting.vulnerability_class
            and kinds.technique_id = fitting.technique_id
            and fitting.fit = 1
    left join own_mitigations as of_technique
        on kinds.technique_id = of_technique.technique_id
    left join own_mitigations as of_parent
        on techniques.parent_technique_id = of_parent.technique_id
)

select
    vulnerability_class,
    technique_id,
    technique_name,
    owasp_id,
    owasp_name,
    cast(findings as bigint) as findings,
    cast(open_findings as bigint) as open_findings,
    guidance,
    guidance_by,
    guidance_prefix,
    mitigation_ids,
    mitigation_names,
    is_mitigation_of_parent
from guided
