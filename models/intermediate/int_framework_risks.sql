-- Every entry of the public lists that weakness classes can belong to.
with owasp_llm_risks as (
    select * from {{ ref('owasp_llm_risks') }}
),

owasp_agentic_risks as (
    select * from {{ ref('owasp_agentic_risks') }}
),

cwe_weaknesses as (
    select * from {{ ref('cwe_weaknesses') }}
),

framework_risks as (
    select
        'owasp_llm' as framework,
        edition,
        owasp_id as id,
        owasp_name as name
    from owasp_llm_risks

    union all

    select
        'owasp_agentic' as framework,
        edition,
        owasp_id as id,
        owasp_name as name
    from owasp_agentic_risks

    union all

    select
        'cwe' as framework,
        edition,
        cwe_id as id,
        cwe_name as name
    from cwe_weaknesses
)

select * from framework_risks
