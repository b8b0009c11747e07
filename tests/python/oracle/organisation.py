"""Write a random organisation as a landing folder, with the awkward cases on purpose."""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
from collections.abc import Collection
from datetime import date, datetime, timedelta
from pathlib import Path

from .landing import EVENT_TYPES, REGISTERS, SEVERITIES
from .metrics import SLA_DAYS, add_months

Cells = dict[str, str]

AS_OF_DAYS = (
    date(2024, 2, 29),
    date(2025, 2, 28),
    date(2024, 12, 31),
    date(2025, 3, 15),
    date(2024, 2, 28),
    date(2025, 1, 1),
    date(2026, 11, 22),
    date(2025, 6, 30),
)
ZONES = ("", "Z", "+00:00", "+02:00", "-0530", "+09", "-11:00", "+14:00", "+0545")
NAMES = (
    "Claims assistant",
    'The "quoted" bot',
    "Search, ranked",
    "Überweisung 💶",
    "two\nlines",
    "  padded  ",
    "=cmd|' /C calc'!A0",
    "naïve café",
    "O'Brien's helper",
)
TEAMS = ("Team A", "team a", "Zürich, retail", 'The "red" one', "data\nscience", "Ωmega", "unknown")
CLASSES = (
    "llm01.direct",
    "llm01.indirect.rag",
    "LLM01.direct",
    "llm02.pii",
    "llm05.output, html",
    "llm06.tool",
    'llm07."system" prompt',
    "llm08.vector",
    "llm09.überzeugung",
    "llm10.cost",
)
TECHNIQUES = ("AML.T0051", "AML.T0051.000", "AML.T0054", "AML.T0057", "AML.T0024")
TOOLS = ("garak", "promptfoo", "own, tool", "Garak")
# Columns that are dates: they get a day, not a moment.
DAY_KINDS = ("date", "month")


class Organisation:
    """The rows of one organisation, as text, before they are spread over files."""

    def __init__(self, seed: int, systems: int, findings: int, months: int, as_of: date) -> None:
        self.chance = random.Random(seed)
        self.as_of = as_of
        self.cutoff = datetime(as_of.year, as_of.month, as_of.day) + timedelta(days=1)
        self.start = add_months(datetime(as_of.year, as_of.month, 1), 1 - months)
        self.months = months
        self.rows: dict[str, list[Cells]] = {register: [] for register in REGISTERS}
        self.system_ids = [f"S-{number:04}" for number in range(1, systems + 1)]
        self.reported: dict[str, datetime] = {}
        self.deployed: dict[str, datetime] = {}
        self.requested: dict[str, datetime] = {}
        self.make_systems()
        if systems:
            self.make_deployments()
            self.make_assessments()
            self.make_vectors_and_techniques()
            self.make_findings(findings)
            self.make_scans()
            self.make_incidents(max(1, findings // 8))
        self.make_program()

    # Values

    def maybe(self, share: float) -> bool:
        return self.chance.random() < share

    def instant(self, start: datetime | None = None, end: datetime | None = None) -> datetime:
        """Return a moment of the window, often one at which something changes."""
        start = start or self.start
        end = end or self.cutoff
        if self.maybe(0.25):
            month = add_months(self.start, self.chance.randrange(self.months + 1))
            edges = [
                month,
                month - timedelta(seconds=1),
                month - timedelta(microseconds=1),
                month + timedelta(hours=self.chance.choice((1, 5, 12))),
                self.cutoff - timedelta(seconds=1),
                self.cutoff - timedelta(days=90),
                add_months(self.cutoff, -12),
                add_months(month, 1) - timedelta(days=1),
                datetime(2024, 2, 29, 12),
            ]
            edge = self.chance.choice(edges)
            if start <= edge < end:
                return edge
        seconds = max(1, int((end - start).total_seconds()))
        moment = start + timedelta(seconds=self.chance.randrange(seconds))
        if self.maybe(0.2):
            moment = moment.replace(hour=0, minute=0, second=0, microsecond=0)
        if self.maybe(0.02):
            moment = self.chance.choice((self.cutoff, self.cutoff + timedelta(days=40)))
        return max(moment, start)

    def written(self, moment: datetime | None) -> str:
        """Return a moment in one of the ways the contract allows."""
        if moment is None:
            return ""
        midnight = moment == moment.replace(hour=0, minute=0, second=0, microsecond=0)
        if midnight and self.maybe(0.6):
            return f"{moment:%Y-%m-%d}"
        zone = self.chance.choice(ZONES)
        if zone not in ("", "Z"):
            digits = zone[1:].replace(":", "").ljust(4, "0")
            offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
            moment = moment + offset if zone[0] == "+" else moment - offset
        between = self.chance.choice("T ")
        text = f"{moment:%Y-%m-%d}{between}{moment:%H:%M}"
        if moment.second or moment.microsecond or self.maybe(0.7):
            text += f":{moment:%S}"
            if moment.microsecond:
                text += f".{moment:%f}"
            elif self.maybe(0.1):
                text += ".0"
        return text + zone

    def flag(self) -> str:
        return self.chance.choice(("true", "false", "True", "FALSE", "tRuE"))

    def one_of(self, values: Collection[str], empty: float = 0.0) -> str:
        return "" if self.maybe(empty) else self.chance.choice(list(values))

    def add(self, register: str, **cells: str) -> None:
        self.rows[register].append(cells)

    # Registers

    def make_systems(self) -> None:
        for number, system_id in enumerate(self.system_ids):
            onboarded: datetime | None = self.start + timedelta(
                days=self.chance.randrange(-400, 30 * self.months)
            )
            if self.maybe(0.15):
                onboarded = datetime(2024, 2, 29)
            live: datetime | None = (onboarded or self.start) + timedelta(
                days=self.chance.randrange(-20, 120)
            )
            if self.maybe(0.2):
                live = add_months(self.start, self.chance.randrange(self.months))
            if self.maybe(0.1):
                live = None
            if self.maybe(0.08):
                live = self.cutoff + timedelta(days=3)
            if number == 1 and self.maybe(0.3):
                live = datetime(2014, 6, 1)
            if self.maybe(0.15):
                onboarded = None
            retired = None
            if live is not None and self.maybe(0.25):
                retired = live + timedelta(days=self.chance.randrange(1, 500))
                if self.maybe(0.4):
                    retired = add_months(
                        retired.replace(day=1, hour=0, minute=0, second=0, microsecond=0), 1
                    )
                if self.maybe(0.1):
                    retired = self.cutoff
            self.add(
                "systems",
                system_id=system_id,
                system_name=self.one_of(NAMES),
                risk_tier=self.one_of(("high", "high", "medium", "medium", "low")),
                provider=self.one_of(("internal", "internal", "third_party")),
                owner_team=self.one_of(TEAMS, 0.2),
                business_unit=self.one_of(("Retail", "Wealth, EU", "Ops"), 0.2),
                system_type=self.one_of(("chatbot", "rag", "agent", "classifier", "other"), 0.2),
                onboarded_at=self.written(onboarded),
                in_production_from=self.written(live),
                retired_at=self.written(retired),
            )
            if self.maybe(0.8):
                self.add(
                    "system_aliases",
                    source="attempts",
                    external_name=f"target-{number}",
                    system_id=system_id,
                    system_version=self.one_of(("1.0", "2.0"), 0.6),
                    configuration=self.one_of(("guardrail on", "guardrail off"), 0.6),
                    match=self.one_of(("exact",), 0.5),
                )
            if self.maybe(0.3):
                self.add(
                    "system_aliases",
                    source="attempts",
                    external_name=rf"^pattern{number}-v(?P<version>[0-9.]+)$",
                    system_id=system_id,
                    system_version="",
                    configuration="",
                    match="pattern",
                )
            if self.maybe(0.2):
                self.add(
                    "system_aliases",
                    source="garak",
                    external_name=f"elsewhere-{number}",
                    system_id=system_id,
                    system_version="",
                    configuration="",
                    match="",
                )

    def make_deployments(self) -> None:
        for system_id in self.system_ids:
            for _ in range(self.chance.randrange(4)):
                deployment_id = f"D-{len(self.rows['deployments']) + 1:05}"
                self.deployed[deployment_id] = self.instant()
                self.add(
                    "deployments",
                    deployment_id=deployment_id,
                    system_id=system_id,
                    deployment_type=self.one_of(("new_system", "major_update", "minor_update")),
                    deployed_at=self.written(self.deployed[deployment_id]),
                    system_version=self.one_of(("1.0", "1.1"), 0.5),
                )

    def make_assessments(self) -> None:
        for system_id in self.system_ids:
            for _ in range(self.chance.randrange(5)):
                number = len(self.rows["assessments"]) + 1
                requested = self.instant()
                if self.maybe(0.02):
                    requested = datetime(2014, 12, 20)
                delivered: datetime | None = requested + timedelta(
                    seconds=self.chance.choice((0, 60, 86_400 * 7, 86_400 * 42))
                    if self.maybe(0.3)
                    else self.chance.randrange(86_400 * 100)
                )
                deployment_id = self.one_of(self.deployed, 0.4) if self.deployed else ""
                if deployment_id:
                    deployed = self.deployed[deployment_id]
                    shift = self.chance.choice((0, 0, -1, 1, -86_400 * 20))
                    if deployed + timedelta(seconds=shift) >= requested:
                        delivered = deployed + timedelta(seconds=shift)
                cancelled = None
                if self.maybe(0.15):
                    delivered = None
                if self.maybe(0.15):
                    cancelled = requested + timedelta(days=self.chance.randrange(60))
                if self.maybe(0.04):
                    cancelled = self.cutoff
                self.requested[f"A-{number:05}"] = requested
                self.add(
                    "assessments",
                    assessment_id=f"A-{number:05}",
                    system_id=system_id,
                    tier=self.one_of(("quick_scan", "standard", "comprehensive")),
                    requested_at=self.written(requested),
                    deployment_id=deployment_id,
                    planned_start_at=self.written(requested + timedelta(days=5)),
                    started_at=self.written(requested + timedelta(days=6)),
                    report_delivered_at=self.written(delivered),
                    cancelled_at=self.written(cancelled),
                )

    def make_vectors_and_techniques(self) -> None:
        kinds = ("user_prompt", "file_upload", "api_parameter", "retrieved_document", "other")
        vectors: list[str] = []
        for system_id in self.system_ids:
            for _ in range(self.chance.randrange(4)):
                vectors.append(f"V-{len(vectors) + 1:05}")
                identified = self.instant(self.start - timedelta(days=60))
                removed = None
                if self.maybe(0.2):
                    removed = self.instant(identified)
                self.add(
                    "input_vectors",
                    input_vector_id=vectors[-1],
                    system_id=system_id,
                    vector_type=self.one_of(kinds),
                    identified_at=self.written(identified),
                    removed_at=self.written(removed),
                )
        for assessment_id, requested in self.requested.items():
            for technique in self.chance.sample(TECHNIQUES, self.chance.randrange(5)):
                self.add(
                    "assessment_techniques",
                    assessment_id=assessment_id,
                    technique_id=technique,
                    is_applicable=self.flag(),
                    is_tested=self.flag(),
                    not_applicable_reason=self.one_of(("no tools, no files",), 0.8),
                )
            wanted = self.chance.randrange(4)
            for vector in self.chance.sample(vectors, min(wanted, len(vectors))):
                tested = self.instant(max(requested, self.start)) if self.maybe(0.5) else None
                self.add(
                    "assessment_input_vectors",
                    assessment_id=assessment_id,
                    input_vector_id=vector,
                    tested_at=self.written(tested),
                )
            if self.maybe(0.2):
                self.add("assessment_runs", assessment_id=assessment_id, run_id="run-1")

    def make_findings(self, findings: int) -> None:
        assessments = list(self.requested)
        previous = self.start
        for number in range(1, findings + 1):
            finding_id = f"F-{number:06}"
            severity = self.chance.choice(SEVERITIES)
            reported = self.instant()
            if self.maybe(0.08):
                reported = previous
            elif self.maybe(0.1) and severity in SLA_DAYS:
                edge = self.chance.choice(
                    (self.cutoff, add_months(self.start, self.chance.randrange(self.months)))
                )
                reported = edge - timedelta(days=SLA_DAYS[severity], seconds=self.maybe(0.4))
            elif self.maybe(0.01):
                reported = datetime(2014, 7, 1, 9)
            previous = reported
            self.reported[finding_id] = reported
            earlier = f"F-{self.chance.randrange(1, number + 1):06}"
            self.add(
                "findings",
                finding_id=finding_id,
                system_id=self.one_of(self.system_ids),
                title=self.one_of(NAMES),
                severity=severity,
                vulnerability_class="unknown" if self.maybe(0.03) else self.one_of(CLASSES),
                reported_at=self.written(reported),
                assessment_id=self.one_of(assessments, 0.4) if assessments else "",
                technique_id=self.one_of(TECHNIQUES, 0.3),
                owasp_id=self.one_of(("LLM01:2025", "LLM06:2025"), 0.5),
                detection_source=self.one_of(("manual", "automated"), 0.2),
                impact_claimed=self.flag() if self.maybe(0.7) else "",
                impact_confirmed=self.flag() if self.maybe(0.6) else "",
                duplicate_of=earlier if self.maybe(0.06) else "",
                tool=self.one_of(TOOLS, 0.4),
                attack=self.one_of(("dan", "encoding"), 0.6),
                source_run_id="",
            )
            self.make_events(finding_id, severity, reported)
            if self.maybe(0.4):
                added = self.instant(reported)
                removed = added + timedelta(days=40) if self.maybe(0.3) else None
                self.add(
                    "regression_tests",
                    regression_test_id=f"R-{number:06}",
                    finding_id=finding_id,
                    added_at=self.written(added),
                    removed_at=self.written(removed),
                    last_run_at=self.written(removed),
                )

    def make_events(self, finding_id: str, severity: str, reported: datetime) -> None:
        """Write a plausible life, or at times any sequence of events."""
        plots = (
            ("accepted", "remediation_claimed", "retest_passed"),
            ("accepted", "remediation_claimed", "retest_failed", "retest_passed"),
            ("accepted", "remediation_claimed", "retest_passed", "reopened"),
            ("remediation_claimed", "retest_passed", "reopened", "retest_passed"),
            ("disputed", "dispute_rejected", "remediation_claimed"),
            ("disputed",),
            ("disputed", "false_positive"),
            ("accepted", "remediation_claimed", "retest_passed", "false_positive"),
            ("risk_accepted",),
            ("risk_accepted", "risk_acceptance_expired", "remediation_claimed", "retest_passed"),
            ("accepted", "remediation_claimed", "remediation_claimed", "retest_passed"),
            ("remediation_claimed", "retest_passed", "risk_accepted"),
            ("retest_passed", "retest_passed", "severity_changed"),
            ("remediation_claimed", "retest_passed", "remediation_claimed", "retest_passed"),
            (),
            (),
        )
        plot: tuple[str, ...] = self.chance.choice(plots)
        if self.maybe(0.25):
            plot = tuple(self.chance.choices(EVENT_TYPES, k=self.chance.randrange(1, 9)))
        due = reported + timedelta(days=SLA_DAYS.get(severity, 30))
        moment = reported
        last_pass: datetime | None = None
        seen: set[tuple[datetime, str]] = set()
        for event_type in plot:
            step = self.chance.random()
            if step < 0.15:
                pass  # on the instant of the one before
            elif step < 0.25 and due >= moment:
                moment = due
            elif step < 0.3 and due + timedelta(seconds=1) >= moment:
                moment = due + timedelta(seconds=1)
            elif step < 0.4 and last_pass and last_pass + timedelta(days=90) >= moment:
                moment = last_pass + timedelta(days=90, seconds=self.chance.choice((0, 0, 1)))
            elif step < 0.45:
                moment = add_months(moment.replace(day=1, hour=0, minute=0, second=0), 1).replace(
                    microsecond=0
                )
            else:
                moment += timedelta(seconds=self.chance.randrange(86_400 * 40))
            if event_type == "retest_passed":
                last_pass = moment
            if (moment, event_type) in seen:
                continue
            seen.add((moment, event_type))
            is_rerating = event_type == "severity_changed"
            is_dispute = event_type == "disputed"
            is_acceptance = event_type == "risk_accepted"
            self.add(
                "finding_events",
                finding_id=finding_id,
                event_type=event_type,
                event_at=self.written(moment),
                new_severity=self.one_of(SEVERITIES, 0.2) if is_rerating else "",
                reason=self.one_of(("validity", "severity", "scope"), 0.2) if is_dispute else "",
                run_id="",
                expires_at=self.written(moment + timedelta(days=60)) if is_acceptance else "",
                note=self.one_of(NAMES, 0.8),
            )

    def make_scans(self) -> None:
        number = 0
        for system_id in self.system_ids:
            for _ in range(self.chance.randrange(3)):
                day = self.instant().replace(hour=0, minute=0, second=0, microsecond=0)
                step = self.chance.choice((1, 1, 7, 30))
                for index in range(self.chance.randrange(1, 25)):
                    number += 1
                    started = day + timedelta(days=index * step)
                    started += self.chance.choice(
                        (
                            timedelta(0),
                            timedelta(days=1, microseconds=-1),
                            timedelta(seconds=self.chance.randrange(86_400)),
                        )
                    )
                    self.add(
                        "scans",
                        scan_id=f"N-{number:06}",
                        system_id=system_id,
                        started_at=self.written(started),
                        completed_at=self.written(started + timedelta(hours=2)),
                        tool=self.one_of(TOOLS, 0.3),
                        status="completed"
                        if self.maybe(0.8)
                        else self.one_of(("failed", "aborted"), 0.3),
                    )

    def make_incidents(self, incidents: int) -> None:
        instants = list(self.reported.values()) or [self.start]
        for number in range(1, incidents + 1):
            moment = self.chance.choice(instants) if self.maybe(0.2) else self.instant()
            self.add(
                "incidents",
                incident_id=f"I-{number:05}",
                system_id=self.one_of(self.system_ids),
                occurred_at=self.written(moment),
                vulnerability_class=self.one_of((*CLASSES, "unknown", "llm04.never.found")),
                severity=self.one_of(SEVERITIES[:4], 0.2),
                title=self.one_of(NAMES, 0.3),
            )

    def make_program(self) -> None:
        assessments = list(self.requested)
        number = 0
        for index in range(-2, self.months + 2):
            month = add_months(self.start, index)
            if self.maybe(0.9):
                self.add(
                    "team_capacity",
                    month=f"{month:%Y-%m-%d}",
                    fte_testers=self.one_of(("3", "4.5", "0", "2.25", "1e1")),
                    capacity_hours=self.one_of(("480", "0.0", "300.5")),
                )
            if self.maybe(0.12):
                continue  # a month without cost and effort
            for _ in range(self.chance.randrange(4)):
                number += 1
                day = month + timedelta(days=self.chance.choice((0, 9, 27)))
                self.add(
                    "effort",
                    effort_id=f"E-{number:05}",
                    worked_on=f"{day:%Y-%m-%d}",
                    hours=self.one_of(("8", "0", "2.5", "0.1", "+7.75")),
                    mode=self.one_of(("automated", "manual")),
                    assessment_id=self.one_of(assessments, 0.3) if assessments else "",
                )
                self.add(
                    "costs",
                    cost_id=f"C-{number:05}",
                    incurred_on=f"{day:%Y-%m-%d}",
                    amount=self.one_of(("12000", "499.99", "-250", "0", "1.5e3")),
                    currency="XTS" if self.maybe(0.05) else self.one_of(("EUR", "EUR", "USD")),
                    category=self.one_of(("people", "tooling", "external", "other"), 0.2),
                )
        self.add(
            "annotations",
            annotation_id="N-1",
            metric_id="cost_per_finding",
            period_start=f"{self.start:%Y-%m-%d}",
            text='A remark, with "quotes"',
            author="",
        )
        self.add(
            "benchmarks",
            benchmark_id="B-1",
            metric_id="false_positive_rate",
            value="12.5",
            source="A survey",
            year="2024",
            population="",
            comparability_note="",
        )
        if self.system_ids:
            self.add(
                "control_evidence",
                framework="owasp_llm",
                control_id="LLM01",
                evidenced_on=f"{self.start:%Y-%m-%d}",
                system_id=self.system_ids[0],
                assessment_id="",
                status="met",
            )

    # Rows that break the contract

    def faulty(self, register: str) -> list[tuple[Cells, str]]:
        """Return copies of rows with one fault each, and the way the line is spoilt, if any."""
        rows = self.rows[register]
        if not rows:
            return []
        contract = REGISTERS[register]
        spoilt: list[tuple[Cells, str]] = []

        def spoil(column: str, cell: str, line: str = "") -> None:
            row = dict(self.chance.choice(rows))
            if self.maybe(0.5):
                # A row of its own; else a repeat that leaves the earlier one standing.
                self.renew(register, row, len(spoilt))
            row[column] = cell
            spoilt.append((row, line))

        first = contract.columns[0].name
        spoil(first, "short", "short")
        spoil(first, "long", "long")
        spoil(contract.columns[1].name, "caf\udce9 \udcff")
        for column in contract.columns:
            if column.required:
                spoil(column.name, "")
            if column.choices:
                spoil(column.name, self.one_of((column.choices[0].upper(), "other thing", " ")))
            if column.kind in ("timestamp", *DAY_KINDS):
                wrong = ("2023-02-29", "01.02.2024", "2024-1-1", "2024-01-01T25:00", "soon")
                spoil(column.name, self.one_of(wrong))
            if column.kind == "timestamp":
                spoil(column.name, self.one_of(("2024-01-01T10:00:60", "2024-01-01T10", "0")))
            if column.kind == "month":
                spoil(column.name, "2024-05-02")
            if column.kind in ("number", "positive", "year"):
                spoil(column.name, self.one_of(("1,5", "twelve", "1 000", "0x10")))
            if column.kind in ("number", "positive"):
                spoil(column.name, self.one_of(("NaN", "inf", "-Infinity")))
            if column.kind == "positive":
                spoil(column.name, "-0.5")
            if column.kind == "flag":
                spoil(column.name, self.one_of(("yes", "1", "True ")))
            if column.references:
                spoil(column.name, "nobody")
                spoil(column.name, f"broken-{column.references}")
        return spoilt + self.disordered(register)

    def renew(self, register: str, row: Cells, number: int) -> None:
        key = REGISTERS[register].key[0]
        if (key.endswith("_id") and key not in ("assessment_id", "finding_id")) or (
            REGISTERS[register].key == (key,) and key != "month"
        ):
            row[key] = f"X-{register}-{number}"

    def disordered(self, register: str) -> list[tuple[Cells, str]]:
        """Return rows that contradict themselves or another row, and the broken parents."""
        rows = self.rows[register]
        sample = dict(self.chance.choice(rows))
        key = REGISTERS[register].key[0]
        found: list[tuple[Cells, str]] = []
        if register in ("systems", "deployments", "assessments", "input_vectors", "findings"):
            # Its children dangle: nothing with this key stands.
            parent = {**sample, key: f"broken-{register}"}
            required = [column.name for column in REGISTERS[register].columns if column.required]
            parent[required[-1]] = ""
            found.append((parent, ""))
        if register == "assessments":
            late = {**sample, "requested_at": "2024-03-02", "report_delivered_at": "2024-03-01"}
            found.append((late, ""))
            found.append(({**late, "system_id": "nobody"}, ""))
        if register == "findings":
            chain = {**sample, "finding_id": "X-1", "duplicate_of": "X-2"}
            found.append((chain, ""))
            found.append(({**sample, "finding_id": "X-2", "duplicate_of": "X-3"}, ""))
            found.append(({**sample, "finding_id": "X-3", "assessment_id": "nobody"}, ""))
        if register == "finding_events":
            before = self.reported[sample["finding_id"]] - timedelta(seconds=1)
            found.append(({**sample, "event_at": self.written(before)}, ""))
            found.append(({**sample, "finding_id": "X-1"}, ""))
        return found

    # Attempts

    def attempt_files(self, runs: int) -> dict[str, list[Cells]]:
        """Return the rows of each attempts file; some runs are delivered again."""
        targets = [
            row["external_name"]
            for row in self.rows["system_aliases"]
            if row["source"] == "attempts" and row["match"] != "pattern"
        ]
        patterns = [
            row["external_name"].split("-v(")[0].removeprefix("^")
            for row in self.rows["system_aliases"]
            if row["match"] == "pattern"
        ]
        files: dict[str, list[Cells]] = {
            "a-first.csv": [],
            "b-second.jsonl": [],
            "c/third.jsonl.gz": [],
            "zz-late.csv": [],
        }
        names = list(files)
        for number in range(1, runs + 1):
            target = self.one_of(targets) if targets else "nobody"
            if self.maybe(0.2):
                target += self.one_of(("@1.4", "@2.0-beta"))
            elif patterns and self.maybe(0.2):
                target = self.one_of(patterns) + "-v" + self.one_of(("1.2", "7"))
            elif self.maybe(0.12):
                target = self.one_of(("stranger", "S-0001", "stränger@1", "pattern0-vX"))
            rows = self.run(f"run-{number}", target)
            place = self.chance.choice(names[:3])
            files[place].extend(rows)
            if self.maybe(0.2):
                again = self.run(f"run-{number}", target)
                if self.maybe(0.3):
                    for row in again:
                        row["outcome"] = "sucess"  # a run that is all quarantined replaces none
                files["zz-late.csv"].extend(again)
        return files

    def run(self, run_id: str, target: str) -> list[Cells]:
        start = self.instant()
        if self.maybe(0.04):
            start = datetime(2014, 5, 5)
        tool = self.one_of(TOOLS, 0.3)
        clustered = self.maybe(0.8)
        timed = self.chance.random()
        rows: list[Cells] = []
        strength = self.chance.random() ** 2
        is_control = self.maybe(0.15)
        attacks = ("dan", "encoding", "crescendo, slow")
        for prompt in range(self.chance.randrange(1, 9)):
            attack = self.chance.choice(attacks)
            harder = min(1.0, strength * self.chance.choice((0, 0.5, 1, 2)))
            for _ in range(self.chance.randrange(1, 6)):
                moment = start + timedelta(minutes=self.chance.randrange(4_000))
                if timed < 0.1 or (timed < 0.3 and self.maybe(0.5)):
                    moment = start
                outcome = "success" if self.maybe(harder) else "resisted"
                if self.maybe(0.1):
                    outcome = self.one_of(("undetermined", "error"))
                rows.append(
                    {
                        "run_id": run_id,
                        "target_name": target,
                        "attack": attack,
                        "outcome": outcome,
                        "attempted_at": ""
                        if timed < 0.1 or (timed < 0.3 and self.maybe(0.5))
                        else self.written(moment),
                        "target_version": "",
                        "configuration": "",
                        "is_control": self.flag()
                        if self.maybe(0.05)
                        else ("true" if is_control else self.one_of(("false",), 0.5)),
                        "prompt_id": f"p{prompt}" if clustered and self.maybe(0.9) else "",
                        "technique_id": self.one_of(TECHNIQUES, 0.3),
                        "vulnerability_class": self.one_of(CLASSES, 0.3),
                        "judge": self.one_of(("judge-1",), 0.3),
                        "tool": tool,
                    }
                )
        return rows


# --- files ------------------------------------------------------------------------------------


def csv_bytes(
    chance: random.Random, columns: list[str], rows: list[tuple[Cells, str]], plain: bool
) -> bytes:
    """Return a CSV file: columns in any order, extra ones, BOM, CRLF and blank lines at times."""
    columns = list(columns)
    if not plain:
        chance.shuffle(columns)
        if chance.random() < 0.3:
            columns.insert(chance.randrange(len(columns)), "an extra, column")
    ending = "\r\n" if not plain and chance.random() < 0.4 else "\n"
    buffer = io.StringIO(newline="")
    quoting: int = csv.QUOTE_ALL if not plain and chance.random() < 0.2 else csv.QUOTE_MINIMAL
    writer = csv.writer(buffer, lineterminator=ending, quoting=quoting)  # type: ignore[arg-type]
    writer.writerow(columns)
    for row, line in rows:
        cells = [row.get(column, "") for column in columns]
        if line == "short":
            cells = cells[:-1]
        if line == "long":
            cells = [*cells, "too much"]
        writer.writerow(cells)
        if not plain and chance.random() < 0.02:
            buffer.write(ending)
    content = buffer.getvalue()
    if not plain and chance.random() < 0.1:
        content = content.removesuffix(ending)
    payload = content.encode("utf-8", errors="surrogateescape")
    return b"\xef\xbb\xbf" + payload if not plain and chance.random() < 0.3 else payload


def write_register(
    folder: Path, organisation: Organisation, register: str, faults: bool, many_files: bool
) -> None:
    """Spread the rows of a register over its files."""
    chance = organisation.chance
    columns = [column.name for column in REGISTERS[register].columns]
    rows = organisation.rows[register]
    deliveries: list[list[tuple[Cells, str]]] = [[], [], []]
    for row in rows:
        place = chance.choice((0, 0, 0, 1, 2)) if many_files else 0
        deliveries[place].append((row, ""))
        if many_files and place and chance.random() < 0.3:
            # An earlier delivery of the same key, with something else in it.
            other = dict(chance.choice(rows))
            other.update({key: row[key] for key in REGISTERS[register].key})
            deliveries[0].append((other, ""))
    if faults:
        for row, line in organisation.faulty(register):
            place = chance.choice((0, 1, 2)) if many_files else 0
            deliveries[place].insert(chance.randrange(len(deliveries[place]) + 1), (row, line))
    names = [f"{register}.csv", f"{register}-2025-06.csv", f"{register}/zz-late.csv"]
    for name, delivered in zip(names, deliveries, strict=True):
        if delivered or name == names[0]:
            path = folder / "program" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(csv_bytes(chance, columns, delivered, plain=not many_files))
    if faults and rows and chance.random() < 0.15:
        write_bad_header(folder, register, columns, rows, chance)


def write_bad_header(
    folder: Path, register: str, columns: list[str], rows: list[Cells], chance: random.Random
) -> None:
    """Write a file that lacks a required column or repeats one."""
    wrong = [*columns, columns[0]] if chance.random() < 0.5 else columns[1:]
    payload = csv_bytes(chance, wrong, [(row, "") for row in rows[:3]], plain=True)
    path = folder / "program" / f"{register}-bad.csv"
    path.write_bytes(payload)


def write_attempts(folder: Path, organisation: Organisation, runs: int, faults: bool) -> None:
    chance = organisation.chance
    for name, rows in organisation.attempt_files(runs).items():
        path = folder / "attempts" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith(".csv"):
            columns = [
                "run_id",
                "target_name",
                "attack",
                "outcome",
                "attempted_at",
                "target_version",
                "configuration",
                "is_control",
                "prompt_id",
                "technique_id",
                "vulnerability_class",
                "judge",
                "tool",
            ]
            spoilt: list[tuple[Cells, str]] = [(row, "") for row in rows]
            if faults and rows:
                spoilt.append((rows[0], "long"))
                spoilt.append(({**rows[0], "attempted_at": "noon"}, ""))
                spoilt.append(({**rows[0], "is_control": "no"}, ""))
                spoilt.append(({**rows[0], "target_name": ""}, ""))
            path.write_bytes(csv_bytes(chance, columns, spoilt, plain=False))
            continue
        lines = []
        for row in rows:
            record: dict[str, object] = {
                key: cell for key, cell in row.items() if cell or chance.random() < 0.2
            }
            if "is_control" in record and record["is_control"] in ("true", "false"):
                record["is_control"] = record["is_control"] == "true"
            if chance.random() < 0.1:
                record["score"] = 0.5
            lines.append(json.dumps(record, ensure_ascii=chance.random() < 0.5))
        if faults and rows:
            lines.append('{"run_id": "run-1", ')
            lines.append('["run-1"]')
            lines.append(json.dumps({**rows[0], "outcome": "won"}))
            lines.append(
                json.dumps({key: cell for key, cell in rows[0].items() if key != "attack"})
            )
        payload = "".join(line + "\n" for line in lines).encode()
        path.write_bytes(gzip.compress(payload, mtime=0) if name.endswith(".gz") else payload)


def write(
    folder: Path,
    seed: int,
    *,
    systems: int = 15,
    findings: int = 150,
    months: int = 26,
    runs: int = 25,
    as_of: date | None = None,
    leave_out: Collection[str] = (),
    header_only: Collection[str] = (),
    faults: bool = True,
    many_files: bool = True,
) -> date:
    """Write an organisation below folder and return the as-of date it is made for.

    leave_out and header_only name registers (or `attempts`). systems=0 is an empty organisation,
    systems=1 with findings=1 one of a single row. Rows after as_of are written on purpose.
    """
    as_of = as_of or AS_OF_DAYS[seed % len(AS_OF_DAYS)]
    organisation = Organisation(seed, systems, findings, months, as_of)
    (folder / "program").mkdir(parents=True, exist_ok=True)
    for register in REGISTERS:
        if register in leave_out:
            continue
        if register in header_only:
            organisation.rows[register] = []
        write_register(folder, organisation, register, faults, many_files)
    if "attempts" not in leave_out:
        empty = "attempts" in header_only
        write_attempts(folder, organisation, 0 if empty else runs, faults and not empty)
    return as_of
