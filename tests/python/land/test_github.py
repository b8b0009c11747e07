"""GitHub exports: issues and events in every shape of the REST answers, and hostile ones."""

from __future__ import annotations

import json
import random
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from aism.land.model import Reason, UnreadableFileError
from aism.land.readers.github import read_github
from tests.python.land.trackers import Row, Told, read, shared_trackers, unreadable

API = "https://api.github.com/repos/acme/bot"
SECRET = "the secret text of a body"


def issue(number: int = 12, **more: Any) -> Row:
    """Return an issue as the REST API gives it; ``...`` takes a key out."""
    row: Row = {
        "url": f"{API}/issues/{number}",
        "repository_url": API,
        "id": 9000 + number,
        "number": number,
        "title": f"Finding {number}",
        "user": {"login": "jane-doe", "avatar_url": "https://avatars.example.com/u/1"},
        "labels": [{"id": 1, "name": "severity:high", "color": "ff0000"}],
        "state": "open",
        "state_reason": None,
        "assignees": [{"login": "john-doe"}],
        "milestone": {"id": 77, "title": "Q1", "creator": {"login": "jane-doe"}},
        "comments": 4,
        "created_at": "2026-01-05T08:00:00Z",
        "updated_at": "2026-01-06T08:00:00Z",
        "closed_at": None,
        "body": SECRET,
        "type": {"id": 5, "name": "Bug"},
        **more,
    }
    return {key: value for key, value in row.items() if value is not ...}


def pull(number: int) -> Row:
    return issue(number, pull_request={"url": f"{API}/pulls/{number}"})


def event(event_id: int, kind: str, **more: Any) -> Row:
    row: Row = {
        "id": event_id,
        "url": f"{API}/issues/events/{event_id}",
        "actor": {"login": "jane-doe"},
        "event": kind,
        "commit_id": None,
        "created_at": f"2026-02-01T10:00:{event_id % 60:02}Z",
        **more,
    }
    return {key: value for key, value in row.items() if value is not ...}


def label(name: str) -> Row:
    return {"label": {"name": name, "color": "ff0000"}}


def told(folder: Path, content: Any, name: str = "export-2026-03-01.json") -> Told:
    return read(read_github, folder, content, name)


# What an issue is


def test_an_issue_is_an_item_with_its_values_and_nobody_in_it(tmp_path: Path) -> None:
    found = told(tmp_path, [issue()])
    item = found.item
    assert item["item_id"] == item["item_key"] == "acme/bot#12"
    assert (item["record_path"], item["project"]) == ("[0]", "acme/bot")
    assert (item["title"], item["created_at"]) == ("Finding 12", datetime(2026, 1, 5, 8))
    assert (item["updated_at"], item["closed_at"]) == (datetime(2026, 1, 6, 8), None)
    assert (item["discovered_on"], item["status_at"], item["has_history"]) == (None, None, False)
    assert {row["field"]: (row["value_id"], row["value"]) for row in found.all_values} == {
        "state": (None, "open"),
        "label": ("1", "severity:high"),
        "milestone": ("77", "Q1"),
        "type": ("5", "Bug"),
        "repository": (None, "acme/bot"),
    }
    assert found.report.targets == {"acme/bot", "severity:high", "high"}
    assert found.pages == [("issues", 1, None)]
    assert found.counts == (1, 0, 0)
    for secret in (SECRET, "doe", "avatar"):
        assert secret not in found.text()


@pytest.mark.parametrize(
    ("addresses", "repository"),
    [
        ({}, "acme/bot"),
        ({"repository_url": ...}, "acme/bot"),
        ({"url": ...}, "acme/bot"),
        ({"repository_url": "https://ghe.example.com/api/v3/repos/acme/b.o-t"}, "acme/b.o-t"),
    ],
)
def test_the_repository_is_in_the_addresses(
    tmp_path: Path, addresses: Row, repository: str
) -> None:
    item = told(tmp_path, [issue(**addresses)]).item
    assert (item["item_id"], item["project"]) == (f"{repository}#12", repository)


def test_closed_issues_and_spare_ones_are_read(tmp_path: Path) -> None:
    closed = issue(1, state="closed", state_reason="not_planned", closed_at="2026-02-01T23:59:59Z")
    spare = issue(2, labels=["plain", {"name": "ns: "}], milestone=None, type=..., title=None)
    long = issue(3, title="t" * 501, labels=[{"id": 1, "name": "x" * 201}])
    found = told(tmp_path, [closed, spare, long])
    assert found.items[0]["closed_at"] == datetime(2026, 2, 1, 23, 59, 59)
    assert found.values("state_reason") == [(None, "not_planned")]
    assert found.values("label", "acme/bot#2") == [(None, "plain"), (None, "ns: ")]
    assert found.values("milestone", "acme/bot#2") == found.values("type", "acme/bot#2") == []
    assert [item["title"] for item in found.items[1:]] == [None, "t" * 500]
    assert found.values("label", "acme/bot#3") == [("1", None)]
    assert {"plain", "ns: "} <= found.report.targets
    assert "" not in found.report.targets


def test_pull_requests_are_no_rows_but_told(tmp_path: Path) -> None:
    as_pull = issue(5, head={"ref": "x"}, base={"ref": "main"})
    content = [pull(4), pull(4), issue(6), as_pull, issue(7, pull_request=None)]
    found = told(tmp_path, content)
    assert found.ids == ["acme/bot#6", "acme/bot#7"]
    assert found.report.schema_note == "left out: 3 pull requests"
    assert (found.counts, found.pages) == ((2, 0, 0), [("issues", 5, None)])


def test_an_issue_that_comes_again_counts_once(tmp_path: Path) -> None:
    found = told(tmp_path, [issue(4), issue(5), issue(4, state="closed")])
    assert found.counts == (3, 1, 0)
    assert sorted(found.ids) == ["acme/bot#4", "acme/bot#5"]
    assert found.values("state", "acme/bot#4") == [(None, "closed")]
    other = issue(4, repository_url=API + "2")
    assert told(tmp_path, [issue(4), other]).counts == (2, 0, 0)


# Documents


@pytest.mark.parametrize(
    ("content", "paths", "pages"),
    [
        (
            {"total_count": 40, "incomplete_results": False, "items": [issue(1), issue(2)]},
            ["items[0]", "items[1]"],
            [("issues", 2, 40)],
        ),
        ([[issue(1)], [issue(2)]], ["[0][0]", "[1][0]"], [("issues", 1, None)] * 2),
        (
            [{"total_count": 2, "items": [issue(1)]}, {"total_count": 2, "items": [issue(2)]}],
            ["[0].items[0]", "[1].items[0]"],
            [("issues", 1, 2)] * 2,
        ),
        (issue(1), ["document 1"], [("issues", 1, None)]),
        ([], [], [("issues", 0, None)]),
        ({"total_count": 0, "items": []}, [], [("issues", 0, 0)]),
    ],
    ids=["search", "pages", "pages of a search", "one issue", "empty", "no issue"],
)
def test_issues_come_in_many_envelopes(
    tmp_path: Path, content: Any, paths: list[str], pages: list[Any]
) -> None:
    found = told(tmp_path, content)
    assert [item["record_path"] for item in found.items] == paths
    assert found.pages == pages
    assert (found.counts, found.report.is_complete) == ((len(paths), 0, 0), True)


@pytest.mark.parametrize("name", ["12/events.json", "timeline-12.json", "Events-2026-03-01.json"])
def test_an_empty_list_of_events_is_no_empty_list_of_issues(tmp_path: Path, name: str) -> None:
    assert told(tmp_path, [], name).pages == [("events", 0, None)]


def test_documents_may_follow_one_another_be_packed_and_be_cut(tmp_path: Path) -> None:
    pages = [json.dumps([issue(1), issue(2)]), json.dumps([issue(3)])]
    for name in ("a.json", "b.json.gz"):
        found = told(tmp_path, "".join(pages).encode(), name)
        expected = ["document 1: [0]", "document 1: [1]", "document 2: [0]"]
        assert [item["record_path"] for item in found.items] == expected
        assert found.report.is_complete
    cut = told(tmp_path, "".join(pages)[:-1].encode())
    assert cut.faults == [("document 2", None, Reason.NOT_JSON)]
    assert (cut.counts, cut.report.is_complete) == ((3, 0, 1), False)


def test_a_search_that_timed_out_is_not_complete(tmp_path: Path) -> None:
    content = {"total_count": 9, "incomplete_results": True, "items": [issue(1)]}
    found = told(tmp_path, content)
    assert not found.report.is_complete
    assert "only a part" in (found.report.schema_note or "")


# Events


def test_events_of_a_repository_name_their_issues(tmp_path: Path) -> None:
    events = [
        event(9, "reopened", issue=issue(12), commit_id="def"),
        event(8, "closed", issue=issue(12), commit_id="abc", state_reason="completed"),
        event(7, "closed", issue=issue(13), state_reason=None),
        event(6, "labeled", issue=pull(14), **label("x")),
        event(5, "assigned", issue=issue(12), assignee={"login": "jane-doe"}),
    ]
    found = told(tmp_path, events)
    assert [
        (row["item_id"], row["change_id"], row["field"], row["from_value"], row["to_value"])
        for row in found.all_changes
    ] == [
        ("acme/bot#13", "7", "state", "open", "closed"),
        ("acme/bot#12", "8", "state", "open", "closed"),
        ("acme/bot#12", "8", "state_reason", None, "completed"),
        ("acme/bot#12", "8", "closed_by_commit", None, "true"),
        ("acme/bot#12", "9", "state", "closed", "open"),
    ]
    assert found.all_changes[0]["changed_at"] == datetime(2026, 2, 1, 10, 0, 7)
    assert found.items == found.all_values == []
    assert (found.counts, found.pages) == ((4, 0, 0), [("events", 5, None)])
    assert found.report.schema_note == "left out: 1 events of pull requests"
    assert found.report.targets == set()
    assert "doe" not in found.text()


def test_every_kind_of_event_that_is_kept(tmp_path: Path) -> None:
    events = [
        event(1, "labeled", **label("accepted")),
        event(2, "unlabeled", **label("accepted")),
        event(3, "labeled", **label("renamed")),
        event(4, "marked_as_duplicate"),
        event(5, "unmarked_as_duplicate"),
        event(6, "milestoned", milestone={"title": "Q1"}),
        event(7, "demilestoned", milestone={"title": "Q1"}),
        event(8, "renamed", rename={"from": SECRET, "to": SECRET + "!"}),
        event(9, "transferred"),
        event(10, "closed", state_reason="duplicate"),
        event(11, "reopened", state_reason="reopened"),
        event(12, "subscribed"),
        event(13, "labeled", label=None),
        event(14, "labeled", **label("y" * 201)),
    ]
    found = told(tmp_path, events, "issues/12/events.json")
    told_of = {
        name: found.changes(name)
        for name in dict.fromkeys(row["field"] for row in found.all_changes)
    }
    assert told_of == {
        "label": [(None, "accepted"), ("accepted", None), (None, "renamed")],
        "duplicate": [(None, "true"), ("true", None)],
        "milestone": [(None, "Q1"), ("Q1", None)],
        "renamed": [(None, "true")],
        "transferred": [(None, "true")],
        "state": [("open", "closed"), ("closed", "open")],
        "state_reason": [(None, "duplicate"), (None, "reopened")],
    }
    assert {row["item_id"] for row in found.all_changes} == {"acme/bot#12"}
    assert found.counts == (14, 0, 0)
    assert SECRET not in found.text()


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("timeline-12.json", 12),
        ("12/events.json", 12),
        ("7/export-3-of-issue-12.json", 12),
        ("issues/12/timeline-2026-03-01.json", 12),
        ("2026-03-01/issues/12/timeline-page-3.json", 12),
        ("timeline-12-2026-03-01.json.gz", 12),
        ("2026-03-01/timeline.json", None),
        ("timeline.json", None),
    ],
)
def test_events_without_an_issue_are_named_by_their_file(
    tmp_path: Path, name: str, number: int | None
) -> None:
    found = told(tmp_path, [event(1, "closed"), event(2, "reopened")], name)
    if number is None:
        faults = [(f"[{at}]", "issue", Reason.MISSING_KEY) for at in (0, 1)]
        assert (found.faults, found.counts) == (faults, (2, 0, 2))
        assert found.all_changes == []
    else:
        assert {row["item_id"] for row in found.all_changes} == {f"acme/bot#{number}"}


def test_an_event_without_address_belongs_to_the_repository_of_the_others(tmp_path: Path) -> None:
    events = [event(1, "closed", url=None), event(2, "reopened")]
    found = told(tmp_path, events, "12.json")
    assert {row["item_id"] for row in found.all_changes} == {"acme/bot#12"}
    nowhere = told(tmp_path, events[:1], "12.json")
    assert nowhere.faults == [("[0]", "repository_url", Reason.MISSING_KEY)]


def test_talk_in_a_timeline_is_no_row_but_told(tmp_path: Path) -> None:
    timeline = [
        {"event": "commented", "id": 1, "body": SECRET, "actor": {"login": "jane-doe"}},
        {"event": "cross-referenced", "source": {"issue": issue(99)}},
        {"event": "committed", "sha": "abc", "message": SECRET},
        event(4, "closed"),
    ]
    found = told(tmp_path, timeline, "timeline-12.json")
    assert found.counts == (1, 0, 0)
    assert found.report.schema_note == "left out: 3 comments and references"
    assert found.pages == [("events", 4, None)]
    embedded = told(tmp_path, [issue(timeline=timeline)])
    assert embedded.report.schema_note == found.report.schema_note
    for one in (found, embedded):
        assert one.changes("state") == [("open", "closed")]
        assert SECRET not in one.text()


def test_lists_of_comments_hold_no_rows(tmp_path: Path) -> None:
    comments = [{"id": 1, "issue_url": f"{API}/issues/12", "body": SECRET}] * 3
    found = told(tmp_path, comments, "comments.json")
    assert (found.counts, found.pages, found.items) == ((0, 0, 0), [], [])
    assert found.report.schema_note == "left out: 3 comments and references"


def test_an_event_that_comes_again_counts_once(tmp_path: Path) -> None:
    one = event(6774117135, "closed", issue=issue(12))
    found = told(tmp_path, [one, one, event(2, "closed", issue=issue(13))])
    assert found.counts == (3, 1, 0)
    assert found.changes("state") == [("open", "closed")] * 2


@pytest.mark.parametrize("key", ["events", "timeline"])
def test_embedded_events_are_the_whole_history_of_their_issue(tmp_path: Path, key: str) -> None:
    events = [event(2, "reopened"), event(1, "closed")]
    content = [issue(1, **{key: events}), issue(2, **{key: []}), issue(3), issue(4, **{key: None})]
    found = told(tmp_path, content)
    assert [item["has_history"] for item in found.items] == [True, True, False, False]
    assert found.changes("state") == [("open", "closed"), ("closed", "open")]
    assert found.all_changes[0]["record_path"] == f"[0].{key}[1]"
    assert {row["item_id"] for row in found.all_changes} == {"acme/bot#1"}
    assert (found.counts, found.pages) == ((4, 0, 0), [("issues", 4, None)])


def test_events_and_timeline_of_an_issue_are_the_same_changes(tmp_path: Path) -> None:
    events = [event(1, "closed"), event(2, "reopened")]
    found = told(tmp_path, [issue(1, events=events, timeline=events)])
    assert len(found.all_changes) == 2
    separate = told(tmp_path, events, "events-1.json")

    def without_path(one: Told) -> list[Row]:
        return [row | {"record_path": None} for row in one.all_changes]

    assert without_path(separate) == without_path(found)


def test_a_bad_embedded_event_is_told_and_the_history_is_not_whole(tmp_path: Path) -> None:
    events: list[Any] = [
        event(1, "closed"),
        event(2, "closed", created_at="2026-13-01T00:00:00Z"),
        event(3, "closed", id=...),
        7,
        event(5, "labeled", **label("a\0b")),
    ]
    found = told(tmp_path, [issue(1, events=events), issue(2, events=5)])
    assert found.faults == [
        ("[0].events[1]", "created_at", Reason.BAD_TIMESTAMP),
        ("[0].events[2]", "id", Reason.MISSING_KEY),
        ("[0].events[3]", None, Reason.NOT_OBJECT),
        ("[0].events[4]", "label", Reason.NUL_BYTE),
        ("[1].events", "events", Reason.WRONG_TYPE),
    ]
    assert found.counts == (7, 0, 5)
    assert [item["has_history"] for item in found.items] == [False, False]
    assert found.changes("state") == [("open", "closed")]


# Files that mean harm


@pytest.mark.parametrize(
    ("bad", "column", "reason"),
    [
        ({"number": ...}, "number", Reason.MISSING_KEY),
        ({"number": "12"}, "number", Reason.WRONG_TYPE),
        ({"number": 2**63}, "number", Reason.NUMBER_RANGE),
        ({"state": ...}, "state", Reason.MISSING_KEY),
        ({"created_at": ...}, "created_at", Reason.MISSING_KEY),
        ({"created_at": None}, "created_at", Reason.MISSING_KEY),
        ({"created_at": "yesterday"}, "created_at", Reason.BAD_TIMESTAMP),
        ({"closed_at": "2026-02-30T00:00:00Z"}, "closed_at", Reason.BAD_TIMESTAMP),
        ({"labels": {}}, "labels", Reason.WRONG_TYPE),
        ({"title": "a\0b"}, "title", Reason.NUL_BYTE),
        ({"title": "half \ud800"}, None, Reason.LONE_SURROGATE),
        ({"other": float("nan")}, None, Reason.NAN_OR_INFINITY),
        ({"url": ..., "repository_url": ...}, "repository_url", Reason.MISSING_KEY),
    ],
)
def test_a_bad_issue_is_held_back_alone(
    tmp_path: Path, bad: Row, column: str | None, reason: Reason
) -> None:
    made = {key: value for key, value in (issue(2) | bad).items() if value is not ...}
    found = told(tmp_path, [issue(1), made, issue(3)])
    assert found.faults == [("[1]", column, reason)]
    assert found.ids == ["acme/bot#1", "acme/bot#3"]
    assert found.counts == (3, 0, 1)


@pytest.mark.parametrize(
    ("bad", "column", "reason"),
    [
        ({"id": ...}, "id", Reason.MISSING_KEY),
        ({"created_at": None}, "created_at", Reason.MISSING_KEY),
        ({"created_at": "now"}, "created_at", Reason.BAD_TIMESTAMP),
        ({"issue": {"number": "1"}}, "issue.number", Reason.WRONG_TYPE),
        ({"issue": {}}, "issue.number", Reason.MISSING_KEY),
        ({"label": "x"}, "label", Reason.WRONG_TYPE),
        ({"event": 5}, "number", Reason.MISSING_KEY),
    ],
)
def test_a_bad_event_is_held_back_alone(
    tmp_path: Path, bad: Row, column: str | None, reason: Reason
) -> None:
    events = [
        event(1, "closed", issue=issue(1)),
        event(2, "labeled", **{"issue": issue(2), **bad}),
    ]
    found = told(tmp_path, events)
    assert found.faults == [("[1]", column, reason)]
    assert (found.changes("state"), found.counts) == ([("open", "closed")], (2, 0, 1))


def test_nesting_beyond_the_limit_stays_with_its_record(tmp_path: Path) -> None:
    content = json.dumps([issue(1), issue(2, other="@"), issue(3)])
    for levels in (100, 100_000):
        data = content.replace('"@"', "[" * levels + "NaN" + "]" * levels).encode()
        found = told(tmp_path, data)
        assert found.faults == [("[1]", None, Reason.TOO_DEEP)]
        assert found.ids == ["acme/bot#1", "acme/bot#3"]


@pytest.mark.parametrize("record", [None, 5, "text", True, {"message": "Not Found"}])
def test_what_is_no_record_is_held_back(tmp_path: Path, record: Any) -> None:
    found = told(tmp_path, [issue(1), record])
    assert [path for path, _, _ in found.faults] == ["[1]"]
    assert found.counts == (2, 0, 1)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", Reason.NOT_JSON),
        (b"null", Reason.NOT_OBJECT),
        (b"[{", Reason.NOT_JSON),
        (b"[" * 100_000, Reason.TOO_DEEP),
    ],
)
def test_what_is_no_json_is_one_fault_of_the_file(
    tmp_path: Path, content: bytes, reason: Reason
) -> None:
    assert unreadable(read_github, tmp_path, content) == reason


def test_no_bytes_make_the_reader_fail(tmp_path: Path) -> None:
    chance = random.Random(5)
    content = [issue(1, events=[event(1, "closed")]), event(2, "labeled", issue=issue(2)), pull(3)]
    base = json.dumps(content).encode() + json.dumps({"items": [issue(4)]}).encode()
    tokens = [b"NaN", b"{", b"}", b"[", b"]", b'"', b"\\", b"\\ud800", b"\xff", b"null", b"1e999"]
    for _ in range(400):
        data = bytearray(base)
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(data))
            data[at : at + chance.randint(0, 9)] = chance.choice(tokens)
        try:
            found = told(tmp_path, bytes(data))
        except UnreadableFileError:
            continue
        read_rows, superseded, held_back = found.counts
        assert read_rows >= superseded + held_back
        assert len(found.items) <= read_rows - held_back


# Landing


def test_a_landing_of_all_shapes_reconciles(ground: Any) -> None:
    ground.put("github/issues-2026-03-01.json", json.dumps([issue(1), pull(2), issue(1), {}]))
    ground.put("github/1/events.json", json.dumps([event(1, "closed"), event(1, "closed")]))
    ground.put("github/timeline.json", json.dumps([event(1, "closed")]))
    ground.land()
    assert ground.reconciles()
    assert ground.counts() == {
        "github/1/events.json": (2, 1, 1, 0),
        "github/issues-2026-03-01.json": (3, 1, 1, 1),
        "github/timeline.json": (1, 0, 0, 1),
    }
    assert ground.ask("tracker_items/*", "item_id") == [("acme/bot#1",)]
    assert ("acme/bot",) in ground.ask("targets", "target_name")


# The real files


@pytest.fixture(scope="module")
def real() -> Path:
    folder = shared_trackers()
    if folder is None:
        pytest.skip("real tracker files are not here")
    return folder / "github"


def test_real_issues_all_land_and_pull_requests_do_not(real: Path, tmp_path: Path) -> None:
    data = (real / "issues.json").read_bytes()
    rows = {row["number"]: row for row in json.loads(data) if "pull_request" not in row}
    found = told(tmp_path, data)
    assert found.counts == (14, 0, 0)
    assert found.report.schema_note == "left out: 8 pull requests"
    assert set(found.ids) == {f"panjf2000/ants#{number}" for number in rows}
    for item in found.items:
        row = rows[int(item["item_id"].partition("#")[2])]
        for column in ("created_at", "closed_at"):
            assert item[column].isoformat() + "Z" == row[column]


def test_real_events_count_once(real: Path, tmp_path: Path) -> None:
    data = (real / "issue_events.json").read_bytes()
    rows = {row["id"]: row for row in json.loads(data) if "pull_request" not in row["issue"]}
    found = told(tmp_path, data)
    assert found.counts == (len(rows) + 1, 1, 0)
    labeled = sum(row["event"] == "labeled" for row in rows.values())
    closed = sum(row["event"] == "closed" for row in rows.values())
    assert (len(found.changes("label")), len(found.changes("state"))) == (labeled, closed)
    assert [after for _, after in found.changes("state_reason")] == ["not_planned"]
    (not_planned,) = (row for row in rows.values() if row.get("state_reason") == "not_planned")
    change = next(row for row in found.all_changes if row["field"] == "state_reason")
    assert change["item_id"] == f"panjf2000/ants#{not_planned['issue']['number']}"


def test_real_landing_reconciles(real: Path, ground: Any) -> None:
    for path in sorted(real.glob("*.json")):
        ground.put(f"github/{path.name}", path.read_bytes())
    ground.land()
    assert ground.reconciles()
    assert ground.quarantine() == []
    assert ground.counts() == {
        "github/issue_comments.json": (0, 0, 0, 0),
        "github/issue_events.json": (26, 25, 1, 0),
        "github/issues.json": (14, 14, 0, 0),
    }
