"""From standing rows to observations: what each metric counts, one function per metric.

Readings
--------
Where the definitions leave two readings, the one taken here and the other one:

1. History: a row whose key date lies before history_start is absent altogether, as one after
   as_of is (a finding of 2014 makes no class of 2015 old). Other: only not counted itself.
2. open_overdue_findings is 0 in a period without any open finding once the metric has begun.
   Other: null, since no row stands on either side.
3. Maturity is judged for each published row: a segment is immature by its own findings only.
   Other: one young finding makes every segment of the period immature.
4. "Not yet decided" is verdict undecided; a disputed finding is decided enough. Other: both.
5. "Not yet due": due_at at or after the as-of instant, fixed or not. Other: open ones only.
6. remediated_recurrence_rate carries a Wilson interval like recurrence_rate, being no census.
   Other: none, it is not listed by name.
7. over_refusal_rate needs scanner files or attempts, not findings and events.
8. automation_ratio has the system dimensions and assessment_tier, through the assessment of the
   hours; hours without assessment are `unknown`. Other: `all` only.
9. automated_scan_frequency has the system dimensions only (a slot has no tool);
   scan_interval_days has tool: that of the later scan. Generic attempts are no scans.
10. recurrence pairs carry the dimensions of the first finding (same instant: lesser finding_id).
    A system with neither onboarded_at nor in_production_from has no first 12 months. A finding
    before that start is "before the first 12 months have passed".
11. Incidents have the dimensions severity and vulnerability_class beside those of the system.
12. sample_size is 0 for capacity, cost and system-month rows, 1 for the things themselves.
13. A tested_at that lies after as_of is null, and so means the delivery of its assessment.
14. technique_coverage_rate: `standard` is a target of assessment_tier, `comprehensive` only of
    tier_and_risk `comprehensive/high`.
15. target_status: no_target wins over not_measured; both win over undecided.
16. "After" and "next" between events of one finding follow the order of events, ties included
    (a reopened on the instant of a pass comes after it).
17. Targets resolve by the whole name first, then by the part before the last `@`; exact aliases
    before patterns; patterns match the whole name. A bare system_id without alias is unknown.
18. Hours, pairs, techniques, vectors, slots and events count one each in sample_size.
19. Begun months of assessment_throughput are all begun months of the period, also those before
    the first observation.
20. A generic attempt without time takes the earliest attempted_at of its standing run, over all
    its targets and controls.
21. Clusters of attempts: (system, prompt_id); without prompt_id one for each (run_id, attack).
    One cluster: Wilson with n_eff = 1 and the normal z; more than 200 clusters: the normal z.
22. A vulnerability_class that is literally `unknown` in a register is treated as unknown.
23. The key date of an assessment is requested_at, so one requested before history_start and
    delivered after it is absent.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise

from .landing import Landing, Row

HISTORY_START = datetime(2015, 1, 1)
SLA_DAYS = {"critical": 7, "high": 30, "medium": 90, "low": 180}
TIER_WEIGHTS = {"high": 5.0, "medium": 3.0, "low": 1.0}
EVENT_ORDER = (
    "severity_changed",
    "accepted",
    "disputed",
    "dispute_rejected",
    "false_positive",
    "risk_accepted",
    "risk_acceptance_expired",
    "remediation_claimed",
    "retest_failed",
    "retest_passed",
    "reopened",
)
VERDICTS = {
    "accepted": "accepted",
    "dispute_rejected": "accepted",
    "risk_accepted": "accepted",
    "remediation_claimed": "accepted",
    "disputed": "disputed",
    "false_positive": "false positive",
}
KEY_DATES = {
    "assessments": "requested_at",
    "findings": "reported_at",
    "finding_events": "event_at",
    "deployments": "deployed_at",
    "input_vectors": "identified_at",
    "regression_tests": "added_at",
    "scans": "started_at",
    "effort": "worked_on",
    "costs": "incurred_on",
    "incidents": "occurred_at",
    "team_capacity": "month",
    "attempts": "attempted_at",
    "control_evidence": "evidenced_on",
}
PLANS = ("planned_start_at", "expires_at")
Keys = dict[str, str | None]


# --- calendar ---------------------------------------------------------------------------------


@lru_cache(maxsize=100_000)
def add_months(instant: datetime, months: int) -> datetime:
    """Return the same day and time some months away, or the last day of a shorter month."""
    index = instant.year * 12 + instant.month - 1 + months
    year, month = divmod(index, 12)
    following = datetime(year + (month == 11), (month + 1) % 12 + 1, 1)
    last_day = (following - timedelta(days=1)).day
    return instant.replace(year=year, month=month + 1, day=min(instant.day, last_day))


def month_of(day: date) -> datetime:
    return datetime(day.year, day.month, 1)


def elapsed_days(start: datetime, end: datetime) -> float:
    return (end - start).total_seconds() / 86_400


# --- the world as known at as_of --------------------------------------------------------------


@dataclass
class Finding:
    """A countable finding with its events in order."""

    row: Row
    events: list[Row] = field(default_factory=list)
    keys: Keys = field(default_factory=dict)

    @property
    def finding_id(self) -> str:
        return str(self.row["finding_id"])

    @property
    def system_id(self) -> str:
        return str(self.row["system_id"])

    @property
    def severity(self) -> str:
        return str(self.row["severity"])

    @property
    def vulnerability_class(self) -> str:
        return str(self.row["vulnerability_class"])

    @property
    def reported_at(self) -> datetime:
        instant: datetime = self.row["reported_at"]
        return instant

    @property
    def due_at(self) -> datetime:
        return self.reported_at + timedelta(days=SLA_DAYS[self.severity])

    def events_before(self, instant: datetime) -> list[Row]:
        return [event for event in self.events if event["event_at"] < instant]

    def verdict(self, instant: datetime) -> str:
        """Return the verdict by what had happened before an instant."""
        verdict = "undecided"
        for event in self.events_before(instant):
            verdict = VERDICTS.get(event["event_type"], verdict)
        return verdict

    def confirmed_fix(self, instant: datetime) -> datetime | None:
        """Return the confirmed fix by what had happened before an instant."""
        fix: datetime | None = None
        risk_accepted = False
        for event in self.events_before(instant):
            kind = event["event_type"]
            if kind in ("reopened", "retest_failed", "remediation_claimed"):
                fix = None
            elif kind == "retest_passed" and fix is None:
                fix = event["event_at"]
            elif kind in ("risk_accepted", "risk_acceptance_expired"):
                risk_accepted = kind == "risk_accepted"
        if risk_accepted or self.verdict(instant) == "false positive":
            return None
        return fix

    def claims(self) -> Iterator[tuple[Row, Row | None]]:
        """Each remediation claim with the retest that verifies it."""
        for index, event in enumerate(self.events):
            if event["event_type"] != "remediation_claimed":
                continue
            verifying = None
            for later in self.events[index + 1 :]:
                if later["event_type"] == "remediation_claimed":
                    break
                if later["event_type"] in ("retest_passed", "retest_failed"):
                    verifying = later
                    break
            yield event, verifying


@dataclass(slots=True)
class Observation:
    """One thing counted. A side that is None says nothing about that side."""

    metric_id: str
    observed_on: date
    entity_type: str
    entity_id: str
    keys: Keys
    numerator: float | None
    denominator: float | None
    sample_size: int = 1
    is_immature: bool = False
    cluster: tuple[str, ...] | None = None


class World:
    """What exists for a build: rows on the right side of as_of and history_start."""

    def __init__(self, landing: Landing, as_of: date) -> None:
        self.as_of = as_of
        self.cutoff = datetime(as_of.year, as_of.month, as_of.day) + timedelta(days=1)
        self.missing = landing.missing
        self.tables = {
            register: [self.known(row) for row in rows if self.exists(register, row)]
            for register, rows in landing.registers.items()
        }
        self.systems = {str(row["system_id"]): row for row in self.tables.get("systems", [])}
        self.assessments = {
            str(row["assessment_id"]): row for row in self.tables.get("assessments", [])
        }
        self.findings = self.read_findings()
        self.attempts = self.read_attempts(landing)

    def exists(self, register: str, row: Row) -> bool:
        """Whether the key date of a row, where its register has one, can be counted."""
        if register not in KEY_DATES:
            return True
        instant: datetime = row[KEY_DATES[register]]
        return HISTORY_START <= instant < self.cutoff

    def known(self, row: Row) -> Row:
        """Return a row in which what lies after as_of is null, plans excepted."""
        return {
            column: None
            if isinstance(value, datetime) and value >= self.cutoff and column not in PLANS
            else value
            for column, value in row.items()
        }

    def read_findings(self) -> list[Finding]:
        findings = {
            str(row["finding_id"]): Finding(row)
            for row in self.tables.get("findings", [])
            if row["duplicate_of"] is None and row["severity"] != "informational"
        }
        for event in self.tables.get("finding_events", []):
            finding = findings.get(event["finding_id"])
            if finding:
                finding.events.append(event)
        for finding in findings.values():
            finding.events.sort(
                key=lambda event: (event["event_at"], EVENT_ORDER.index(event["event_type"]))
            )
        return sorted(findings.values(), key=lambda finding: finding.finding_id)

    def read_attempts(self, landing: Landing) -> list[Row]:
        """Return attempts with a time of their own or of their run."""
        started: dict[str, datetime] = {}
        for row in landing.attempts:
            if row["attempted_at"] is not None:
                earliest = started.get(row["run_id"], row["attempted_at"])
                started[row["run_id"]] = min(earliest, row["attempted_at"])
        timed = []
        for row in landing.attempts:
            instant = row["attempted_at"] or started.get(row["run_id"])
            if instant is not None and HISTORY_START <= instant < self.cutoff:
                timed.append({**row, "counted_at": instant})
        return timed

    def rows(self, register: str) -> list[Row]:
        return self.tables.get(register, [])

    def month_ends(self, since: datetime) -> Iterator[datetime]:
        """T of each month from the month of an instant to the month of as_of."""
        month = month_of(max(since, HISTORY_START))
        while month < self.cutoff:
            month = add_months(month, 1)
            yield min(month, self.cutoff)

    def in_production(self, system: Row, instant: datetime) -> bool:
        since, until = system["in_production_from"], system["retired_at"]
        return since is not None and since < instant and (until is None or until >= instant)

    def systems_in_production(self) -> Iterator[tuple[datetime, str]]:
        """(T, system) for each month and each system in production at its T."""
        for system_id, system in sorted(self.systems.items()):
            if system["in_production_from"] is not None:
                for instant in self.month_ends(system["in_production_from"]):
                    if self.in_production(system, instant):
                        yield instant, system_id

    def delivered(self) -> list[Row]:
        return [
            row
            for row in self.rows("assessments")
            if row["report_delivered_at"] is not None and row["cancelled_at"] is None
        ]

    # Segment keys

    @lru_cache(maxsize=100_000)  # noqa: B019  a world lives as long as one comparison
    def system_keys(self, system_id: str | None) -> Keys:
        system = self.systems.get(system_id or "", {})
        keys: Keys = {
            name: system.get(name) or "unknown"
            for name in ("risk_tier", "provider", "owner_team", "business_unit")
        }
        keys["system"] = system_id if system else "unknown"
        return keys

    def finding_keys(self, finding: Finding) -> Keys:
        if not finding.keys:
            finding.keys = {
                **self.system_keys(finding.system_id),
                "severity": finding.severity,
                "detection_source": finding.row["detection_source"] or "unknown",
                "vulnerability_class": finding.vulnerability_class,
                "technique": finding.row["technique_id"] or "unknown",
                "tool": finding.row["tool"] or "unknown",
            }
        return finding.keys

    def assessment_keys(self, assessment: Row) -> Keys:
        return {
            **self.system_keys(assessment["system_id"]),
            "assessment_tier": assessment["tier"],
        }


Observations = Iterator[Observation]


def day_before(instant: datetime) -> date:
    return (instant - timedelta(days=1)).date()


# --- coverage ---------------------------------------------------------------------------------


def tested_systems(world: World) -> Iterator[tuple[datetime, str, bool]]:
    deliveries = defaultdict(list)
    for assessment in world.delivered():
        deliveries[assessment["system_id"]].append(assessment["report_delivered_at"])
    for instant, system_id in world.systems_in_production():
        window = add_months(instant, -12)
        tested = any(window <= delivered < instant for delivered in deliveries[system_id])
        yield instant, system_id, tested


def system_test_coverage_rate(world: World, metric: str) -> Observations:
    for instant, system_id, tested in tested_systems(world):
        yield Observation(
            metric,
            day_before(instant),
            "system",
            system_id,
            world.system_keys(system_id),
            float(tested),
            1.0,
        )


def system_test_coverage_rate_risk_weighted(world: World, metric: str) -> Observations:
    for instant, system_id, tested in tested_systems(world):
        weight = TIER_WEIGHTS[world.systems[system_id]["risk_tier"]]
        yield Observation(
            metric,
            day_before(instant),
            "system",
            system_id,
            world.system_keys(system_id),
            weight if tested else 0.0,
            weight,
        )


def pre_deployment_test_rate(world: World, metric: str) -> Observations:
    reports = defaultdict(list)
    for assessment in world.delivered():
        reports[assessment["deployment_id"]].append(assessment["report_delivered_at"])
    for deployment in world.rows("deployments"):
        if deployment["deployment_type"] in ("new_system", "major_update"):
            deployed_at = deployment["deployed_at"]
            tested = any(at <= deployed_at for at in reports[deployment["deployment_id"]])
            yield Observation(
                metric,
                deployed_at.date(),
                "deployment",
                deployment["deployment_id"],
                world.system_keys(deployment["system_id"]),
                float(tested),
                1.0,
            )


def technique_coverage_rate(world: World, metric: str) -> Observations:
    delivered = {row["assessment_id"]: row for row in world.delivered()}
    for row in world.rows("assessment_techniques"):
        assessment = delivered.get(row["assessment_id"])
        if assessment and row["is_applicable"]:
            keys = world.assessment_keys(assessment)
            keys["technique"] = row["technique_id"]
            keys["tier_and_risk"] = f"{keys['assessment_tier']}/{keys['risk_tier']}"
            yield Observation(
                metric,
                assessment["report_delivered_at"].date(),
                "assessment_technique",
                f"{row['assessment_id']}/{row['technique_id']}",
                keys,
                float(row["is_tested"]),
                1.0,
            )


def input_vector_coverage_rate(world: World, metric: str) -> Observations:
    delivered = {row["assessment_id"]: row["report_delivered_at"] for row in world.delivered()}
    tested = defaultdict(list)
    for row in world.rows("assessment_input_vectors"):
        instant = row["tested_at"] or delivered.get(row["assessment_id"])
        if instant is not None:
            tested[row["input_vector_id"]].append(instant)
    for vector in world.rows("input_vectors"):
        system = world.systems[vector["system_id"]]
        for instant in world.month_ends(vector["identified_at"]):
            removed = vector["removed_at"]
            if (
                world.in_production(system, instant)
                and vector["identified_at"] < instant
                and (removed is None or removed >= instant)
            ):
                window = add_months(instant, -12)
                covered = any(window <= at < instant for at in tested[vector["input_vector_id"]])
                yield Observation(
                    metric,
                    day_before(instant),
                    "input_vector",
                    vector["input_vector_id"],
                    world.system_keys(vector["system_id"]),
                    float(covered),
                    1.0,
                )


def automated_scan_frequency(world: World, metric: str) -> Observations:
    scans: dict[str, list[datetime]] = defaultdict(list)
    for scan in world.rows("scans"):
        if scan["status"] == "completed":
            scans[scan["system_id"]].append(scan["started_at"])
    for system_id, system in sorted(world.systems.items()):
        since, until = system["in_production_from"], system["retired_at"]
        if since is None or system["risk_tier"] not in ("high", "medium"):
            continue
        first = datetime(since.year, since.month, since.day)
        length = timedelta(days=1)
        if system["risk_tier"] == "medium":
            first -= timedelta(days=first.weekday())
            length = timedelta(days=7)
        slots: dict[datetime, bool] = defaultdict(bool)
        for started in scans[system_id]:
            slots[first + (started - first) // length * length] = True
        start = first
        while start + length <= world.cutoff:
            end = start + length
            due = since <= start and (until is None or until >= end)
            if due and end > HISTORY_START:
                yield Observation(
                    metric,
                    day_before(end),
                    "scan_slot",
                    f"{system_id}/{start.date()}",
                    world.system_keys(system_id),
                    float(slots[start]),
                    1.0,
                )
            start = end


def regression_test_coverage_rate(world: World, metric: str) -> Observations:
    tests = defaultdict(list)
    for test in world.rows("regression_tests"):
        tests[test["finding_id"]].append(test)
    for finding in world.findings:
        for instant in world.month_ends(finding.reported_at):
            if finding.confirmed_fix(instant) is not None:
                guarded = any(
                    test["added_at"] < instant
                    and (test["removed_at"] is None or test["removed_at"] >= instant)
                    for test in tests[finding.finding_id]
                )
                yield Observation(
                    metric,
                    day_before(instant),
                    "finding",
                    finding.finding_id,
                    world.finding_keys(finding),
                    float(guarded),
                    1.0,
                )


# --- findings by the day they were reported -----------------------------------------------------


def reported(
    world: World,
    metric: str,
    finding: Finding,
    numerator: bool,
    *,
    on: datetime | None = None,
    is_immature: bool = False,
) -> Observation:
    """One finding of a percent metric."""
    return Observation(
        metric,
        (on or finding.reported_at).date(),
        "finding",
        finding.finding_id,
        world.finding_keys(finding),
        float(numerator),
        1.0,
        is_immature=is_immature,
    )


def critical_high_finding_rate(world: World, metric: str) -> Observations:
    for finding in world.findings:
        yield reported(world, metric, finding, finding.severity in ("critical", "high"))


def finding_acceptance_rate(world: World, metric: str) -> Observations:
    for finding in world.findings:
        verdict = finding.verdict(world.cutoff)
        yield reported(
            world, metric, finding, verdict == "accepted", is_immature=verdict == "undecided"
        )


def finding_dispute_rate(world: World, metric: str) -> Observations:
    for finding in world.findings:
        yield reported(world, metric, finding, finding.verdict(world.cutoff) == "disputed")


def finding_decided_acceptance_rate(world: World, metric: str) -> Observations:
    for finding in world.findings:
        verdict = finding.verdict(world.cutoff)
        if verdict in ("accepted", "false positive"):
            yield reported(world, metric, finding, verdict == "accepted")


def false_positive_rate(world: World, metric: str) -> Observations:
    for finding in world.findings:
        yield reported(world, metric, finding, finding.verdict(world.cutoff) == "false positive")


def novel_finding_rate(world: World, metric: str) -> Observations:
    seen: set[str] = set()
    for finding in sorted(world.findings, key=lambda one: (one.reported_at, one.finding_id)):
        if finding.vulnerability_class != "unknown":
            yield reported(world, metric, finding, finding.vulnerability_class not in seen)
            seen.add(finding.vulnerability_class)


def confirmed_exploitability_rate(world: World, metric: str) -> Observations:
    for finding in world.findings:
        if finding.row["impact_claimed"]:
            yield reported(world, metric, finding, bool(finding.row["impact_confirmed"]))


# --- efficiency -------------------------------------------------------------------------------


def assessment_throughput(world: World, metric: str) -> Observations:
    for assessment in world.delivered():
        yield Observation(
            metric,
            assessment["report_delivered_at"].date(),
            "assessment",
            assessment["assessment_id"],
            world.assessment_keys(assessment),
            1.0,
            None,
        )
    for capacity in world.rows("team_capacity"):
        yield Observation(
            metric,
            capacity["month"].date(),
            "capacity_month",
            str(capacity["month"].date()),
            {},
            0.0,
            capacity["fte_testers"] / 3,
            sample_size=0,
        )


def time_to_assessment(world: World, metric: str) -> Observations:
    for assessment in world.delivered():
        delivered_at = assessment["report_delivered_at"]
        yield Observation(
            metric,
            delivered_at.date(),
            "assessment",
            assessment["assessment_id"],
            world.assessment_keys(assessment),
            elapsed_days(assessment["requested_at"], delivered_at),
            1.0,
        )


def automation_ratio(world: World, metric: str) -> Observations:
    for effort in world.rows("effort"):
        assessment = world.assessments.get(effort["assessment_id"] or "")
        if assessment:
            keys = world.assessment_keys(assessment)
        else:
            keys = {**world.system_keys(None), "assessment_tier": "unknown"}
        yield Observation(
            metric,
            effort["worked_on"].date(),
            "effort",
            effort["effort_id"],
            keys,
            effort["hours"] if effort["mode"] == "automated" else 0.0,
            effort["hours"],
        )


def program_costs(world: World, metric: str) -> Observations:
    for cost in world.rows("costs"):
        yield Observation(
            metric,
            cost["incurred_on"].date(),
            "cost",
            cost["cost_id"],
            {},
            cost["reported_amount"],
            None,
            sample_size=0,
        )


def cost_per_assessment(world: World, metric: str) -> Observations:
    yield from program_costs(world, metric)
    for assessment in world.delivered():
        yield Observation(
            metric,
            assessment["report_delivered_at"].date(),
            "assessment",
            assessment["assessment_id"],
            {},
            None,
            1.0,
        )


def cost_per_finding(world: World, metric: str) -> Observations:
    yield from program_costs(world, metric)
    for finding in world.findings:
        if finding.verdict(world.cutoff) == "accepted":
            yield Observation(
                metric,
                finding.reported_at.date(),
                "finding",
                finding.finding_id,
                {},
                None,
                1.0,
            )


# --- impact -----------------------------------------------------------------------------------


def mean_time_to_remediate(world: World, metric: str) -> Observations:
    for finding in world.findings:
        fix = finding.confirmed_fix(world.cutoff)
        if fix is not None and finding.verdict(world.cutoff) != "false positive":
            yield Observation(
                metric,
                fix.date(),
                "finding",
                finding.finding_id,
                world.finding_keys(finding),
                elapsed_days(finding.reported_at, fix),
                1.0,
            )


def fixed_in_time(world: World, finding: Finding) -> bool:
    fix = finding.confirmed_fix(world.cutoff)
    return fix is not None and fix <= finding.due_at


def remediation_completion_rate(world: World, metric: str) -> Observations:
    for finding in world.findings:
        if finding.verdict(world.cutoff) != "false positive":
            yield reported(
                world,
                metric,
                finding,
                fixed_in_time(world, finding),
                is_immature=finding.due_at >= world.cutoff,
            )


def remediation_sla_attainment_rate(world: World, metric: str) -> Observations:
    for finding in world.findings:
        if finding.verdict(world.cutoff) != "false positive" and finding.due_at < world.cutoff:
            on = finding.due_at
            yield reported(world, metric, finding, fixed_in_time(world, finding), on=on)


def remediation_verification_rate(world: World, metric: str) -> Observations:
    for finding in world.findings:
        for claim, verifying in finding.claims():
            yield Observation(
                metric,
                claim["event_at"].date(),
                "claim",
                f"{finding.finding_id}/{claim['event_at'].isoformat()}",
                world.finding_keys(finding),
                float(verifying is not None),
                1.0,
            )


def fix_effectiveness_rate(world: World, metric: str) -> Observations:
    for finding in world.findings:
        for claim, verifying in finding.claims():
            if verifying is not None:
                yield Observation(
                    metric,
                    verifying["event_at"].date(),
                    "claim",
                    f"{finding.finding_id}/{claim['event_at'].isoformat()}",
                    world.finding_keys(finding),
                    float(verifying["event_type"] == "retest_passed"),
                    1.0,
                )


def time_to_claimed_fix(world: World, metric: str) -> Observations:
    for finding in world.findings:
        claims = [claim["event_at"] for claim, _ in finding.claims()]
        if claims and finding.verdict(world.cutoff) != "false positive":
            yield Observation(
                metric,
                max(claims).date(),
                "finding",
                finding.finding_id,
                world.finding_keys(finding),
                elapsed_days(finding.reported_at, max(claims)),
                1.0,
            )


def reopen_rate(world: World, metric: str) -> Observations:
    ninety_days = timedelta(days=90)
    for finding in world.findings:
        for index, event in enumerate(finding.events):
            passed_at = event["event_at"]
            if event["event_type"] == "retest_passed" and passed_at <= world.cutoff - ninety_days:
                reopened = any(
                    later["event_type"] == "reopened"
                    and later["event_at"] <= passed_at + ninety_days
                    for later in finding.events[index + 1 :]
                )
                yield Observation(
                    metric,
                    passed_at.date(),
                    "retest",
                    f"{finding.finding_id}/{passed_at.isoformat()}",
                    world.finding_keys(finding),
                    float(reopened),
                    1.0,
                )


def open_overdue_findings(world: World, metric: str) -> Observations:
    for finding in world.findings:
        for instant in world.month_ends(finding.reported_at):
            if (
                finding.reported_at < instant
                and finding.confirmed_fix(instant) is None
                and finding.verdict(instant) != "false positive"
            ):
                yield Observation(
                    metric,
                    day_before(instant),
                    "finding",
                    finding.finding_id,
                    world.finding_keys(finding),
                    float(finding.due_at < instant),
                    None,
                )


def vulnerability_density(world: World, metric: str) -> Observations:
    for finding in world.findings:
        if finding.verdict(world.cutoff) != "false positive":
            yield Observation(
                metric,
                finding.reported_at.date(),
                "finding",
                finding.finding_id,
                world.finding_keys(finding),
                1.0,
                None,
            )
    for instant, system_id in world.systems_in_production():
        yield Observation(
            metric,
            day_before(instant),
            "system_month",
            f"{system_id}/{day_before(instant)}",
            world.system_keys(system_id),
            0.0,
            1 / 3,
            sample_size=0,
        )


def new_pairs(world: World) -> Iterator[tuple[Finding, Iterator[Finding]]]:
    """Return each new system's first finding of a class, with the findings of the others."""
    by_class: dict[str, list[Finding]] = defaultdict(list)
    for finding in world.findings:
        if (
            finding.vulnerability_class != "unknown"
            and finding.verdict(world.cutoff) != "false positive"
        ):
            by_class[finding.vulnerability_class].append(finding)
    for findings in by_class.values():
        firsts: dict[str, Finding] = {}
        for finding in sorted(findings, key=lambda one: (one.reported_at, one.finding_id)):
            firsts.setdefault(finding.system_id, finding)
        for system_id, first in firsts.items():
            system = world.systems[system_id]
            known = [
                instant
                for instant in (system["onboarded_at"], system["in_production_from"])
                if instant is not None
            ]
            if known and first.reported_at < add_months(min(known), 12):
                yield first, found_elsewhere(findings, system_id)


def found_elsewhere(findings: list[Finding], system_id: str) -> Iterator[Finding]:
    return (finding for finding in findings if finding.system_id != system_id)


def recurrence_rate(world: World, metric: str) -> Observations:
    for first, others in new_pairs(world):
        found = any(other.reported_at < first.reported_at for other in others)
        yield pair(world, metric, first, found)


def remediated_recurrence_rate(world: World, metric: str) -> Observations:
    fixed_at = {one.finding_id: one.confirmed_fix(world.cutoff) for one in world.findings}
    for first, others in new_pairs(world):
        fixes = (fixed_at[other.finding_id] for other in others)
        fixed = any(fix is not None and fix < first.reported_at for fix in fixes)
        yield pair(world, metric, first, fixed)


def pair(world: World, metric: str, first: Finding, numerator: bool) -> Observation:
    return Observation(
        metric,
        first.reported_at.date(),
        "system_class",
        f"{first.system_id}/{first.vulnerability_class}",
        world.finding_keys(first),
        float(numerator),
        1.0,
    )


def production_incident_correlation(world: World, metric: str) -> Observations:
    found: dict[str, datetime] = {}
    for finding in world.findings:
        if finding.verdict(world.cutoff) != "false positive":
            earliest = found.get(finding.vulnerability_class, finding.reported_at)
            found[finding.vulnerability_class] = min(earliest, finding.reported_at)
    for incident in world.rows("incidents"):
        known_class = incident["vulnerability_class"]
        if known_class != "unknown":
            occurred_at = incident["occurred_at"]
            yield Observation(
                metric,
                occurred_at.date(),
                "incident",
                incident["incident_id"],
                {
                    **world.system_keys(incident["system_id"]),
                    "severity": incident["severity"] or "unknown",
                    "vulnerability_class": known_class,
                },
                float(known_class in found and found[known_class] < occurred_at),
                1.0,
            )


# --- attempts and scans -----------------------------------------------------------------------


def attempts(world: World, metric: str, is_control: bool) -> Observations:
    for attempt in world.attempts:
        if attempt["is_control"] == is_control and attempt["outcome"] in ("success", "resisted"):
            system = world.system_keys(attempt["system_id"])
            cluster = (
                ("prompt", str(system["system"]), str(attempt["prompt_id"]))
                if attempt["prompt_id"] is not None
                else ("attack", attempt["run_id"], attempt["attack"])
            )
            yield Observation(
                metric,
                attempt["counted_at"].date(),
                "attack_result",
                f"{attempt['run_id']}/{attempt['attack']}",
                {
                    **system,
                    "vulnerability_class": attempt["vulnerability_class"] or "unknown",
                    "technique": attempt["technique_id"] or "unknown",
                    "tool": attempt["tool"] or "unknown",
                },
                float(attempt["outcome"] == "success"),
                1.0,
                cluster=cluster,
            )


def attack_success_rate(world: World, metric: str) -> Observations:
    return attempts(world, metric, is_control=False)


def over_refusal_rate(world: World, metric: str) -> Observations:
    return attempts(world, metric, is_control=True)


def scan_interval_days(world: World, metric: str) -> Observations:
    scans: dict[str, list[Row]] = defaultdict(list)
    for scan in world.rows("scans"):
        if scan["status"] == "completed":
            scans[scan["system_id"]].append(scan)
    for system_id, mine in scans.items():
        mine.sort(key=lambda scan: (scan["started_at"], scan["scan_id"]))
        for earlier, later in pairwise(mine):
            yield Observation(
                metric,
                later["started_at"].date(),
                "scan",
                later["scan_id"],
                {**world.system_keys(system_id), "tool": later["tool"] or "unknown"},
                elapsed_days(earlier["started_at"], later["started_at"]),
                1.0,
            )


# --- the catalogue ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Metric:
    """How a metric is rolled up: kind is percent, days, quotient or count."""

    observe: Callable[[World, str], Observations]
    kind: str
    measures: str
    needs: tuple[str, ...]
    unit: str
    interval: str = ""


def percent(
    observe: Callable[[World, str], Observations],
    *needs: str,
    measures: str = "flow",
    interval: str = "",
) -> Metric:
    return Metric(observe, "percent", measures, ("systems", *needs), "percent", interval)


def days(observe: Callable[[World, str], Observations], *needs: str) -> Metric:
    return Metric(observe, "days", "flow", ("systems", *needs), "days")


def quotient(observe: Callable[[World, str], Observations], unit: str, *needs: str) -> Metric:
    return Metric(observe, "quotient", "flow", ("systems", *needs), unit)


JUDGED = ("findings", "finding_events")
METRICS: dict[str, Metric] = {
    "system_test_coverage_rate": percent(
        system_test_coverage_rate, "assessments", measures="stock"
    ),
    "pre_deployment_test_rate": percent(pre_deployment_test_rate, "deployments", "assessments"),
    "technique_coverage_rate": percent(
        technique_coverage_rate, "assessments", "assessment_techniques"
    ),
    "input_vector_coverage_rate": percent(
        input_vector_coverage_rate,
        "input_vectors",
        "assessments",
        "assessment_input_vectors",
        measures="stock",
    ),
    "automated_scan_frequency": percent(automated_scan_frequency, "scans"),
    "regression_test_coverage_rate": percent(
        regression_test_coverage_rate, *JUDGED, "regression_tests", measures="stock"
    ),
    "critical_high_finding_rate": percent(
        critical_high_finding_rate, "findings", interval="wilson"
    ),
    "finding_acceptance_rate": percent(finding_acceptance_rate, *JUDGED, interval="wilson"),
    "novel_finding_rate": percent(novel_finding_rate, "findings", interval="wilson"),
    "confirmed_exploitability_rate": percent(
        confirmed_exploitability_rate, "findings", interval="wilson"
    ),
    "false_positive_rate": percent(false_positive_rate, *JUDGED, interval="wilson"),
    "assessment_throughput": quotient(
        assessment_throughput, "per_fte_quarter", "assessments", "team_capacity"
    ),
    "time_to_assessment": days(time_to_assessment, "assessments"),
    "automation_ratio": percent(automation_ratio, "effort"),
    "cost_per_assessment": quotient(cost_per_assessment, "currency", "costs", "assessments"),
    "cost_per_finding": quotient(cost_per_finding, "currency", "costs", *JUDGED),
    "mean_time_to_remediate": days(mean_time_to_remediate, *JUDGED),
    "remediation_completion_rate": percent(remediation_completion_rate, *JUDGED, interval="wilson"),
    "remediation_verification_rate": percent(
        remediation_verification_rate, *JUDGED, interval="wilson"
    ),
    "fix_effectiveness_rate": percent(fix_effectiveness_rate, *JUDGED, interval="wilson"),
    "vulnerability_density": quotient(vulnerability_density, "per_system_quarter", "findings"),
    "recurrence_rate": percent(recurrence_rate, "findings", interval="wilson"),
    "production_incident_correlation": percent(
        production_incident_correlation, "incidents", "findings", interval="wilson"
    ),
    "attack_success_rate": percent(attack_success_rate, "attempts", interval="clustered"),
    "system_test_coverage_rate_risk_weighted": percent(
        system_test_coverage_rate_risk_weighted, "assessments", measures="stock"
    ),
    "remediation_sla_attainment_rate": percent(
        remediation_sla_attainment_rate, *JUDGED, interval="wilson"
    ),
    "finding_dispute_rate": percent(finding_dispute_rate, *JUDGED, interval="wilson"),
    "finding_decided_acceptance_rate": percent(
        finding_decided_acceptance_rate, *JUDGED, interval="wilson"
    ),
    "reopen_rate": percent(reopen_rate, *JUDGED, interval="wilson"),
    "open_overdue_findings": Metric(
        open_overdue_findings, "count", "stock", ("systems", *JUDGED), "count"
    ),
    "scan_interval_days": days(scan_interval_days, "scans"),
    "over_refusal_rate": percent(over_refusal_rate, "attempts", interval="clustered"),
    "time_to_claimed_fix": days(time_to_claimed_fix, *JUDGED),
    "remediated_recurrence_rate": percent(remediated_recurrence_rate, *JUDGED, interval="wilson"),
}


def observe(world: World, metric_id: str) -> list[Observation]:
    """Return the observations of a metric; none where a register it needs is missing."""
    metric = METRICS[metric_id]
    if any(register in world.missing for register in metric.needs):
        return []
    return list(metric.observe(world, metric_id))
