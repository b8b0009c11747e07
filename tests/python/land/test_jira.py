"""Jira exports: every shape of search pages, histories and lists, and hostile ones."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from aism.land.readers.jira import read_jira
from tests.python.land.trackers import Told, read, shared_trackers


def told(folder: Path, content: Any, name: str = "export-2026-03-01.json") -> Told:
    return read(read_jira, folder, content, name)


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
        entry["fieldId"]
        for one in issues.values()
        for history in one["changelog"]["histories"]
        for entry in history["items"]
        if entry.get("fieldId") in ("status", "resolution", "issuetype")
    )
    assert kinds == {kind: len(found.changes(kind)) for kind in kinds}
    assert "User " not in found.text()
