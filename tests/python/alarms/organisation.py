"""A small organisation, month by month, written as a landing folder."""

from __future__ import annotations

import csv
import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

AS_OF = dt.date(2026, 3, 10)
"""The latest complete month is February, the latest complete quarter the last one of 2025."""

JANUARY = dt.datetime(2026, 1, 1)
FEBRUARY = dt.datetime(2026, 2, 1)
# The latest months whose fixes had their 90 days to be reopened.
OCTOBER = dt.datetime(2025, 10, 1)
NOVEMBER = dt.datetime(2025, 11, 1)

Row = dict[str, object]


def days(number: float) -> dt.timedelta:
    return dt.timedelta(days=number)


def spread(month: dt.datetime, number: int) -> list[dt.datetime]:
    """So many moments, evenly over the first ten days of a month."""
    return [month + days(10 * place / number) for place in range(number)]


class Organisation:
    """Rows by register; every method adds the rows of one kind of event."""

    def __init__(self, systems: int = 1, risk_tier: str = "low") -> None:
        self.rows: dict[str, list[Row]] = defaultdict(list)
        self.made = 0
        self.system_ids = [self.system(risk_tier, dt.datetime(2024, 1, 1)) for _ in range(systems)]

    def name(self, kind: str) -> str:
        self.made += 1
        return f"{kind}-{self.made:05}"

    def add(self, register: str, **row: object) -> None:
        self.rows[register].append(row)

    def system(self, risk_tier: str, since: dt.datetime) -> str:
        system_id = self.name("system")
        self.add(
            "systems",
            system_id=system_id,
            system_name=system_id,
            risk_tier=risk_tier,
            provider="internal",
            onboarded_at=since,
            in_production_from=since,
        )
        return system_id

    def assessments(
        self,
        month: dt.datetime,
        number: int,
        *,
        tier: str = "standard",
        lasting: float = 20,
        systems: Sequence[str] = (),
        deployments: Sequence[str] = (),
    ) -> list[str]:
        """Assessments delivered in a month, each after `lasting` days, give or take two."""
        made = []
        for place, moment in enumerate(spread(month, number)):
            assessment_id = self.name("assessment")
            self.add(
                "assessments",
                assessment_id=assessment_id,
                system_id=(systems or self.system_ids)[place % len(systems or self.system_ids)],
                tier=tier,
                requested_at=moment - days(lasting + place % 5 - 2),
                report_delivered_at=moment,
                deployment_id=deployments[place] if deployments else None,
            )
            made.append(assessment_id)
        return made

    def techniques(
        self, assessments: Iterable[str], tested: int, untested: int = 0, inapplicable: int = 0
    ) -> None:
        """Techniques of each assessment."""
        for assessment_id in assessments:
            for place in range(tested + untested + inapplicable):
                self.add(
                    "assessment_techniques",
                    assessment_id=assessment_id,
                    technique_id=f"technique-{place}",
                    is_applicable=place < tested + untested,
                    is_tested=place < tested,
                )

    def runs(self, assessments: Iterable[str], tested: int, attempts: int) -> None:
        """One run for each assessment, with so many attempts for each tested technique."""
        for assessment_id in assessments:
            run_id = self.name("run")
            self.add("assessment_runs", assessment_id=assessment_id, run_id=run_id)
            for technique in range(tested):
                for prompt in range(attempts):
                    self.attempt(
                        run_id,
                        JANUARY - days(90),
                        f"prompt-{prompt}",
                        "resisted",
                        technique_id=f"technique-{technique}",
                    )

    def attempt(
        self, run_id: str, moment: dt.datetime, prompt_id: str, outcome: str, **more: object
    ) -> None:
        self.add(
            "attempts",
            run_id=run_id,
            target_name="target",
            attack=more.pop("attack", "attack"),
            outcome=outcome,
            attempted_at=moment,
            prompt_id=prompt_id,
            **more,
        )

    def attack(
        self,
        month: dt.datetime,
        prompts: Sequence[str],
        *,
        is_control: bool = False,
    ) -> None:
        """One run; a prompt is the outcomes of its tries, s, r, u and e."""
        outcomes = {"s": "success", "r": "resisted", "u": "undetermined", "e": "error"}
        run_id = self.name("run")
        for place, tries in enumerate(prompts):
            for letter in tries:
                self.attempt(
                    run_id,
                    month + days(3),
                    f"prompt-{place}",
                    outcomes[letter],
                    attack="benign" if is_control else "attack",
                    is_control=is_control,
                )

    def vectors(self, number: int, since: dt.datetime) -> list[str]:
        made = [self.name("vector") for _ in range(number)]
        for vector_id in made:
            self.add(
                "input_vectors",
                input_vector_id=vector_id,
                system_id=self.system_ids[0],
                vector_type="other",
                identified_at=since,
            )
        return made

    def test_vectors(self, assessment_id: str, vectors: Iterable[str]) -> None:
        for vector_id in vectors:
            self.add(
                "assessment_input_vectors", assessment_id=assessment_id, input_vector_id=vector_id
            )

    def deployments(self, month: dt.datetime, tested: int, untested: int) -> None:
        made = []
        for moment in spread(month, tested + untested):
            deployment_id = self.name("deployment")
            self.add(
                "deployments",
                deployment_id=deployment_id,
                system_id=self.system_ids[0],
                deployment_type="major_update",
                deployed_at=moment,
            )
            made.append(deployment_id)
        self.assessments(month - days(40), tested, deployments=made[:tested])

    def scans(self, month: dt.datetime, completed: int, failed: int) -> None:
        """One completed scan a day, then failures of the first day."""
        for place in range(completed + failed):
            self.add(
                "scans",
                scan_id=self.name("scan"),
                system_id=self.system_ids[0],
                started_at=month + days(place if place < completed else 0.5),
                status="completed" if place < completed else "failed",
            )

    def findings(
        self,
        month: dt.datetime,
        number: int,
        *events: tuple[str, float],
        severity: str = "medium",
        vulnerability_class: str = "known",
        lowered_to: str = "low",
        system: str = "",
        **more: object,
    ) -> list[str]:
        """Add findings reported in a month, each with events so many days after its report."""
        made = []
        for place, moment in enumerate(spread(month, number)):
            finding_id = self.name("finding")
            self.add(
                "findings",
                finding_id=finding_id,
                system_id=system or self.system_ids[0],
                title=finding_id,
                severity=severity,
                vulnerability_class=vulnerability_class.format(place),
                reported_at=moment,
                **more,
            )
            for event_type, after in events:
                self.event(finding_id, event_type, moment + days(after), lowered_to)
            made.append(finding_id)
        return made

    def event(
        self, finding_id: str, event_type: str, moment: dt.datetime, lowered_to: str = "low"
    ) -> None:
        self.add(
            "finding_events",
            finding_id=finding_id,
            event_type=event_type,
            event_at=moment,
            new_severity=lowered_to if event_type == "severity_changed" else None,
        )

    def fixed(
        self, month: dt.datetime, number: int, after: float, *later: tuple[str, float], **more: str
    ) -> list[str]:
        """Add findings whose fix is confirmed in a month.

        That is so many days after the report, give or take two; the confirmation dates what comes
        later.
        """
        made = []
        for place, moment in enumerate(spread(month + days(2), number)):
            reported_at = moment - days(after + place % 5 - 2)
            (finding_id,) = self.findings(reported_at, 1, **more)
            self.event(finding_id, "remediation_claimed", moment - days(1))
            self.event(finding_id, "retest_passed", moment)
            for event_type, days_later in later:
                self.event(finding_id, event_type, moment + days(days_later))
            made.append(finding_id)
        return made

    def regression_tests(
        self, findings: Iterable[str], added_at: dt.datetime, last_run_at: dt.datetime
    ) -> None:
        for place, finding_id in enumerate(findings):
            self.add(
                "regression_tests",
                regression_test_id=self.name("test"),
                finding_id=finding_id,
                added_at=added_at,
                last_run_at=last_run_at + days(place % 3),
            )

    def effort(self, month: dt.datetime, number: int, automated: float) -> None:
        """Entries of two to four hours, a share of them automated."""
        for place, moment in enumerate(spread(month, number)):
            self.add(
                "effort",
                effort_id=self.name("effort"),
                worked_on=moment.date(),
                hours=2 + place % 3,
                mode="automated" if place < automated * number else "manual",
            )

    def costs(self, *months: dt.datetime) -> None:
        for month in months:
            self.add(
                "costs",
                cost_id=self.name("cost"),
                incurred_on=month.date(),
                amount=90000,
                currency="EUR",
            )

    def capacity(self, *months: dt.datetime) -> None:
        for month in months:
            self.add("team_capacity", month=month.date(), fte_testers=3, capacity_hours=400)

    def incidents(self, month: dt.datetime, number: int, vulnerability_class: str) -> None:
        for moment in spread(month, number):
            self.add(
                "incidents",
                incident_id=self.name("incident"),
                system_id=self.system_ids[0],
                occurred_at=moment,
                vulnerability_class=vulnerability_class,
            )

    def write(self, landing: Path) -> Path:
        """Write one CSV per register; targets of attempts belong to the first system."""
        if "attempts" in self.rows:
            self.add(
                "system_aliases",
                source="attempts",
                external_name="target",
                system_id=self.system_ids[0],
            )
        for register, rows in self.rows.items():
            folder = "attempts" if register == "attempts" else "program"
            file = landing / folder / f"{register}.csv"
            file.parent.mkdir(parents=True, exist_ok=True)
            columns = list(dict.fromkeys(column for row in rows for column in row))
            with file.open("w", encoding="utf-8", newline="") as stream:
                writer = csv.DictWriter(stream, columns)
                writer.writeheader()
                for row in rows:
                    writer.writerow({column: as_text(value) for column, value in row.items()})
        return landing


def as_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat(" ") if isinstance(value, dt.datetime) else str(value)
