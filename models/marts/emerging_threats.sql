-- Which weakness classes and ATLAS techniques are new or rising: the last days against as many
-- before, in findings and in incidents. Rising is claimed only where chance does not explain it.
{% set window_days = 90 %}
{% set false_alarm_share = 0.1 %}
with findings as (
    select * from {{ ref('fct_findings') }}
    where not is_excluded and verdict <> 'false_positive'
),

incidents as (
    select * from {{ ref('fct_incidents') }}
),

systems as (
    select * from {{ ref('dim_systems') }}
),

techniques as (
    select * from {{ ref('dim_techniques') }}
),

vulnerability_classes as (
    select * from {{ ref('dim_vulnerability_classes') }}
),

present_sources as (
    select * from {{ ref('int_present_sources') }}
),

as_of as (
    select * from {{ ref('stg_ledger__as_of') }}
),

-- Incidents name no technique.
present as (
    select
        'vulnerability_class' as threat_type,
        max(case when needed = 'findings' then 1 end) as has_findings,
        max(case when needed = 'incidents' then 1 end) as has_incidents
    from present_sources

    union all

    select
        'technique' as threat_type,
        max(case when needed = 'findings' then 1 end) as has_findings,
        null as has_incidents
    from present_sources
),

windows as (
    select
        as_of_end - interval '{{ window_days }} days' as recent_from,
        as_of_end - interval '{{ 2 * window_days }} days' as earlier_from
    from as_of
),

seen as (
    select
        'vulnerability_class' as threat_type,
        vulnerability_class as threat_id,
        'findings' as source,
        reported_at as seen_at,
        system_id,
        severity
    from findings

    union all

    select
        'technique' as threat_type,
        technique_id as threat_id,
        'findings' as source,
        reported_at as seen_at,
        system_id,
        severity
    from findings

    union all

    select
        'vulnerability_class' as threat_type,
        vulnerability_class as threat_id,
        'incidents' as source,
        occurred_at as seen_at,
        system_id,
        severity
    from incidents
),

placed as (
    select
        seen.*,
        case
            when seen.seen_at >= windows.recent_from then 'recent'
            when seen.seen_at >= windows.earlier_from then 'earlier'
            else 'old'
        end as place
    from seen
    cross join windows
),

-- Everything of a source in both windows: testing more finds more of everything.
totals as (
    select
        threat_type,
        source,
        min(seen_at) as first_seen_at,
        sum(case when place = 'recent' then 1 else 0 end) as recent,
        sum(case when place = 'earlier' then 1 else 0 end) as earlier
    from placed
    group by threat_type, source
),

counted as (
    select
        threat_type,
        threat_id,
        source,
        sum(case when place = 'recent' then 1 else 0 end) as recent,
        sum(case when place = 'earlier' then 1 else 0 end) as earlier
    from placed
    where threat_id <> 'unknown'
    group by threat_type, threat_id, source
),

-- Of n things in both windows, how many would lie in the recent one if nothing rose? Half of them,
-- or more where the source as a whole grew.
expected as (
    select
        counted.threat_type,
        counted.threat_id,
        counted.source,
        counted.recent,
        counted.earlier,
        cast(counted.recent + counted.earlier as {{ type_double() }}) as n,
        greatest(
            0.5,
            cast(totals.recent as {{ type_double() }}) / (totals.recent + totals.earlier)
        ) as expected_share
    from counted
    inner join totals
        on counted.threat_type = totals.threat_type and counted.source = totals.source
    where counted.recent + counted.earlier > 0
),

-- The exact chance of so many or more (binomial, given their number).
chances as (
    select
        threat_type,
        threat_id,
        source,
        i,
        exp(
            {{ ln_choose('n', 'i') }}
            + i * ln(expected_share)
            + case when i < n then (n - i) * ln(1 - expected_share) else 0 end
        ) as chance
    from expected
    {{ for_each_number('recent', 'n') }}
    where expected_share < 1
),

tests as (
    select
        expected.threat_type,
        expected.threat_id,
        expected.source,
        least(1, coalesce({{ sorted_aggregate('sum', 'chances.chance') }}, 1)) as p
    from expected
    left join chances
        on
            expected.threat_type = chances.threat_type
            and expected.threat_id = chances.threat_id
            and expected.source = chances.source
    group by expected.threat_type, expected.threat_id, expected.source
),

-- Of forty classes tested, two would rise by chance alone.
corrected as (
    {{ benjamini_hochberg('tests', ['threat_id'], ['threat_type', 'source']) }}
),

described as (
    select
        placed.threat_type,
        placed.threat_id,
        min(placed.seen_at) as first_seen_at,
        max(placed.seen_at) as last_seen_at,
        count(distinct case when placed.place = 'recent' then placed.system_id end) as systems,
        {%- for column, name in {
            'system_names': 'systems.system_name', 'owner_teams': 'systems.owner_team',
        }.items() %}
        {%- set recent_name = "case when placed.place = 'recent' then " ~ name ~ ' end' %}
        {{ joined_text(recent_name, ', ', is_distinct=true) }} as {{ column }},
        {%- endfor %}
        sum(
            case
                when
                    placed.place = 'recent'
                    and placed.source = 'findings'
                    and placed.severity in ('critical', 'high')
                    then 1
                else 0
            end
        ) as serious_findings
    from placed
    left join systems on placed.system_id = systems.system_id
    where placed.threat_id <> 'unknown'
    group by placed.threat_type, placed.threat_id
),

-- Of a program younger than both windows everything would be new.
histories as (
    select
        totals.threat_type,
        min(totals.first_seen_at) > max(windows.earlier_from) as is_too_short
    from totals
    cross join windows
    group by totals.threat_type
),

sides as (
    select
        described.*,
        windows.recent_from,
        windows.earlier_from,
        {%- for source, has in {'findings': 'has_findings', 'incidents': 'has_incidents'}.items() %}
        case when present.{{ has }} = 1 then coalesce(of_{{ source }}.recent, 0) end
            as {{ source }},
        case when present.{{ has }} = 1 then coalesce(of_{{ source }}.earlier, 0) end
            as {{ source }}_before,
        of_{{ source }}.expected_share as {{ source }}_expected_share,
        tests_of_{{ source }}.p as {{ source }}_p,
        tests_of_{{ source }}.q as {{ source }}_q,
        {%- endfor %}
        histories.is_too_short
    from described
    cross join windows
    inner join histories on described.threat_type = histories.threat_type
    inner join present on described.threat_type = present.threat_type
    {%- for source in ['findings', 'incidents'] %}
    left join expected as of_{{ source }}
        on
            described.threat_type = of_{{ source }}.threat_type
            and described.threat_id = of_{{ source }}.threat_id
            and of_{{ source }}.source = '{{ source }}'
    left join corrected as tests_of_{{ source }}
        on
            described.threat_type = tests_of_{{ source }}.threat_type
            and described.threat_id = tests_of_{{ source }}.threat_id
            and tests_of_{{ source }}.source = '{{ source }}'
    {%- endfor %}
    where of_findings.n > 0 or of_incidents.n > 0
),

judged as (
    select
        *,
        coalesce(findings_q <= {{ false_alarm_share }}, false) as is_rising_in_findings,
        coalesce(incidents_q <= {{ false_alarm_share }}, false) as is_rising_in_incidents
    from sides
)

select
    judged.threat_type,
    judged.threat_id,
    coalesce(techniques.technique_name, vulnerability_classes.owasp_name, 'unknown') as threat_name,
    case
        when judged.is_too_short then 'history too short'
        when judged.first_seen_at >= judged.recent_from then 'new'
        when judged.is_rising_in_findings or judged.is_rising_in_incidents then 'rising'
        else 'not rising'
    end as verdict,
    judged.is_rising_in_findings,
    judged.is_rising_in_incidents,
    judged.first_seen_at,
    judged.last_seen_at,
    cast(judged.recent_from as date) as recent_from,
    cast(judged.earlier_from as date) as earlier_from,
    cast(judged.findings as bigint) as findings,
    cast(judged.findings_before as bigint) as findings_before,
    cast(judged.serious_findings as bigint) as serious_findings,
    100 * judged.findings_expected_share as findings_expected_share,
    judged.findings_p,
    judged.findings_q,
    cast(judged.incidents as bigint) as incidents,
    cast(judged.incidents_before as bigint) as incidents_before,
    100 * judged.incidents_expected_share as incidents_expected_share,
    judged.incidents_p,
    judged.incidents_q,
    cast(judged.systems as bigint) as systems,
    judged.system_names,
    judged.owner_teams
from judged
left join techniques
    on judged.threat_id = techniques.technique_id and judged.threat_type = 'technique'
left join vulnerability_classes
    on
        judged.threat_id = vulnerability_classes.vulnerability_class
        and judged.threat_type = 'vulnerability_class'
