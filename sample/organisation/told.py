"""Single steps that are told, not drawn: what a small number would leave to chance.

A month holds a dozen findings, so that one share or other of the whole program would stand at
exactly 0 or 100 % for no reason. Each line decides one step of one finding by hand; all that it
does not name is drawn as for every finding (README.md, numbers at the ends of the scale).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from random import Random
from typing import TYPE_CHECKING, Literal

from sample.organisation.calendar import chance
from sample.organisation.weaknesses import Severity

if TYPE_CHECKING:
    from sample.organisation.findings import Finding

Decision = Literal["accept", "false_positive", "leave_disputed"]


@dataclass(frozen=True)
class Told:
    """What is told of one finding; null where chance decides. `fix_days` is in days."""

    severity: Severity | None = None
    impact_confirmed: bool | None = None
    decision: Decision | None = None
    fix_days: float | None = None
    is_unverified: bool | None = None
    retest_fails: bool | None = None
    is_reopened: bool | None = None


NOTHING = Told()
ACCEPTED = Told(decision="accept")
FALSE_POSITIVE = Told(decision="false_positive")
DISPUTED = Told(decision="leave_disputed")
UNCONFIRMED = Told(impact_confirmed=False)
UNVERIFIED = Told(is_unverified=True)
FAILED_AT_FIRST = Told(retest_fails=True)
CAME_BACK = Told(is_unverified=False, is_reopened=True)

# By month of the report, system and class.
TOLD: dict[str, Told] = {
    # The first month: two serious ones fixed at once, two that came back, two that nobody checked.
    "2024-12 support-bot llm05.output.html": Told(fix_days=5, retest_fails=True),
    "2024-12 rag-search llm01.indirect.rag": Told(severity="critical", fix_days=5),
    "2024-12 support-bot llm01.direct.override": CAME_BACK,
    "2024-12 support-bot llm01.jailbreak.persona": CAME_BACK,
    "2024-12 wealth-assistant llm01.jailbreak.persona": Told(fix_days=15, is_unverified=True),
    "2024-12 wealth-assistant llm07.prompt.extraction": UNVERIFIED,
    "2024-12 rag-search llm09.misinformation.rate": FAILED_AT_FIRST,
    "2024-12 fraud-triage llm10.consumption.tokens": DISPUTED,
    "2024-12 code-copilot llm03.dependency.model": FALSE_POSITIVE,
    # 2025
    "2025-01 fraud-triage llm10.consumption.tokens": UNVERIFIED,
    "2025-03 email-triage llm01.indirect.upload": CAME_BACK,
    "2025-03 email-triage llm03.dependency.model": FALSE_POSITIVE,
    "2025-03 rag-search llm07.prompt.extraction": DISPUTED,
    "2025-03 wealth-assistant llm02.disclosure.employee": UNVERIFIED,
    "2025-04 kyc-extractor llm01.encoding.obfuscation": UNVERIFIED,
    "2025-05 card-dispute-agent llm05.output.html": FALSE_POSITIVE,
    "2025-06 branch-voice llm01.encoding.obfuscation": UNVERIFIED,
    "2025-06 branch-voice llm07.prompt.extraction": FAILED_AT_FIRST,
    "2025-06 branch-voice llm10.consumption.queries": UNCONFIRMED,
    "2025-06 fraud-triage llm10.consumption.queries": ACCEPTED,
    "2025-06 support-bot llm02.disclosure.employee": FAILED_AT_FIRST,
    "2025-06 support-bot llm02.rendering.exfiltration": CAME_BACK,
    "2025-07 rag-search llm09.misinformation.citation": ACCEPTED,
    "2025-07 rag-search llm10.consumption.tokens": DISPUTED,
    "2025-09 card-dispute-agent llm01.encoding.obfuscation": FALSE_POSITIVE,
    "2025-09 treasury-forecaster llm02.disclosure.employee": FAILED_AT_FIRST,
    "2025-09 treasury-forecaster llm04.poisoning.feedback": DISPUTED,
    "2025-10 support-bot llm01.jailbreak.multiturn": DISPUTED,
    "2025-10 support-bot llm01.jailbreak.persona": Told(
        impact_confirmed=False, decision="false_positive"
    ),
    "2025-11 code-copilot llm01.jailbreak.persona": ACCEPTED,
    "2025-11 code-copilot llm09.misinformation.package": UNVERIFIED,
    "2025-11 fraud-triage llm02.inference.extraction": ACCEPTED,
    "2025-12 support-bot llm02.disclosure.credential": FAILED_AT_FIRST,
    # 2026
    "2026-01 sanctions-screener llm02.disclosure.employee": ACCEPTED,
    "2026-02 support-bot llm01.encoding.obfuscation": DISPUTED,
    "2026-02 treasury-forecaster llm02.inference.membership": UNVERIFIED,
    "2026-03 kyc-extractor llm01.encoding.obfuscation": DISPUTED,
    "2026-03 kyc-extractor llm05.output.formula": FALSE_POSITIVE,
    "2026-03 wealth-assistant llm01.jailbreak.multiturn": ACCEPTED,
    "2026-04 email-triage llm02.inference.extraction": UNVERIFIED,
    "2026-04 email-triage llm02.inference.membership": UNCONFIRMED,
    "2026-05 branch-voice llm10.consumption.queries": DISPUTED,
    "2026-05 fraud-triage llm02.disclosure.employee": UNCONFIRMED,
    "2026-05 fraud-triage llm02.inference.membership": CAME_BACK,
    "2026-06 code-copilot llm03.dependency.model": DISPUTED,
    "2026-07 card-dispute-agent llm07.prompt.secret": UNCONFIRMED,
    "2026-07 sanctions-screener llm02.inference.membership": DISPUTED,
    "2026-08 contract-reviewer llm02.disclosure.employee": Told(
        impact_confirmed=False, decision="false_positive"
    ),
    "2026-08 kyc-extractor llm10.consumption.tokens": UNVERIFIED,
    "2026-08 rag-search llm01.encoding.language": ACCEPTED,
    "2026-09 branch-voice llm01.encoding.language": Told(impact_confirmed=False, decision="accept"),
    "2026-09 branch-voice llm10.consumption.queries": DISPUTED,
    "2026-10 contract-reviewer llm02.disclosure.employee": DISPUTED,
    "2026-10 support-bot llm03.dependency.model": UNCONFIRMED,
}


def told_of(system_id: str, vulnerability_class: str, reported_on: date) -> Told:
    """Return what is told of the finding of this class in this system's report of that month."""
    return TOLD.get(f"{reported_on:%Y-%m} {system_id} {vulnerability_class}", NOTHING)


def told_about(finding: Finding) -> Told:
    return told_of(finding.system_id, finding.weakness.code, finding.reported.date())


def happens(told: bool | None, rng: Random, probability: float) -> bool:
    """Return what is told, else a draw; the stream moves on in both cases."""
    drawn = chance(rng, probability)
    return drawn if told is None else told
