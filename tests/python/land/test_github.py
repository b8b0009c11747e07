"""GitHub exports: issues and events in every shape of the REST answers, and hostile ones."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from aism.land.readers.github import read_github
from tests.python.land.trackers import Row, Told, read

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
