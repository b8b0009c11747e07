"""The tracker exports of the sample have what its README says, in the shapes of their trackers."""

from __future__ import annotations

import csv
import json
import re
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

LANDING = Path(__file__).parents[3] / "sample" / "landing"
AS_OF = datetime(2026, 11, 23)

Record = dict[str, Any]


def load(name: str) -> Any:
    return json.loads((LANDING / name).read_text(encoding="utf-8"))


def registered(column: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for path in sorted((LANDING / "program").glob("findings-*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            found |= {row["finding_id"]: row[column] for row in csv.DictReader(file)}
    return found


def issues() -> list[Record]:
    return list(load("jira/sec-search.json")["issues"])


def github_issues() -> list[Record]:
    return list(load("github/inbox-triage-issues.json"))


def labels_of(record: Record) -> list[str]:
    labels = record.get("tags") or record.get("labels") or record.get("fields", {}).get("labels")
    return [one if isinstance(one, str) else one["name"] for one in labels or []]


def finding_of(record: Record) -> str | None:
    said = [one.partition(":")[2] for one in labels_of(record) if one.startswith("finding:")]
    assert len(said) <= 1
    return said[0] if said else None


def deliveries() -> dict[str, list[Record]]:
    folders = sorted((LANDING / "defectdojo").iterdir())
    return {path.name: load(f"defectdojo/{path.name}/findings.json")["results"] for path in folders}


def history_of(finding: str) -> list[Record]:
    """Return a finding of DefectDojo as each delivery has it."""
    rows = [row for day in deliveries().values() for row in day if finding_of(row) == finding]
    assert rows
    return rows


@pytest.mark.parametrize(
    ("records", "system", "others"),
    [
        (issues(), "card-dispute-agent", 2),
        (github_issues(), "email-triage", 2),
        (deliveries()["2026-10-31"], "contract-reviewer", 1),
    ],
    ids=["jira", "github", "defectdojo"],
)
def test_each_finding_is_one_of_a_team_and_stands_once(
    records: list[Record], system: str, others: int
) -> None:
    known, classes = registered("system_id"), registered("vulnerability_class")
    said = [finding_of(record) for record in records]
    findings = [finding for finding in said if finding]
    assert len(findings) == len(set(findings)) == len(records) - others
    assert {known[finding] for finding in findings} == {system}
    for record in records:
        if finding := finding_of(record):
            assert f"class:{classes[finding]}" in labels_of(record)


def test_an_issue_was_made_when_its_finding_was_reported() -> None:
    reported = {
        finding: datetime.fromisoformat(at) for finding, at in registered("reported_at").items()
    }
    made = [(finding_of(one), one["fields"]["created"]) for one in issues()]
    made += [(finding_of(one), one["created_at"]) for one in github_issues()]
    made += [(finding_of(one), one["created"]) for one in deliveries()["2026-10-31"]]
    told = [(finding, datetime.fromisoformat(at)) for finding, at in made if finding]
    assert told
    assert all(reported[finding] == at for finding, at in told)


def test_jira_writes_local_times_and_whole_histories_newest_first() -> None:
    text = (LANDING / "jira" / "sec-search.json").read_text(encoding="utf-8")
    times = re.findall(r"\d{4}-\d\d-\d\dT[^\"]+", text)
    assert all(re.fullmatch(r"[\d-]{10}T[\d:]{8}\.000\+0200", time) for time in times)
    page = load("jira/sec-search.json")
    assert page["total"] == len(page["issues"])
    histories = [one["changelog"] for one in page["issues"]]
    for changelog in histories:
        whens = [history["created"] for history in changelog["histories"]]
        assert len(whens) == changelog["total"]
        assert all(later > earlier for later, earlier in pairwise(whens))
    assert len({history["id"] for one in histories for history in one["histories"]}) == sum(
        one["total"] for one in histories
    )


@pytest.mark.parametrize("issue", issues(), ids=lambda issue: issue["key"])
def test_a_changelog_ends_in_what_jira_shows(issue: Record) -> None:
    fields = issue["fields"]
    shown = {
        "status": fields["status"]["name"],
        "resolution": fields["resolution"] and fields["resolution"]["name"],
        "priority": fields["priority"]["name"],
        "labels": " ".join(fields["labels"]),
    }
    standing: dict[str, str | None] = {}
    for history in reversed(issue["changelog"]["histories"]):
        for item in history["items"]:
            name = item["field"]
            if name in standing:
                assert item["fromString"] == standing[name]
            standing[name] = item["toString"]
    assert {name: shown[name] for name in standing if name in shown} == {
        name: value for name, value in standing.items() if name in shown
    }
    assert (fields["resolution"] is None) is (fields["resolutiondate"] is None)


def test_jira_shows_every_way_of_its_workflow() -> None:
    moved = {
        (item["field"], item["toString"])
        for one in issues()
        for history in one["changelog"]["histories"]
        for item in history["items"]
    }
    statuses = {value for name, value in moved if name == "status"}
    assert statuses == {
        "In Progress",
        "Ready for retest",
        "Retest failed",
        "Verified",
        "Reopened",
        "Done",
    }
    resolutions = {value for name, value in moved if name == "resolution"}
    assert {"Won't Do", "Duplicate", "Cannot Reproduce", "Done", None} == resolutions
    assert ("priority", "Low") in moved
    assert {one["fields"]["issuetype"]["name"] for one in issues() if not finding_of(one)} == {
        "Epic",
        "Task",
    }


def test_github_has_a_pull_request_a_question_and_a_reopened_issue() -> None:
    records = github_issues()
    others = [one for one in records if not finding_of(one)]
    assert [("pull_request" in one, labels_of(one)) for one in others] == [
        (False, ["question"]),
        (True, ["dependencies"]),
    ]
    events = [event for one in records for event in one["events"]]
    assert len({event["id"] for event in events}) == len(events)
    assert {event["event"] for event in events} == {"labeled", "unlabeled", "closed", "reopened"}
    assert {one["state_reason"] for one in records if one["state"] == "closed"} == {
        "completed",
        "not_planned",
        None,
    }
    for one in records:
        for event in one["events"]:
            assert datetime.fromisoformat(event["created_at"]).replace(tzinfo=None) < AS_OF


def test_deliveries_of_defectdojo_are_whole_month_ends() -> None:
    days = list(deliveries())
    assert days == [
        "2026-01-31",
        "2026-02-28",
        "2026-04-30",
        "2026-06-30",
        "2026-08-31",
        "2026-10-31",
    ]
    for day in days:
        pages = {
            path.stem: load(f"defectdojo/{day}/{path.name}")
            for path in (LANDING / "defectdojo" / day).iterdir()
        }
        assert set(pages) == {"findings", "tests", "engagements", "products"}
        assert all(page["count"] == len(page["results"]) for page in pages.values())
        ids = {name: {one["id"] for one in page["results"]} for name, page in pages.items()}
        assert {one["test"] for one in pages["findings"]["results"]} <= ids["tests"]
        assert {one["engagement"] for one in pages["tests"]["results"]} <= ids["engagements"]
        assert {one["product"] for one in pages["engagements"]["results"]} == ids["products"]
        for one in pages["findings"]["results"]:
            assert "related_fields" not in one
            assert max(one["updated"], one["last_status_update"]) < f"{day}T24"


def test_deliveries_show_a_mitigation_and_a_new_severity() -> None:
    rows = history_of("F-0174")
    assert [row["severity"] for row in rows] == ["Medium", *["High"] * 5]
    assert [row["is_mitigated"] for row in rows] == [False, False, *[True] * 4]
    assert [row["active"] for row in rows] == [True, True, *[False] * 4]


def test_a_note_is_all_that_is_left_of_a_reactivation() -> None:
    last = history_of("F-0096")[-1]
    assert [note["entry"].partition(" by ")[0] for note in last["notes"]] == [
        "Mitigated",
        "Re-activated",
        "Mitigated",
    ]
    assert last["mitigated"] == last["notes"][0]["date"] > last["notes"][1]["date"]


def test_deliveries_show_an_accepted_risk_and_a_false_positive() -> None:
    accepted = history_of("F-0304")[-1]
    assert (accepted["risk_accepted"], accepted["active"], accepted["is_mitigated"]) == (
        True,
        False,
        False,
    )
    (risk,) = accepted["accepted_risks"]
    assert risk["created"] < "2026-10-31" < risk["expiration_date"]
    # DefectDojo mitigates what it calls false: no fix, but the flag of one.
    wrong = history_of("F-0303")[-1]
    assert (wrong["false_p"], wrong["verified"], wrong["is_mitigated"]) == (True, False, True)


def test_deliveries_show_a_duplicate_and_a_deletion() -> None:
    others = {
        day: [row for row in rows if not finding_of(row)] for day, rows in deliveries().items()
    }
    assert [len(rows) for rows in others.values()] == [0, 1, 1, 0, 1, 1]
    (deleted,), (duplicate,) = others["2026-04-30"], others["2026-10-31"]
    assert deleted["id"] != duplicate["id"]
    assert duplicate["duplicate"]
    original = history_of("F-0302")[-1]
    assert duplicate["duplicate_finding"] == original["id"]
    assert duplicate["title"] == original["title"]


def test_nobody_goes_missing_between_deliveries() -> None:
    sets = [{finding_of(row) for row in rows} - {None} for rows in deliveries().values()]
    assert all(earlier <= later for earlier, later in pairwise(sets))
