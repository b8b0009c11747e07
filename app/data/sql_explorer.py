"""Statements of the metric explorer."""

# ruff: noqa: S608  # only the fixed expressions of this file are put together

from __future__ import annotations

from typing import Final

_REMARKS: Final = """
            (
                select string_agg(remarks.text, ' · ' order by remarks.annotation_id)
                from marts.annotations as remarks
                where
                    remarks.metric_id = rows.metric_id
                    and remarks.period_start < rows.period_end
                    and remarks.period_start >= case rows.period_grain
                        when 'trailing_12_months' then rows.period_end - interval 1 month
                        else rows.period_start
                    end
            ) as remarks
"""
"""What people remarked on a period; of twelve months those on its last, as the others had them."""

EXPLORER: Final = {
    "definitions": """
        select
            metric_id, name, question, formula, numerator, denominator, unit, direction, dimension,
            indicator, measures, considerations, cadence, owner, source, needs, is_core,
            is_supporting, is_like_for_like, interval_method,
            regexp_extract_all(coalesce(companion_metric_ids, ''), '\\w+') as companions
        from marts.metric_catalog
        order by
            not is_core, list_position(
                ['coverage', 'effectiveness', 'efficiency', 'impact'], dimension
            ), name
    """,
    "metric_trend": f"""
        select
            rows.period_start, rows.period_end, rows.value, rows.sample_size, rows.interval_low,
            rows.interval_high, rows.target_low, rows.target_high, rows.target_status,
            rows.numerator, rows.denominator, rows.median, rows.p90, rows.is_partial_period,
            limits.centre, limits.limit_low, limits.limit_high, limits.signal, {_REMARKS}
        from marts.metric_values as rows
        left join marts.metric_control_limits as limits
            on
                rows.metric_id = limits.metric_id
                and rows.period_grain = limits.period_grain
                and rows.period_start = limits.period_start
                and rows.segment_dimension = limits.segment_dimension
                and rows.segment_value = limits.segment_value
        where
            rows.metric_id = $metric and rows.period_grain = $grain
            and rows.segment_dimension = $dimension and rows.segment_value = $segment
        order by rows.period_start
    """,
    "rolling_year": f"""
        select
            period_end - interval 1 day as period_start, value, sample_size, interval_low,
            interval_high, target_low, target_high, is_partial_period, {_REMARKS}
        from marts.metric_values as rows
        where
            metric_id = $metric and period_grain = 'trailing_12_months'
            and segment_dimension = $dimension and segment_value = $segment and period_end <= $end
            and period_end > $end - interval 12 months
        order by period_end
    """,
    "annotations": """
        select annotation_id, metric_name, period_start, text, author, metric_id
        from marts.annotations
        where $of is null or metric_id = $of
        order by period_start desc, annotation_id
    """,
    "metric_dimensions": """
        select distinct segment_dimension
        from marts.metric_values
        where metric_id = $metric and segment_dimension not in ('all', 'tier_and_risk')
    """,
    "metric_segments": """
        select
            rows.segment_value, coalesce(systems.system_name, rows.segment_value) as segment_name,
            rows.value, rows.sample_size, rows.interval_low, rows.interval_high, rows.target_low,
            rows.target_high, rows.target_status, rows.previous_value, rows.change,
            rows.numerator, rows.denominator
        from marts.metric_values as rows
        left join marts.system_scorecards as systems
            on rows.segment_dimension = 'system' and rows.segment_value = systems.system_id
        where
            rows.metric_id = $metric and rows.period_grain = $grain
            and rows.period_start = $start and rows.segment_dimension = $dimension
        order by rows.value is null, rows.sample_size desc, rows.segment_value
    """,
}
