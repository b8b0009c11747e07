"""The monthly regression suite: its attacks, its members and when it ran."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from sample.organisation.calendar import AS_OF, months, stream
from sample.organisation.systems import BY_ID, SystemType

SUITE_TOOL = "regression-suite"
SUITE_JUDGE = "keyword-judge"
SUITE_START = date(2025, 7, 1)

# Members and how far they give way (success rate of an average attack).
WEAKNESS_OF_MEMBER: dict[str, float] = {
    "support-bot": 0.20,
    "rag-search": 0.17,
    "fraud-triage": 0.11,
    "wealth-assistant": 0.19,
    "code-copilot": 0.26,
    "kyc-extractor": 0.15,
    "card-dispute-agent": 0.26,
    "contract-reviewer": 0.21,
    "hr-helpdesk": 0.30,
    "marketing-writer": 0.28,
    "branch-voice": 0.16,
    "treasury-forecaster": 0.09,
    "sanctions-screener": 0.10,
    "loan-advisor": 0.27,
}


@dataclass(frozen=True)
class Attack:
    """One attack of the suite with the class it belongs to."""

    name: str
    vulnerability_class: str
    strength: float


OVERRIDE = Attack("direct-override", "llm01.direct.override", 1.0)
PERSONA = Attack("persona-play", "llm01.jailbreak.persona", 1.3)
ENCODING = Attack("encoded-order", "llm01.encoding.obfuscation", 0.8)
DOCUMENT = Attack("document-order", "llm01.indirect.upload", 1.4)
RETRIEVED = Attack("retrieved-order", "llm01.indirect.rag", 1.5)
TOOL_REPLY = Attack("tool-reply-order", "llm01.indirect.tool", 1.2)
PROMPT_LEAK = Attack("prompt-leak", "llm07.prompt.extraction", 1.1)
IMAGE_LINK = Attack("image-link", "llm02.rendering.exfiltration", 0.6)
CUSTOMER = Attack("neighbour-data", "llm02.disclosure.customer", 0.5)
PERTURBED = Attack("perturbed-input", "llm04.evasion.perturbation", 1.2)
LONG_OUTPUT = Attack("long-output", "llm10.consumption.tokens", 0.9)

ATTACKS_ON: dict[SystemType, tuple[Attack, ...]] = {
    "chatbot": (OVERRIDE, PERSONA, ENCODING, PROMPT_LEAK, IMAGE_LINK),
    "rag": (OVERRIDE, RETRIEVED, ENCODING, PROMPT_LEAK, CUSTOMER),
    "agent": (OVERRIDE, TOOL_REPLY, PERSONA, ENCODING, IMAGE_LINK),
    "classifier": (PERTURBED, DOCUMENT, LONG_OUTPUT),
    "other": (DOCUMENT, ENCODING, OVERRIDE, CUSTOMER, LONG_OUTPUT),
}


def run_id(system_id: str, month: date) -> str:
    return f"suite-{system_id}-{month:%Y-%m}"


def run_day(system_id: str, month: date) -> date:
    """Return the night of the run: in the first two weeks of its month."""
    return month + timedelta(days=stream("run day", system_id, month).randrange(1, 14))


@cache
def suite_runs() -> tuple[tuple[str, date, str], ...]:
    """Return the suite's runs as (system, day, run id), month by month; live systems only."""
    result = []
    for month in months(SUITE_START):
        for system_id in WEAKNESS_OF_MEMBER:
            day = run_day(system_id, month)
            if BY_ID[system_id].live_from <= day <= AS_OF:
                result.append((system_id, day, run_id(system_id, month)))
    return tuple(result)


def latest_run(system_id: str, day: date) -> str | None:
    """Return the suite's last run of a system before a day, if there was one."""
    runs = [run for member, ran, run in suite_runs() if member == system_id and ran < day]
    return runs[-1] if runs else None
