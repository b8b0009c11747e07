"""Jira exports: every shape of search pages, histories and lists, and hostile ones."""

from __future__ import annotations

import json
import random
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from aism.land.model import Reason, UnreadableFileError
from aism.land.readers.jira import read_jira
from tests.python.land.trackers import Row, Told, read, shared_trackers, unreadable

HOST = "https://jira.example.com/rest/api/3"
SECRET = "the secret text of a description"
ADF = {
    "type": "doc",
    "version": 1,
    "content": [{"type": "paragraph", "content": [{"type": "text", "text": SECRET}]}],
}
PERSON = {"accountId": "557058:f1", "displayName": "Jane Doe", "emailAddress": "jane@example.com"}
CLOUD_ACCOUNT = "5b10a2844c20165700ede21g".replace("g", "0")


def issue(number: int = 12, **fields: Any) -> Row:
    """Return an issue as Jira Cloud gives it; ``...`` takes a field out."""
    made: Row = {
        "summary": f"Finding {number}",
        "description": ADF,
        "created": "2026-01-05T23:30:00.360+0800",
        "updated": "2026-01-06T08:00:00.000+0000",
        "resolutiondate": None,
        "status": status(),
        "resolution": None,
        "issuetype": {"id": "10004", "name": "缺陷", "subtask": False},
        "priority": {"id": "2", "name": "High"},
        "project": {"id": "10003", "key": "SEC", "name": "Security"},
        "labels": ["ai-red-team", "system:helpdesk"],
        "components": [{"id": "7", "name": "helpdesk-bot"}],
        "reporter": PERSON,
        "assignee": None,
        "comment": {"comments": [{"body": SECRET, "author": PERSON}], "total": 1},
        **fields,
    }
    kept = {key: value for key, value in made.items() if value is not ...}
    key = f"SEC-{number}"
    return {"id": str(10000 + number), "key": key, "self": f"{HOST}/issue/{number}", "fields": kept}


def status(name: str = "已完成", category: str = "new", number: str = "10068") -> Row:
    return {
        "id": number,
        "name": name,
        "statusCategory": {"id": 3, "key": category, "name": "新建"},
    }


def entry(field: str, before: Any = None, after: Any = None, **more: Any) -> Row:
    """Return one item of a history; ``before`` and ``after`` are (id, text)."""
    from_id, from_text = before or (None, None)
    to_id, to_text = after or (None, None)
    return {
        "field": field,
        "fieldtype": "jira",
        "fieldId": field,
        "from": from_id,
        "fromString": from_text,
        "to": to_id,
        "toString": to_text,
        **more,
    }


def custom(number: int, before: Any = None, after: Any = None, **more: Any) -> Row:
    names = {"fieldtype": "custom", "fieldId": f"customfield_{number}"}
    return entry("Severity", before, after, **{**names, **more})


def history(number: int, *entries: Row, day: int = 1, **more: Any) -> Row:
    created = f"2026-02-{day:02}T09:00:00.500+0100"
    return {"id": str(number), "author": PERSON, "created": created, "items": [*entries], **more}


def with_changelog(one: Row, *histories: Any, total: int | None = None) -> Row:
    total = len(histories) if total is None else total
    return one | {"changelog": {"startAt": 0, "total": total, "histories": [*histories]}}


def search(*issues: Any, **more: Any) -> Row:
    page = {"startAt": 0, "maxResults": 50, "total": len(issues), "issues": [*issues], **more}
    return {key: value for key, value in page.items() if value is not ...}


def told(folder: Path, content: Any, name: str = "export-2026-03-01.json") -> Told:
    return read(read_jira, folder, content, name)


OPEN, FIXED, WONT_DO = ("1", "Open"), ("10000", "Fixed"), ("10001", "Won't Do")


# What an issue is


def test_an_issue_is_an_item_in_utc_with_nobody_and_no_text_in_it(tmp_path: Path) -> None:
    found = told(tmp_path, search(issue(resolutiondate="2026-01-06T00:15:00.000-0130")))
    item = found.item
    assert (item["item_id"], item["item_key"], item["project"]) == ("10012", "SEC-12", "SEC")
    assert (item["record_path"], item["title"]) == ("issues[0]", "Finding 12")
    assert item["created_at"] == datetime(2026, 1, 5, 15, 30, 0, 360_000)
    assert item["updated_at"] == datetime(2026, 1, 6, 8)
    assert item["closed_at"] == datetime(2026, 1, 6, 1, 45)
    assert (item["discovered_on"], item["status_at"], item["has_history"]) == (None, None, False)
    assert [(row["field"], row["value_id"], row["value"]) for row in found.all_values] == [
        ("status", "10068", "已完成"),
        ("status_category", "new", "new"),
        ("issuetype", "10004", "缺陷"),
        ("priority", "2", "High"),
        ("component", "7", "helpdesk-bot"),
        ("project", "10003", "SEC"),
        ("label", None, "ai-red-team"),
        ("label", None, "system:helpdesk"),
    ]
    expected = {"SEC", "Security", "ai-red-team", "system:helpdesk", "helpdesk", "helpdesk-bot"}
    assert found.report.targets == expected
    assert (found.counts, found.report.is_complete) == ((1, 0, 0), True)
    for secret in (SECRET, "Jane", "jane@", "557058"):
        assert secret not in found.text()


@pytest.mark.parametrize("description", [ADF, "h1. " + SECRET, None, ...])
def test_descriptions_of_both_versions_are_skipped(tmp_path: Path, description: Any) -> None:
    found = told(tmp_path, [issue(description=description, environment=description)])
    assert (found.ids, found.counts) == (["10012"], (1, 0, 0))
    assert SECRET not in found.text()


def test_custom_fields_are_options_texts_and_numbers_but_no_people(tmp_path: Path) -> None:
    fields: Row = {
        "customfield_1": {"id": "50", "value": "Critical", "self": f"{HOST}/customFieldOption/50"},
        "customfield_2": [{"id": "1", "value": "prod"}, {"id": "2", "value": "eu"}],
        "customfield_3": {"id": "8", "value": "Bot", "child": {"id": "9", "value": "Helpdesk"}},
        "customfield_4": "helpdesk@2.1",
        "customfield_5": 3.0,
        "customfield_6": 0.5,
        "customfield_7": "2026-01-04",
        "customfield_8": ["a", "b"],
        "customfield_9": True,
        "customfield_10": [{"id": 34, "name": "Sprint 24", "state": "closed"}],
        "customfield_20": PERSON,
        "customfield_21": [PERSON, PERSON],
        "customfield_22": ADF,
        "customfield_28": {
            "self": "https://jira.example.com/rest/api/2/user?key=j",
            "name": "Jane",
        },
        "customfield_{{ x }}": "text",
        "customfield_": "text",
        "customfield_23": "x" * 201,
        "customfield_24": None,
        "customfield_25": "",
        "customfield_26": [],
        "customfield_27": "y" * 200,
    }
    found = told(tmp_path, [issue(**fields)])
    values = {
        name: found.values(name)
        for name in dict.fromkeys(row["field"] for row in found.all_values)
        if name.startswith("customfield_")
    }
    assert values == {
        "customfield_1": [("50", "Critical")],
        "customfield_2": [("1", "prod"), ("2", "eu")],
        "customfield_3": [("8", "Bot"), ("9", "Helpdesk")],
        "customfield_4": [(None, "helpdesk@2.1")],
        "customfield_5": [(None, "3")],
        "customfield_6": [(None, "0.5")],
        "customfield_7": [(None, "2026-01-04")],
        "customfield_8": [(None, "a"), (None, "b")],
        "customfield_9": [(None, "true")],
        "customfield_10": [("34", "Sprint 24")],
        "customfield_27": [(None, "y" * 200)],
    }
    assert {"helpdesk@2.1", "Critical", "Helpdesk", "y" * 200} <= found.report.targets
    assert "Jane" not in found.text()


def test_links_and_parents_lead_to_other_issues(tmp_path: Path) -> None:
    links = [
        {"type": {"name": "Duplicate"}, "outwardIssue": {"id": "10001", "key": "SEC-1"}},
        {"type": {"name": "Duplicate"}, "inwardIssue": {"id": "10002", "key": "SEC-2"}},
        {"type": {"name": "Blocks"}, "outwardIssue": {"key": "OPS-3"}},
    ]
    found = told(tmp_path, [issue(issuelinks=links, parent={"id": "10009", "key": "SEC-9"})])
    assert found.links == [
        ("10012", "Duplicate/outward", "10001", "SEC-1"),
        ("10012", "Duplicate/inward", "10002", "SEC-2"),
        ("10012", "Blocks/outward", None, "OPS-3"),
    ]
    assert found.values("parent") == [("10009", "SEC-9")]


def test_a_title_is_cut_and_an_export_of_few_fields_is_no_fault(tmp_path: Path) -> None:
    content = [issue(1, summary="t" * 501), {"id": "5", "key": "OPS-5", "fields": {}}]
    found = told(tmp_path, content)
    long, bare = found.items
    assert long["title"] == "t" * 500
    assert (bare["title"], bare["created_at"], bare["project"]) == (None, None, "OPS")
    assert "OPS" in found.report.targets


# Documents


@pytest.mark.parametrize(
    ("content", "paths", "pages"),
    [
        (
            search(issue(1), issue(2), total=40),
            ["issues[0]", "issues[1]"],
            [("issues", 2, 40)],
        ),
        (
            search(issue(1), startAt=..., maxResults=..., total=..., isLast=True),
            ["issues[0]"],
            [("issues", 1, None)],
        ),
        ([issue(1), issue(2)], ["[0]", "[1]"], [("issues", 2, None)]),
        (issue(1), ["document 1"], [("issues", 1, None)]),
        (
            [search(issue(1), total=2), search(issue(2), total=2)],
            ["[0].issues[0]", "[1].issues[0]"],
            [("issues", 1, 2), ("issues", 1, 2)],
        ),
        (search(), [], [("issues", 0, 0)]),
        ([], [], [("issues", 0, None)]),
    ],
    ids=["search", "enhanced search", "issues", "one issue", "pages", "no issue", "empty"],
)
def test_issues_come_in_many_envelopes(
    tmp_path: Path, content: Any, paths: list[str], pages: list[Any]
) -> None:
    found = told(tmp_path, content)
    assert [item["record_path"] for item in found.items] == paths
    assert found.pages == pages
    assert (found.counts, found.report.is_complete) == ((len(paths), 0, 0), True)


def test_documents_may_follow_one_another_and_be_packed(tmp_path: Path) -> None:
    parts = (search(issue(1)), [issue(2)], issue(3))
    content = "\n".join(json.dumps(part) for part in parts).encode()
    expected = ["document 1: issues[0]", "document 2: [0]", "document 3"]
    for name in ("a.json", "b.json.gz"):
        found = told(tmp_path, content, name)
        assert [item["record_path"] for item in found.items] == expected
        assert (found.counts, len(found.pages)) == ((3, 0, 0), 3)
    assert found.report.is_complete


def test_a_cut_last_document_leaves_the_others_and_is_no_whole_file(tmp_path: Path) -> None:
    whole = json.dumps(search(issue(1))).encode()
    found = told(tmp_path, whole + whole + whole[:-20])
    assert (found.ids, found.counts) == (["10001"], (3, 1, 1))
    assert found.faults == [("document 3", None, Reason.NOT_JSON)]
    assert not found.report.is_complete
    found = told(tmp_path, b'{"issues": [,]}' + whole)
    assert found.faults == [("document 1", None, Reason.NOT_JSON)]
    assert (found.ids, found.report.is_complete) == (["10001"], True)


@pytest.mark.parametrize(
    ("marks", "stated"),
    [
        ([{"isLast": False, "nextPageToken": "abc"}], [2]),
        ([{"nextPageToken": "abc"}], [2]),
        ([{"isLast": False}, {"isLast": True}], [2, None]),
        ([{"isLast": True, "nextPageToken": "abc"}], [None]),
        ([{"isLast": None, "nextPageToken": None}], [None]),
        ([{"nextPageToken": ""}], [None]),
    ],
)
def test_a_page_that_more_would_follow_says_that_there_is_at_least_one(
    tmp_path: Path, marks: list[Row], stated: list[int | None]
) -> None:
    found = told(tmp_path, [search(issue(n), total=..., **one) for n, one in enumerate(marks)])
    assert [row["stated_total"] for row in found.tables["tracker_pages"]] == stated
    assert found.report.is_complete
    assert found.counts == (len(marks), 0, 0)


def test_an_issue_that_comes_again_stands_in_its_later_form(tmp_path: Path) -> None:
    moved = issue(1) | {"key": "OPS-77"}
    again = issue(1, priority={"id": "1", "name": "Highest"})
    found = told(tmp_path, [issue(1), issue(2), moved, again])
    assert found.counts == (4, 2, 0)
    assert sorted(found.ids) == ["10001", "10002"]
    assert found.values("priority", "10001") == [("1", "Highest")]
    assert found.items[-1]["item_key"] == "SEC-1"


def test_lists_say_what_ids_stand_for(tmp_path: Path) -> None:
    statuses = [status("Closed", "done", "6") | {"self": f"{HOST}/status/6"}, status()]
    kinds = [{"self": f"{HOST}/issuetype/1", "id": "1", "name": "Bug", "subtask": False}]
    fields = [
        {"id": "customfield_9", "name": "Severity", "schema": {"type": "option"}},
        {"id": "summary", "name": "Summary", "clauseNames": ["summary"]},
    ]
    resolutions = {"values": [{"id": "3", "name": "Duplicate", "isDefault": False}], "total": 1}
    priorities = [{"self": f"{HOST}/priority/2", "id": "2", "name": "High", "statusColor": "#f00"}]
    new_statuses = {"values": [{"id": "8", "name": "Doing", "statusCategory": "IN_PROGRESS"}]}
    parts = (statuses, kinds, fields, resolutions, priorities, new_statuses)
    found = told(tmp_path, "".join(map(json.dumps, parts)).encode())
    assert {key: (row["name"], row["category"]) for key, row in found.objects.items()} == {
        ("status", "6"): ("Closed", "done"),
        ("status", "10068"): ("已完成", "new"),
        ("issuetype", "1"): ("Bug", None),
        ("field", "customfield_9"): ("Severity", None),
        ("field", "summary"): ("Summary", None),
        ("resolution", "3"): ("Duplicate", None),
        ("priority", "2"): ("High", None),
        ("status", "8"): ("Doing", "indeterminate"),
    }
    assert [page[0] for page in found.pages] == ["objects"] * 6
    assert found.counts == (8, 0, 0)
    assert told(tmp_path, statuses + statuses[:1]).counts == (3, 1, 0)


# Histories


def test_a_history_tells_its_changes_oldest_first(tmp_path: Path) -> None:
    newest_first = [
        history(
            30,
            entry("resolution", FIXED),
            entry("status", ("6", "已完成"), OPEN),
            day=9,
        ),
        history(
            20,
            entry("status", OPEN, ("6", "已完成")),
            entry("resolution", None, FIXED),
            day=5,
        ),
    ]
    found = told(tmp_path, [with_changelog(issue(), *newest_first)])
    assert found.changes("status") == [("Open", "已完成"), ("已完成", "Open")]
    assert found.changes("resolution") == [(None, "Fixed"), ("Fixed", None)]
    first = found.all_changes[0]
    assert first["changed_at"] == datetime(2026, 2, 5, 8, 0, 0, 500_000)
    assert (first["item_id"], first["change_id"]) == ("10012", "20/0")
    assert (first["from_id"], first["to_id"]) == ("1", "6")
    assert first["record_path"] == "[0].changelog.histories[1]"
    assert found.item["has_history"]
    assert found.counts == (1, 0, 0)


@pytest.mark.parametrize(
    ("total", "is_whole"), [(2, True), (3, False), (1, True), (0, True), (None, True)]
)
def test_a_changelog_that_is_cut_is_no_whole_history(
    tmp_path: Path, total: int | None, is_whole: bool
) -> None:
    one = with_changelog(issue(), history(1), history(2))
    one["changelog"]["total"] = total
    assert told(tmp_path, [one]).item["has_history"] is is_whole


def test_no_history_is_not_the_same_as_no_changes(tmp_path: Path) -> None:
    without, empty = issue(1), with_changelog(issue(2))
    null = issue(3) | {"changelog": None}
    found = told(tmp_path, [without, empty, null])
    assert [item["has_history"] for item in found.items] == [False, True, False]


def test_free_text_and_people_never_leave_a_history(tmp_path: Path) -> None:
    person = (CLOUD_ACCOUNT, "Jane Doe")
    noise = [
        entry("summary", (None, SECRET), (None, SECRET + "!")),
        entry("description", None, ("{}", SECRET)),
        entry("environment", None, (None, SECRET)),
        entry("Comment", (None, SECRET), (None, SECRET)),
        entry("RemoteIssueLink", None, ("5", f"This issue links to {SECRET}")),
        entry("assignee", None, person),
        entry("Link", None, ("SEC-1", f"blocks {SECRET}")),
        custom(1, None, person),
        custom(2, None, ("557058:01234567-89ab-cdef-0123-456789abcdef", "Jane Doe")),
        custom(3, None, ("JIRAUSER10100", "Jane Doe")),
        custom(4, None, ("[jdoe]", "[Jane Doe]")),
        custom(5, None, (None, "z" * 201)),
        custom(6, ("q" * 201, "a"), (None, "b")),
        entry("Owner", None, ("jdoe", "Jane Doe"), fieldtype="custom", fieldId=None),
        custom(7, None, (None, "kept")),
        custom(8, None, (None, "b"), fieldId="customfield_{{ x }}"),
        entry("n" * 201, None, (None, "c"), fieldtype="custom", fieldId=None),
    ]
    owner: Row = {"customfield_4": [PERSON]}
    found = told(tmp_path, [with_changelog(issue(**owner), history(1, *noise))])
    assert [row["field"] for row in found.all_changes] == ["customfield_7"]
    assert found.all_changes[0]["change_id"] == "1/14"
    for secret in (SECRET, "Jane", "jdoe", "zzz", "qqq", "nnn", "{{ x }}"):
        assert secret not in found.text()


def test_labels_and_components_come_and_go_one_by_one(tmp_path: Path) -> None:
    entries = [
        entry("labels", (None, "old keep"), (None, "keep new1 new2")),
        entry("Component", ("7", "bot"), None, fieldId="components"),
        entry("Component", None, ("8", "agent"), fieldId=None),
    ]
    found = told(tmp_path, [with_changelog(issue(), history(5, *entries))])
    assert found.changes("label") == [("old", None), (None, "new1"), (None, "new2")]
    assert found.changes("component") == [("bot", None), (None, "agent")]
    ids = [row["change_id"] for row in found.all_changes]
    assert ids == ["5/0/0", "5/0/1", "5/0/2", "5/1", "5/2"]


def test_moves_custom_fields_and_parents_are_told(tmp_path: Path) -> None:
    entries = [
        entry("Key", (None, "OLD-3"), (None, "SEC-12"), fieldId=None),
        entry("project", ("1", "Old"), ("10003", "Security")),
        custom(10, ("50", "High"), ("51", "Low")),
        custom(11, (None, "[a, b]"), (None, "[a]")),
        entry("priority", ("3", "Medium"), ("2", "High")),
        entry("issuetype", ("1", "Task"), ("2", "Bug")),
        entry("Parent", None, ("10063", "EE-1"), fieldId=None),
        entry("IssueParentAssociation", ("10063", "EE-1"), ("10064", "EE-2"), fieldId=None),
    ]
    found = told(tmp_path, [with_changelog(issue(), history(5, *entries))])
    told_of = {
        name: found.changes(name)
        for name in dict.fromkeys(row["field"] for row in found.all_changes)
    }
    assert told_of == {
        "Key": [("OLD-3", "SEC-12")],
        "project": [("Old", "Security")],
        "customfield_10": [("High", "Low")],
        "customfield_11": [("[a, b]", "[a]")],
        "priority": [("Medium", "High")],
        "issuetype": [("Task", "Bug")],
        "parent": [(None, "EE-1"), ("EE-1", "EE-2")],
    }


def test_a_server_names_custom_fields_and_the_file_may_know_their_ids(tmp_path: Path) -> None:
    entries = [
        entry("Severity", ("50", "High"), ("51", "Low"), fieldtype="custom", fieldId=None),
        entry("Status", ("50", "High"), ("51", "Low"), fieldtype="custom", fieldId=None),
        entry("Team", None, ("2026-01-01T00:00Z", "x"), fieldtype="custom", fieldId=None),
    ]
    page = search(with_changelog(issue(), history(1, *entries)))
    assert {row["field"] for row in told(tmp_path, page).all_changes} == {"Severity", "Team"}
    page["names"] = {"customfield_10": "Severity", "customfield_11": "Status", "summary": "Team"}
    known = told(tmp_path, page)
    assert known.changes("customfield_10") == known.changes("customfield_11") == [("High", "Low")]
    page["names"]["customfield_12"] = "Severity"
    twice = told(tmp_path, page)
    assert {row["field"] for row in twice.all_changes} == {"Severity", "customfield_11", "Team"}
    people = [{"id": "customfield_10", "name": "Severity", "schema": {"type": "user"}}]
    del page["names"]["customfield_12"]
    both = (json.dumps(page) + json.dumps(people)).encode()
    assert told(tmp_path, both).changes("customfield_10") == []


def test_a_bad_history_is_told_and_leaves_the_issue_without_a_whole_one(tmp_path: Path) -> None:
    good = history(1, entry("status", OPEN, ("6", "Done")))
    bad: list[Any] = [
        history(2, created="yesterday"),
        history(3) | {"items": "none"},
        5,
        history(4, entry("status", None, (None, "a\0b"))),
        {"items": []},
    ]
    found = told(tmp_path, [with_changelog(issue(1), good, *bad), with_changelog(issue(2), good)])
    path = "[0].changelog.histories"
    assert found.faults == [
        (f"{path}[1]", "created", Reason.BAD_TIMESTAMP),
        (f"{path}[2]", "items", Reason.WRONG_TYPE),
        (f"{path}[3]", None, Reason.NOT_OBJECT),
        (f"{path}[4]", "items.toString", Reason.NUL_BYTE),
        (f"{path}[5]", "id", Reason.MISSING_KEY),
    ]
    assert found.counts == (7, 0, 5)
    assert {item["item_id"]: item["has_history"] for item in found.items} == {
        "10001": False,
        "10002": True,
    }
    assert found.changes("status") == [("Open", "Done")] * 2


def test_a_bad_history_counts_even_where_no_total_misses_it(tmp_path: Path) -> None:
    one = with_changelog(issue(), CLOSED, history(2, created=None))
    one["changelog"]["total"] = None
    assert not told(tmp_path, [one]).item["has_history"]


@pytest.mark.parametrize("changelog", [5, "text", [], {"total": 3}, {"histories": {}}])
def test_a_changelog_of_another_shape_is_told(tmp_path: Path, changelog: Any) -> None:
    found = told(tmp_path, [issue() | {"changelog": changelog}])
    assert found.faults == [("[0].changelog", "histories", Reason.WRONG_TYPE)]
    assert (found.counts, found.item["has_history"]) == ((2, 0, 1), False)


# Separate changelogs


def changelog_page(*histories: Row, total: int = 2, **more: Any) -> Row:
    url = f"{HOST}/issue/10012/changelog?startAt=0"
    return {"self": url, "total": total, "isLast": True, "values": [*histories], **more}


CLOSED = history(7, entry("status", OPEN, ("6", "Done")))
REOPENED = history(8, entry("status", ("6", "Done"), OPEN), day=2)


def test_a_page_of_histories_names_its_issue(tmp_path: Path) -> None:
    found = told(tmp_path, changelog_page(CLOSED, REOPENED))
    assert found.changes("status") == [("Open", "Done"), ("Done", "Open")]
    assert {row["item_id"] for row in found.all_changes} == {"10012"}
    assert (found.items, found.pages) == ([], [("changelog", 2, 2)])
    assert found.counts == (2, 0, 0)


def test_pages_and_embedded_histories_are_the_same_rows(tmp_path: Path) -> None:
    page = told(tmp_path, changelog_page(CLOSED, REOPENED))
    embedded = told(tmp_path, [with_changelog(issue(), REOPENED, CLOSED)])

    def without_path(found: Told) -> list[Row]:
        return [row | {"record_path": None} for row in found.all_changes]

    assert without_path(page) == without_path(embedded)
    parts = [search(issue()), changelog_page(CLOSED), changelog_page(CLOSED, REOPENED)]
    both = told(tmp_path, "".join(map(json.dumps, parts)).encode())
    assert len(both.all_changes) == 2
    assert (both.counts, both.item["has_history"]) == ((4, 1, 0), True)
    del parts[2]
    assert not told(tmp_path, "".join(map(json.dumps, parts)).encode()).item["has_history"]


def test_of_two_totals_of_a_history_the_greater_counts(tmp_path: Path) -> None:
    parts = [search(with_changelog(issue(), CLOSED, total=3)), changelog_page(REOPENED, total=2)]
    for order in (parts, parts[::-1]):
        found = told(tmp_path, "".join(map(json.dumps, order)).encode())
        assert (len(found.all_changes), found.item["has_history"]) == (2, False)


def test_an_issue_that_changed_after_its_history_was_read_has_none(tmp_path: Path) -> None:
    earlier = with_changelog(issue(), CLOSED)
    same = told(tmp_path, [earlier, issue()])
    later = told(tmp_path, [earlier, issue(updated="2026-03-01T00:00:00Z")])
    assert [found.item["has_history"] for found in (same, later)] == [True, False]
    assert same.changes("status") == later.changes("status") == [("Open", "Done")]


@pytest.mark.parametrize(
    ("name", "item_id"),
    [
        ("changelog-12345.json", "12345"),
        ("changelog_issue_13383.json", "13383"),
        ("12345/changelog.json", "12345"),
        ("12345/changelog-2026-03-01.json", "12345"),
        ("2026-03-01/changelog-12345.json.gz", "12345"),
        ("changelog-12345-2026-03-01.json", "12345"),
        ("changelog-2026-03-01-12345.json", "12345"),
        ("changelog-12345-20260301T101500Z.json", "12345"),
        ("changelog-12345-page-2.json", "12345"),
        ("SEC-12-changelog-2026-03-01.json", "SEC-12"),
        ("SEC-12/page2.json", "SEC-12"),
        ("changelog-2026-03-01.json", None),
        ("2026-03-01/changelog.json", None),
    ],
)
@pytest.mark.parametrize("is_bare", [False, True], ids=["page", "array"])
def test_a_page_without_address_is_named_by_its_file(
    tmp_path: Path, name: str, item_id: str | None, is_bare: bool
) -> None:
    content = [CLOSED] if is_bare else changelog_page(CLOSED, self=None)
    found = told(tmp_path, content, name)
    if item_id is None:
        path = "[0]" if is_bare else "values[0]"
        assert found.faults == [(path, "issue", Reason.MISSING_KEY)]
        assert found.all_changes == []
    else:
        assert [row["item_id"] for row in found.all_changes] == [item_id]


def test_a_key_becomes_the_id_where_the_file_holds_its_issue(tmp_path: Path) -> None:
    url = f"{HOST}/issue/SEC-12/changelog"
    content = [search(issue()), changelog_page(CLOSED, REOPENED, self=url)]
    found = told(tmp_path, content)
    assert {row["item_id"] for row in found.all_changes} == {"10012"}
    assert found.item["has_history"]


def test_bulk_changelogs_have_times_in_milliseconds(tmp_path: Path) -> None:
    bulk = {
        "issueChangeLogs": [
            {"issueId": "10012", "changeHistories": [CLOSED | {"created": 1_769_938_200_500}]},
            {"issueId": "10013", "changeHistories": [REOPENED, CLOSED | {"created": 10**18}]},
            {"changeHistories": [CLOSED]},
            {"issueId": "10014", "changeHistories": 5},
        ],
        "nextPageToken": None,
    }
    found = told(tmp_path, bulk)
    assert [(row["item_id"], row["changed_at"]) for row in found.all_changes] == [
        ("10012", datetime(2026, 2, 1, 9, 30, 0, 500_000)),
        ("10013", datetime(2026, 2, 2, 8, 0, 0, 500_000)),
    ]
    assert found.faults == [
        ("issueChangeLogs[1].changeHistories[1]", "created", Reason.BAD_TIMESTAMP),
        ("issueChangeLogs[2].changeHistories[0]", "issue", Reason.MISSING_KEY),
        ("issueChangeLogs[3]", "changeHistories", Reason.WRONG_TYPE),
    ]
    assert (found.counts, found.pages) == ((5, 0, 3), [("changelog", 4, None)])


def test_the_same_history_id_may_belong_to_two_issues(tmp_path: Path) -> None:
    logs = [{"issueId": number, "changeHistories": [CLOSED]} for number in (1, 2)]
    found = told(tmp_path, {"issueChangeLogs": logs})
    assert (len(found.all_changes), found.counts) == (2, (2, 0, 0))


# Files that mean harm


class Deep(NamedTuple):
    """Nested arrays: json.dumps does not write as many as a file may hold."""

    levels: int


@pytest.mark.parametrize(
    ("bad", "column", "reason"),
    [
        ({"created": "05/Jan/26"}, "fields.created", Reason.BAD_TIMESTAMP),
        ({"created": True}, "fields.created", Reason.WRONG_TYPE),
        ({"updated": 10**18}, "fields.updated", Reason.BAD_TIMESTAMP),
        ({"status": "Open"}, "fields.status", Reason.WRONG_TYPE),
        ({"labels": [1]}, "fields.labels[0]", Reason.WRONG_TYPE),
        ({"summary": "a\0b"}, "fields.summary", Reason.NUL_BYTE),
        ({"customfield_1": "a\0b"}, "fields.customfield_1", Reason.NUL_BYTE),
        ({"customfield_1": float("nan")}, None, Reason.NAN_OR_INFINITY),
        ({"other": float("-inf")}, None, Reason.NAN_OR_INFINITY),
        ({"summary": "half \ud800"}, None, Reason.LONE_SURROGATE),
        ({"customfield_1": Deep(100)}, None, Reason.TOO_DEEP),
        ({"other": Deep(5_000)}, None, Reason.TOO_DEEP),
    ],
)
def test_a_bad_issue_is_held_back_alone(
    tmp_path: Path, bad: Row, column: str | None, reason: Reason
) -> None:
    spelt = {name: "@" if isinstance(value, Deep) else value for name, value in bad.items()}
    content = json.dumps(search(issue(1), issue(2, **spelt), issue(3)))
    for value in bad.values():
        if isinstance(value, Deep):
            content = content.replace('"@"', "[" * value.levels + "]" * value.levels)
    found = told(tmp_path, content.encode())
    assert found.faults == [("issues[1]", column, reason)]
    assert found.ids == ["10001", "10003"]
    assert found.counts == (3, 0, 1)
    assert all(row["item_id"] != "10002" for row in found.all_values)


@pytest.mark.parametrize(
    ("record", "column", "reason"),
    [
        ({"key": "SEC-1", "fields": {}}, "id", Reason.MISSING_KEY),
        ({"id": "1", "fields": {}}, "key", Reason.MISSING_KEY),
        ({"id": "1", "key": "SEC-1"}, "fields", Reason.MISSING_KEY),
        ({"id": "", "key": "SEC-1", "fields": {}}, "id", Reason.MISSING_KEY),
        ({"id": "1" * 201, "key": "SEC-1", "fields": {}}, "id", Reason.WRONG_TYPE),
        ({"id": 1.5, "key": "SEC-1", "fields": {}}, "id", Reason.WRONG_TYPE),
        ({"id": "1", "key": "SEC-1", "fields": None}, "fields", Reason.WRONG_TYPE),
        (None, None, Reason.NOT_OBJECT),
        ("text", None, Reason.NOT_OBJECT),
        ([[]], None, Reason.NOT_OBJECT),
        ({"errorMessages": ["no"]}, "id", Reason.MISSING_KEY),
    ],
)
def test_what_is_no_issue_is_held_back(
    tmp_path: Path, record: Any, column: str | None, reason: Reason
) -> None:
    found = told(tmp_path, search(issue(1), record))
    assert found.faults == [("issues[1]", column, reason)]
    assert (found.ids, found.counts) == (["10001"], (2, 0, 1))


@pytest.mark.parametrize(
    ("content", "column"),
    [({"issues": None}, "issues"), ({"issues": {}}, "issues"), ({"values": 5}, "values")],
)
def test_a_page_without_its_array_is_held_back(tmp_path: Path, content: Any, column: str) -> None:
    found = told(tmp_path, content)
    assert found.faults == [(column, column, Reason.WRONG_TYPE)]
    assert found.counts == (1, 0, 1)


def test_an_object_of_another_api_is_held_back(tmp_path: Path) -> None:
    found = told(tmp_path, {"errorMessages": ["not found"], "errors": {}})
    assert found.faults == [("document 1", "id", Reason.MISSING_KEY)]


def test_numbers_of_a_page_that_are_none_do_no_harm(tmp_path: Path) -> None:
    totals: list[Any] = ["17", -1, 1.5, None, [], float("nan"), 2**70]
    for total in totals:
        assert told(tmp_path, search(issue(1), total=total)).pages == [("issues", 1, None)]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", Reason.NOT_JSON),
        (b" \n", Reason.NOT_JSON),
        (b"5", Reason.NOT_OBJECT),
        (b'{"issues": [', Reason.NOT_JSON),
        (b'{"issues": ["', Reason.NOT_JSON),
        (b"[" * 100_000, Reason.TOO_DEEP),
        (b"issue;key\n", Reason.NOT_JSON),
        (b"\x00\x01\x02", Reason.NUL_BYTE),
    ],
)
def test_what_is_no_json_is_one_fault_of_the_file(
    tmp_path: Path, content: bytes, reason: Reason
) -> None:
    assert unreadable(read_jira, tmp_path, content) == reason


def test_bytes_that_are_not_utf8_are_a_fault_of_their_record(tmp_path: Path) -> None:
    content = json.dumps(search(issue(1), issue(2))).encode().replace(b"Finding 2", b"F\xff")
    found = told(tmp_path, content)
    assert found.faults == [("issues[1]", None, Reason.BAD_UTF8)]
    assert found.ids == ["10001"]
    content = b"\xef\xbb\xbf" + json.dumps([issue(1)]).encode()
    assert told(tmp_path, content).counts == (1, 0, 0)


def test_damage_in_a_history_stays_with_the_history(tmp_path: Path) -> None:
    one = with_changelog(issue(), CLOSED, REOPENED)
    content = json.dumps([one]).encode().replace(b'"id": "8"', b'"id": NaN')
    found = told(tmp_path, content)
    assert found.faults == [("[0].changelog.histories[1]", None, Reason.NAN_OR_INFINITY)]
    assert (found.ids, found.item["has_history"]) == (["10012"], False)


def test_no_bytes_make_the_reader_fail(tmp_path: Path) -> None:
    rng = random.Random(4)
    parts = [search(with_changelog(issue(1, customfield_1={"id": "1"}), CLOSED)), [status()]]
    parts.append(changelog_page(CLOSED, REOPENED))
    base = "".join(map(json.dumps, parts)).encode()
    tokens = [b"NaN", b"{", b"}", b"[", b"]", b'"', b"\\", b"\\ud800", b"\xff", b"null", b"1e999"]
    for _ in range(400):
        data = bytearray(base)
        for _ in range(rng.randint(1, 3)):
            at = rng.randrange(len(data))
            data[at : at + rng.randint(0, 9)] = rng.choice(tokens)
        try:
            found = told(tmp_path, bytes(data))
        except UnreadableFileError:
            continue
        read_rows, superseded, held_back = found.counts
        assert read_rows >= superseded + held_back
        assert len(found.items) <= read_rows - held_back


# Landing


def test_a_landing_of_all_shapes_reconciles(ground: Any) -> None:
    bad = history(9, created="never")
    pages = [search(with_changelog(issue(1), CLOSED, bad)), search(issue(1), {"id": 5}, issue(2))]
    ground.put("jira/2026-03-01/issues.json", "\n".join(map(json.dumps, pages)))
    ground.put("jira/2026-03-01/changelog-10012.json", json.dumps(changelog_page(CLOSED)))
    ground.put("jira/statuses.json", json.dumps([status(), status()]))
    ground.put("jira/issues-changed-2026-03-02.json", json.dumps([]))
    ground.land()
    assert ground.reconciles()
    assert ground.counts() == {
        "jira/2026-03-01/issues.json": (5, 2, 1, 2),
        "jira/2026-03-01/changelog-10012.json": (1, 1, 0, 0),
        "jira/statuses.json": (2, 1, 1, 0),
        "jira/issues-changed-2026-03-02.json": (0, 0, 0, 0),
    }
    assert ground.ask("tracker_items/*", "count(*)") == [(2,)]
    targets = {name for (name,) in ground.ask("targets", "target_name", "where source = 'jira'")}
    assert {"helpdesk", "SEC", "helpdesk-bot"} <= targets


# The real files


@pytest.fixture(scope="module")
def real() -> Path:
    folder = shared_trackers()
    if folder is None:
        pytest.skip("real tracker files are not here")
    return folder / "jira"


def test_real_issues_all_land_with_their_exact_times(real: Path, tmp_path: Path) -> None:
    data = (real / "search_response_cloud.json").read_bytes()
    issues = {one["id"]: one for one in json.loads(data)["issues"]}
    found = told(tmp_path, data)
    assert (found.counts, found.report.is_complete) == ((17, 0, 0), True)
    assert set(found.ids) == set(issues)
    assert found.pages == [("issues", 17, 17)]
    for item in found.items:
        fields = issues[item["item_id"]]["fields"]
        local = datetime.strptime(fields["created"], "%Y-%m-%dT%H:%M:%S.%f+0800")
        assert item["created_at"] == local - timedelta(hours=8)
        assert item["item_key"] == issues[item["item_id"]]["key"]
        assert item["has_history"]
        category = fields["status"]["statusCategory"]["key"]
        assert found.values("status_category", item["item_id"]) == [(category, category)]
    kinds = Counter(
        one["fieldId"]
        for issue in issues.values()
        for history in issue["changelog"]["histories"]
        for one in history["items"]
        if one.get("fieldId") in ("status", "resolution", "issuetype")
    )
    assert kinds == {kind: len(found.changes(kind)) for kind in kinds}
    assert "User " not in found.text()


def test_real_landing_reconciles(real: Path, ground: Any) -> None:
    for path in sorted(real.glob("*.json")):
        ground.put(f"jira/{path.name}", path.read_bytes())
    ground.land()
    assert ground.reconciles()
    assert ground.quarantine() == []
    assert ground.counts() == {
        "jira/changelog_issue_13383.json": (100, 100, 0, 0),
        "jira/changelog_issue_13954.json": (100, 100, 0, 0),
        "jira/issue_types.json": (7, 6, 1, 0),
        "jira/search_response_cloud.json": (17, 17, 0, 0),
        "jira/statuses.json": (53, 53, 0, 0),
    }
    kinds = ground.ask("tracker_objects/*", "kind, count(*)", "group by all order by all")
    assert kinds == [("issuetype", 6), ("status", 53)]
    resolved = ground.ask(
        "tracker_changes/*",
        "distinct item_id",
        "where field = 'resolution' and to_value is not null order by all",
    )
    issues = json.loads((real / "search_response_cloud.json").read_bytes())["issues"]
    expected = {one["id"] for one in issues if one["fields"]["resolution"]} | {"13383"}
    assert {item_id for (item_id,) in resolved} == expected
