-- What people call the rows behind a number, and the field that decided: one row per thing that
-- metric_observations counts and that has more to say than its id.
with findings as (
    select * from {{ ref('fct_findings') }}
),

deployments as (
    select * from {{ ref('fct_deployments') }}
),

assessments as (
    select * from {{ ref('fct_assessments') }}
),

attack_results as (
    select * from {{ ref('fct_attack_results') }}
),

incidents as (
    select * from {{ ref('fct_incidents') }}
),

input_vectors as (
    select * from {{ ref('stg_program__input_vectors') }}
),

systems as (
    select * from {{ ref('dim_systems') }}
),
{% set empty = {
    'reported_at': 'timestamp', 'due_at': 'timestamp', 'confirmed_fix_at': 'timestamp',
    'verdict': dbt.type_string(), 'deployment_type': dbt.type_string(), 'deployed_at': 'timestamp',
    'first_report_at': 'timestamp', 'run_id': dbt.type_string(), 'prompt_id': dbt.type_string(),
    'undetermined': 'bigint', 'errors': 'bigint',
} %}
{% set things = [
    ('finding', 'findings', 'finding_id', 'title',
        ['reported_at', 'due_at', 'confirmed_fix_at', 'verdict']),
    ('deployment', 'deployments', 'deployment_id', 'system_version',
        ['deployment_type', 'deployed_at', 'first_report_at']),
    ('assessment', 'assessments', 'assessment_id', "assessment_tier || ' assessment'", []),
    ('attack_result', 'attack_results', 'attack_result_id',
        "attack || ' / ' || strategy || ' / ' || judge",
        ['run_id', 'prompt_id', 'undetermined', 'errors']),
    ('incident', 'incidents', 'incident_id', 'title', []),
    ('input_vector', 'input_vectors', 'input_vector_id', 'vector_type', []),
    ('system', 'systems', 'system_id', 'system_name', []),
] %}
named as (
    {%- for entity_type, relation, key, title, facts in things %}
    {% if not loop.first %}union all{% endif %}
    select
        '{{ entity_type }}' as entity_type,
        {{ key }} as entity_id,
        system_id,
        {%- for column, type in empty.items() %}
        cast({{ column if column in facts else 'null' }} as {{ type }}) as {{ column }},
        {%- endfor %}
        {{ title }} as title
    from {{ relation }}
    {%- endfor %}
)

select
    named.entity_type,
    named.entity_id,
    named.system_id,
    systems.system_name,
    case
        when named.entity_type = 'deployment'
            then {{ dbt.concat(['systems.system_name', "' '", "coalesce(named.title, '')"]) }}
        else named.title
    end as title,
    named.reported_at,
    named.due_at,
    named.confirmed_fix_at,
    named.verdict,
    named.deployment_type,
    named.deployed_at,
    named.first_report_at,
    named.run_id,
    named.prompt_id,
    named.undetermined,
    named.errors
from named
left join systems on named.system_id = systems.system_id
