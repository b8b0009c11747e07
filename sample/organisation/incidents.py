"""What went wrong in production: two in three of a class that the red team had seen before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Incident:
    """One production incident."""

    system_id: str
    occurred_at: datetime
    vulnerability_class: str
    severity: str
    title: str


def _incident(
    system_id: str, occurred_at: str, vulnerability_class: str, severity: str, title: str
) -> Incident:
    moment = datetime.fromisoformat(occurred_at)
    return Incident(system_id, moment, vulnerability_class, severity, title)


INCIDENTS: tuple[Incident, ...] = (
    _incident(
        "support-bot",
        "2025-01-14 09:40",
        "llm09.misinformation.rate",
        "medium",
        "A customer was promised a savings rate that does not exist",
    ),
    _incident(
        "code-copilot",
        "2025-01-29 15:10",
        "llm02.disclosure.credential",
        "low",
        "A test token turned up in a code suggestion",
    ),
    _incident(
        "code-copilot",
        "2025-02-20 13:05",
        "llm03.dependency.plugin",
        "medium",
        "A developer installed a connector from a copied page",
    ),
    _incident(
        "hr-helpdesk",
        "2025-03-27 10:20",
        "llm02.disclosure.employee",
        "high",
        "Salary band of a colleague shown in a chat",
    ),
    _incident(
        "support-bot",
        "2025-05-08 16:45",
        "llm01.jailbreak.persona",
        "low",
        "Screenshot of a rude poem on social media",
    ),
    _incident(
        "rag-search",
        "2025-06-19 11:10",
        "llm04.poisoning.index",
        "medium",
        "An outdated fee table ranked first for two days",
    ),
    _incident(
        "fraud-triage",
        "2025-08-12 07:55",
        "llm04.evasion.perturbation",
        "high",
        "Payments with altered spacing passed without an alarm",
    ),
    _incident(
        "marketing-writer",
        "2025-09-16 15:30",
        "llm05.output.formula",
        "low",
        "An exported campaign list carried spreadsheet formulas",
    ),
    _incident(
        "wealth-assistant",
        "2025-10-29 14:15",
        "llm02.disclosure.customer",
        "critical",
        "Portfolio of another client quoted to an adviser",
    ),
    _incident(
        "card-dispute-agent",
        "2025-12-03 12:00",
        "llm06.agency.payment",
        "high",
        "Two refunds together exceeded the limit of one case",
    ),
    _incident(
        "fraud-triage",
        "2025-12-18 06:40",
        "llm04.evasion.adaptive",
        "medium",
        "A blocked payment passed at the ninth small change",
    ),
    _incident(
        "branch-voice",
        "2026-01-22 09:05",
        "llm10.consumption.queries",
        "medium",
        "A dialler script used up the month's call budget",
    ),
    _incident(
        "rag-search",
        "2026-02-11 10:50",
        "llm08.embedding.deletion",
        "low",
        "A form withdrawn in January was still handed out",
    ),
    _incident(
        "contract-reviewer",
        "2026-02-25 17:20",
        "llm09.misinformation.citation",
        "low",
        "A clause was quoted that the contract does not hold",
    ),
    _incident(
        "loan-advisor",
        "2026-04-16 10:35",
        "llm09.advice.unlicensed",
        "critical",
        "Customers were told that they qualify before any check",
    ),
    _incident(
        "loan-advisor",
        "2026-05-11 18:25",
        "llm01.indirect.upload",
        "high",
        "A payslip with hidden text raised the income that was read",
    ),
    _incident(
        "hr-helpdesk",
        "2026-06-24 08:50",
        "llm07.prompt.secret",
        "medium",
        "An internal host name was read out of the prompt",
    ),
    _incident(
        "card-dispute-agent",
        "2026-07-15 13:40",
        "llm01.indirect.tool",
        "high",
        "A merchant note made the agent close a dispute",
    ),
    _incident(
        "card-dispute-agent",
        "2026-08-13 14:25",
        "llm01.triggered.memory",
        "medium",
        "A note from one case was carried out in the next",
    ),
    _incident(
        "meeting-notes",
        "2026-08-27 11:30",
        "llm03.vendor.subprocessor",
        "medium",
        "Recordings were processed in an undeclared region",
    ),
    _incident(
        "wealth-assistant",
        "2026-10-08 15:55",
        "llm06.agency.exfiltration",
        "critical",
        "A client summary was mailed to an outside address",
    ),
    _incident(
        "rag-search",
        "2026-11-05 09:15",
        "llm08.embedding.deletion",
        "low",
        "A withdrawn tariff was still quoted",
    ),
)
