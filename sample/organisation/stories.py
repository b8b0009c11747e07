"""The stories told by the sample: each by name, so that no date hides in the code (README.md)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sample.organisation.weaknesses import Severity

# An untested launch: high risk, live in March 2026, first tested in June, not scanned until then.
UNTESTED_LAUNCH_SYSTEM = "loan-advisor"
UNTESTED_LAUNCH_SCANS_FROM = date(2026, 6, 8)

# A guardrail halves the attack success rate; a later model update brings it back.
GUARDRAIL_SYSTEM = "card-dispute-agent"
GUARDRAIL_CONFIGURATION = "input-shield"
GUARDRAIL_FROM = date(2025, 11, 4)
GUARDRAIL_EFFECT = 0.45
MODEL_UPDATE_ON = date(2026, 5, 5)


@dataclass(frozen=True)
class StalledFinding:
    """A finding that its team accepted and then left alone."""

    vulnerability_class: str
    severity: Severity


# A team sits on its criticals: what is reported to it from June 2026 on is accepted, not fixed.
STALLED_TEAM_SYSTEM = "wealth-assistant"
STALLED_RELEASE = "3.2.0"
STALLED_FINDINGS: tuple[StalledFinding, ...] = (
    StalledFinding("llm06.agency.exfiltration", "critical"),
    StalledFinding("llm06.agency.credential", "critical"),
    StalledFinding("llm08.embedding.tenant", "critical"),
    StalledFinding("llm01.indirect.tool", "critical"),
    StalledFinding("llm02.rendering.exfiltration", "high"),
)
STALLED_FROM = date(2026, 6, 1)

# A quarter whose capacity nobody wrote down.
MISSING_CAPACITY_MONTHS = (date(2025, 7, 1), date(2025, 8, 1), date(2025, 9, 1))

# The scanner's export stops; systems are probably still scanned, but nobody can know.
SCANS_STOP_AFTER = date(2026, 6, 19)

# Deliveries of the findings register. The second also corrects rows of the first: an import
# had filed indirect injections into rag-search as direct ones, and one severity was a typing slip.
FINDINGS_DELIVERIES: tuple[tuple[str, date], ...] = (
    ("findings-2025-12", date(2025, 12, 31)),
    ("findings-2026-06", date(2026, 6, 30)),
    ("findings-2026-11", date(2026, 11, 30)),
)
CORRECTED_SYSTEM = "rag-search"
CORRECTED_CLASS = "llm01.indirect.rag"
MISFILED_AS = "llm01.direct.override"
SEVERITY_SLIP_SYSTEM = "fraud-triage"

# A pilot that nobody registered runs the regression suite: no alias knows its name.
UNREGISTERED_TARGET = "branch-chat-pilot@0.1"
UNREGISTERED_FROM = date(2026, 9, 1)
