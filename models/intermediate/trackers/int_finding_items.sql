-- The finding that each tracker item is about: one that the organisation's register or another
-- tracker knows already, else the item's own.
with tracker_findings as (
    select * from {{ ref('int_tracker_findings') }}
),

snapshots as (
    select * from {{ ref('int_tracker_snapshots') }}
    where is_latest
),

links as (
    select * from {{ ref('stg_trackers__links') }}
),

registered as (
    select * from {{ ref('stg_program__findings') }}
),

-- What people write into a register to mean the item. A DefectDojo number alone is nobody's name.
names as (
    select
        source,
        item_id,
        source || ':' || item_id as name,
        2 as rank
    from tracker_findings

    union all

    select
        source,
        item_id,
        source || ':' || item_key as name,
        3 as rank
    from tracker_findings

    union all

    select
        source,
        item_id,
        item_key as name,
        4 as rank
    from tracker_findings
    where source <> 'defectdojo'

    union all

    select
        source,
        item_id,
        said_finding_id as name,
        1 as rank
    from tracker_findings
    where said_finding_id is not null
),

named as (
    select
        names.source,
        names.item_id,
        registered.finding_id,
        row_number() over (
            partition by names.source, names.item_id order by names.rank, registered.finding_id
        ) as choice
    from names
    inner join registered on names.name = registered.finding_id
),

-- DefectDojo writes down which issue it opened for a finding; one issue for several findings
-- belongs to the first of them.
pushed as (
    select
        issues.source,
        issues.item_id,
        min(snapshots.item_id) as finding_item_id
    from snapshots
    inner join links
        on
            snapshots.file_sha256 = links.file_sha256
            and snapshots.item_id = links.item_id
            and links.link in ('jira_issue', 'github_issue')
    inner join tracker_findings as issues
        on
            issues.source = replace(links.link, '_issue', '')
            and (links.target_id = issues.item_id or links.target_key = issues.item_key)
    where snapshots.source = 'defectdojo'
    group by issues.source, issues.item_id
),

own as (
    select
        tracker_findings.source,
        tracker_findings.item_id,
        coalesce(
            named.finding_id,
            tracker_findings.said_finding_id,
            tracker_findings.source || ':' || tracker_findings.item_id
        ) as finding_id,
        named.finding_id is not null or tracker_findings.said_finding_id is not null as is_said
    from tracker_findings
    left join named
        on
            tracker_findings.source = named.source
            and tracker_findings.item_id = named.item_id
            and named.choice = 1
),

-- The register's name of an issue is also that of the finding it was opened for.
said_by_issue as (
    select
        pushed.finding_item_id,
        min(own.finding_id) as finding_id
    from pushed
    inner join own
        on pushed.source = own.source and pushed.item_id = own.item_id and own.is_said
    group by pushed.finding_item_id
),

finding_items as (
    select
        own.source,
        own.item_id,
        coalesce(
            case when own.is_said then own.finding_id end,
            said_by_issue.finding_id,
            pushed_said.finding_id,
            'defectdojo:' || pushed.finding_item_id,
            own.finding_id
        ) as finding_id
    from own
    left join said_by_issue
        on own.source = 'defectdojo' and own.item_id = said_by_issue.finding_item_id
    left join pushed
        on own.source = pushed.source and own.item_id = pushed.item_id
    left join own as pushed_said
        on
            pushed_said.source = 'defectdojo'
            and pushed.finding_item_id = pushed_said.item_id
            and pushed_said.is_said
)

select * from finding_items
