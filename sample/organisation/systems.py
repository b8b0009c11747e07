"""The inventory of Northwind Bank: systems, their input vectors and how tools spell their names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from sample.organisation.calendar import PROGRAM_START, stamp, stream
from sample.organisation.files import Row

Tier = Literal["high", "medium", "low"]
Provider = Literal["internal", "third_party"]
SystemType = Literal["chatbot", "rag", "agent", "classifier", "other"]


@dataclass(frozen=True)
class System:
    """One AI system of the inventory."""

    system_id: str
    name: str
    tier: Tier
    provider: Provider
    team: str
    unit: str
    kind: SystemType
    first_version: str
    live_from: date = PROGRAM_START
    retired_at: date | None = None

    @property
    def was_live_before_the_program(self) -> bool:
        return self.live_from == PROGRAM_START

    @property
    def onboarded_at(self) -> date:
        """Return when the inventory learned of it: three weeks in, or some weeks before launch."""
        rng = stream("onboarding", self.system_id)
        if self.was_live_before_the_program:
            return PROGRAM_START + timedelta(days=rng.randrange(1, 20))
        return self.live_from - timedelta(days=rng.randrange(50, 90))


SYSTEMS: tuple[System, ...] = (
    System(
        "support-bot",
        "Customer Support Bot",
        "high",
        "internal",
        "digital-channels",
        "Retail Banking",
        "chatbot",
        "1.1.0",
    ),
    System(
        "rag-search",
        "Policy and Product Search",
        "high",
        "internal",
        "knowledge-platform",
        "Operations",
        "rag",
        "2024.11",
    ),
    System(
        "fraud-triage",
        "Fraud Alert Triage",
        "high",
        "internal",
        "financial-crime",
        "Risk and Compliance",
        "classifier",
        "4.0",
    ),
    System(
        "wealth-assistant",
        "Wealth Adviser Assistant",
        "high",
        "internal",
        "wealth-tech",
        "Wealth Management",
        "agent",
        "2.4.0",
    ),
    System(
        "code-copilot",
        "Code Copilot",
        "medium",
        "third_party",
        "developer-platform",
        "Technology",
        "agent",
        "0.7",
    ),
    System(
        "kyc-extractor",
        "KYC Document Extractor",
        "medium",
        "third_party",
        "client-onboarding",
        "Operations",
        "other",
        "2024.2",
    ),
    System(
        "card-dispute-agent",
        "Card Dispute Agent",
        "medium",
        "internal",
        "payments",
        "Retail Banking",
        "agent",
        "2.0.0",
    ),
    System(
        "contract-reviewer",
        "Contract Reviewer",
        "medium",
        "third_party",
        "legal-tech",
        "Corporate Centre",
        "rag",
        "1.8",
    ),
    System(
        "claims-summarizer",
        "Insurance Claims Summarizer",
        "medium",
        "internal",
        "client-onboarding",
        "Operations",
        "other",
        "1.0",
        retired_at=date(2026, 2, 28),
    ),
    System(
        "hr-helpdesk",
        "HR Helpdesk",
        "low",
        "third_party",
        "people-tech",
        "Corporate Centre",
        "chatbot",
        "7",
    ),
    System(
        "marketing-writer",
        "Campaign Text Writer",
        "low",
        "third_party",
        "marketing-tech",
        "Retail Banking",
        "other",
        "3.0",
    ),
    System(
        "email-triage",
        "Inbox Triage",
        "low",
        "internal",
        "operations-automation",
        "Operations",
        "classifier",
        "1.0",
        live_from=date(2025, 3, 17),
    ),
    System(
        "branch-voice",
        "Branch Voice Line",
        "medium",
        "third_party",
        "digital-channels",
        "Retail Banking",
        "chatbot",
        "1.0",
        live_from=date(2025, 6, 10),
    ),
    System(
        "treasury-forecaster",
        "Treasury Liquidity Forecaster",
        "medium",
        "internal",
        "treasury-analytics",
        "Markets",
        "classifier",
        "0.9",
        live_from=date(2025, 10, 7),
    ),
    System(
        "sanctions-screener",
        "Sanctions Name Screener",
        "high",
        "internal",
        "financial-crime",
        "Risk and Compliance",
        "classifier",
        "1.0",
        live_from=date(2026, 1, 13),
    ),
    System(
        "loan-advisor",
        "Consumer Loan Advisor",
        "high",
        "internal",
        "lending-products",
        "Retail Banking",
        "agent",
        "1.0.0",
        live_from=date(2026, 3, 24),
    ),
    System(
        "meeting-notes",
        "Meeting Notes",
        "low",
        "third_party",
        "workplace-it",
        "Technology",
        "other",
        "24.6",
        live_from=date(2026, 6, 9),
    ),
)

BY_ID: dict[str, System] = {system.system_id: system for system in SYSTEMS}


@dataclass(frozen=True)
class InputVector:
    """One way in which somebody else's text reaches a system."""

    input_vector_id: str
    system_id: str
    vector_type: str
    identified_at: date
    removed_at: date | None = None


# In the order in which an inventory finds them: the obvious one first.
VECTOR_TYPES: dict[SystemType, tuple[str, ...]] = {
    "chatbot": ("user_prompt", "file_upload", "api_parameter"),
    "rag": ("user_prompt", "retrieved_document", "file_upload", "api_parameter"),
    "agent": ("user_prompt", "tool_output", "retrieved_document", "api_parameter"),
    "classifier": ("api_parameter", "file_upload", "other"),
    "other": ("file_upload", "user_prompt", "api_parameter"),
}
# Found late (the third and later ones), and one that was closed again.
LATE_DISCOVERY_DAYS = (120, 420)
CLOSED_UPLOAD = ("support-bot", "file_upload", date(2026, 4, 30))


def input_vectors() -> list[InputVector]:
    result = []
    for system in SYSTEMS:
        for place, vector_type in enumerate(VECTOR_TYPES[system.kind]):
            rng = stream("vector", system.system_id, vector_type)
            found = system.onboarded_at
            if place >= 2 and system.was_live_before_the_program:
                found += timedelta(days=rng.randrange(*LATE_DISCOVERY_DAYS))
            closed_system, closed_type, closed_on = CLOSED_UPLOAD
            is_closed = (system.system_id, vector_type) == (closed_system, closed_type)
            result.append(
                InputVector(
                    f"{system.system_id}:{vector_type}",
                    system.system_id,
                    vector_type,
                    found,
                    closed_on if is_closed else None,
                )
            )
    return result


def system_rows() -> list[Row]:
    return [
        {
            "system_id": system.system_id,
            "system_name": system.name,
            "risk_tier": system.tier,
            "provider": system.provider,
            "owner_team": system.team,
            "business_unit": system.unit,
            "system_type": system.kind,
            "onboarded_at": stamp(system.onboarded_at),
            "in_production_from": stamp(system.live_from),
            "retired_at": stamp(system.retired_at),
        }
        for system in SYSTEMS
    ]


def input_vector_rows() -> list[Row]:
    return [
        {
            "input_vector_id": vector.input_vector_id,
            "system_id": vector.system_id,
            "vector_type": vector.vector_type,
            "identified_at": stamp(vector.identified_at),
            "removed_at": stamp(vector.removed_at),
        }
        for vector in input_vectors()
    ]


# The harness spells versions with underscores, so each build is named. `rag-search@2026.08` is
# nobody's alias: it splits into a name that one alias knows and a version.
GARAK_ALIASES: tuple[tuple[str, str, str], ...] = (
    ("simtarget#support_bot_v1_4_0", "support-bot", "1.4.0"),
    ("simtarget#support_bot_v1_5_0", "support-bot", "1.5.0"),
    ("simtarget#support_bot_v2_0_0", "support-bot", "2.0.0"),
    ("simtarget#code_copilot_v0_9", "code-copilot", "0.9"),
    ("simtarget#code_copilot_v1_0", "code-copilot", "1.0"),
    ("rag-search", "rag-search", ""),
)
# Inspect names a target by its model; versions are split off. promptfoo's and PyRIT's names are
# `system_id@version` and need no alias.
INSPECT_MODELS: tuple[tuple[str, str], ...] = (
    ("sim/support-bot", "support-bot"),
    ("sim/code-copilot", "code-copilot"),
    ("sim/rag-search", "rag-search"),
)
# What two teams call their system in a tracker; a label `system:<system_id>` needs no alias.
TRACKERS: tuple[tuple[str, str, str], ...] = (
    ("defectdojo", "Contract Reviewer", "contract-reviewer"),
    ("github", "northwind-bank/inbox-triage", "email-triage"),
)
# Names the regression suite uses for its targets; all others are `system_id@version`.
SUITE_DISPLAY_NAMES: dict[str, str] = {
    "hr-helpdesk": "HR Helpdesk (vendor tenant)",
    "branch-voice": "Branch Voice Line",
}
WEALTH_BUILD_SYSTEM = "wealth-assistant"
WEALTH_BUILD_PREFIX = "wealth-assistant-build-"


def alias_rows() -> list[Row]:
    garak = [
        _alias("garak", name, system_id, "exact", version)
        for name, system_id, version in GARAK_ALIASES
    ]
    inspect = [_alias("inspect", name, system_id, "exact") for name, system_id in INSPECT_MODELS]
    suite = [
        _alias("attempts", name, system_id, "exact")
        for system_id, name in SUITE_DISPLAY_NAMES.items()
    ]
    builds = _alias(
        "attempts", WEALTH_BUILD_PREFIX + r"(?P<version>[0-9.]+)", WEALTH_BUILD_SYSTEM, "pattern"
    )
    split = [
        _alias("attempts", system.system_id, system.system_id, "exact")
        for system in SYSTEMS
        if system.system_id not in SUITE_DISPLAY_NAMES and system.system_id != WEALTH_BUILD_SYSTEM
    ]
    trackers = [_alias(source, name, system_id, "exact") for source, name, system_id in TRACKERS]
    return [*garak, *inspect, *suite, builds, *split, *trackers]


def _alias(source: str, name: str, system_id: str, match: str, version: str = "") -> Row:
    return {
        "source": source,
        "external_name": name,
        "system_id": system_id,
        "system_version": version,
        "configuration": "",
        "match": match,
    }
