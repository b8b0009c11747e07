"""DefectDojo: pages, dumps, what dates a change, the oddities of real data, and hostile files."""

from __future__ import annotations

import gzip
import json
import random
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from aism.land.model import Fault, LandedFile, ReadReport, Reason, UnreadableFileError
from aism.land.readers.defectdojo import read_defectdojo
from aism.land.schemas import TABLES
from tests.python.land.trackers import SHA256, MemorySink, Row, shared_trackers

SECRET = "the secret words of a person"
TRACKER_TABLES = [name for name in TABLES if name.startswith("tracker_")]


class Sink(MemorySink):
    """What a reader wrote, table by table."""

    @property
    def items(self) -> dict[str, Row]:
        rows = self.tables["tracker_items"]
        assert len(rows) == len({row["item_id"] for row in rows})
        return {row["item_id"]: row for row in rows}

    def values(self, item_id: str) -> dict[str, list[tuple[str | None, str | None]]]:
        found: dict[str, list[tuple[str | None, str | None]]] = {}
        for row in self.tables["tracker_values"]:
            if row["item_id"] == item_id:
                found.setdefault(row["field"], []).append((row["value_id"], row["value"]))
        return found

    @property
    def changes(self) -> dict[tuple[str, str], tuple[Any, ...]]:
        """Item and change -> field, when, new value; nothing is known of the old one."""
        rows = self.tables["tracker_changes"]
        assert not [row for row in rows if row["from_id"] or row["from_value"] or row["to_id"]]
        return {
            (row["item_id"], row["change_id"]): (row["field"], row["changed_at"], row["to_value"])
            for row in rows
        }

    @property
    def links(self) -> set[tuple[Any, ...]]:
        keys = ("item_id", "link", "target_id", "target_key")
        return {tuple(row[key] for key in keys) for row in self.tables["tracker_links"]}

    @property
    def objects(self) -> dict[tuple[str, str], tuple[Any, ...]]:
        rows = self.tables["tracker_objects"]
        assert len(rows) == len({(row["kind"], row["object_id"]) for row in rows})
        keys = ("name", "parent_kind", "parent_id", "category")
        return {(row["kind"], row["object_id"]): tuple(row[key] for key in keys) for row in rows}

    @property
    def pages(self) -> list[tuple[Any, ...]]:
        keys = ("document", "items", "stated_total")
        return [tuple(row[key] for key in keys) for row in self.tables["tracker_pages"]]


def finding(number: int = 1, **more: Any) -> Row:
    """One finding as REST v2 writes it; ``...`` takes a key out."""
    row: Row = {
        "id": number,
        "tags": ["system:support-bot", "prompt-injection"],
        "request_response": {"req_resp": [{"request": SECRET, "response": SECRET}]},
        "accepted_risks": [],
        "age": 4,
        "sla_days_remaining": 3,
        "finding_meta": [],
        "related_fields": None,
        "jira_creation": None,
        "jira_change": None,
        "display_status": "Active, Verified",
        "finding_groups": [],
        "vulnerability_ids": [{"vulnerability_id": "CVE-2024-1"}],
        "cwes": [{"cwe": "CWE-77"}, {"cwe": "CWE-1427"}],
        "reporter": 1,
        "title": f"Injection {number}",
        "date": "2026-02-27",
        "sla_start_date": None,
        "cwe": 77,
        "severity": "High",
        "description": SECRET,
        "mitigation": SECRET,
        "impact": SECRET,
        "steps_to_reproduce": SECRET,
        "references": SECRET,
        "active": True,
        "verified": True,
        "false_p": False,
        "duplicate": False,
        "out_of_scope": False,
        "risk_accepted": False,
        "under_review": False,
        "last_status_update": "2026-03-02T10:00:00.123456Z",
        "under_defect_review": False,
        "is_mitigated": False,
        "mitigated": None,
        "numerical_severity": "S1",
        "hash_code": "ff" * 32,
        "component_name": "support-bot",
        "service": "chat",
        "unique_id_from_tool": "run-1/7",
        "vuln_id_from_tool": "LLM01",
        "created": "2026-03-01T09:30:00+02:00",
        "updated": "2026-03-03T00:00:00Z",
        "test": 30,
        "duplicate_finding": None,
        "mitigated_by": None,
        "reviewers": [],
        "notes": [],
        "found_by": [7],
    }
    row.update(more)
    return {key: value for key, value in row.items() if value is not ...}


def page(results: Sequence[Any], **more: Any) -> Row:
    return {"count": len(results), "next": None, "previous": None, "results": results, **more}


def related(**more: Any) -> Row:
    product = {"id": 3, "name": "Support bot", "prod_type": {"id": 2, "name": "Chat"}}
    engagement = {"id": 20, "name": "March", "description": SECRET, "product": product}
    test = {
        "id": 30,
        "title": "garak nightly",
        "test_type": {"id": 7, "name": "garak scan"},
        "engagement": engagement,
        "environment": {"id": 1, "name": "Development"},
    }
    return {"test": test, "jira": None, **more}


def note(number: int, entry: str, at: str = "2026-03-05T08:00:00Z", **more: Any) -> Row:
    author = {"id": 1, "username": SECRET, "first_name": SECRET}
    return {"id": number, "entry": entry, "date": at, "author": author, "history": [], **more}


def dumped(model: str, pk: Any, **fields: Any) -> Row:
    return {"model": f"dojo.{model}", "pk": pk, "fields": fields}


def dumped_finding(pk: Any = 1, **more: Any) -> Row:
    """Lay out a finding as in an old dump: without the fields that came later."""
    absent = dict.fromkeys(
        ("id", "is_mitigated", "tags", "updated", "accepted_risks", "vulnerability_ids", "cwes"),
        ...,
    )
    return {
        "model": "dojo.finding",
        "pk": pk,
        "fields": finding(reporter=["admin"], **{**absent, **more}),
    }


def read(tmp_path: Path, content: Any, name: str = "findings.json") -> tuple[Sink, ReadReport]:
    """Read text, bytes, or anything else as JSON."""
    data = content if isinstance(content, bytes) else None
    if data is None:
        data = (content if isinstance(content, str) else json.dumps(content)).encode()
    path = tmp_path / name
    path.write_bytes(data)
    sink = Sink()
    report = read_defectdojo(LandedFile(path, f"defectdojo/{name}", "defectdojo", SHA256, 1), sink)
    assert not [row for rows in sink.tables.values() for row in rows if SECRET in str(row)]
    assert SECRET not in f"{report.schema_note} {report.faults} {report.targets}"
    assert report.rows_read - report.superseded - len(report.faults) >= len(sink.items)
    return sink, report


def faults(report: ReadReport) -> list[tuple[str | None, str | None, Reason]]:
    assert all(fault.line_number is None and fault.raw_text is None for fault in report.faults)
    return [(fault.record_path, fault.column_name, fault.reason) for fault in report.faults]


# Findings


def test_a_finding_of_a_page(tmp_path: Path) -> None:
    sink, report = read(tmp_path, page([finding(41)], count=812))
    assert (report.rows_read, report.faults, report.superseded) == (1, [], 0)
    assert report.is_complete
    assert report.schema_note is None
    assert sink.items["41"] == {
        "file_sha256": SHA256,
        "record_path": "results[0]",
        "item_id": "41",
        "item_key": "41",
        "project": None,
        "title": "Injection 41",
        "created_at": datetime(2026, 3, 1, 7, 30),
        "discovered_on": date(2026, 2, 27),
        "updated_at": datetime(2026, 3, 3),
        "status_at": datetime(2026, 3, 2, 10, 0, 0, 123456),
        "closed_at": None,
        "has_history": False,
    }
    assert sink.values("41") == {
        "active": [(None, "true")],
        "verified": [(None, "true")],
        "false_p": [(None, "false")],
        "duplicate": [(None, "false")],
        "out_of_scope": [(None, "false")],
        "risk_accepted": [(None, "false")],
        "under_review": [(None, "false")],
        "under_defect_review": [(None, "false")],
        "is_mitigated": [(None, "false")],
        "severity": [(None, "High")],
        "vuln_id_from_tool": [(None, "LLM01")],
        "unique_id_from_tool": [(None, "run-1/7")],
        "hash_code": [(None, "ff" * 32)],
        "component_name": [(None, "support-bot")],
        "service": [(None, "chat")],
        "label": [(None, "system:support-bot"), (None, "prompt-injection")],
        "cwe": [(None, "77"), (None, "1427")],
        "vulnerability_id": [(None, "CVE-2024-1")],
        "test": [("30", None)],
        "found_by": [("7", None)],
    }
    assert report.targets == {"support-bot", "chat", "system:support-bot", "prompt-injection"}
    assert sink.pages == [("findings", 1, 812)]
    assert (sink.changes, sink.links, sink.objects) == ({}, set(), {})


def test_related_fields_name_the_chain_and_the_product(tmp_path: Path) -> None:
    jira = {"id": 5, "jira_id": "10042", "jira_key": "AI-7", "finding": 1, "url": "https://x"}
    first = finding(1, related_fields=related(jira=jira))
    sink, report = read(tmp_path, page([first, finding(2, related_fields=related())]))
    assert {item["project"] for item in sink.items.values()} == {"Support bot"}
    values = sink.values("2")
    assert {name: values[name] for name in ("test", "engagement", "product", "product_type")} == {
        "test": [("30", "garak nightly")],
        "engagement": [("20", "March")],
        "product": [("3", "Support bot")],
        "product_type": [("2", "Chat")],
    }
    assert values["test_type"] == values["found_by"] == [("7", "garak scan")]
    assert sink.objects == {
        ("test", "30"): ("garak nightly", "engagement", "20", None),
        ("engagement", "20"): ("March", "product", "3", None),
        ("product", "3"): ("Support bot", "product_type", "2", None),
        ("product_type", "2"): ("Chat", None, None, None),
        ("test_type", "7"): ("garak scan", None, None, None),
    }
    assert sink.links == {("1", "jira_issue", "10042", "AI-7")}
    assert "Support bot" in report.targets


def test_a_name_that_is_too_long_for_a_value_stays_an_object(tmp_path: Path) -> None:
    fields = related()
    fields["test"]["engagement"]["name"] = "e" * 201
    fields["test"]["engagement"]["product"]["name"] = "p" * 600
    sink, report = read(tmp_path, page([finding(1, related_fields=fields)]))
    assert sink.values("1")["engagement"] == [("20", None)]
    assert sink.values("1")["product"] == [("3", None)]
    assert sink.objects["engagement", "20"][0] == "e" * 201
    assert sink.items["1"]["project"] == "p" * 500
    assert not {name for name in report.targets if "p" * 200 in name}


def test_a_prefetched_test_is_an_object(tmp_path: Path) -> None:
    prefetch = {
        "test": {"30": {"id": 30, "title": "nightly", "engagement": 20, "test_type": 7}},
        "reporter": {"1": {"id": 1, "username": SECRET}},
        "found_by": {"7": {"id": 7, "name": "garak scan"}},
        "duplicate_finding": {"9": finding(9)},
    }
    sink, report = read(tmp_path, page([finding(1)], prefetch=prefetch))
    assert (report.rows_read, report.faults) == (3, [])
    assert list(sink.items) == ["1"]
    assert sink.values("1")["test"] == [("30", "nightly")]
    assert sink.values("1")["engagement"] == [("20", None)]
    assert sink.values("1")["found_by"] == [("7", "garak scan")]
    assert sink.pages == [("findings", 1, 1)]


def test_a_faulty_prefetched_object_is_one_fault(tmp_path: Path) -> None:
    prefetch = {"test": {"30": {"title": "nightly", "engagement": 20}, "31": 5}}
    sink, report = read(tmp_path, page([finding(1)], prefetch=prefetch))
    assert faults(report) == [
        ("prefetch.test[30]", "id", Reason.MISSING_KEY),
        ("prefetch.test[31]", None, Reason.NOT_OBJECT),
    ]
    assert report.rows_read == 3
    assert list(sink.items) == ["1"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"is_mitigated": ..., "mitigated": "2026-03-01T00:00:00Z"}, "true"),
        ({"is_mitigated": ..., "mitigated": None}, "false"),
        ({"is_mitigated": ..., "mitigated": ...}, "false"),
        ({"is_mitigated": None, "mitigated": "2026-03-01T00:00:00Z"}, None),
        ({"is_mitigated": False, "mitigated": "2026-03-01T00:00:00Z"}, "false"),
    ],
)
def test_is_mitigated_is_derived_only_where_the_key_is_absent(
    tmp_path: Path, given: Row, expected: str | None
) -> None:
    sink, _ = read(tmp_path, page([finding(1, **given)]))
    assert sink.values("1").get("is_mitigated") == (expected and [(None, expected)])


def test_oddities_of_real_data_stay_as_they_are(tmp_path: Path) -> None:
    sink, report = read(
        tmp_path,
        page(
            [
                finding(1, severity="HIGH", numerical_severity="S4", created=None),
                finding(2, date="2026-03-09", created="2026-03-01T00:00:00Z"),
                finding(3, duplicate=True, duplicate_finding=1, active=False),
                finding(4, duplicate=True, duplicate_finding=None, active=False),
                finding(5, active=False, verified=None, cwe=0, cwes=..., service="", tags=None),
                finding(6, unique_id_from_tool=12345, component_name="c" * 201, cve="CVE-1"),
                finding(
                    7,
                    cwes=[{"cwe": "CWE-0"}],
                    vulnerability_ids=...,
                    cve="CVE-2019-7",
                    tags="a, b:c",
                ),
                finding(8, title="t" * 600, tags=["x" * 201, "owner:" + "y" * 194, "odd:"]),
            ]
        ),
    )
    assert report.faults == []
    assert sink.values("1")["severity"] == [(None, "HIGH")]
    assert sink.items["1"]["created_at"] is None
    assert sink.items["2"]["discovered_on"] == date(2026, 3, 9)
    assert sink.items["2"]["created_at"] == datetime(2026, 3, 1)
    assert sink.links == {("3", "duplicate_finding", "1", None)}
    assert sink.values("4")["duplicate"] == [(None, "true")]
    assert {"verified", "cwe", "service", "label"}.isdisjoint(sink.values("5"))
    assert sink.values("6")["unique_id_from_tool"] == [(None, "12345")]
    assert "component_name" not in sink.values("6")
    assert sink.values("6")["vulnerability_id"] == [(None, "CVE-2024-1")]
    assert sink.values("7")["vulnerability_id"] == [(None, "CVE-2019-7")]
    assert sink.values("7")["cwe"] == [(None, "77")]
    assert sink.values("7")["label"] == [(None, "a"), (None, "b:c")]
    assert sink.items["8"]["title"] == "t" * 500
    assert sink.values("8")["label"] == [(None, "owner:" + "y" * 194), (None, "odd:")]
    assert {"a", "b:c", "c", "owner:" + "y" * 194, "y" * 194} <= report.targets
    assert not {name for name in report.targets if not name or len(name) > 200}


def test_the_last_repeat_of_a_finding_stands(tmp_path: Path) -> None:
    risk = {"id": 4, "created": "2026-01-01T00:00:00Z", "expiration_date": None}
    rows = [
        finding(1, severity="Low", accepted_risks=[risk]),
        finding(2),
        finding(1, severity="High"),
        finding(1, severity=7),
    ]
    sink, report = read(tmp_path, page(rows))
    assert (report.rows_read, report.superseded) == (4, 1)
    assert faults(report) == [("results[3]", "severity", Reason.WRONG_TYPE)]
    assert sink.items["1"]["record_path"] == "results[2]"
    assert sink.values("1")["severity"] == [(None, "High")]
    assert sink.changes == {}


# What the file dates


def test_accepted_risks_are_changes_and_the_last_expiry(tmp_path: Path) -> None:
    risks = [
        {
            "id": 4,
            "name": SECRET,
            "accepted_by": SECRET,
            "created": "2026-01-01T02:00:00+02:00",
            "expiration_date": "2026-06-01T00:00:00Z",
            "accepted_findings": [1, 99],
        },
        {"id": 5, "created": "2026-02-01T00:00:00Z", "expiration_date": "2026-04-01T00:00:00Z"},
        {"id": 6, "created": "2026-02-02T00:00:00Z", "expiration_date": None},
    ]
    sink, report = read(tmp_path, page([finding(1, risk_accepted=True, accepted_risks=risks)]))
    assert report.faults == []
    assert sink.changes == {
        ("1", "risk:4:1"): ("risk_accepted", datetime(2026, 1, 1), "true"),
        ("1", "risk:5:1"): ("risk_accepted", datetime(2026, 2, 1), "true"),
        ("1", "risk:6:1"): ("risk_accepted", datetime(2026, 2, 2), "true"),
    }
    assert {row["record_path"] for row in sink.tables["tracker_changes"]} == {"results[0]"}
    assert sink.values("1")["risk_acceptance_expires_at"] == [(None, "2026-06-01T00:00:00Z")]


def test_a_page_of_risk_acceptances(tmp_path: Path) -> None:
    risk = {
        "id": 4,
        "accepted_findings": [1, 2],
        "created": "2026-01-01T00:00:00Z",
        "expiration_date": "2026-06-01T12:00:00Z",
        "path": "No proof has been supplied",
    }
    sink, report = read(tmp_path, page([risk]))
    assert (report.rows_read, report.faults) == (1, [])
    assert set(sink.changes) == {("1", "risk:4:1"), ("2", "risk:4:2")}
    expected = [(None, "2026-06-01T12:00:00Z")]
    assert sink.values("2")["risk_acceptance_expires_at"] == expected
    assert sink.pages == [("objects", 1, 1)]


@pytest.mark.parametrize(
    ("entry", "action"),
    [
        ("Mitigated by garak Scan re-upload.", "closed"),
        ("Re-activated by garak Scan re-upload.", "reactivated"),
        (
            "Un-mitigated by garak Scan re-upload but kept inactive because the finding is a "
            "duplicate.",
            "reactivated",
        ),
        (
            'This Finding has been automatically closed by the Test: \n "nightly"\nhttps://x/1'
            "\n\nThis is because this Finding is not present anymore in recent scans.",
            "closed",
        ),
        (
            "Finding has skipped reactivation from garak Scan re-upload with user decision "
            "do_not_reactivate.",
            None,
        ),
        (f"{SECRET}: it was not Mitigated by garak Scan re-upload.", None),
        ("Mitigated by garak Scan re-upload. I doubt it.", None),
        (SECRET, None),
    ],
)
def test_notes_of_an_import_are_changes(tmp_path: Path, entry: str, action: str | None) -> None:
    sink, report = read(tmp_path, page([finding(1, notes=[note(77, entry)])]))
    assert report.faults == []
    expected = ("import_action", datetime(2026, 3, 5, 8), action)
    assert sink.changes == ({("1", "note:77"): expected} if action else {})


def test_a_change_that_a_file_tells_twice_is_one(tmp_path: Path) -> None:
    risk = {"id": 4, "created": "2026-01-01T00:00:00Z", "accepted_findings": [1, 2]}
    said = note(77, "Mitigated by x re-upload.")
    rows = [finding(number, accepted_risks=[risk], notes=[said]) for number in (1, 2)]
    sink, report = read(tmp_path, [page([risk]), page(rows), page([risk])])
    assert report.rows_read == 4
    assert sorted(sink.changes) == [
        ("1", "note:77"),
        ("1", "risk:4:1"),
        ("2", "note:77"),
        ("2", "risk:4:2"),
    ]
    assert len(sink.tables["tracker_changes"]) == 4


def test_notes_beside_the_findings(tmp_path: Path) -> None:
    """Newer versions put ids of notes into a finding, and the notes elsewhere."""
    ours = note(77, "Mitigated by x re-upload.")
    others = note(78, SECRET, author=1)
    of_finding = {"finding_id": 2, "notes": [note(79, "Re-activated by x re-upload."), others]}
    content = [page([ours, others]), page([finding(1, notes=[77, 78, 500])]), of_finding]
    sink, report = read(tmp_path, "\n".join(map(json.dumps, content)))
    assert (report.rows_read, report.faults) == (4, [])
    assert {key: change[2] for key, change in sink.changes.items()} == {
        ("1", "note:77"): "closed",
        ("2", "note:79"): "reactivated",
    }
    paths = {row["change_id"]: row["record_path"] for row in sink.tables["tracker_changes"]}
    assert paths == {"note:77": "document 1: results[0]", "note:79": "document 3"}


def test_a_page_of_imports(tmp_path: Path) -> None:
    def action(number: int, letter: str | None) -> Row:
        at = f"2026-03-0{number}T01:02:03.000004Z"
        return {
            "id": 900 + number,
            "created": at,
            "modified": "2026-09-09T00:00:00Z",
            "action": letter,
            "test_import": 60,
            "finding": number,
        }

    letters = ("N", "C", "R", "U", None)
    actions = [action(number, letter) for number, letter in enumerate(letters, 1)]
    imported = {
        "id": 60,
        "test_import_finding_action_set": actions,
        "created": "2026-03-01T00:00:00Z",
        "import_settings": {"active": True},
        "type": "reimport",
        "test": 30,
        "findings_affected": [1, 2, 3, 4, 5],
    }
    bad = {**imported, "id": 61, "test_import_finding_action_set": [action(1, "C"), action(2, "X")]}
    sink, report = read(tmp_path, page([imported, bad]))
    assert sink.changes == {
        (str(number), f"import:60:{number}"): (
            "import_action",
            datetime(2026, 3, number, 1, 2, 3, 4),
            word,
        )
        for number, word in enumerate(("created", "closed", "reactivated", "untouched"), 1)
    }
    assert faults(report) == [("results[1]", "action", Reason.UNKNOWN_VALUE)]


# Objects


def test_pages_of_objects_are_told_by_their_keys(tmp_path: Path) -> None:
    target = {"target_start": "2026-03-01", "target_end": "2026-03-02"}
    tests: list[Row] = [
        {"id": 30, "title": None, "engagement": 20, "test_type": 7, "test_type_name": "garak"},
        {"id": 31, "title": "manual", "engagement": 20, "test_type": 8, "lead": 3},
    ]
    pages: list[Row] = [
        page([{**row, **target} for row in tests]),
        page([{"id": 20, "name": "March", "product": 3, "engagement_type": "CI/CD", **target}]),
        page([{"id": 3, "name": "Support bot", "prod_type": 2, "findings_count": 4}]),
        page([{"id": 4, "name": "Newer", "organization": 2, "business_criticality": "high"}]),
        page([{"id": 2, "name": "Chat", "critical_product": False, "key_product": True}]),
        page([{"id": 5, "name": "Newer still", "critical_asset": False, "key_asset": True}]),
        page([{"id": 8, "name": "Pen test", "static_tool": False, "dynamic_tool": True}]),
        page([{"id": 1, "jira_id": "100", "jira_key": "AI-1", "finding": 9, "engagement": None}]),
        page([{"id": 2, "jira_id": "101", "jira_key": "AI-2", "finding": None, "engagement": 1}]),
    ]
    sink, report = read(tmp_path, pages)
    assert (report.rows_read, report.faults, report.schema_note) == (10, [], None)
    assert sink.objects == {
        ("test", "30"): (None, "engagement", "20", None),
        ("test", "31"): ("manual", "engagement", "20", None),
        ("engagement", "20"): ("March", "product", "3", None),
        ("product", "3"): ("Support bot", "product_type", "2", None),
        ("product", "4"): ("Newer", "product_type", "2", None),
        ("product_type", "2"): ("Chat", None, None, None),
        ("product_type", "5"): ("Newer still", None, None, None),
        ("test_type", "7"): ("garak", None, None, None),
        ("test_type", "8"): ("Pen test", None, None, None),
    }
    assert sink.links == {("9", "jira_issue", "100", "AI-1")}
    assert report.targets == {"Support bot", "Newer"}
    assert sink.pages == [("objects", 2, 2), *[("objects", 1, 1)] * 8]


def test_the_last_that_is_said_of_an_object_holds_and_gaps_are_filled(tmp_path: Path) -> None:
    products = [
        {"id": 3, "name": "Old name", "prod_type": 2},
        {"id": 3, "name": "New name", "prod_type": None},
    ]
    sink, _ = read(tmp_path, page(products))
    assert sink.objects["product", "3"] == ("New name", "product_type", "2", None)


def test_other_kinds_are_kept_out_and_named(tmp_path: Path) -> None:
    users = [{"id": 1, "username": SECRET, "email": SECRET}, {"id": 2, "username": SECRET}]
    content = [page([finding(1)]), page(users)]
    sink, report = read(tmp_path, "".join(map(json.dumps, content)))
    assert (report.rows_read, report.faults) == (3, [])
    assert report.schema_note == (
        "records of other kinds are kept out: "
        "1 with the keys id, username, 1 with the keys id, username, email"
    )
    assert sink.pages == [("findings", 1, 1), ("objects", 2, 2)]


@pytest.mark.parametrize("mark", ["false_p", "found_by", "duplicate_finding"])
def test_one_mark_is_enough_to_tell_a_finding(tmp_path: Path, mark: str) -> None:
    others = {"false_p", "found_by", "duplicate_finding"} - {mark}
    sink, report = read(tmp_path, page([finding(1, **dict.fromkeys(others, ...))]))
    assert (list(sink.items), report.schema_note) == (["1"], None)


def test_a_record_without_marks_is_what_its_page_holds(tmp_path: Path) -> None:
    odd = {"id": 3, "title": "x", "test": 4, "active": True}
    _, report = read(tmp_path, page([finding(1), finding(2), odd, {"prod_type": 1}]))
    assert faults(report) == [
        ("results[2]", "severity", Reason.MISSING_KEY),
        ("results[3]", "id", Reason.MISSING_KEY),
    ]
    assert report.schema_note is None


# Dumps


def test_a_dump(tmp_path: Path) -> None:
    content = [
        dumped("product_type", 2, name="Chat", critical_product=False),
        dumped("test_type", 7, name="garak scan"),
        dumped("product", 3, name="Support bot", prod_type=2, product_manager=[SECRET]),
        dumped("engagement", 20, name="March", product=3, lead=[SECRET]),
        dumped("test", 30, title=None, engagement=20, test_type=7),
        dumped_finding(1, notes=[77], mitigated="2026-03-04T00:00:00Z"),
        dumped_finding(2, tags="system:rag, x"),
        dumped("risk_acceptance", 4, accepted_findings=[2], created="2026-01-01T00:00:00Z")
        | {"model": "dojo.Risk_Acceptance"},
        dumped("test_import", 60, test=30, created="2026-03-01T00:00:00Z", type="reimport"),
        dumped(
            "test_import_finding_action",
            9,
            test_import=60,
            finding=1,
            action="C",
            created="2026-03-04T00:00:01Z",
        ),
        dumped("jira_issue", 1, jira_id="100", jira_key="AI-1", finding=1, engagement=None),
        dumped("github_issue", 1, issue_url="https://github.com/o/n/issues/5", finding=2),
        dumped("notes", 77, entry="Mitigated by x re-upload.", date="2026-03-04T00:00:00Z"),
        dumped("notes", 78, entry=SECRET, date="2026-03-04T00:00:00Z", author=1),
        dumped("user", 1, username=SECRET) | {"model": "auth.user"},
        dumped("stub_finding", "text", title=SECRET),
        dumped("stub_finding", 2, title=SECRET),
    ]
    sink, report = read(tmp_path, content)
    assert (report.rows_read, report.faults) == (17, [])
    assert report.schema_note == (
        "records of other kinds are kept out: 1 auth.user, 2 dojo.stub_finding"
    )
    assert sink.items["1"]["record_path"] == "[5]"
    assert sink.items["1"]["closed_at"] == datetime(2026, 3, 4)
    assert sink.items["1"]["project"] == "Support bot"
    assert sink.items["1"]["updated_at"] is None
    assert sink.values("1")["is_mitigated"] == [(None, "true")]
    assert sink.values("2")["is_mitigated"] == [(None, "false")]
    assert sink.values("2")["product_type"] == [("2", "Chat")]
    assert sink.values("2")["test_type"] == [("7", "garak scan")]
    assert sink.changes == {
        ("1", "note:77"): ("import_action", datetime(2026, 3, 4), "closed"),
        ("1", "import:60:1"): ("import_action", datetime(2026, 3, 4, 0, 0, 1), "closed"),
        ("2", "risk:4:2"): ("risk_accepted", datetime(2026, 1, 1), "true"),
    }
    assert sink.links == {
        ("1", "jira_issue", "100", "AI-1"),
        ("2", "github_issue", "o/n#5", "o/n#5"),
    }
    assert report.targets >= {"Support bot", "system:rag", "rag", "x"}
    assert sink.pages == [("findings", 2, None)]


def test_faulty_records_of_a_dump(tmp_path: Path) -> None:
    content = [
        dumped_finding("one"),
        {"model": "dojo.finding", "fields": {}},
        {"model": "dojo.finding", "pk": 3},
        {"pk": 4, "fields": {}},
        {"model": 5, "pk": 4, "fields": {}},
        dumped_finding(5, severity=...),
        7,
        dumped("test_import_finding_action", 9, finding=1, action="C", created="2026-03-04"),
        dumped_finding(6),
    ]
    sink, report = read(tmp_path, content)
    assert list(sink.items) == ["6"]
    assert report.rows_read == 9
    assert faults(report) == [
        ("[0]", "pk", Reason.WRONG_TYPE),
        ("[1]", "pk", Reason.MISSING_KEY),
        ("[2]", "fields", Reason.MISSING_KEY),
        ("[3]", "model", Reason.MISSING_KEY),
        ("[4]", "model", Reason.WRONG_TYPE),
        ("[5]", "severity", Reason.MISSING_KEY),
        ("[6]", None, Reason.NOT_OBJECT),
        ("[7]", "test_import", Reason.MISSING_KEY),
    ]


# Shapes of a file


@pytest.mark.parametrize(
    ("content", "paths", "pages"),
    [
        (
            page([finding(1), finding(2)]),
            ["results[0]", "results[1]"],
            [("findings", 2, 2)],
        ),
        ([finding(1), finding(2)], ["[0]", "[1]"], [("findings", 2, None)]),
        (
            [page([finding(1)], count=2), page([finding(2)], count=2)],
            ["[0].results[0]", "[1].results[0]"],
            [("findings", 1, 2)] * 2,
        ),
        (
            [page([finding(1)]), finding(2)],
            ["[0].results[0]", "[1]"],
            [("findings", 1, 1), ("findings", 1, None)],
        ),
        (
            json.dumps(page([finding(1)])) + "\n" + json.dumps(page([finding(2)])),
            ["document 1: results[0]", "document 2: results[0]"],
            [("findings", 1, 1)] * 2,
        ),
        (
            json.dumps(page([finding(1)])) + "\ufeff" + json.dumps([finding(2)], indent=2) + "\n",
            ["document 1: results[0]", "document 2: [0]"],
            [("findings", 1, 1), ("findings", 1, None)],
        ),
        (
            "\ufeff" + "\r\n".join(json.dumps(finding(number)) for number in (1, 2)),
            ["document 1", "document 2"],
            [("findings", 2, None)],
        ),
    ],
    ids=["page", "array", "pages", "mixed", "documents", "documents2", "lines"],
)
def test_shapes(tmp_path: Path, content: Any, paths: list[str], pages: list[Any]) -> None:
    for name, data in (("x.json", content), ("odd name.json.gz", gzipped(content))):
        sink, report = read(tmp_path, data, name)
        assert [sink.items[number]["record_path"] for number in ("1", "2")] == paths
        assert (report.rows_read, report.faults, report.is_complete) == (2, [], True)
        assert sink.pages == pages


def gzipped(content: Any) -> bytes:
    return gzip.compress((content if isinstance(content, str) else json.dumps(content)).encode())


def test_one_finding_alone(tmp_path: Path) -> None:
    sink, report = read(tmp_path, finding(1))
    assert sink.items["1"]["record_path"] == "document 1"
    assert (report.rows_read, report.faults) == (1, [])


@pytest.mark.parametrize("content", [[], page([]), [page([])]])
def test_nothing_is_no_fault(tmp_path: Path, content: Any) -> None:
    sink, report = read(tmp_path, content)
    assert (report.rows_read, report.faults, report.is_complete) == (0, [], True)
    assert report.schema_note == "holds no records"
    total = None if content == [] else 0
    assert sink.pages == [("objects", 0, total)]


@pytest.mark.parametrize("total", ["7", -1, 2**63, None, 1.5, ...])
def test_a_strange_total_is_no_total(tmp_path: Path, total: Any) -> None:
    content = page([finding(1)], count=total) if total is not ... else {"results": [finding(1)]}
    sink, _ = read(tmp_path, content)
    assert sink.pages == [("findings", 1, None)]


# Faults of single records


@pytest.mark.parametrize(
    ("more", "column", "reason"),
    [
        ({"id": ...}, "id", Reason.MISSING_KEY),
        ({"id": "7"}, "id", Reason.WRONG_TYPE),
        ({"id": 2**63}, "id", Reason.NUMBER_RANGE),
        ({"id": 1.5}, "id", Reason.WRONG_TYPE),
        ({"title": ...}, "title", Reason.MISSING_KEY),
        ({"title": None}, "title", Reason.WRONG_TYPE),
        ({"title": "a\0b"}, "title", Reason.NUL_BYTE),
        ({"severity": ...}, "severity", Reason.MISSING_KEY),
        ({"active": "true"}, "active", Reason.WRONG_TYPE),
        ({"false_p": 0}, "false_p", Reason.WRONG_TYPE),
        ({"date": "27.02.2026"}, "date", Reason.BAD_TIMESTAMP),
        ({"created": "2026-02-30T00:00:00Z"}, "created", Reason.BAD_TIMESTAMP),
        ({"created": 5}, "created", Reason.WRONG_TYPE),
        ({"updated": "0001-01-01T00:00:00+01:00"}, "updated", Reason.BAD_TIMESTAMP),
        ({"mitigated": "soon"}, "mitigated", Reason.BAD_TIMESTAMP),
        ({"last_status_update": "now"}, "last_status_update", Reason.BAD_TIMESTAMP),
        ({"tags": ["a", 1]}, "tags[1]", Reason.WRONG_TYPE),
        ({"tags": ["a\0"]}, "tags", Reason.NUL_BYTE),
        ({"cwe": 10**400}, "cwe", Reason.NUMBER_RANGE),
        ({"duplicate_finding": {"id": 1}}, "duplicate_finding", Reason.WRONG_TYPE),
        ({"accepted_risks": [{"created": None}]}, "accepted_risks.id", Reason.MISSING_KEY),
        ({"accepted_risks": [{"id": 1, "created": "x"}]}, "created", Reason.BAD_TIMESTAMP),
        ({"notes": [note(1, "Mitigated by x re-upload.", "x")]}, "date", Reason.BAD_TIMESTAMP),
        ({"notes": [note(1, "Mitigated by x re-upload.", date=None)]}, "date", Reason.MISSING_KEY),
        (
            {"related_fields": {"test": {"engagement": {"name": "no id"}}}},
            "related_fields.test.engagement.id",
            Reason.MISSING_KEY,
        ),
        (
            {"related_fields": {"test": {"id": 1, "test_type_name": "a\0", "test_type": 1}}},
            "related_fields.test.test_type_name",
            Reason.NUL_BYTE,
        ),
        (
            {"related_fields": {"jira": {"jira_id": "\0"}}},
            "related_fields.jira.jira_id",
            Reason.NUL_BYTE,
        ),
        (
            {"related_fields": {"test": {"id": 1, "engagement": {"id": 1, "product": "x"}}}},
            "related_fields.test.engagement.product",
            Reason.WRONG_TYPE,
        ),
    ],
)
def test_a_bad_finding_is_one_fault(tmp_path: Path, more: Row, column: str, reason: Reason) -> None:
    sink, report = read(tmp_path, page([finding(1), finding(9, **more), finding(2)]))
    assert faults(report) == [("results[1]", column, reason)]
    assert report.rows_read == 3
    assert sorted(sink.items) == ["1", "2"]
    assert {
        row["item_id"] for name in TRACKER_TABLES for row in sink.tables[name] if "item_id" in row
    } == {"1", "2"}


BAD_PIECES = {
    "nan": ('"cvssv3_score": NaN', Reason.NAN_OR_INFINITY),
    "infinite": ('"x": -Infinity', Reason.NAN_OR_INFINITY),
    "surrogate": (r'"x": "\ud800"', Reason.LONE_SURROGATE),
    "deep": ('"x": ' + "[" * 90 + "]" * 90, Reason.TOO_DEEP),
    "deeper": ('"x": ' + "[" * 100_000 + "]" * 100_000, Reason.TOO_DEEP),
    "syntax": ('"x": tru', Reason.NOT_JSON),
    "control": ('"x": "a\x01b"', Reason.NOT_JSON),
}


@pytest.mark.parametrize("piece", BAD_PIECES)
@pytest.mark.parametrize("shape", ["page", "array", "pages", "documents", "dump"])
def test_bad_json_in_a_record_costs_that_record(tmp_path: Path, piece: str, shape: str) -> None:
    text, reason = BAD_PIECES[piece]
    make = dumped_finding if shape == "dump" else finding
    good = [json.dumps(make(number)) for number in (1, 2)]
    # In a value that no field takes: what is skipped must be sound, too.
    bad = json.dumps(make(9)).replace('"description": ', f'{text}, "description": ')
    records = f"{good[0]}, {bad}, {good[1]}"
    whole = f'{{"count": 3, "results": [{records}], "next": null}}'
    content = {
        "page": whole,
        "array": f"[{records}]",
        "pages": f"[{whole}]",
        "documents": f"{whole}\n{json.dumps(page([]))}",
        "dump": f"[{records}]",
    }[shape]
    sink, report = read(tmp_path, content)
    ((path, _, found),) = faults(report)
    assert found is reason
    assert path is not None
    assert path.endswith("[1]")
    assert sorted(sink.items) == ["1", "2"]
    assert (report.rows_read, report.is_complete) == (3, True)
    total = None if shape in ("array", "dump") else 3
    assert sink.pages[0][2] == total


def test_bytes_that_are_no_utf8_cost_their_record(tmp_path: Path) -> None:
    data = json.dumps(page([finding(1), finding(2, impact="hérisson"), finding(3)])).encode()
    data = data.replace(rb"h\u00e9risson", b"h\xe9risson")
    sink, report = read(tmp_path, data)
    assert faults(report) == [("results[1]", None, Reason.BAD_UTF8)]
    assert sorted(sink.items) == ["1", "3"]


def test_brackets_and_quotes_in_texts_do_not_mislead(tmp_path: Path) -> None:
    odd = '}{ ]["results": [ \\" "'
    content = json.dumps(page([finding(1, title=odd), finding(2, cwe=float("nan"))]))
    sink, report = read(tmp_path, f"{content}{json.dumps(page([finding(3, title=odd)]))}")
    assert faults(report) == [("document 1: results[1]", None, Reason.NAN_OR_INFINITY)]
    assert [sink.items[number]["title"] for number in ("1", "3")] == [odd, odd]


def test_only_the_results_of_the_page_itself_are_records(tmp_path: Path) -> None:
    records = f"{json.dumps(finding(1))}, NaN"
    content = (
        f'{{"about": {{"results": [5, 6]}}, "results": [{records}], "then": {{"results": [7]}}}}'
    )
    sink, report = read(tmp_path, content)
    assert faults(report) == [("results[1]", None, Reason.NAN_OR_INFINITY)]
    assert (report.rows_read, list(sink.items)) == (2, ["1"])


def test_what_stands_between_records_is_a_fault(tmp_path: Path) -> None:
    good = [json.dumps(finding(number)) for number in (1, 2)]
    sink, report = read(tmp_path, f'{{"results": [NaN, {good[0]}, x, {good[1]} y]}}')
    assert [path for path, _, _ in faults(report)] == ["results[0]", "results[2]", "results[4]"]
    assert sorted(sink.items) == ["1", "2"]
    assert report.rows_read == 5


# Files that were cut, and files that are nothing


@pytest.mark.parametrize("shape", ["page", "documents", "array", "pages"])
def test_a_cut_file_keeps_what_stands_before_the_cut(tmp_path: Path, shape: str) -> None:
    rows = [finding(number) for number in (1, 2, 3)]
    content = {
        "page": json.dumps(page(rows, count=900)),
        "documents": json.dumps(page(rows[:2])) + "\n" + json.dumps(page(rows[2:])),
        "array": json.dumps(rows),
        "pages": json.dumps([page(rows[:1]), page(rows[1:])]),
    }[shape]
    cut = content[: content.rindex('"severity"') + 5]
    sink, report = read(tmp_path, cut)
    assert sorted(sink.items) == ["1", "2"]
    assert not report.is_complete
    assert report.rows_read == 3
    ((path, _, reason),) = faults(report)
    assert reason is Reason.NOT_JSON
    last = {
        "page": "results[2]",
        "documents": "document 2: results[0]",
        "array": "[2]",
        "pages": "[1].results[1]",
    }
    assert path == last[shape]


def test_every_cut_of_a_file_is_accounted_for(tmp_path: Path) -> None:
    small = [{"id": n, "title": "t", "severity": "Low", "test": 1, "active": True} for n in (1, 2)]
    rows = [{**row, "false_p": False, "service": 'a"}]['} for row in small]
    content = json.dumps(page(rows)) + " " + json.dumps(page([{**rows[0], "id": 3}]))
    for end in range(len(content)):
        try:
            sink, report = read(tmp_path, content[:end])
        except UnreadableFileError:
            assert end < content.index("[") + 1
            continue
        assert report.rows_read == len(sink.items) + len(report.faults)
        assert len(sink.items) == content[:end].count("['\"}".replace("'", ""))
        between = content[:end].rstrip() == json.dumps(page(rows))
        assert report.is_complete is between, end


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", Reason.NOT_JSON),
        (" \n", Reason.NOT_JSON),
        ("not JSON", Reason.NOT_JSON),
        ("5", Reason.NOT_OBJECT),
        ('"text"', Reason.NOT_OBJECT),
        ('{"detail": "Invalid token."}', Reason.MISSING_KEY),
        ('{"count": 3, "results": {"a": 1}}', Reason.MISSING_KEY),
        ('{"detail": "\\ud800"}', Reason.LONE_SURROGATE),
        ('{"detail": ', Reason.NOT_JSON),
        ("{" * 1000, Reason.TOO_DEEP),
        ("}" * 1000, Reason.NOT_JSON),
        ("<html></html>", Reason.NOT_JSON),
        ("\0" * 10, Reason.NUL_BYTE),
    ],
    ids=range(13),
)
def test_nothing_of_defectdojo_is_unreadable(tmp_path: Path, content: str, reason: Reason) -> None:
    with pytest.raises(UnreadableFileError) as caught:
        read(tmp_path, content)
    assert caught.value.reason is reason


def test_an_error_page_among_pages_is_one_fault(tmp_path: Path) -> None:
    content = [page([finding(1)]), {"detail": "Invalid token."}]
    sink, report = read(tmp_path, "\n".join(map(json.dumps, content)))
    assert faults(report) == [("document 2", "results", Reason.MISSING_KEY)]
    assert list(sink.items) == ["1"]
    assert report.rows_read == 2


def test_damaged_gzip(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError) as caught:
        read(tmp_path, gzipped(page([finding(1)]))[:-10], "x.json.gz")
    assert caught.value.reason is Reason.BAD_GZIP


# Whole landings


def test_a_landing_counts_every_row_once(ground: Any) -> None:
    rows = [finding(1), finding(2), finding(1, severity="Low"), finding(3, severity=None)]
    ground.put("defectdojo/2026-03-01/findings.json", json.dumps(page(rows)))
    ground.put("defectdojo/findings-2026-04-01.json.gz", gzipped([dumped_finding(1)]))
    ground.put("defectdojo/broken.json", b"{")
    result = ground.land()
    assert ground.reconciles()
    assert ground.counts() == {
        "defectdojo/2026-03-01/findings.json": (4, 2, 1, 1),
        "defectdojo/findings-2026-04-01.json.gz": (1, 1, 0, 0),
        "defectdojo/broken.json": (0, 0, 0, 0),
    }
    assert (result.rows_loaded, result.rows_superseded) == (3, 1)
    assert ground.quarantine() == [
        ("defectdojo/2026-03-01/findings.json", None, "severity", "wrong_type"),
        ("defectdojo/broken.json", None, None, "not_json"),
    ]
    assert ground.ask("tracker_items/*", "count(*)") == [(3,)]
    delivered = ground.ask("tracker_files", "file_name, delivered_on::text", "order by all")
    assert delivered == [
        ("defectdojo/2026-03-01/findings.json", "2026-03-01"),
        ("defectdojo/findings-2026-04-01.json.gz", "2026-04-01"),
    ]
    targets = ground.ask("targets", "target_name", "where source = 'defectdojo' order by all")
    assert ("system:support-bot",) in targets
    # A second landing of the same bytes reads from memory and says the same.
    ground.put("defectdojo/copy.json", json.dumps(page(rows)))
    ground.land()
    assert ground.counts()["defectdojo/copy.json"] == (4, 2, 1, 1)


@pytest.mark.parametrize("seed", range(12))
def test_damage_is_accounted_for(ground: Any, seed: int) -> None:
    chance = random.Random(seed)
    whole = json.dumps(
        [page([finding(number, related_fields=related()) for number in range(8)]), page([])]
    ).encode()
    ground.put("defectdojo/whole.json", whole)
    for number in range(12):
        damaged = bytearray(whole)
        for _ in range(chance.randrange(1, 8)):
            at = chance.randrange(len(damaged))
            match chance.randrange(4):
                case 0:
                    damaged[at] ^= 1 << chance.randrange(8)
                case 1:
                    damaged[at : at + 1] = bytes(chance.choices(b'"{}[]\\,:\0\xff9', k=2))
                case 2:
                    del damaged[at : at + chance.randrange(60)]
                case _:
                    del damaged[at + len(damaged) // 2 :]
        ground.put(f"defectdojo/damaged-{number}.json", bytes(damaged))
    ground.land()
    assert ground.reconciles()
    assert ground.counts()["defectdojo/whole.json"] == (8, 8, 0, 0)
    # What a reader did not foresee would be that reason.
    assert "unreadable_file" not in {reason for *_, reason in ground.quarantine()}
    in_lake = dict(ground.ask("tracker_items/*", "file_sha256, count(*)", "group by all"))
    for sha256, loaded in ground.ask("ledger/files", "file_sha256, rows_loaded"):
        assert in_lake.get(sha256, 0) <= loaded


# Real files


real = pytest.mark.skipif(shared_trackers() is None, reason="real tracker files are not here")


@real
@pytest.mark.parametrize(("name", "findings"), [("demo", 160), ("unit", 21)])
def test_real_dumps_land_whole(ground: Any, name: str, findings: int) -> None:
    folder = shared_trackers()
    assert folder is not None
    data = (folder / "defectdojo" / f"dumpdata_{name}.json").read_bytes()
    records = json.loads(data)
    ground.put(f"defectdojo/dump-{name}.json", data)
    ground.land()
    assert ground.reconciles()
    assert ground.quarantine() == []
    counts = (len(records), len(records), 0, 0)
    assert ground.counts() == {f"defectdojo/dump-{name}.json": counts}

    theirs = {row["pk"]: row["fields"] for row in records if row["model"] == "dojo.finding"}
    assert len(theirs) == findings
    columns = "item_id::int, title, discovered_on::text, created_at is null, closed_at is null"
    assert set(ground.ask("tracker_items/*", columns)) == {
        (pk, row["title"], row["date"], row["created"] is None, row["mitigated"] is None)
        for pk, row in theirs.items()
    }
    values = Counter(ground.ask("tracker_values/*", "field, value"))
    for severity, count in Counter(row["severity"] for row in theirs.values()).items():
        assert values["severity", severity] == count
    for flag in ("active", "verified", "false_p", "duplicate", "out_of_scope", "risk_accepted"):
        for answer in (True, False):
            expected = sum(row.get(flag) is answer for row in theirs.values())
            assert values[flag, str(answer).lower()] == expected, flag
    links = ground.ask("tracker_links/*", "count(*)", "where link = 'duplicate_finding'")
    assert links == [(sum(bool(row["duplicate_finding"]) for row in theirs.values()),)]
    # Every finding finds its product, here and by the objects.
    assert ground.ask("tracker_items/*", "count(*)", "where project is null") == [(0,)]
    if name == "demo":
        assert values["severity", "HIGH"] == 6
        assert ground.ask("tracker_items/*", "count(*)", "where created_at is null") == [(6,)]
    else:
        later = ground.ask("tracker_items/*", "count(*)", "where discovered_on > created_at::date")
        assert later == [(13,)]
        changes = "item_id, change_id, field, to_value"
        assert sorted(ground.ask("tracker_changes/*", changes)) == [
            ("226", "risk:1:226", "risk_accepted", "true"),
            ("232", "import:6829:232", "import_action", "created"),
            ("233", "import:6830:233", "import_action", "created"),
        ]


@real
def test_the_real_fields_of_a_rest_finding_are_all_known_or_left_out(tmp_path: Path) -> None:
    """The list of fields says what may be null; a finding of nulls is still a finding."""
    folder = shared_trackers()
    assert folder is not None
    lines = (folder / "defectdojo" / "rest_v2_finding_fields.csv").read_text().splitlines()[1:]
    fields = {line.split(",")[0]: line.split(",")[3] == "true" for line in lines}
    assert len(fields) > 80
    made = {key: value for key, value in finding(1).items() if key in fields}
    made |= {name: None for name, nullable in fields.items() if nullable}
    sink, report = read(tmp_path, page([made]))
    assert report.faults == []
    assert list(sink.items) == ["1"]
    assert fields.keys() >= made.keys()


@real
def test_reports_of_scanners_are_no_findings(tmp_path: Path) -> None:
    folder = shared_trackers()
    assert folder is not None
    data = (
        folder / "defectdojo" / "scan_reports" / "generic" / "generic_report1.json"
    ).read_bytes()
    with pytest.raises(UnreadableFileError):
        read(tmp_path, data)


def test_faults_name_their_record(tmp_path: Path) -> None:
    _, report = read(tmp_path, page([finding(number, severity=1) for number in range(3)]))
    assert report.faults == [
        Fault(Reason.WRONG_TYPE, record_path=f"results[{n}]", column_name="severity")
        for n in range(3)
    ]


def test_a_finding_of_which_little_was_asked_for_is_one(tmp_path: Path) -> None:
    row = {"id": 4, "title": "t", "severity": "High", "date": "2026-01-01", "is_mitigated": False}
    found, _ = read(tmp_path, {"count": 1, "next": None, "previous": None, "results": [row]})
    assert found.items.keys() == {"4"}
    assert found.values("4") == {"severity": [(None, "High")], "is_mitigated": [(None, "false")]}
