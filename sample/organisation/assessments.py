"""Assessments: what was asked for, delivered, called off, and what each of them covered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

from sample.organisation.calendar import (
    PROGRAM_START,
    chance,
    first_day,
    in_office_hours,
    later,
    stamp,
    stream,
)
from sample.organisation.files import Row
from sample.organisation.releases import (
    COMPREHENSIVE,
    QUICK,
    RELEASES,
    STANDARD,
    AssessmentTier,
    Release,
    deployment_id,
)
from sample.organisation.stories import UNTESTED_LAUNCH_SYSTEM
from sample.organisation.systems import BY_ID, input_vectors
from sample.organisation.weaknesses import ALL_TECHNIQUES, techniques_of

# Days from request to report: least, most, usual.
DURATION_DAYS: dict[AssessmentTier, tuple[float, float, float]] = {
    QUICK: (3, 12, 5),
    STANDARD: (20, 58, 34),
    COMPREHENSIVE: (48, 104, 70),
}
# Share of applicable techniques tried, and of input vectors, at the start of the program.
TECHNIQUE_SHARE: dict[AssessmentTier, float] = {QUICK: 0.42, STANDARD: 0.66, COMPREHENSIVE: 0.85}
VECTOR_SHARE: dict[AssessmentTier, float] = {QUICK: 0.45, STANDARD: 0.78, COMPREHENSIVE: 0.96}
MATURITY_GAIN_PER_YEAR = 0.05

# The first month of the program: a quick look at six of eleven systems.
BASELINE: dict[str, date] = {
    "support-bot": date(2024, 12, 10),
    "wealth-assistant": date(2024, 12, 12),
    "fraud-triage": date(2024, 12, 16),
    "rag-search": date(2024, 12, 17),
    "code-copilot": date(2024, 12, 19),
    "kyc-extractor": date(2024, 12, 20),
}
# Reviews on the calendar, bound to no release: system, month of the report, tier.
REVIEWS: tuple[tuple[str, str, AssessmentTier], ...] = (
    ("kyc-extractor", "2025-07", QUICK),
    ("support-bot", "2025-08", QUICK),
    ("card-dispute-agent", "2025-09", QUICK),
    ("rag-search", "2025-10", QUICK),
    ("support-bot", "2025-12", QUICK),
    ("fraud-triage", "2026-02", QUICK),
    ("wealth-assistant", "2026-03", STANDARD),
    ("sanctions-screener", "2026-04", QUICK),
    ("support-bot", "2026-05", QUICK),
    ("card-dispute-agent", "2026-07", QUICK),
    ("branch-voice", "2026-09", QUICK),
    ("contract-reviewer", "2026-10", QUICK),
)
# Called off: system, requested on, tier, days until it was cancelled.
CANCELLED: tuple[tuple[str, date, AssessmentTier, int], ...] = (
    ("claims-summarizer", date(2025, 10, 6), STANDARD, 38),
    ("hr-helpdesk", date(2026, 5, 18), QUICK, 9),
)
# Not delivered yet: system, requested on, tier, begun on.
UNDER_WAY: tuple[tuple[str, date, AssessmentTier, date | None], ...] = (
    ("wealth-assistant", date(2026, 10, 5), COMPREHENSIVE, date(2026, 10, 19)),
    ("treasury-forecaster", date(2026, 10, 26), STANDARD, date(2026, 11, 9)),
    ("meeting-notes", date(2026, 11, 16), QUICK, None),
    ("support-bot", date(2026, 11, 17), QUICK, date(2026, 11, 20)),
    ("rag-search", date(2026, 11, 17), QUICK, date(2026, 11, 20)),
)
# Testing after a launch: usually within weeks; the story of the untested launch took longer.
LATE_TEST_DAYS = (12, 30)
UNTESTED_LAUNCH_REPORT = date(2026, 6, 4)


@dataclass(frozen=True)
class Assessment:
    """One assessment with its dates; `delivered` is null while nobody has the report."""

    assessment_id: str
    system_id: str
    tier: AssessmentTier
    requested: datetime
    started: datetime | None
    delivered: datetime | None
    cancelled: datetime | None = None
    version: str | None = None

    @property
    def report(self) -> datetime:
        """Return the delivery of an assessment known to be delivered."""
        if self.delivered is None:
            raise ValueError(f"{self.assessment_id} has no report")
        return self.delivered


@dataclass(frozen=True)
class _Draft:
    system_id: str
    tier: AssessmentTier
    requested: datetime
    started: datetime | None
    delivered: datetime | None
    cancelled: datetime | None = None
    version: str | None = None


@cache
def assessments() -> tuple[Assessment, ...]:
    """Return all assessments in the order of their requests, numbered in that order."""
    drafts = [*_release_tests(), *_baseline(), *_reviews(), *_cancelled(), *_under_way()]
    drafts.sort(key=lambda draft: (draft.requested, draft.system_id))
    return tuple(
        Assessment(
            f"ASM-{number:03d}",
            draft.system_id,
            draft.tier,
            draft.requested,
            draft.started,
            draft.delivered,
            draft.cancelled,
            draft.version,
        )
        for number, draft in enumerate(drafts, start=1)
    )


def open_assessments() -> list[Assessment]:
    return [item for item in assessments() if item.delivered is None and item.cancelled is None]


def delivered_assessments() -> list[Assessment]:
    return [item for item in assessments() if item.delivered is not None]


def _delivered_on(
    system_id: str, tier: AssessmentTier, day: date, version: str | None = None
) -> _Draft:
    rng = stream("assessment", system_id, day)
    delivered = in_office_hours(day, rng)
    duration = rng.triangular(*DURATION_DAYS[tier])
    requested = later(delivered, -duration)
    started = later(requested, duration * rng.uniform(0.15, 0.45))
    return _Draft(system_id, tier, requested, started, delivered, None, version)


def _release_tests() -> list[_Draft]:
    return [
        _delivered_on(system_id, tier, _report_day(system_id, release), release.version)
        for system_id, releases in RELEASES.items()
        for release in releases
        if (tier := release.before or release.after) is not None
    ]


def _report_day(system_id: str, release: Release) -> date:
    rng = stream("report", system_id, release.version)
    if release.before:
        return release.deployed_on - timedelta(days=rng.randrange(4, 13))
    if system_id == UNTESTED_LAUNCH_SYSTEM:
        return UNTESTED_LAUNCH_REPORT
    return release.deployed_on + timedelta(days=rng.randrange(*LATE_TEST_DAYS))


def _baseline() -> list[_Draft]:
    return [_delivered_on(system_id, QUICK, day) for system_id, day in BASELINE.items()]


def _reviews() -> list[_Draft]:
    result = []
    for system_id, month, tier in REVIEWS:
        day = first_day(month) + timedelta(days=stream("review", system_id, month).randrange(5, 26))
        result.append(_delivered_on(system_id, tier, day))
    return result


def _cancelled() -> list[_Draft]:
    result = []
    for system_id, day, tier, days_until in CANCELLED:
        requested = in_office_hours(day, stream("cancelled", system_id))
        result.append(
            _Draft(system_id, tier, requested, None, None, later(requested, float(days_until)))
        )
    return result


def _under_way() -> list[_Draft]:
    result = []
    for system_id, day, tier, begun_on in UNDER_WAY:
        rng = stream("under way", system_id)
        requested = in_office_hours(day, rng)
        started = in_office_hours(begun_on, rng) if begun_on else None
        result.append(_Draft(system_id, tier, requested, started, None))
    return result


def _maturity(day: date) -> float:
    return MATURITY_GAIN_PER_YEAR * (day - PROGRAM_START).days / 365


def assessment_rows() -> list[Row]:
    return [
        {
            "assessment_id": item.assessment_id,
            "system_id": item.system_id,
            "tier": item.tier,
            "requested_at": stamp(item.requested),
            "deployment_id": deployment_id(item.system_id, item.version) if item.version else "",
            "planned_start_at": stamp(_planned_start(item)),
            "started_at": stamp(item.started),
            "report_delivered_at": stamp(item.delivered),
            "cancelled_at": stamp(item.cancelled),
        }
        for item in assessments()
    ]


def _planned_start(item: Assessment) -> date:
    rng = stream("plan", item.assessment_id)
    planned = item.started or later(item.requested, 14)
    return planned.date() - timedelta(days=rng.randrange(-1, 4))


def technique_rows() -> list[Row]:
    """Write, for each delivered assessment, every technique of the catalogue known by then."""
    rows: list[Row] = []
    for item in delivered_assessments():
        day = item.report.date()
        applicable = set(techniques_of(BY_ID[item.system_id].kind, day))
        share = min(0.97, TECHNIQUE_SHARE[item.tier] + _maturity(day))
        for technique_id in ALL_TECHNIQUES:
            rng = stream("technique", item.assessment_id, technique_id)
            is_applicable = technique_id in applicable
            is_tested = is_applicable and chance(rng, share)
            rows.append(
                {
                    "assessment_id": item.assessment_id,
                    "technique_id": technique_id,
                    "is_applicable": _boolean(is_applicable),
                    "is_tested": _boolean(is_tested),
                    "not_applicable_reason": "" if is_applicable else "No such component",
                }
            )
    return rows


def vector_rows() -> list[Row]:
    rows: list[Row] = []
    for item in delivered_assessments():
        for vector in input_vectors():
            is_there = (
                vector.system_id == item.system_id and vector.identified_at < item.report.date()
            )
            is_closed = vector.removed_at is not None and vector.removed_at < item.requested.date()
            rng = stream("vector test", item.assessment_id, vector.input_vector_id)
            share = VECTOR_SHARE[item.tier] + _maturity(item.report.date())
            if is_there and not is_closed and chance(rng, share):
                rows.append(
                    {
                        "assessment_id": item.assessment_id,
                        "input_vector_id": vector.input_vector_id,
                        "tested_at": stamp(_tested_at(item, vector.input_vector_id)),
                    }
                )
    return rows


def _tested_at(item: Assessment, input_vector_id: str) -> datetime | None:
    """Return the day of the test, which testers wrote down two times in three."""
    rng = stream("vector day", item.assessment_id, input_vector_id)
    if item.started is None or chance(rng, 1 / 3):
        return None
    window = (item.report - item.started).total_seconds() / 86_400
    return later(item.started, window * rng.uniform(0.1, 0.9))


def _boolean(value: bool) -> str:
    return "true" if value else "false"
