"""For every metric and companion an organisation that improves the one at the cost of the other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from tests.python.alarms.organisation import (
    FEBRUARY,
    JANUARY,
    NOVEMBER,
    OCTOBER,
    Organisation,
    days,
)

Pair = tuple[str, str]
Story = Callable[[], Organisation]
STORIES: dict[Pair, Story] = {}

YEARS_AGO = dt.datetime(2024, 1, 1)
CLAIMED = ("remediation_claimed", 9.0)
PASSED = ("retest_passed", 10.0)


def story(metric_id: str, companion: str) -> Callable[[Story], Story]:
    def register(function: Story) -> Story:
        STORIES[metric_id, companion] = function
        return function

    return register


@story("system_test_coverage_rate", "technique_coverage_rate")
def shallow_tests_of_more_systems() -> Organisation:
    org = Organisation(systems=40)
    org.techniques(org.assessments(JANUARY, 10, systems=org.system_ids[:10]), 4)
    org.techniques(org.assessments(FEBRUARY, 20, systems=org.system_ids[10:30]), 1, 1)
    return org


@story("system_test_coverage_rate", "input_vector_coverage_rate")
def more_systems_fewer_doors() -> Organisation:
    org = Organisation(systems=40)
    (first, *_) = org.assessments(JANUARY, 10, systems=org.system_ids[:10])
    org.assessments(FEBRUARY, 20, systems=org.system_ids[10:30])
    org.test_vectors(first, org.vectors(10, JANUARY))
    org.vectors(40, FEBRUARY)
    return org


@story("pre_deployment_test_rate", "untested_deployments")
def more_releases_than_anyone_can_test() -> Organisation:
    org = Organisation()
    org.deployments(JANUARY, tested=10, untested=10)
    org.deployments(FEBRUARY, tested=160, untested=40)
    return org


@story("technique_coverage_rate", "not_applicable_share")
def does_not_apply_to_us() -> Organisation:
    org = Organisation()
    org.techniques(org.assessments(JANUARY, 10), 2, 2)
    org.techniques(org.assessments(FEBRUARY, 10), 2, 0, 2)
    return org


@story("technique_coverage_rate", "median_attempts_per_tested_technique")
def one_attempt_is_a_test() -> Organisation:
    org = Organisation()
    before, after = org.assessments(JANUARY, 10), org.assessments(FEBRUARY, 10)
    org.techniques(before, 2, 2)
    org.runs(before, 2, attempts=10)
    org.techniques(after, 4)
    org.runs(after, 4, attempts=1)
    return org


def vectors_get_tested(org: Organisation) -> tuple[list[str], list[str]]:
    vectors = org.vectors(40, JANUARY)
    before, after = org.assessments(JANUARY, 10), org.assessments(FEBRUARY, 10)
    org.test_vectors(before[0], vectors[:10])
    org.test_vectors(after[0], vectors[10:35])
    return before, after


@story("input_vector_coverage_rate", "not_applicable_share")
def more_doors_fewer_techniques() -> Organisation:
    org = Organisation()
    before, after = vectors_get_tested(org)
    org.techniques(before, 2, 2)
    org.techniques(after, 1, 1, 2)
    return org


@story("input_vector_coverage_rate", "median_attempts_per_tested_technique")
def more_doors_fewer_knocks() -> Organisation:
    org = Organisation()
    before, after = vectors_get_tested(org)
    org.techniques([*before, *after], 2, 2)
    org.runs(before, 2, attempts=10)
    org.runs(after, 2, attempts=1)
    return org


@story("automated_scan_frequency", "scan_error_share")
def scans_that_fail() -> Organisation:
    org = Organisation(systems=0)
    org.system_ids.append(org.system("high", JANUARY))
    org.scans(JANUARY, completed=10, failed=0)
    org.scans(FEBRUARY, completed=27, failed=40)
    return org


@story("regression_test_coverage_rate", "days_since_last_regression_run")
def tests_nobody_runs() -> Organisation:
    org = Organisation()
    fixed = org.fixed(dt.datetime(2025, 6, 1), 40, after=10)
    org.regression_tests(fixed[:12], JANUARY, FEBRUARY - days(4))
    org.regression_tests(fixed[12:36], FEBRUARY, FEBRUARY + days(1))
    return org


@story("critical_high_finding_rate", "finding_acceptance_rate")
def severe_and_not_accepted() -> Organisation:
    org = Organisation()
    org.findings(JANUARY, 48, ("accepted", 1))
    org.findings(JANUARY, 2, ("accepted", 1), severity="high")
    org.findings(FEBRUARY, 30, ("accepted", 1))
    org.findings(FEBRUARY, 20, ("disputed", 1), severity="high")
    return org


@story("critical_high_finding_rate", "downgrade_share")
def severe_for_a_week() -> Organisation:
    org = Organisation()
    org.findings(JANUARY, 190, ("accepted", 1))
    org.findings(JANUARY, 10, ("accepted", 1), severity="high")
    org.findings(FEBRUARY, 140, ("accepted", 1))
    org.findings(FEBRUARY, 30, ("accepted", 1), severity="high")
    org.findings(FEBRUARY, 30, ("accepted", 1), ("severity_changed", 2), severity="high")
    return org


@story("finding_acceptance_rate", "finding_dispute_rate")
def accepted_or_disputed() -> Organisation:
    org = Organisation()
    org.findings(JANUARY, 25, ("accepted", 1))
    org.findings(JANUARY, 25, ("false_positive", 1))
    org.findings(FEBRUARY, 40, ("accepted", 1))
    org.findings(FEBRUARY, 10, ("disputed", 1))
    return org


@story("finding_acceptance_rate", "undecided_age_days")
def the_hard_ones_wait() -> Organisation:
    org = Organisation()
    org.findings(JANUARY, 25, ("accepted", 1))
    org.findings(JANUARY, 13, ("false_positive", 1))
    org.findings(JANUARY, 12)
    org.findings(FEBRUARY, 37, ("accepted", 1))
    org.findings(FEBRUARY, 13, ("false_positive", 1))
    return org


@story("novel_finding_rate", "finding_acceptance_rate")
def invented_classes() -> Organisation:
    org = Organisation()
    org.findings(JANUARY, 50, ("accepted", 1))
    org.findings(FEBRUARY, 25, ("accepted", 1))
    org.findings(FEBRUARY, 25, ("disputed", 1), vulnerability_class="invented-{}")
    return org


@story("confirmed_exploitability_rate", "false_positive_rate")
def confirmed_and_wrong() -> Organisation:
    org = Organisation()
    for month, confirmed, wrong in ((JANUARY, 20, 0), (FEBRUARY, 28, 12)):
        proven = {"impact_claimed": True, "impact_confirmed": True}
        org.findings(month, confirmed, ("accepted", 1), **proven)  # type: ignore[arg-type]
        org.findings(month, wrong, ("false_positive", 1), **proven)  # type: ignore[arg-type]
        org.findings(
            month,
            40 - confirmed - wrong,
            ("accepted", 1),
            impact_claimed=True,
            impact_confirmed=False,
        )
    return org


@story("false_positive_rate", "undecided_share")
def nobody_judges() -> Organisation:
    org = Organisation()
    org.findings(JANUARY, 30, ("accepted", 1))
    org.findings(JANUARY, 20, ("false_positive", 1))
    org.findings(FEBRUARY, 30, ("accepted", 1))
    org.findings(FEBRUARY, 2, ("false_positive", 1))
    org.findings(FEBRUARY, 18)
    return org


def many_shallow_assessments(org: Organisation) -> Organisation:
    org.techniques(org.assessments(JANUARY, 10), 4)
    org.techniques(org.assessments(FEBRUARY, 40), 1, 1)
    return org


def many_quick_scans(org: Organisation) -> Organisation:
    org.assessments(JANUARY, 10)
    org.assessments(FEBRUARY, 5)
    org.assessments(FEBRUARY, 35, tier="quick_scan")
    return org


@story("assessment_throughput", "technique_coverage_rate")
def a_busy_shallow_team() -> Organisation:
    org = many_shallow_assessments(Organisation())
    org.capacity(JANUARY, FEBRUARY)
    return org


@story("assessment_throughput", "quick_scan_share")
def a_busy_quick_team() -> Organisation:
    org = many_quick_scans(Organisation())
    org.capacity(JANUARY, FEBRUARY)
    return org


@story("time_to_assessment", "technique_coverage_rate")
def soon_and_shallow() -> Organisation:
    org = Organisation()
    org.techniques(org.assessments(JANUARY, 20, lasting=30), 4)
    org.techniques(org.assessments(FEBRUARY, 20, lasting=10), 2, 2)
    return org


@story("automation_ratio", "novel_finding_rate")
def tools_find_what_they_know() -> Organisation:
    org = Organisation()
    org.effort(JANUARY, 20, automated=0.2)
    org.effort(FEBRUARY, 20, automated=0.8)
    org.findings(JANUARY, 40, vulnerability_class="new-{}")
    org.findings(FEBRUARY, 40)
    return org


@story("cost_per_assessment", "technique_coverage_rate")
def cheap_and_shallow() -> Organisation:
    org = many_shallow_assessments(Organisation())
    org.costs(JANUARY, FEBRUARY)
    return org


@story("cost_per_assessment", "quick_scan_share")
def cheap_and_quick() -> Organisation:
    org = many_quick_scans(Organisation())
    org.costs(JANUARY, FEBRUARY)
    return org


@story("cost_per_finding", "low_severity_share")
def cheap_trifles() -> Organisation:
    org = Organisation()
    org.costs(JANUARY, FEBRUARY)
    org.findings(JANUARY, 12, ("accepted", 1))
    org.findings(FEBRUARY, 8, ("accepted", 1))
    org.findings(FEBRUARY, 40, ("accepted", 1), severity="low")
    return org


@story("mean_time_to_remediate", "reopen_rate")
def fast_fixes_that_do_not_hold() -> Organisation:
    org = Organisation()
    org.fixed(OCTOBER, 20, after=60)
    org.fixed(NOVEMBER, 15, after=25)
    org.fixed(NOVEMBER, 15, 25, ("reopened", 20))
    return org


def faster_fixes(org: Organisation, severity: str = "medium") -> None:
    org.fixed(JANUARY, 20, after=60, severity=severity)
    org.fixed(FEBRUARY, 20, after=20, severity=severity)


@story("mean_time_to_remediate", "downgrades_before_due_share")
def fast_where_it_matters_less() -> Organisation:
    org = Organisation()
    faster_fixes(org)
    org.findings(JANUARY, 20)
    org.findings(FEBRUARY, 10)
    org.findings(FEBRUARY, 10, ("severity_changed", 2))
    return org


@story("mean_time_to_remediate", "late_risk_acceptance_share")
def accepted_at_the_last_moment() -> Organisation:
    org = Organisation()
    faster_fixes(org, severity="critical")
    org.findings(JANUARY, 20, severity="critical")
    org.findings(FEBRUARY, 10, severity="critical")
    org.findings(FEBRUARY, 10, ("risk_accepted", 6.5), severity="critical")
    return org


@story("mean_time_to_remediate", "remediation_verification_rate")
def fast_and_unverified() -> Organisation:
    org = Organisation()
    faster_fixes(org)
    org.findings(dt.datetime(2025, 11, 1), 20, ("remediation_claimed", 95))
    return org


@story("remediation_completion_rate", "reopen_rate")
def in_time_the_second_time() -> Organisation:
    org = Organisation()
    again = ("reopened", 10.5), ("remediation_claimed", 11), ("retest_passed", 12)
    org.findings(OCTOBER, 12, CLAIMED, PASSED)
    org.findings(OCTOBER, 28)
    org.findings(NOVEMBER, 16, CLAIMED, PASSED)
    org.findings(NOVEMBER, 16, CLAIMED, PASSED, *again)
    org.findings(NOVEMBER, 8)
    return org


@story("remediation_completion_rate", "downgrades_before_due_share")
def in_time_and_lowered() -> Organisation:
    org = Organisation()
    org.findings(JANUARY, 10, CLAIMED, PASSED)
    org.findings(JANUARY, 30, ("accepted", 1))
    org.findings(FEBRUARY, 20, CLAIMED, PASSED)
    org.findings(FEBRUARY, 15, CLAIMED, PASSED, ("severity_changed", 2))
    org.findings(FEBRUARY, 5, ("accepted", 1))
    return org


@story("remediation_completion_rate", "late_risk_acceptance_share")
def in_time_or_accepted() -> Organisation:
    org = Organisation()
    claimed, passed = ("remediation_claimed", 2), ("retest_passed", 3)
    org.findings(JANUARY, 10, claimed, passed, severity="critical")
    org.findings(JANUARY, 30, ("accepted", 1), severity="critical")
    org.findings(FEBRUARY, 25, claimed, passed, severity="critical")
    org.findings(FEBRUARY, 15, ("risk_accepted", 6.5), severity="critical")
    return org


@story("remediation_completion_rate", "remediation_verification_rate")
def in_time_and_unverified() -> Organisation:
    org = Organisation()
    org.findings(JANUARY, 20, CLAIMED, PASSED)
    org.findings(JANUARY, 40, ("accepted", 1))
    org.findings(FEBRUARY, 40, CLAIMED, PASSED)
    org.findings(FEBRUARY, 20, CLAIMED)
    return org


@story("remediation_verification_rate", "fix_effectiveness_rate")
def verified_and_broken() -> Organisation:
    org = Organisation()
    org.findings(JANUARY, 20, CLAIMED, PASSED)
    org.findings(JANUARY, 20, CLAIMED)
    org.findings(FEBRUARY, 20, CLAIMED, PASSED)
    org.findings(FEBRUARY, 20, CLAIMED, ("retest_failed", 10))
    return org


@story("fix_effectiveness_rate", "reopen_rate")
def passed_and_reopened() -> Organisation:
    org = Organisation()
    reported = dt.datetime(2025, 9, 1)
    org.findings(reported, 10, ("remediation_claimed", 35), ("retest_passed", 36))
    org.findings(reported, 10, ("remediation_claimed", 35), ("retest_failed", 36))
    org.findings(reported, 15, ("remediation_claimed", 65), ("retest_passed", 66))
    org.findings(reported, 15, ("remediation_claimed", 65), ("retest_passed", 66), ("reopened", 80))
    return org


@story("vulnerability_density", "assessments_per_system")
def who_does_not_look_finds_nothing() -> Organisation:
    org = Organisation(systems=10)
    org.assessments(JANUARY, 20)
    org.assessments(FEBRUARY, 2)
    org.findings(JANUARY, 60)
    org.findings(FEBRUARY, 20)
    return org


@story("recurrence_rate", "unknown_class_share")
def unnamed_weaknesses_do_not_recur() -> Organisation:
    org = Organisation()
    org.findings(JANUARY - days(60), 1)
    for _ in range(12):
        org.findings(JANUARY, 1, system=org.system("low", JANUARY - days(20)))
    for number in range(12):
        system = org.system("low", JANUARY - days(20))
        org.findings(FEBRUARY, 1, system=system, vulnerability_class=f"renamed-{number}")
    org.findings(FEBRUARY, 12, vulnerability_class="unknown")
    return org


@story("production_incident_correlation", "unknown_class_incident_share")
def unnamed_incidents_were_not_missed() -> Organisation:
    org = Organisation()
    org.findings(JANUARY - days(60), 1)
    org.incidents(JANUARY, 20, "never found")
    org.incidents(FEBRUARY, 20, "known")
    org.incidents(FEBRUARY, 20, "unknown")
    return org


@story("attack_success_rate", "over_refusal_rate")
def refuse_everything() -> Organisation:
    org = Organisation()
    org.attack(JANUARY, ["ssrrr", "srrrr"] * 20)
    org.attack(FEBRUARY, ["rrrrr", "rrrrr", "rrrrr", "srrrr"] * 10)
    org.attack(JANUARY, ["rrrr", "rrrr", "rrrr", "srrr"] * 10, is_control=True)
    org.attack(FEBRUARY, ["ssrr", "srrr"] * 20, is_control=True)
    return org


@story("attack_success_rate", "attack_error_share")
def attempts_that_end_in_errors() -> Organisation:
    org = Organisation()
    org.attack(JANUARY, ["ssrrr", "srrrr"] * 20)
    org.attack(FEBRUARY, ["rrrre", "rrree", "rrrre", "sreee"] * 10)
    return org


@story("attack_success_rate", "attack_prompts")
def only_harmless_prompts_were_judged() -> Organisation:
    org = Organisation()
    org.attack(JANUARY, ["ssr", "srr"] * 40)
    org.attack(FEBRUARY, ["rrr", "uuu", "srr", "uuu", "rrr", "uuu", "rrr", "uuu"] * 10)
    return org


def honest() -> Organisation:
    """Much of what the others do, done well: better metrics, companions that hold."""
    org = Organisation(systems=40)
    before = org.assessments(JANUARY, 12, systems=org.system_ids[:12], lasting=30)
    after = org.assessments(FEBRUARY, 24, systems=org.system_ids[12:36], lasting=12)
    org.techniques(before, 2, 2, 1)
    org.techniques(after, 4, 0, 1)
    org.capacity(JANUARY, FEBRUARY)
    org.costs(JANUARY, FEBRUARY)
    org.deployments(JANUARY, tested=10, untested=10)
    org.deployments(FEBRUARY, tested=28, untested=2)
    vectors = org.vectors(40, YEARS_AGO)
    org.test_vectors(before[0], vectors[:10])
    org.test_vectors(after[0], vectors[10:38])
    org.findings(JANUARY, 20, CLAIMED, PASSED)
    org.findings(JANUARY, 20, ("accepted", 1), vulnerability_class="first-{}")
    org.findings(JANUARY, 10, ("false_positive", 1))
    org.findings(FEBRUARY, 40, CLAIMED, PASSED)
    org.findings(FEBRUARY, 8, ("accepted", 1), vulnerability_class="second-{}")
    org.findings(FEBRUARY, 2, ("false_positive", 1))
    org.effort(JANUARY, 20, automated=0.4)
    org.effort(FEBRUARY, 20, automated=0.5)
    org.incidents(JANUARY, 12, "never found")
    org.incidents(FEBRUARY, 12, "known")
    org.attack(JANUARY, ["ssrrr", "srrrr"] * 20)
    org.attack(FEBRUARY, ["rrrrr", "rrrrr", "rrrrr", "srrrr"] * 10)
    org.attack(JANUARY, ["rrrr", "rrrr", "rrrr", "srrr"] * 10, is_control=True)
    org.attack(FEBRUARY, ["rrrr", "rrrr", "rrrr", "srrr"] * 10, is_control=True)
    return org
