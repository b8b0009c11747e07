"""What takes all files together: references, supersession, standing runs, targets."""

from __future__ import annotations

import json
from itertools import permutations
from typing import Any

import pytest

SYSTEM = "system_id,system_name,risk_tier,provider\n"
FINDING = "finding_id,system_id,title,severity,vulnerability_class,reported_at,duplicate_of\n"
EVENT = "finding_id,event_type,event_at\n"


def finding(name: str, duplicate_of: str = "", system: str = "S1", title: str = "t") -> str:
    return f"{name},{system},{title},high,c,2026-01-01,{duplicate_of}\n"


def test_a_later_delivery_supersedes(with_systems: Any) -> None:
    with_systems.put("program/systems-2026-03.csv", SYSTEM + "S1,Later,low,internal\n")
    with_systems.land()
    assert with_systems.ask("registers/systems", "system_name, file_name") == [
        ("Later", "program/systems-2026-03.csv")
    ]
    assert with_systems.counts() == {
        "program/systems.csv": (1, 0, 1, 0),
        "program/systems-2026-03.csv": (1, 1, 0, 0),
    }


def test_in_a_file_the_later_line_stands(ground: Any) -> None:
    ground.put("program/systems.csv", SYSTEM + "S1,a,low,internal\nS1,b,low,internal\n")
    ground.land()
    assert ground.ask("registers/systems", "system_name, line_number") == [("b", 3)]
    assert ground.counts()["program/systems.csv"] == (2, 1, 1, 0)


@pytest.mark.parametrize(
    ("lesser", "greater"),
    [
        ("program/systems.csv", "program/systems-1.csv"),
        ("program/systems-1.csv", "program/systems-2.csv"),
        ("program/systems-10.csv", "program/systems-9.csv"),
        ("program/a/systems.csv", "program/b/systems.csv"),
        ("program/z/systems-1.csv", "program/a/systems-2.csv"),
        ("program/systems.csv", "program/systems/systems.csv"),
        ("program/systems/2025.csv", "program/systems/2026.csv"),
        ("program/systems/A.csv", "program/systems/a.csv"),
    ],
)
def test_the_greater_name_wins(ground: Any, lesser: str, greater: str) -> None:
    ground.put(greater, SYSTEM + "S1,greater,low,internal\n")
    ground.put(lesser, SYSTEM + "S1,lesser,low,internal\n")
    ground.land()
    assert ground.ask("registers/systems", "system_name") == [("greater",)]
    assert ground.reconciles()


def test_a_quarantined_repeat_leaves_the_earlier_standing(with_systems: Any) -> None:
    with_systems.put("program/findings-1.csv", FINDING + finding("F1", title="first"))
    with_systems.put("program/findings-2.csv", FINDING + finding("F1", system="S9"))
    with_systems.put("program/findings-3.csv", FINDING + "F1,S1,t,grave,c,2026-01-01,\n")
    with_systems.put("program/finding_events.csv", EVENT + "F1,accepted,2026-01-01\n")
    with_systems.land()
    assert with_systems.ask("registers/findings", "title") == [("first",)]
    assert with_systems.counts() == {
        "program/systems.csv": (1, 1, 0, 0),
        "program/findings-1.csv": (1, 1, 0, 0),
        "program/findings-2.csv": (1, 0, 0, 1),
        "program/findings-3.csv": (1, 0, 0, 1),
        "program/finding_events.csv": (1, 1, 0, 0),
    }


def test_copies_of_a_file_supersede_each_other(with_systems: Any) -> None:
    with_systems.put(
        "program/copy/systems.csv",
        with_systems.landing.joinpath("program/systems.csv").read_bytes(),
    )
    with_systems.land()
    assert with_systems.counts() == {
        "program/copy/systems.csv": (1, 0, 1, 0),
        "program/systems.csv": (1, 1, 0, 0),
    }


def test_quarantine_cascades_to_children(ground: Any) -> None:
    ground.put("program/systems.csv", SYSTEM + "S1,a,huge,internal\nS2,a,low,internal\n")
    ground.put(
        "program/assessments.csv",
        "assessment_id,system_id,tier,requested_at\nA1,S1,standard,2026-01-01\n",
    )
    ground.put(
        "program/findings.csv",
        FINDING.replace("\n", ",assessment_id\n") + "F1,S2,t,high,c,2026-01-01,,A1\n",
    )
    ground.put("program/finding_events.csv", EVENT + "F1,accepted,2026-01-01\n")
    ground.land()
    assert ground.quarantine() == [
        ("program/assessments.csv", 2, "system_id", "dangling_reference"),
        ("program/finding_events.csv", 2, "finding_id", "dangling_reference"),
        ("program/findings.csv", 2, "assessment_id", "dangling_reference"),
        ("program/systems.csv", 2, "risk_tier", "unknown_value"),
    ]
    assert ground.reconciles()


def test_a_chain_of_duplicates_falls_together(with_systems: Any) -> None:
    rows = [finding("F0", system="S9")]
    rows += [finding(f"F{i}", f"F{i - 1}") for i in range(1, 200)]
    rows += [finding("G1", "G2"), finding("G2", "G1"), finding("H", "H"), finding("I", "G1")]
    with_systems.put("program/findings.csv", FINDING + "".join(reversed(rows)))
    with_systems.land()
    assert with_systems.ask("registers/findings", "finding_id", "order by all") == [
        ("G1",),
        ("G2",),
        ("H",),
        ("I",),
    ]
    reasons = with_systems.ask(
        "ledger/quarantine", "column_name, count(*)", "group by 1 order by 1"
    )
    assert reasons == [("duplicate_of", 199), ("system_id", 1)]


def test_a_duplicate_of_a_finding_with_another_valid_delivery_stands(with_systems: Any) -> None:
    with_systems.put("program/findings-1.csv", FINDING + finding("F1") + finding("F2", "F1"))
    with_systems.put("program/findings-2.csv", FINDING + finding("F1", "F9"))
    with_systems.land()
    assert with_systems.ask("registers/findings", "finding_id", "order by all") == [
        ("F1",),
        ("F2",),
    ]
    assert with_systems.quarantine() == [
        ("program/findings-2.csv", 2, "duplicate_of", "dangling_reference")
    ]


def test_missing_is_not_empty(ground: Any) -> None:
    ground.put("program/findings.csv", FINDING + finding("F1"))
    ground.land()
    assert ground.quarantine() == []
    ground.put("program/systems.csv", SYSTEM)
    ground.land()
    assert ground.quarantine() == [("program/findings.csv", 2, "system_id", "dangling_reference")]


def test_a_register_of_quarantined_rows_is_present(ground: Any) -> None:
    ground.put("program/findings.csv", FINDING + finding("F1"))
    ground.put("program/systems.csv", SYSTEM + "S1,a,huge,internal\n")
    ground.land()
    assert ground.ask("registers/findings") == []


def test_keys_are_compared_typed(with_systems: Any) -> None:
    with_systems.put("program/findings.csv", FINDING + finding("F1"))
    with_systems.put(
        "program/finding_events.csv",
        EVENT + "F1,accepted,2026-01-02T00:00Z\nF1,accepted,2026-01-02T01:00+01:00\n",
    )
    with_systems.land()
    assert with_systems.counts()["program/finding_events.csv"] == (2, 1, 1, 0)


def test_results_do_not_depend_on_the_order_of_writing(tmp_path: Any, request: Any) -> None:
    contents = {
        "program/systems.csv": SYSTEM + "S1,a,low,internal\n",
        "program/systems-2.csv": SYSTEM + "S1,b,low,internal\nS2,b,low,internal\n",
        "program/findings.csv": FINDING + finding("F1") + finding("F2", "F3"),
        "program/x/findings.csv": FINDING + finding("F1", "F1", title="x"),
    }
    outcomes = set()
    for number, names in enumerate(permutations(contents)):
        root = tmp_path / str(number)
        root.mkdir()
        ground = type(request.getfixturevalue("ground"))(root)
        for name in names:
            ground.put(name, contents[name])
        result = ground.land()
        outcomes.add(
            repr(
                (
                    result,
                    ground.ask("registers/systems"),
                    ground.ask("registers/findings"),
                    ground.quarantine(),
                    sorted(ground.counts().items()),
                )
            )
        )
    assert len(outcomes) == 1


def test_registers_may_name_findings_as_trackers_do(with_systems: Any) -> None:
    issue = {
        "id": "10001",
        "key": "SEC-1",
        "fields": {
            "created": "2026-01-01T00:00:00.000+0000",
            "summary": "leaks its prompt",
            "status": {"id": "1", "name": "Open", "statusCategory": {"key": "new"}},
            "labels": ["finding:F-7", "plain"],
        },
    }
    with_systems.put("jira/issues.json", json.dumps({"issues": [issue], "total": 1}))
    row = {"id": 4, "title": "t", "severity": "High", "date": "2026-01-01", "test": 1}
    row |= {"active": True, "verified": True, "numerical_severity": "S1"}
    with_systems.put("defectdojo/page.json", json.dumps({"count": 1, "results": [row]}))
    with_systems.put("program/findings.csv", FINDING + finding("known"))
    known = ["known", "SEC-1", "jira:10001", "jira:SEC-1", "F-7", "defectdojo:4"]
    # A bare number is no name, nor is a label that names no finding.
    unknown = ["4", "SEC-2", "plain", "github:10001"]
    rows = "".join(f"{name},accepted,2026-02-01\n" for name in (*known, *unknown))
    with_systems.put("program/finding_events.csv", EVENT + rows)
    with_systems.land()
    held = with_systems.ask("ledger/quarantine", "line_number, reason, source")
    lines = range(len(known) + 2, len(known) + len(unknown) + 2)
    assert held == [(line, "dangling_reference", "program/finding_events") for line in lines]
    assert with_systems.reconciles()
