"""From what was asked to the bytes of a report."""

from __future__ import annotations

import re
from typing import Final

from aism.errors import UsageError
from app import data
from app.components.formatting import listed
from app.reports.assessment import assessment
from app.reports.board import board
from app.reports.document import Report
from app.reports.executive import executive
from app.reports.html import as_html
from app.reports.markdown import as_markdown
from app.reports.pdf import as_pdf
from app.reports.team import team
from app.view import MONTH, QUARTER, TRAILING_YEAR, Period

EXECUTIVE: Final = "executive"
BOARD: Final = "board"
TEAM: Final = "team"
ASSESSMENT: Final = "assessment"

_PERIOD: Final = re.compile(
    r"(?P<year>\d{4})-(?:Q(?P<quarter>[1-4])|(?P<month>\d{2}))|12m-to-(?P<last>\d{4}-\d{2})"
)
_MOST_NAMED: Final = 3


def make(
    kind: str, form: str, *, period: str | None, team_name: str | None, assessment_id: str | None
) -> bytes:
    """Return a report of the published generation as a file, UTF-8 where it is text.

    Raises:
        UsageError: nothing published, an unknown period, team or assessment, or a missing library.
    """
    generation = data.published()
    if generation is None:
        raise UsageError("Nothing has been published: run `aism build` first.")
    report = _report(kind, generation, period, team_name, assessment_id)
    if form == "md":
        return as_markdown(report).encode()
    html = as_html(report)
    return as_pdf(html) if form == "pdf" else html.encode()


def _report(
    kind: str,
    generation: data.Generation,
    period: str | None,
    team_name: str | None,
    assessment_id: str | None,
) -> Report:
    for option, value, owner in (
        ("--team", team_name, TEAM),
        ("--assessment", assessment_id, ASSESSMENT),
    ):
        if value is not None and kind != owner:
            raise UsageError(f"{option} belongs to `aism report {owner}`.")
    if kind in (TEAM, ASSESSMENT) and period is not None:
        raise UsageError(f"`aism report {kind}` is as of the build and takes no --period.")
    if kind == TEAM:
        return team(generation, team_name)
    if kind == ASSESSMENT:
        return assessment(generation, assessment_id)
    if kind == BOARD:
        return board(generation, parse_period(generation, period, QUARTER))
    return executive(generation, parse_period(generation, period, MONTH))


def parse_period(generation: data.Generation, text: str | None, grain: str) -> Period:
    """Return the period that ``text`` names, the latest complete one of ``grain`` without.

    Written as 2026-10, 2026-Q3, 12m-to-2026-10.

    Raises:
        UsageError: nothing is measured, or nothing in this period; the message names some.
    """
    latest = data.default_period(generation, grain)
    if latest is None:
        raise UsageError("Nothing has been measured yet: the generation holds no observations.")
    if text is None:
        return latest
    if _PERIOD.fullmatch(text):
        for known in (MONTH, QUARTER, TRAILING_YEAR):
            for period in data.periods(generation, known):
                if period_key(period) == text:
                    return period
    names = [period_key(period) for period in data.periods(generation, grain)[:_MOST_NAMED]]
    raise UsageError(f"No period {text!r}. --period takes one such as {listed(names)}.")


def period_key(period: Period) -> str:
    """Return how a period is written on the command line."""
    if period.grain == QUARTER:
        return f"{period.start.year}-Q{(period.start.month + 2) // 3}"
    if period.grain == TRAILING_YEAR:
        year, month = divmod(period.end.year * 12 + period.end.month - 2, 12)
        return f"12m-to-{year}-{month + 1:02}"
    return f"{period.start:%Y-%m}"
