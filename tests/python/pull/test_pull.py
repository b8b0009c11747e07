"""Pulling from trackers: what the servers hold lands whole, as it came, and only as a whole."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path
from typing import Any

import pytest

from aism.land.files import delivery_date
from tests.python.pull.conftest import NOON, Puller
from tests.python.pull.trackers import (
    MOMENT,
    Reply,
    Trackers,
    finding,
    github_event,
    github_issue,
    jira_issue,
    json_reply,
    once,
)

TRACKERS = ("defectdojo", "jira", "github")
SOME = [str(number) for number in range(1, 8)]
IDS = {
    "defectdojo": SOME,
    "jira": [f"1000{number}" for number in SOME],
    "github": [f"acme/bot#{number}" for number in SOME],
}


@pytest.mark.parametrize("tracker", TRACKERS)
@pytest.mark.parametrize("cap", [1, 3, 7])
def test_what_a_tracker_holds_lands_whole(pull: Puller, tracker: str, cap: int) -> None:
    pull.trackers.caps = [cap]
    assert "Pulled 7 " in pull(tracker)
    landed = pull.landed()
    assert landed.quarantined == []
    assert landed.items == IDS[tracker]
    assert {delivery_date(name) for name in pull.files()} == {NOON.date()}
    assert landed.ask("select bool_and(is_complete) from {ledger/files}") == [(True,)]
    assert landed.ask("select bool_or(is_changes_only) from {tracker_files}") == [(False,)]
    assert pull.left_over() == []


@pytest.mark.parametrize("tracker", TRACKERS)
def test_a_page_size_that_changes_midway_loses_and_repeats_nothing(
    pull: Puller, tracker: str
) -> None:
    pull.trackers.caps = [3, 1, 2, 100] if tracker != "jira" else [2, 1, 100]
    pull(tracker)
    key = "findings" if tracker == "defectdojo" else "issues.json"
    pages = [page for page in pull.documents(key) if _rows(page) and "self" not in _rows(page)[0]]
    sizes = [len(_rows(page)) for page in pages]
    assert sizes == ([3, 1, 2, 1] if tracker != "jira" else [2, 1, 4])
    rows = [row["id"] for page in pages for row in _rows(page)]
    assert len(rows) == len(set(rows)) == 7


def _rows(page: Any) -> list[Any]:
    found: list[Any] = page if isinstance(page, list) else page.get("results", page.get("issues"))
    return found


def test_jira_server_is_listed_by_offset(pull: Puller) -> None:
    pull.trackers.deployment = "Server"
    pull.trackers.caps = [2, 1, 3]
    pull("jira")
    assert pull.landed().items == IDS["jira"]
    assert [path for path in pull.trackers.asked if "/rest/api/3/" in path] == []


def test_bytes_are_those_that_came(pull: Puller) -> None:
    body = '[ {"number" : 1,\t"id":1, "title": "Pr\\u00fcfung ü", "url": "x" } ]'.encode()
    pull.trackers.faults = [once("/issues?", Reply(200, body, {"Content-Type": "text/plain"}))]
    pull("github")
    assert body in [data.removesuffix(b"\n") for data in pull.files().values()]


def test_events_of_issues_land_with_their_issue_and_pull_requests_are_not_asked(
    pull: Puller,
) -> None:
    trackers = pull.trackers
    trackers.github_issues.append(github_issue(8, pull_request={"url": "x"}))
    trackers.events[3] = [github_event(3) | {"id": 900 + number} for number in range(3)]
    trackers.caps = [100] * 3 + [2]
    assert "Pulled 7 issues" in pull("github")
    assert trackers.paths("/issues/8/") == []
    assert "state=all" in trackers.paths("/issues?")[0]
    changes = pull.landed().ask(
        "select item_id, count(*) from {tracker_changes} group by all order by all"
    )
    assert changes == [(f"acme/bot#{n}", 3 if n == 3 else 1) for n in range(1, 6)]


def test_a_history_that_jira_cut_is_asked_for(pull: Puller) -> None:
    trackers = pull.trackers
    whole = [
        {**_history(trackers, 0), "id": str(number), "created": f"2026-03-0{number}T10:00:00.000Z"}
        for number in range(1, 6)
    ]
    trackers.jira_issues[0]["changelog"] |= {"histories": whole[:1], "total": 5}
    trackers.histories["10001"] = whole
    trackers.caps = [100, 2]
    pull("jira")
    assert len(trackers.paths("/issue/")) == 3
    assert len(trackers.paths("/issue/10001/changelog")) == 3
    landed = pull.landed()
    assert landed.quarantined == []
    sql = "select count(distinct change_id) from {tracker_changes} where item_id = '10001'"
    assert landed.ask(sql) == [(5,)]


def _history(trackers: Trackers, number: int) -> dict[str, Any]:
    found: dict[str, Any] = trackers.jira_issues[number]["changelog"]["histories"][0]
    return found


def test_jira_is_asked_for_no_texts_and_keeps_an_order(pull: Puller) -> None:
    pull("jira", "--jql", 'project = SEC or summary ~ "order by"')
    (asked,) = pull.trackers.paths("search/jql")
    assert "-description" in asked
    assert "order+by+created+asc" in asked
    assert "updated" not in asked


def test_what_imports_did_lands_with_defectdojo(pull: Puller) -> None:
    pull("defectdojo")
    assert pull.names() == [
        f"{kind}.json" for kind in ("engagements", "findings", "products", "test_imports", "tests")
    ]
    sql = "select item_id, to_value from {tracker_changes} where field = 'import_action' order by 1"
    assert pull.landed().ask(sql) == [("5", "created"), ("6", "created")]
    assert "related_fields=true" in pull.trackers.paths("findings")[0]


@pytest.mark.parametrize("product", ["4", "product 4"])
def test_one_product_of_defectdojo(pull: Puller, product: str) -> None:
    pull.trackers.imports.append({**pull.trackers.imports[0], "id": 9, "test": 99})
    pull("defectdojo", "--product", product)
    assert "test__engagement__product=4&" in pull.trackers.paths("findings")[0]
    tests = [path for path in pull.trackers.asked if "test_imports" in path]
    assert sorted("test=1&" in path for path in tests) == [False, True]
    assert len(pull.documents("test_imports")) == 2
    assert "called 'Nothing'" in pull("defectdojo", "--product", "Nothing", code=1)


# What a delivery is


def test_a_second_pull_of_a_day_replaces_the_first(pull: Puller) -> None:
    pull("jira")
    first = pull.files()
    pull.trackers.jira_issues = [jira_issue(10_001, summary="Later")]
    pull("jira")
    second = pull.files()
    assert second.keys() == first.keys()
    assert pull.landed().ask("select title from {tracker_items}") == [("Later",)]
    assert pull.left_over() == []


def test_another_day_or_another_question_stands_beside(pull: Puller) -> None:
    pull("jira")
    pull("jira", "--jql", "project = OTHER")
    pull.now += dt.timedelta(days=1)
    pull("jira", "--date", "2026-03-01")
    pull("jira")
    days = [str(delivery_date(name)) for name in pull.files() if name.endswith("issues.json")]
    assert sorted(days) == ["2026-03-01", "2026-03-20", "2026-03-20", "2026-03-21"]


def test_names_of_scopes_hold_no_date_and_no_path(pull: Puller) -> None:
    pull("defectdojo", "--product", "4", "--date", "2026-03-19")
    product = {"id": 4, "name": "../2020-01-01", "prod_type": 1}
    page = json_reply({"count": 1, "results": [product]})
    pull.trackers.faults = [once("products", page)]
    pull("defectdojo", "--product", "../2020-01-01", "--date", "2026-03-19")
    assert {str(delivery_date(name)) for name in pull.files()} == {"2026-03-19"}
    assert len({name.split("/")[2] for name in pull.files()}) == 2
    assert {name.split("/")[0] for name in pull.files()} == {"defectdojo"}


def test_changes_carry_their_name_and_land_over_the_full_pull(pull: Puller) -> None:
    pull("github")
    pull.now += dt.timedelta(hours=2)
    pull.trackers.github_issues[2]["updated_at"] = "2026-03-20T13:00:00Z"
    pull.trackers.github_issues[2]["title"] = "Later"
    said = pull("github", "--since", "auto")
    assert "Pulled 1 issues, changed since 2026-03-20 11:50 UTC" in said
    assert "since=2026-03-20T11%3A50%3A00Z" in pull.trackers.paths("/issues?")[-1]
    changed = [name for name in pull.files() if "_changed/" in name]
    assert all("-changed" in name.rpartition("/")[2] for name in changed)
    assert len(changed) == 2
    full = [name for name in pull.files() if "_changed/" not in name]
    assert max(full) < min(changed), "of one day the greater name goes before"
    landed = pull.landed()
    assert landed.items == IDS["github"]
    assert landed.ask("select count(*) from {tracker_files} where is_changes_only") == [(2,)]


def test_changes_of_a_day_are_replaced_by_more_changes_and_by_a_full_pull(pull: Puller) -> None:
    pull("github")
    for hours in (2, 4):
        pull.now = NOON + dt.timedelta(hours=hours)
        # Since the full pull each time: what is replaced must come again.
        assert "changed since 2026-03-20 11:50 UTC" in pull("github", "--since", "auto")
    assert len(_folders(pull)) == 2
    pull.now = NOON + dt.timedelta(days=1)
    assert "changed since 2026-03-20 15:50 UTC" in pull("github", "--since", "auto")
    assert "changed since 2026-03-20 15:50 UTC" in pull("github", "--since", "2026-03-21")
    assert len(_folders(pull)) == 3
    pull("github")
    assert [name for name in _folders(pull) if "03-21" in name and name.endswith("_changed")] == []
    pull.now += dt.timedelta(hours=1)
    assert "changed since 2026-03-21 11:50 UTC" in pull("github", "--since", "auto")


def _folders(pull: Puller) -> set[str]:
    return {name.rpartition("/")[0] for name in pull.files()}


def test_auto_is_a_full_pull_where_no_full_one_is_left(pull: Puller) -> None:
    assert "all there are" in pull("github", "--since", "auto")
    for _ in range(2):
        pull.now += dt.timedelta(days=1)
        assert "changed since" in pull("github", "--since", "auto")
    shutil.rmtree(pull.landing / "github" / "2026-03-20")
    pull.now += dt.timedelta(days=1)
    assert "all there are" in pull("github", "--since", "auto")
    pull.now += dt.timedelta(days=1)
    elsewhere = str(pull.landing.parent / "elsewhere")
    assert "all there are" in pull("github", "--since", "auto", "--landing", elsewhere)
    assert "changed since" in pull("github", "--since", "auto")
    (state,) = (pull.home / "pull").glob("*.json")
    state.write_text("{")
    assert "all there are" in pull("github", "--since", "auto")


def test_jira_is_asked_in_minutes_of_its_own_clock(pull: Puller) -> None:
    pull.now += dt.timedelta(seconds=30)  # half a minute is asked for as a whole one
    pull("jira", "--since", "2026-03-20", "--jql", "project = A or project = B")
    (asked,) = pull.trackers.paths("search/jql")
    assert "%28project+%3D+A+or+project+%3D+B%29+and+updated+%3E%3D+%22-721m%22+order+by" in asked


def test_defectdojo_is_asked_newest_first_until_older_ones_come(pull: Puller) -> None:
    trackers = pull.trackers
    trackers.findings = [finding(number) for number in range(1, 21)]
    trackers.findings[3]["last_status_update"] = None
    trackers.caps = [2]
    pull("defectdojo", "--since", "2026-03-14", "--date", "2026-03-19")
    # The page that ends before the day is the last one: 20, 19 ... 13.
    assert "o=-last_status_update%2Cid" in trackers.paths("findings")[0]
    found = [row["id"] for page in pull.documents("findings") for row in page["results"]]
    assert set(found) >= set(range(14, 21))
    assert len(found) < 12
    assert pull.names() == ["findings-changed.json", "test_imports-changed.json"]
    assert MOMENT.format(13) == trackers.findings[12]["last_status_update"]


def test_large_deliveries_are_parted(pull: Puller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aism.pull.delivery.Delivery.__init__.__kwdefaults__", {"part_bytes": 9000})
    pull.trackers.caps = [2]
    pull("github")
    assert [name for name in pull.names() if "issues" in name] == ["issues.json"]
    monkeypatch.setattr("aism.pull.delivery.Delivery.__init__.__kwdefaults__", {"part_bytes": 10})
    pull("github")
    parts = [name for name in pull.names() if "issues" in name]
    assert parts == [
        "issues-part-2.json",
        "issues-part-3.json",
        "issues-part-4.json",
        "issues.json",
    ]
    assert pull.landed().items == IDS["github"]


# Wrong usage


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("jira", "--url", "https://jane:{token}@jira.example.com"), "no user, password"),
        (("jira", "--url", "https://jira.example.com/?token={token}"), "no user, password"),
        (("jira", "--url", "http://jira.example.com"), "--insecure"),
        (("jira", "--url", "ftp://jira.example.com"), "https://tracker.example.com"),
        (("jira", "--url", "https://jira.example.com:x"), "https://tracker.example.com"),
        (("jira", "--jql", "project = SEC ORDER  BY key"), "without `order by`"),
        (("jira", "--jql", "  "), "takes a query"),
        (("jira", "--since", "yesterday"), "--since takes"),
        (("jira", "--since", "2026-03-21"), "--since takes"),
        (("jira", "--since", "20260301"), "--since takes"),
        (("jira", "--date", "2026-03-21"), "up to today"),
        (("jira", "--date", "20.3.2026"), "--date takes"),
        (("github", "--repository", "acme"), "owner/name"),
        (("github", "--repository", "acme/.."), "owner/name"),
        (("github", "--landing", "sample/landing"), "synthetic sample"),
    ],
)
def test_wrong_usage_exits_2(
    pull: Puller, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(Path(__file__).resolve().parents[3])
    tracker, *more = (word.replace("{token}", "canary-token") for word in words)
    assert said in pull(tracker, *more, code=2)
    assert "canary-token" not in pull.said
    assert pull.trackers.asked == []
    assert pull.files() == {}


@pytest.mark.parametrize("token", ["", "  ", "a b", "abc\ndef", "töken", "abc"])
def test_no_token_and_what_is_none_exit_2(
    pull: Puller, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    monkeypatch.setenv("AISM_GITHUB_TOKEN", token)
    assert "AISM_GITHUB_TOKEN" in pull("github", code=2)
    assert pull.trackers.asked == []
