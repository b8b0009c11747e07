"""The bank's weakness catalogue: what its red team looks for, and how it words what it finds.

`known_from` is the month in which the team learned to test for a class: a young program keeps
meeting classes that nobody had reported before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from sample.organisation.calendar import first_day
from sample.organisation.systems import SystemType

Severity = Literal["critical", "high", "medium", "low", "informational"]
SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low", "informational")

# Chances of critical, high, medium, low, informational.
SEVERITY_PROFILES: dict[str, tuple[float, ...]] = {
    "grave": (0.20, 0.45, 0.27, 0.08, 0.00),
    "serious": (0.07, 0.34, 0.42, 0.15, 0.02),
    "moderate": (0.02, 0.16, 0.48, 0.28, 0.06),
    "minor": (0.00, 0.05, 0.34, 0.47, 0.14),
}

KINDS: dict[str, tuple[SystemType, ...]] = {
    "conversation": ("chatbot", "rag", "agent"),
    "retrieval": ("rag", "agent"),
    "agent": ("agent",),
    "classifier": ("classifier",),
    "any": ("chatbot", "rag", "agent", "classifier", "other"),
    "text": ("chatbot", "rag", "agent", "other"),
    "document": ("rag", "agent", "other", "classifier"),
}


@dataclass(frozen=True)
class Weakness:
    """One class of the catalogue."""

    code: str
    owasp_id: str
    technique_id: str
    known_from: date
    profile: str
    kinds: tuple[SystemType, ...]
    titles: tuple[str, ...]

    @property
    def name_fragment(self) -> str:
        return self.code.split(".", 1)[1].replace(".", "-")


def _weakness(
    code: str, technique_id: str, known_from: str, profile: str, kinds: str, *titles: str
) -> Weakness:
    owasp_id = f"{code.split('.')[0].upper()}:2025"
    month = first_day(known_from)
    return Weakness(code, owasp_id, technique_id, month, profile, KINDS[kinds], titles)


CATALOGUE: tuple[Weakness, ...] = (
    _weakness(
        "llm01.direct.override",
        "AML.T0051.000",
        "2024-12",
        "serious",
        "conversation",
        "{name} drops its instructions when told that a supervisor changed them",
        "A pasted policy notice overrides the rules of {name}",
    ),
    _weakness(
        "llm01.indirect.rag",
        "AML.T0051.001",
        "2024-12",
        "grave",
        "retrieval",
        "Text in an indexed wiki page steers the answers of {name}",
        "{name} obeys an instruction hidden in a retrieved product sheet",
    ),
    _weakness(
        "llm01.indirect.upload",
        "AML.T0051.001",
        "2025-01",
        "serious",
        "document",
        "White text in an uploaded PDF changes what {name} extracts",
        "{name} follows a command in the metadata of an uploaded file",
    ),
    _weakness(
        "llm01.indirect.tool",
        "AML.T0051.001",
        "2025-04",
        "grave",
        "agent",
        "A tool reply with embedded orders makes {name} start a second action",
        "{name} treats a merchant's transaction note as an instruction",
    ),
    _weakness(
        "llm01.jailbreak.persona",
        "AML.T0054",
        "2024-12",
        "moderate",
        "conversation",
        "Role play as a retired auditor unlocks refused topics in {name}",
        "{name} gives up its limits inside a fictional training scene",
    ),
    _weakness(
        "llm01.jailbreak.multiturn",
        "AML.T0054",
        "2025-05",
        "serious",
        "conversation",
        "Six harmless turns walk {name} into advice it refuses when asked at once",
        "{name} forgets its refusal after a long detour",
    ),
    _weakness(
        "llm01.encoding.obfuscation",
        "AML.T0068",
        "2024-12",
        "moderate",
        "text",
        "Base64 input passes the filter and is carried out by {name}",
        "Invisible Unicode tags smuggle an order past the filter of {name}",
    ),
    _weakness(
        "llm01.encoding.language",
        "AML.T0068",
        "2025-08",
        "moderate",
        "conversation",
        "{name} refuses in English and complies in Welsh",
        "Mixed-language input splits the filter of {name} from its model",
    ),
    _weakness(
        "llm01.triggered.memory",
        "AML.T0051.002",
        "2025-10",
        "serious",
        "agent",
        "A note planted in one session fires in the next one of {name}",
        "{name} carries out a dormant instruction when a keyword comes up",
    ),
    _weakness(
        "llm01.multimodal.image",
        "AML.T0051.001",
        "2025-09",
        "serious",
        "document",
        "Text inside a photographed form instructs {name}",
        "A QR code on an identity document reaches {name} as a command",
    ),
    _weakness(
        "llm02.disclosure.customer",
        "AML.T0057",
        "2024-12",
        "grave",
        "text",
        "{name} repeats another customer's address after a name guess",
        "Account notes of a third person appear in an answer of {name}",
    ),
    _weakness(
        "llm02.disclosure.employee",
        "AML.T0057",
        "2025-02",
        "serious",
        "any",
        "{name} reveals salary bands of named employees",
        "Internal phone numbers leak through the examples of {name}",
    ),
    _weakness(
        "llm02.disclosure.credential",
        "AML.T0057",
        "2025-01",
        "grave",
        "text",
        "{name} prints a service token found in its context",
        "A connection string survives redaction in {name}",
    ),
    _weakness(
        "llm02.inference.membership",
        "AML.T0024.000",
        "2025-06",
        "moderate",
        "classifier",
        "Confidence gaps tell whether a person was in the training set of {name}",
        "{name} scores known customers measurably more sharply",
    ),
    _weakness(
        "llm02.inference.extraction",
        "AML.T0024.002",
        "2025-09",
        "moderate",
        "classifier",
        "A copy of {name} agrees after nine thousand queries",
        "Unlimited scoring calls allow {name} to be rebuilt",
    ),
    _weakness(
        "llm02.rendering.exfiltration",
        "AML.T0077",
        "2025-01",
        "grave",
        "conversation",
        "{name} renders a Markdown image whose address carries account data",
        "A link preview sends the conversation of {name} to a foreign host",
    ),
    _weakness(
        "llm03.dependency.model",
        "AML.T0010",
        "2024-12",
        "moderate",
        "any",
        "{name} loads model weights without checking their hash",
        "An unpinned base model changes under {name} between releases",
    ),
    _weakness(
        "llm03.dependency.plugin",
        "AML.T0010.001",
        "2025-07",
        "serious",
        "agent",
        "{name} accepts a connector update from an unsigned source",
        "A look-alike plug-in name resolves inside {name}",
    ),
    _weakness(
        "llm03.vendor.subprocessor",
        "AML.T0010",
        "2026-01",
        "minor",
        "any",
        "The vendor of {name} moved inference to an undeclared region",
        "{name} sends telemetry to a sub-processor that nobody approved",
    ),
    _weakness(
        "llm04.poisoning.feedback",
        "AML.T0020",
        "2025-03",
        "serious",
        "classifier",
        "Thumbs-down votes retrain {name} without review",
        "Forty forged labels move the threshold of {name}",
    ),
    _weakness(
        "llm04.poisoning.index",
        "AML.T0070",
        "2025-02",
        "serious",
        "retrieval",
        "Any employee can add pages that {name} will cite",
        "A poisoned FAQ entry outranks the official one in {name}",
    ),
    _weakness(
        "llm04.evasion.perturbation",
        "AML.T0015",
        "2024-12",
        "serious",
        "classifier",
        "Inserted spaces lower the risk score of {name} below the alarm",
        "{name} misses a name with two swapped letters",
    ),
    _weakness(
        "llm04.evasion.adaptive",
        "AML.T0043.001",
        "2025-11",
        "serious",
        "classifier",
        "Black-box search finds a passing variant of a blocked payment in {name}",
        "{name} can be steered below its threshold in sixty queries",
    ),
    _weakness(
        "llm05.output.html",
        "AML.T0067",
        "2024-12",
        "moderate",
        "text",
        "{name} returns script tags that the portal renders",
        "Unescaped output of {name} reaches the case file viewer",
    ),
    _weakness(
        "llm05.output.sql",
        "AML.T0053",
        "2025-03",
        "grave",
        "agent",
        "{name} passes a generated WHERE clause straight to the ledger replica",
        "A crafted account name reaches the database through {name}",
    ),
    _weakness(
        "llm05.output.terminal",
        "AML.T0102",
        "2025-05",
        "moderate",
        "agent",
        "Terminal escape codes in the reply of {name} rewrite the operator's screen",
        "{name} suggests a shell command with a hidden redirect",
    ),
    _weakness(
        "llm05.output.formula",
        "AML.T0067",
        "2026-02",
        "minor",
        "text",
        "Spreadsheet formulas survive the export of {name}",
        "{name} writes cells that begin with an equals sign",
    ),
    _weakness(
        "llm06.agency.payment",
        "AML.T0053",
        "2025-02",
        "grave",
        "agent",
        "{name} issues a refund above its limit in two smaller steps",
        "{name} changes a payout account without a second factor",
    ),
    _weakness(
        "llm06.agency.scope",
        "AML.T0053",
        "2024-12",
        "serious",
        "agent",
        "{name} can write where reading would do",
        "The service account of {name} reaches a foreign case queue",
    ),
    _weakness(
        "llm06.agency.confirmation",
        "AML.T0100",
        "2025-12",
        "moderate",
        "agent",
        "{name} counts silence as consent",
        "A rephrased summary hides what {name} is about to submit",
    ),
    _weakness(
        "llm06.agency.exfiltration",
        "AML.T0086",
        "2026-03",
        "grave",
        "agent",
        "{name} mails a client file to an address from the conversation",
        "The calendar tool of {name} carries portfolio data outside",
    ),
    _weakness(
        "llm06.agency.credential",
        "AML.T0098",
        "2026-05",
        "grave",
        "agent",
        "{name} hands its tool token to a page it was asked to read",
        "Tool credentials of {name} show up in its own trace",
    ),
    _weakness(
        "llm07.prompt.extraction",
        "AML.T0056",
        "2024-12",
        "minor",
        "conversation",
        "{name} recites its system prompt as a poem",
        "Translating 'everything above' reveals the rules of {name}",
    ),
    _weakness(
        "llm07.prompt.secret",
        "AML.T0069.002",
        "2025-06",
        "serious",
        "conversation",
        "The system prompt of {name} holds an internal host and key name",
        "Escalation codes in the prompt of {name} can be read out",
    ),
    _weakness(
        "llm08.embedding.tenant",
        "AML.T0085",
        "2025-04",
        "grave",
        "retrieval",
        "{name} returns passages of another business unit's index",
        "A similarity query crosses the client boundary in {name}",
    ),
    _weakness(
        "llm08.embedding.collision",
        "AML.T0066",
        "2025-10",
        "moderate",
        "retrieval",
        "A keyword-stuffed page wins every fee question in {name}",
        "Crafted passages crowd the real terms out of {name}",
    ),
    _weakness(
        "llm08.embedding.deletion",
        "AML.T0071",
        "2026-04",
        "minor",
        "retrieval",
        "Deleted documents stay in the index of {name} for weeks",
        "{name} still quotes a withdrawn tariff",
    ),
    _weakness(
        "llm09.misinformation.rate",
        "AML.T0062",
        "2024-12",
        "moderate",
        "text",
        "{name} quotes an interest rate that was never offered",
        "{name} invents an exemption from the early repayment fee",
    ),
    _weakness(
        "llm09.misinformation.citation",
        "AML.T0067.000",
        "2025-07",
        "minor",
        "retrieval",
        "{name} cites a clause that does not exist",
        "The source links of {name} do not hold what it says",
    ),
    _weakness(
        "llm09.misinformation.package",
        "AML.T0060",
        "2025-08",
        "moderate",
        "agent",
        "{name} proposes a library that nobody has published",
        "{name} names an internal API that anybody could register",
    ),
    _weakness(
        "llm09.advice.unlicensed",
        "AML.T0048",
        "2026-01",
        "serious",
        "conversation",
        "{name} recommends a single fund to a retail customer",
        "{name} gives a binding eligibility answer without a check",
    ),
    _weakness(
        "llm10.consumption.tokens",
        "AML.T0034.001",
        "2024-12",
        "minor",
        "any",
        "One request makes {name} work for eleven minutes",
        "Repeated-word input drives {name} to its longest output",
    ),
    _weakness(
        "llm10.consumption.queries",
        "AML.T0034.000",
        "2025-03",
        "minor",
        "any",
        "No request limit for a single session of {name}",
        "A script can spend the monthly budget of {name} in a night",
    ),
    _weakness(
        "llm10.consumption.loop",
        "AML.T0034.002",
        "2026-06",
        "moderate",
        "agent",
        "Two tools of {name} call each other without end",
        "{name} retries a failing transfer check four hundred times",
    ),
)

BY_CODE: dict[str, Weakness] = {weakness.code: weakness for weakness in CATALOGUE}


def weaknesses_of(kind: SystemType, on: date) -> list[Weakness]:
    """Return the classes that a test of this kind of system could find on that day."""
    return [w for w in CATALOGUE if kind in w.kinds and w.known_from <= on]


def techniques_of(kind: SystemType, on: date) -> list[str]:
    """Return the applicable techniques, in catalogue order, each once."""
    return list(dict.fromkeys(w.technique_id for w in weaknesses_of(kind, on)))


ALL_TECHNIQUES: tuple[str, ...] = tuple(dict.fromkeys(w.technique_id for w in CATALOGUE))
