-- Disputes by what they are about: their reason, the weakness class, the team that disputes and the
-- tool that found it. Every dispute of a finding counts, and what became of it.
with events as (
    select * from {{ ref('fct_finding_events') }}
),

systems as (
    select * from {{ ref('dim_systems') }}
),

findings as (
    select
        fct_findings.finding_id,
        fct_findings.vulnerability_class,
        fct_findings.tool,
        coalesce(systems.owner_team, 'unknown') as owner_team
    from {{ ref('fct_findings') }} as fct_findings
    left join systems on fct_findings.system_id = systems.system_id
    where not fct_findings.is_excluded
),

event_types as (
    select * from {{ ref('finding_event_types') }}
),

-- The next event that decides the verdict after a dispute; none: it is still open.
decided as (
    select
        events.finding_id,
        events.event_type,
        events.event_at,
        events.reason,
        lead(events.event_type) over one_finding as next_event_type,
        lead(events.event_at) over one_finding as next_event_at
    from events
    inner join event_types on events.event_type = event_types.event_type
    where event_types.verdict is not null
    window one_finding as (
        partition by events.finding_id order by events.event_at, event_types.event_order
    )
),

disputes as (
    select
        decided.finding_id,
        coalesce(decided.reason, 'unknown') as reason,
        findings.vulnerability_class,
        findings.owner_team,
        findings.tool,
        case
            when decided.next_event_type is null or decided.next_event_type = 'disputed'
                then 'undecided'
            when decided.next_event_type = 'false_positive' then 'upheld'
            else 'rejected'
        end as outcome,
        {{ days_between('decided.event_at', 'decided.next_event_at') }} as days_to_decide
    from decided
    inner join findings on decided.finding_id = findings.finding_id
    where decided.event_type = 'disputed'
),

patterns as (
    {%- for dimension in ['reason', 'vulnerability_class', 'owner_team', 'tool'] %}
    {% if not loop.first %}union all {% endif -%}
    select
        '{{ dimension }}' as dimension,
        {{ dimension }} as value,
        finding_id,
        outcome,
        days_to_decide
    from disputes
    {%- endfor %}
),

finding_counts as (
    {%- for dimension in ['vulnerability_class', 'owner_team', 'tool'] %}
    {% if not loop.first %}union all {% endif -%}
    select
        '{{ dimension }}' as dimension,
        {{ dimension }} as value,
        count(*) as findings
    from findings
    group by {{ dimension }}
    {%- endfor %}
)

select
    patterns.dimension,
    {{ display_safe('patterns.value') }} as value,
    count(*) as disputes,
    count(distinct patterns.finding_id) as disputed_findings,
    max(finding_counts.findings) as findings,
    100 * cast(count(distinct patterns.finding_id) as {{ type_double() }})
    / max(finding_counts.findings) as disputed_percent,
    count(case when patterns.outcome = 'upheld' then 1 end) as upheld,
    count(case when patterns.outcome = 'rejected' then 1 end) as rejected,
    count(case when patterns.outcome = 'undecided' then 1 end) as undecided,
    {{ exact_mean("case when patterns.outcome <> 'undecided' then patterns.days_to_decide end") }}
        as mean_days_to_decide
from patterns
left join finding_counts
    on
        patterns.dimension = finding_counts.dimension
        and patterns.value = finding_counts.value
group by patterns.dimension, patterns.value
