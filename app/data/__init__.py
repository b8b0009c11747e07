"""The only SQL of the app: fixed statements over the published generation, values bound.

Pages read `marts` and nothing else.
"""

from app.data.behind import row_totals, rows_behind
from app.data.cards import (
    TESTED_BEFORE_LAUNCH,
    cards,
    parts,
)
from app.data.catalog import (
    build,
    context,
    default_period,
    home_segment,
    is_known_segment,
    metrics,
    periods,
    segment_values,
    system_names,
)
from app.data.connection import Generation, NotAllowedError, part_of, published
from app.data.lists import FINDING_DIMENSIONS, LAUNCH_DIMENSIONS, oldest_findings, untested_launches
from app.data.records import (
    Alarm,
    Build,
    Card,
    Companion,
    Context,
    Metric,
    OldFinding,
    Part,
    Point,
    Remark,
    RowTotals,
    Standing,
    TargetPart,
    UntestedLaunch,
    Value,
    Worsened,
)
from app.data.remarks import remarks_on
from app.data.tables import STATEMENTS, table
from app.data.worsened import FEWEST_TO_JUDGE, worsened

__all__ = [
    "FEWEST_TO_JUDGE",
    "FINDING_DIMENSIONS",
    "LAUNCH_DIMENSIONS",
    "STATEMENTS",
    "TESTED_BEFORE_LAUNCH",
    "Alarm",
    "Build",
    "Card",
    "Companion",
    "Context",
    "Generation",
    "Metric",
    "NotAllowedError",
    "OldFinding",
    "Part",
    "Point",
    "Remark",
    "RowTotals",
    "Standing",
    "TargetPart",
    "UntestedLaunch",
    "Value",
    "Worsened",
    "build",
    "cards",
    "context",
    "default_period",
    "home_segment",
    "is_known_segment",
    "metrics",
    "oldest_findings",
    "part_of",
    "parts",
    "periods",
    "published",
    "remarks_on",
    "row_totals",
    "rows_behind",
    "segment_values",
    "system_names",
    "table",
    "untested_launches",
    "worsened",
]
