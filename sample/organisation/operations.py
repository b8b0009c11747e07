"""The program at work: scans, people, hours, money, incidents and the evidence for auditors."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from sample.organisation.assessments import Assessment, delivered_assessments, open_assessments
from sample.organisation.calendar import (
    AS_OF,
    PROGRAM_START,
    chance,
    days,
    first_day,
    months,
    stamp,
    stream,
)
from sample.organisation.files import Row
from sample.organisation.incidents import INCIDENTS
from sample.organisation.releases import COMPREHENSIVE, QUICK, STANDARD, AssessmentTier
from sample.organisation.stories import (
    MISSING_CAPACITY_MONTHS,
    SCANS_STOP_AFTER,
    UNTESTED_LAUNCH_SCANS_FROM,
    UNTESTED_LAUNCH_SYSTEM,
)
from sample.organisation.suite import latest_run
from sample.organisation.systems import SYSTEMS, System

# Real runs of garak (landing/garak) that compare versions in an assessment still under way.
GARAK_RUNS_OF: dict[str, tuple[str, ...]] = {
    "support-bot": (
        "5182eede-441b-453f-a67c-f623d8da17a9",  # 1.4.0
        "f299e3e5-2c3a-46c4-809f-b744fd4f6e4d",  # 1.5.0
        "5b61b8b6-9e9d-4f19-99ed-241f620959b8",  # 2.0.0
    ),
    "rag-search": (
        "5f34fab7-a08b-419a-b81b-d62b7bb6f5e0",  # 2026.08
        "c211b0a1-5d9f-430a-8281-8d2385d535ed",  # 2026.09
    ),
}

# Chance that the scheduled scan of a slot starts at all, growing from year to year.
SCAN_STARTS = {2024: 0.86, 2025: 0.93, 2026: 0.97}
SCAN_FAILS, SCAN_ABORTED = 0.045, 0.02

HOURS_PER_FTE = 128
FTE_AT_START, FTE_PER_MONTH = 4.0, 0.125
AUTOMATED_HOURS_AT_START, AUTOMATED_HOURS_PER_MONTH = 13.0, 1.05
MANUAL_HOURS_AT_START, MANUAL_HOURS_PER_MONTH = 17.0, 0.12

MONEY_PER_FTE_MONTH = 8_900
TOOLING_PER_MONTH = 5_200
EXTERNAL_TEST_PRICE = 24_000

CONTROLS_OF_TIER: dict[AssessmentTier, tuple[tuple[str, str], ...]] = {
    QUICK: (("owasp_llm", "LLM01:2025"),),
    STANDARD: (("nist_ai_rmf", "MEASURE 2.7"), ("owasp_llm", "LLM02:2025")),
    COMPREHENSIVE: (
        ("nist_ai_rmf", "MEASURE 2.7"),
        ("nist_ai_rmf", "MANAGE 4.1"),
        ("eu_ai_act", "Art. 15"),
        ("iso_42001", "A.6.2.4"),
    ),
}


def scan_files() -> dict[str, list[Row]]:
    """Return one file a year; the last one ends where the export stopped."""
    scans = [
        (started, system)
        for system in SYSTEMS
        if system.tier != "low"
        for started in _scan_starts(system)
    ]
    scans.sort(key=lambda scan: (scan[0], scan[1].system_id))
    result: dict[str, list[Row]] = {}
    for number, (started, system) in enumerate(scans, start=1):
        result.setdefault(f"scans-{started.year}", []).append(_scan_row(number, started, system))
    return result


def _scan_starts(system: System) -> list[datetime]:
    """Return the nightly scans of a high, the weekly ones of a medium risk system."""
    is_untested_launch = system.system_id == UNTESTED_LAUNCH_SYSTEM
    first = UNTESTED_LAUNCH_SCANS_FROM if is_untested_launch else system.live_from
    last = min(SCANS_STOP_AFTER, system.retired_at or AS_OF)
    result = []
    for day in days(first, last):
        rng = stream("scan", system.system_id, day)
        is_due = system.tier == "high" or day.weekday() == _scan_weekday(system)
        if is_due and chance(rng, SCAN_STARTS[day.year]):
            result.append(datetime.combine(day, time(1, rng.randrange(60), rng.randrange(60))))
    return result


def _scan_weekday(system: System) -> int:
    return stream("scan weekday", system.system_id).randrange(5)


def _scan_row(number: int, started: datetime, system: System) -> Row:
    rng = stream("scan result", number)
    draw = rng.random()
    status = "completed"
    if draw < SCAN_FAILS + SCAN_ABORTED:
        status = "failed" if draw < SCAN_FAILS else "aborted"
    completed = started + timedelta(minutes=rng.randrange(12, 75))
    return {
        "scan_id": f"SCAN-{number:05d}",
        "system_id": system.system_id,
        "started_at": stamp(started),
        "completed_at": stamp(completed) if status == "completed" else "",
        "tool": "garak" if system.kind in ("chatbot", "rag", "agent") else "nightly-probe",
        "status": status,
    }


def capacity_rows() -> list[Row]:
    rows = []
    for place, month in enumerate(months()):
        fte = round((FTE_AT_START + FTE_PER_MONTH * place) * 4) / 4
        rows.append(
            {
                "month": stamp(month),
                "fte_testers": f"{fte:.2f}",
                "capacity_hours": f"{fte * HOURS_PER_FTE:.0f}",
            }
        )
    return [row for row in rows if date.fromisoformat(row["month"]) not in MISSING_CAPACITY_MONTHS]


def effort_rows() -> list[Row]:
    """Write the hours of each week: two manual entries and one automated, more of it over time."""
    rows: list[Row] = []
    for week, day in enumerate(days(PROGRAM_START, AS_OF)[1::7]):
        month = week / 4.35
        rng = stream("effort", day)
        manual = MANUAL_HOURS_AT_START + MANUAL_HOURS_PER_MONTH * month
        automated = AUTOMATED_HOURS_AT_START + AUTOMATED_HOURS_PER_MONTH * month
        for mode, usual in (("manual", manual), ("manual", manual), ("automated", automated)):
            worked_on = min(AS_OF, day + timedelta(days=rng.randrange(5)))
            rows.append(
                {
                    "effort_id": f"EFF-{len(rows) + 1:04d}",
                    "worked_on": stamp(worked_on),
                    "hours": f"{usual * rng.uniform(0.7, 1.3):.1f}",
                    "mode": mode,
                    "assessment_id": _assessment_under_test(worked_on),
                }
            )
    return rows


def _assessment_under_test(day: date) -> str:
    """Return one of the assessments whose testers were at work that day, if any."""
    running = [item for item in delivered_assessments() if _is_running(item, day)]
    return stream("timesheet", day).choice(running).assessment_id if running else ""


def _is_running(item: Assessment, day: date) -> bool:
    return item.started is not None and item.started.date() <= day <= item.report.date()


def cost_rows() -> list[Row]:
    rows: list[Row] = []
    for place, month in enumerate(months()):
        rng = stream("cost", month)
        fte = FTE_AT_START + FTE_PER_MONTH * place
        amounts = [
            ("people", 27, fte * MONEY_PER_FTE_MONTH * rng.uniform(0.97, 1.03)),
            ("tooling", 4, TOOLING_PER_MONTH * rng.uniform(0.9, 1.25)),
        ]
        if month.month in (3, 6, 9, 11):
            amounts.append(("external", 18, EXTERNAL_TEST_PRICE * rng.uniform(0.8, 1.3)))
        if chance(rng, 0.3):
            amounts.append(("other", 12, 1_400 * rng.uniform(0.5, 2)))
        for category, day, amount in amounts:
            incurred_on = month.replace(day=day)
            if incurred_on <= AS_OF:
                rows.append(
                    {
                        "cost_id": f"COST-{len(rows) + 1:04d}",
                        "incurred_on": stamp(incurred_on),
                        "amount": f"{amount:.2f}",
                        "currency": "EUR",
                        "category": category,
                    }
                )
    return rows


def incident_rows() -> list[Row]:
    return [
        {
            "incident_id": f"INC-{number:03d}",
            "system_id": incident.system_id,
            "occurred_at": stamp(incident.occurred_at),
            "vulnerability_class": incident.vulnerability_class,
            "severity": incident.severity,
            "title": incident.title,
        }
        for number, incident in enumerate(INCIDENTS, start=1)
    ]


def assessment_run_rows() -> list[Row]:
    """Bind assessments to the scanner runs they draw on: the suite's last one, or garak's."""
    bound = [
        (item.assessment_id, run_id)
        for item in delivered_assessments()
        if (run_id := latest_run(item.system_id, item.report.date())) is not None
    ]
    bound += [
        (item.assessment_id, run_id)
        for item in open_assessments()
        for run_id in GARAK_RUNS_OF.get(item.system_id, ())
    ]
    return [{"assessment_id": assessment_id, "run_id": run_id} for assessment_id, run_id in bound]


def control_evidence_rows() -> list[Row]:
    rows: dict[tuple[str, str, str], Row] = {}
    for item in delivered_assessments():
        evidenced_on = stamp(item.report.date())
        for framework, control_id in CONTROLS_OF_TIER[item.tier]:
            rng = stream("evidence", item.assessment_id, control_id)
            status = rng.choice(("met", "met", "met", "partially_met", "partially_met", "not_met"))
            rows[framework, control_id, evidenced_on] = {
                "framework": framework,
                "control_id": control_id,
                "evidenced_on": evidenced_on,
                "system_id": item.system_id,
                "assessment_id": item.assessment_id,
                "status": status,
            }
    return list(rows.values())


ANNOTATIONS: tuple[tuple[str, str, str, str], ...] = (
    (
        "system_test_coverage_rate",
        "2024-12",
        "Baseline month: a quick scan of six of eleven systems, nothing deeper.",
        "program lead",
    ),
    (
        "assessment_throughput",
        "2025-07",
        "Capacity of the third quarter was never recorded; throughput cannot be given.",
        "program lead",
    ),
    (
        "attack_success_rate",
        "2025-11",
        "Card Dispute Agent runs behind the input shield from 4 November.",
        "payments",
    ),
    (
        "pre_deployment_test_rate",
        "2026-03",
        "Consumer Loan Advisor went live for the spring campaign before its test.",
        "program lead",
    ),
    (
        "attack_success_rate",
        "2026-05",
        "Card Dispute Agent 3.0.0 brings a new base model; the shield was tuned for the old one.",
        "payments",
    ),
    (
        "automated_scan_frequency",
        "2026-07",
        "The scanner export ended on 19 June. Low values since then mean no data, not no scans.",
        "platform engineering",
    ),
    (
        "remediation_completion_rate",
        "2026-07",
        "Wealth technology has accepted four criticals and fixed none of them.",
        "program lead",
    ),
)


def annotation_rows() -> list[Row]:
    return [
        {
            "annotation_id": f"NOTE-{number:02d}",
            "metric_id": metric_id,
            "period_start": stamp(first_day(month)),
            "text": text,
            "author": author,
        }
        for number, (metric_id, month, text, author) in enumerate(ANNOTATIONS, start=1)
    ]


def benchmark_rows() -> list[Row]:
    return [
        {
            "benchmark_id": "ILLUSTRATION-1",
            "metric_id": "mean_time_to_remediate",
            "value": "45",
            "source": "Invented for this sample; cites nobody",
            "year": "2026",
            "population": "no population",
            "comparability_note": "Illustrative: shows where a figure of your peers would stand",
        },
        {
            "benchmark_id": "ILLUSTRATION-2",
            "metric_id": "finding_acceptance_rate",
            "value": "88",
            "source": "Invented for this sample; cites nobody",
            "year": "2026",
            "population": "no population",
            "comparability_note": "Illustrative: shows where a figure of your peers would stand",
        },
    ]
