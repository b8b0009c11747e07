"""Releases of each system, and which the red team tested before (or only after) going live."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from sample.organisation.calendar import in_office_hours, stamp, stream
from sample.organisation.files import Row
from sample.organisation.systems import BY_ID

AssessmentTier = Literal["quick_scan", "standard", "comprehensive"]
DeploymentType = Literal["new_system", "major_update", "minor_update"]

QUICK: AssessmentTier = "quick_scan"
STANDARD: AssessmentTier = "standard"
COMPREHENSIVE: AssessmentTier = "comprehensive"


@dataclass(frozen=True)
class Release:
    """One deployment; `before` or `after` names the assessment that tested it, if any did."""

    deployed_on: date
    kind: DeploymentType
    version: str
    before: AssessmentTier | None = None
    after: AssessmentTier | None = None


def _new(
    day: str,
    version: str,
    before: AssessmentTier | None = None,
    after: AssessmentTier | None = None,
) -> Release:
    return Release(date.fromisoformat(day), "new_system", version, before, after)


def _major(
    day: str,
    version: str,
    before: AssessmentTier | None = None,
    after: AssessmentTier | None = None,
) -> Release:
    return Release(date.fromisoformat(day), "major_update", version, before, after)


def _minor(day: str, version: str) -> Release:
    return Release(date.fromisoformat(day), "minor_update", version)


RELEASES: dict[str, tuple[Release, ...]] = {
    "support-bot": (
        _major("2025-02-18", "1.2.0", before=STANDARD),
        _major("2025-05-20", "1.3.0", after=STANDARD),
        _minor("2025-07-08", "1.3.1"),
        _major("2025-10-14", "1.4.0", before=COMPREHENSIVE),
        _major("2026-03-10", "1.5.0", before=STANDARD),
        _minor("2026-07-08", "1.5.1"),
        _major("2026-10-20", "2.0.0", before=COMPREHENSIVE),
    ),
    "rag-search": (
        _major("2025-03-11", "2025.03", before=STANDARD),
        _major("2025-07-15", "2025.07", before=COMPREHENSIVE),
        _major("2025-12-09", "2025.12"),
        _major("2026-04-21", "2026.04", before=STANDARD),
        _major("2026-08-18", "2026.08", before=COMPREHENSIVE),
        _major("2026-09-22", "2026.09", after=QUICK),
    ),
    "fraud-triage": (
        _major("2025-01-28", "4.1", before=QUICK),
        _major("2025-06-24", "5.0", before=STANDARD),
        _minor("2025-09-02", "5.0.1"),
        _major("2025-11-25", "5.1", before=STANDARD),
        _major("2026-05-12", "6.0", before=COMPREHENSIVE),
        _major("2026-09-29", "6.1", after=STANDARD),
    ),
    "wealth-assistant": (
        _major("2025-03-25", "2.5.0", before=STANDARD),
        _minor("2025-05-06", "2.5.1"),
        _major("2025-09-02", "3.0.0", before=COMPREHENSIVE),
        _major("2026-01-20", "3.1.0"),
        _major("2026-06-23", "3.2.0", after=COMPREHENSIVE),
        _major("2026-10-13", "3.3.0"),
    ),
    "code-copilot": (
        _major("2025-04-08", "0.8"),
        _major("2025-11-11", "0.9", before=STANDARD),
        _minor("2026-02-03", "0.9.1"),
        _major("2026-06-16", "1.0", before=STANDARD),
    ),
    "kyc-extractor": (
        _major("2025-04-29", "2025.1", before=STANDARD),
        _major("2025-10-21", "2025.2"),
        _major("2026-03-31", "2026.1", before=STANDARD),
        _major("2026-09-08", "2026.2", before=QUICK),
    ),
    "card-dispute-agent": (
        _major("2025-02-04", "2.1.0"),
        _major("2025-05-13", "2.2.0", before=STANDARD),
        _minor("2025-11-04", "2.2.1"),
        _major("2026-05-05", "3.0.0", before=QUICK),
        _major("2026-10-06", "3.1.0", before=STANDARD),
    ),
    "contract-reviewer": (
        _major("2025-01-21", "1.9"),
        _major("2025-08-12", "2.0", before=STANDARD),
        _major("2026-02-10", "2.1", before=STANDARD),
        _major("2026-07-21", "2.2", after=QUICK),
    ),
    "claims-summarizer": (
        _major("2025-02-25", "1.1"),
        _minor("2025-08-26", "1.1.1"),
    ),
    "hr-helpdesk": (
        _major("2025-05-27", "8"),
        _minor("2025-12-02", "8.1"),
        _major("2026-06-30", "9"),
    ),
    "marketing-writer": (
        _major("2025-06-03", "3.1"),
        _minor("2026-02-17", "3.2"),
        _major("2026-08-25", "4.0", before=QUICK),
    ),
    "email-triage": (
        _new("2025-03-17", "1.0", before=QUICK),
        _major("2025-09-16", "1.1"),
        _major("2026-04-14", "1.2", before=QUICK),
        _minor("2026-10-27", "1.2.1"),
    ),
    "branch-voice": (
        _new("2025-06-10", "1.0", before=STANDARD),
        _major("2025-12-16", "1.1", after=STANDARD),
        _major("2026-06-02", "2.0", before=STANDARD),
    ),
    "treasury-forecaster": (
        _new("2025-10-07", "0.9", before=STANDARD),
        _major("2026-03-03", "1.0", before=STANDARD),
        _major("2026-08-11", "1.1"),
    ),
    "sanctions-screener": (
        _new("2026-01-13", "1.0", before=COMPREHENSIVE),
        _major("2026-07-14", "1.1", before=STANDARD),
        _major("2026-11-10", "1.2", before=STANDARD),
    ),
    "loan-advisor": (
        _new("2026-03-24", "1.0.0", after=COMPREHENSIVE),
        _major("2026-09-15", "1.1.0", before=STANDARD),
    ),
    "meeting-notes": (
        _new("2026-06-09", "24.6"),
        _minor("2026-09-22", "24.9"),
    ),
}


def deployment_id(system_id: str, version: str) -> str:
    return f"DEP-{system_id}-{version}"


def version_on(system_id: str, day: date) -> str:
    """Return the version that was live on a day."""
    live = BY_ID[system_id].first_version
    for release in RELEASES[system_id]:
        if release.deployed_on <= day:
            live = release.version
    return live


def deployment_rows() -> list[Row]:
    rows = [
        {
            "deployment_id": deployment_id(system_id, release.version),
            "system_id": system_id,
            "deployment_type": release.kind,
            "deployed_at": stamp(
                in_office_hours(
                    release.deployed_on, stream("deployment", system_id, release.version)
                )
            ),
            "system_version": release.version,
        }
        for system_id, releases in RELEASES.items()
        for release in releases
    ]
    return sorted(rows, key=lambda row: row["deployed_at"])
