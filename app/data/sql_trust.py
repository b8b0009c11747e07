"""Statements of the data trust page."""

from __future__ import annotations

from typing import Final

TRUST: Final = {
    "trust_totals": """
        with files as (
            select
                count(*) as files,
                count(*) filter (where is_complete) as complete_files,
                cast(coalesce(sum(rows_read), 0) as bigint) as rows_read,
                cast(coalesce(sum(rows_loaded), 0) as bigint) as rows_loaded,
                cast(coalesce(sum(rows_superseded), 0) as bigint) as rows_superseded,
                cast(coalesce(sum(rows_quarantined), 0) as bigint) as rows_quarantined,
                count(*) filter (
                    where rows_read <> rows_loaded + rows_superseded + rows_quarantined
                ) as files_that_do_not_add_up
            from marts.landing_files
            where source <> 'as_of'
        ),

        checks as (
            select
                count(*) filter (where status <> 'not_applicable') as checks,
                count(*) filter (where status = 'warned') as checks_warned
            from marts.delivery_checks
        ),

        figures as (
            select
                count(*) as tool_figures,
                count(*) filter (where is_reproduced) as tool_figures_reproduced
            from marts.attack_tool_figures
        )

        select
            files.*, checks.*, figures.*,
            (select count(*) from marts.metric_restatements) as restatements,
            builds.generation, builds.built_at, builds.published_at, builds.as_of,
            builds.project_version, builds.dbt_version, builds.engine_version, builds.git_commit,
            builds.landing_sha256
        from files
        cross join checks
        cross join figures
        cross join marts.build_generation as builds
    """,
    "sources": """
        with checks as (
            select
                source,
                string_agg(distinct check_name, ',' order by check_name)
                    filter (where status = 'warned') as warned_checks,
                max(expected) filter (where check_name = 'freshness') as expected_freshness
            from marts.delivery_checks
            group by source
        )

        select
            coalesce(sources.source, checks.source) as source,
            checks.warned_checks,
            sources.newest_row_at,
            cast(floor(sources.days_since_newest_row) as bigint) as days_since_newest_row,
            checks.expected_freshness,
            sources.rows_loaded,
            sources.rows_quarantined,
            sources.incomplete_files,
            sources.files,
            sources.last_landed_at,
            sources.rows_after_as_of,
            sources.rows_before_history
        from marts.source_freshness as sources
        full join checks on sources.source = checks.source
        order by
            checks.warned_checks is null, coalesce(sources.rows_quarantined, 0) = 0,
            coalesce(sources.source, checks.source)
    """,
    "source_files": """
        select
            file_name, source, landed_at, size_bytes, rows_read, rows_loaded, rows_superseded,
            rows_quarantined, is_complete, schema_note
        from marts.landing_files
        where source <> 'as_of' and ($of is null or source = $of)
        order by is_complete, rows_quarantined desc, source, file_name
    """,
    "quarantine_reasons": """
        select reason, source, count(*) as rows_quarantined, count(distinct file_name) as files
        from marts.quarantined_rows
        group by reason, source
        order by rows_quarantined desc, reason, source
    """,
    "quarantined_rows": """
        select file_name, line_number, record_path, column_name, reason, raw_text, source
        from marts.quarantined_rows
        where $of is null or reason = $of
        order by file_name, line_number, record_path
    """,
    "checks": """
        select
            check_name,
            count(*) filter (where status = 'warned') as warned,
            count(*) filter (where status = 'passed') as passed,
            count(*) filter (where status = 'not_applicable') as not_applicable
        from marts.delivery_checks
        group by check_name
        order by warned desc, check_name
    """,
    "delivery_checks": """
        select source, file_name, check_name, status, severity, observed, expected, checked_as_of
        from marts.delivery_checks
        where $of is null and status = 'warned' or check_name = $of
        order by
            list_position(['warned', 'passed', 'not_applicable'], status),
            list_position(['critical', 'warning', 'info'], severity),
            source, file_name, check_name
    """,
    "tests_by_dimension": """
        with dimensions as (
            select unnest([
                'accuracy', 'completeness', 'consistency', 'timeliness', 'validity', 'uniqueness'
            ]) as dimension
        ),

        deliveries as (
            select
                count(*) filter (where status <> 'not_applicable') as checks,
                count(*) filter (where status = 'warned') as warned
            from marts.delivery_checks
            where check_name = 'freshness'
        )

        select
            dimensions.dimension,
            count(results.test_name) as tests,
            count(results.test_name) filter (where results.status = 'pass') as passed,
            count(results.test_name) filter (where results.status <> 'pass') as warned,
            case when dimensions.dimension = 'timeliness' then any_value(deliveries.checks) end
                as delivery_checks,
            case when dimensions.dimension = 'timeliness' then any_value(deliveries.warned) end
                as delivery_checks_warned
        from dimensions
        cross join deliveries
        left join marts.test_results as results on dimensions.dimension = results.dimension
        group by dimensions.dimension
        order by dimensions.dimension
    """,
    "test_results": """
        select test_name, dimension, model_name, status, failures
        from marts.test_results
        where $of is null or dimension = $of
        order by status = 'pass', dimension, model_name, test_name
    """,
    "restatements": """
        select
            metrics.name as metric_name, restated.period_grain, restated.period_start,
            restated.segment_dimension, restated.segment_value, restated.published_value,
            restated.new_value, metrics.unit, restated.cause, restated.first_published_at,
            restated.changed_at, restated.from_generation, restated.to_generation,
            restated.published_sample_size, restated.new_sample_size, restated.metric_id
        from marts.metric_restatements as restated
        left join marts.metric_catalog as metrics on restated.metric_id = metrics.metric_id
        where $of is null or restated.cause = $of
        order by
            restated.changed_at desc, restated.segment_dimension <> 'all',
            restated.period_start desc, restated.metric_id, restated.period_grain,
            restated.segment_value, restated.from_generation
    """,
    "restatement_causes": """
        select
            cause, count(*) as restated_values, count(distinct metric_id) as metrics,
            max(changed_at) as changed_at
        from marts.metric_restatements
        group by cause
        order by restated_values desc, cause
    """,
    "unmapped_values": """
        select source, field, value, occurrences, policy, line_to_add
        from marts.unmapped_values
        order by occurrences desc, source, field, value
    """,
    "inventory_gaps": """
        select
            gaps.gap, gaps.entity_type, gaps.entity_id, gaps.system_id,
            metrics.name as metric_name, gaps.register, gaps.line_to_add
        from marts.inventory_gaps as gaps
        left join marts.metric_catalog as metrics on gaps.metric_id = metrics.metric_id
        where $of is null or gaps.gap = $of
        order by gaps.gap, gaps.entity_id, gaps.metric_id
    """,
    "lost_remarks": """
        select annotation_id, metric_id
        from marts.annotations
        where metric_name is null
        order by annotation_id
    """,
    "exclusions": """
        select source, exclusion_reason, findings, first_reported_at, last_reported_at
        from marts.finding_exclusions
        order by findings desc, source, exclusion_reason
    """,
    "tool_figures": """
        select
            tool, run_id, target_name, attack, judge, figure, tool_value, recounted_value,
            is_reproduced, difference, file_name
        from marts.attack_tool_figures
        where $of is null or tool = $of
        order by is_reproduced, tool, file_name, attack, judge, figure, target_name
    """,
}
