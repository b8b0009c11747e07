"""Findings: what each report held, and how the register was delivered and corrected."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from random import Random

from sample.organisation.assessments import Assessment, delivered_assessments
from sample.organisation.calendar import AS_OF, chance, in_office_hours, stamp, stream
from sample.organisation.files import Row
from sample.organisation.releases import COMPREHENSIVE, QUICK, STANDARD, AssessmentTier
from sample.organisation.stories import (
    CORRECTED_CLASS,
    CORRECTED_SYSTEM,
    FINDINGS_DELIVERIES,
    MISFILED_AS,
    SEVERITY_SLIP_SYSTEM,
    STALLED_FINDINGS,
    STALLED_RELEASE,
    STALLED_TEAM_SYSTEM,
)
from sample.organisation.suite import SUITE_TOOL, latest_run, suite_runs
from sample.organisation.systems import BY_ID
from sample.organisation.told import happens, told_of
from sample.organisation.weaknesses import (
    BY_CODE,
    SEVERITIES,
    SEVERITY_PROFILES,
    Severity,
    Weakness,
    weaknesses_of,
)

# Fewest and most findings of one report.
FINDINGS_PER_REPORT: dict[AssessmentTier, tuple[int, int]] = {
    QUICK: (2, 5),
    STANDARD: (4, 8),
    COMPREHENSIVE: (8, 12),
}
SERIOUS: tuple[Severity, ...] = ("critical", "high")
# A class that the team has just learned to test for turns up more often.
FRESH_CLASS_DAYS = 120
FRESH_CLASS_WEIGHT = 3
AUTOMATED_SHARE_2025, AUTOMATED_SHARE_2026 = 0.30, 0.48
IMPACT_CLAIMED = {"critical": 0.9, "high": 0.75}
IMPACT_CLAIMED_OTHERWISE = 0.45
IMPACT_CONFIRMED = 0.93
DUPLICATE_SHARE = 0.35
DUPLICATE_WITHIN_DAYS = 240
SUITE_FINDING_PER_RUN = 0.11


@dataclass(frozen=True)
class Finding:
    """One finding as its report put it."""

    finding_id: str
    system_id: str
    title: str
    severity: Severity
    weakness: Weakness
    reported: datetime
    assessment_id: str = ""
    tool: str = ""
    attack: str = ""
    source_run_id: str = ""
    impact_claimed: bool = False
    impact_confirmed: bool = False
    duplicate_of: str = ""

    @property
    def is_automated(self) -> bool:
        return bool(self.tool)


@cache
def findings() -> tuple[Finding, ...]:
    """Return all findings in the order of their reports, numbered in that order."""
    drafts = [draft for item in delivered_assessments() for draft in _of_report(item)]
    drafts += _of_the_suite()
    drafts.sort(key=lambda draft: (draft.reported, draft.finding_id))
    numbered = [
        replace(draft, finding_id=f"F-{number:04d}") for number, draft in enumerate(drafts, start=1)
    ]
    return tuple(_mark_duplicates(numbered))


def _of_report(item: Assessment) -> list[Finding]:
    rng = stream("report", item.assessment_id)
    wanted = rng.randint(*FINDINGS_PER_REPORT[item.tier])
    chosen = _told_findings(item)
    possible = weaknesses_of(BY_ID[item.system_id].kind, item.report.date())
    possible = [w for w in possible if w.code not in {weakness.code for weakness, _ in chosen}]
    while len(chosen) < wanted and possible:
        weakness = _pick(possible, item.report.date(), rng)
        possible.remove(weakness)
        chosen.append((weakness, _severity(weakness, rng)))
    return [
        _draft(f"{item.assessment_id}/{place:02d}", item, weakness, severity)
        for place, (weakness, severity) in enumerate(chosen)
    ]


def _told_findings(item: Assessment) -> list[tuple[Weakness, Severity]]:
    """Return the findings that the story of the stalled team prescribes, if this is the report."""
    if (item.system_id, item.version) != (STALLED_TEAM_SYSTEM, STALLED_RELEASE):
        return []
    return [(BY_CODE[told.vulnerability_class], told.severity) for told in STALLED_FINDINGS]


def _pick(possible: list[Weakness], day: date, rng: Random) -> Weakness:
    fresh_from = day - timedelta(days=FRESH_CLASS_DAYS)
    tickets = [
        weakness
        for weakness in possible
        for _ in range(FRESH_CLASS_WEIGHT if weakness.known_from > fresh_from else 1)
    ]
    return rng.choice(tickets)


def _severity(weakness: Weakness, rng: Random) -> Severity:
    draw = rng.random()
    for severity, share in zip(SEVERITIES, SEVERITY_PROFILES[weakness.profile], strict=True):
        draw -= share
        if draw < 0:
            return severity
    return "low"


def _draft(key: str, item: Assessment, weakness: Weakness, severity: Severity) -> Finding:
    rng = stream("finding", key)
    system = BY_ID[item.system_id]
    day = item.report.date()
    told = told_of(item.system_id, weakness.code, day)
    severity = told.severity or severity
    claimed = chance(rng, IMPACT_CLAIMED.get(severity, IMPACT_CLAIMED_OTHERWISE))
    draft = Finding(
        key,
        item.system_id,
        rng.choice(weakness.titles).format(name=system.name),
        severity,
        weakness,
        item.report,
        item.assessment_id,
        impact_claimed=claimed,
        impact_confirmed=claimed and happens(told.impact_confirmed, rng, IMPACT_CONFIRMED),
    )
    if not chance(rng, AUTOMATED_SHARE_2025 if day.year < 2026 else AUTOMATED_SHARE_2026):
        return draft
    run_id = latest_run(item.system_id, day)
    tool = SUITE_TOOL if run_id else "garak"
    return replace(draft, tool=tool, attack=weakness.name_fragment, source_run_id=run_id or "")


def _of_the_suite() -> list[Finding]:
    """Return findings that the monthly suite raised on its own, outside any assessment."""
    result = []
    for system_id, day, run_id in suite_runs():
        rng = stream("suite finding", run_id)
        if day > AS_OF or not chance(rng, SUITE_FINDING_PER_RUN):
            continue
        system = BY_ID[system_id]
        weakness = _pick(weaknesses_of(system.kind, day), day, rng)
        result.append(
            Finding(
                f"suite/{run_id}",
                system_id,
                rng.choice(weakness.titles).format(name=system.name),
                _severity(weakness, rng),
                weakness,
                in_office_hours(day, rng),
                tool=SUITE_TOOL,
                attack=weakness.name_fragment,
                source_run_id=run_id,
            )
        )
    return result


def _mark_duplicates(numbered: list[Finding]) -> list[Finding]:
    """Mark some findings as repeats of an earlier one of the same class in the same system."""
    latest: dict[tuple[str, str], Finding] = {}
    result = []
    for finding in numbered:
        key = (finding.system_id, finding.weakness.code)
        earlier = latest.get(key)
        if earlier and _is_repeat(finding, earlier):
            result.append(replace(finding, duplicate_of=earlier.finding_id))
            continue
        latest[key] = finding
        result.append(finding)
    return result


def _is_repeat(finding: Finding, earlier: Finding) -> bool:
    is_recent = finding.reported - earlier.reported < timedelta(days=DUPLICATE_WITHIN_DAYS)
    is_same_report = finding.reported == earlier.reported
    rng = stream("duplicate", finding.finding_id)
    return is_recent and not is_same_report and chance(rng, DUPLICATE_SHARE)


def finding_row(finding: Finding) -> Row:
    return {
        "finding_id": finding.finding_id,
        "system_id": finding.system_id,
        "title": finding.title,
        "severity": finding.severity,
        "vulnerability_class": finding.weakness.code,
        "reported_at": stamp(finding.reported),
        "assessment_id": finding.assessment_id,
        "technique_id": finding.weakness.technique_id,
        "owasp_id": finding.weakness.owasp_id,
        "detection_source": "automated" if finding.is_automated else "manual",
        "impact_claimed": "true" if finding.impact_claimed else "false",
        "impact_confirmed": _confirmed(finding),
        "duplicate_of": finding.duplicate_of,
        "tool": finding.tool,
        "attack": finding.attack,
        "source_run_id": finding.source_run_id,
    }


def _confirmed(finding: Finding) -> str:
    if not finding.impact_claimed:
        return ""
    return "true" if finding.impact_confirmed else "false"


def findings_deliveries() -> dict[str, list[Row]]:
    """Return the register file by file: each delivery its months, the second also corrections."""
    (first_name, first_end), (second_name, _), _ = FINDINGS_DELIVERIES
    corrected = [f for f in findings() if f.reported.date() <= first_end and as_first_filed(f) != f]
    result: dict[str, list[Row]] = {}
    start = date.min
    for name, end in FINDINGS_DELIVERIES:
        delivered = [f for f in findings() if start < f.reported.date() <= end]
        if name == first_name:
            delivered = [as_first_filed(f) for f in delivered]
        if name == second_name:
            delivered = [*corrected, *delivered]
        result[name] = [finding_row(f) for f in delivered]
        start = end
    return result


def as_first_filed(finding: Finding) -> Finding:
    """Return the finding as the first delivery had it, before the correction."""
    if (finding.system_id, finding.weakness.code) == (CORRECTED_SYSTEM, CORRECTED_CLASS):
        return replace(finding, weakness=BY_CODE[MISFILED_AS])
    if finding == _first_serious_of(SEVERITY_SLIP_SYSTEM):
        return replace(finding, severity="low")
    return finding


@cache
def _first_serious_of(system_id: str) -> Finding:
    return next(f for f in findings() if f.system_id == system_id and f.severity in SERIOUS)
