"""Faulty and hostile trackers: faults that pass are waited out, others end in one clear message."""

from __future__ import annotations

import base64
import gzip
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aism.errors import UsageError
from aism.lock import FolderLock
from aism.pull import delivery, run
from aism.pull.address import parse_address
from aism.pull.secrets import read_secret
from tests.python.pull.conftest import TOKEN, Puller
from tests.python.pull.trackers import (
    Fault,
    Reply,
    Trackers,
    always,
    finding,
    github_issue,
    json_reply,
    once,
)

CUT = Reply(body=b'[{"id": 1, "number"', headers={"Content-Length": "900"})
CUT_UNSEEN = Reply(
    body=b'[{"id": 1, "number"', headers={"Content-Type": "application/json; charset=utf-8"}
)
GONE = Reply(status=0)
LIST = {"defectdojo": "findings", "jira": "search/jql", "github": "/issues?"}


@pytest.mark.parametrize("tracker", LIST)
@pytest.mark.parametrize(
    ("fault", "waits"),
    [
        (Reply(429, headers={"Retry-After": "7"}), [7.0, 7.0]),
        (Reply(503, headers={"Retry-After": "Fri, 20 Mar 2026 12:00:30 GMT"}), [30.0, 30.0]),
        (Reply(503, headers={"Retry-After": "soon"}), [1.0, 2.0]),
        (Reply(500, b"<h1>oops</h1>"), [1.0, 2.0]),
        (CUT, [1.0, 2.0]),
        (CUT_UNSEEN, [1.0, 2.0]),
        (GONE, [1.0, 2.0]),
    ],
    ids=["429", "503", "503 soon", "500", "cut", "cut unseen", "gone"],
)
def test_faults_that_pass_are_waited_out(
    pull: Puller, tracker: str, fault: Reply, waits: list[float]
) -> None:
    pull.trackers.caps = [3]
    pull.trackers.faults = [_from_second(LIST[tracker], fault, times=2)]
    said = pull(tracker)
    assert "Pulled 7 " in said
    assert "waiting" in said
    assert pull.waits == waits
    assert pull.landed().quarantined == []
    assert len(pull.landed().items) == 7


def _from_second(part: str, reply: Reply, times: int) -> Fault:
    """Fail after the first page: what came before is neither lost nor asked for again."""
    seen = [0]

    def fault(_: Trackers, target: str) -> Reply | None:
        seen[0] += part in target
        return reply if part in target and 1 < seen[0] <= times + 1 else None

    return fault


@pytest.mark.parametrize(
    ("reset", "waits"), [("1774008060", [61.0]), ("17740080x", None), ("9999999999", None)]
)
def test_a_quota_of_github_that_is_used_up_is_waited_for(
    pull: Puller, reset: str, waits: list[float] | None
) -> None:
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}
    pull.trackers.faults = [once("/issues/2/", Reply(403, headers=headers))]
    pull("github", code=0 if waits else 1)
    assert pull.waits == (waits or [])


@pytest.mark.parametrize("fault", [Reply(500), CUT, GONE, Reply(429)])
def test_a_fault_that_stays_ends_the_pull_and_leaves_nothing(pull: Puller, fault: Reply) -> None:
    pull.trackers.faults = [always("/issues/7/events", fault)]
    assert "did not answer in 6 tries" in pull("github", code=1)
    assert pull.waits == [1.0, 2.0, 4.0, 8.0, 16.0]
    assert len(pull.trackers.paths("/issues/7/")) == 6
    assert pull.files() == {}
    assert pull.left_over() == []


def test_a_failed_pull_leaves_the_delivery_before_and_is_no_pull(pull: Puller) -> None:
    pull("github")
    before = pull.files()
    pull.trackers.faults = [always("/issues/7/events", Reply(403))]
    pull("github", code=1)
    assert pull.files() == before
    pull.trackers.faults = []
    assert "since 2026-03-20 11:50" in pull("github", "--since", "auto")


def test_a_wait_that_is_too_long_is_not_waited(pull: Puller) -> None:
    pull.trackers.faults = [once("/issues", Reply(429, headers={"Retry-After": "86400"}))]
    assert "asks to wait 86,400 s" in pull("github", code=1)
    assert pull.waits == []


LOGIN = Reply(body=b"<html>Log in</html>", headers={"Content-Type": "text/html"})


@pytest.mark.parametrize("tracker", LIST)
@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (json_reply({"detail": "no"}, 401), "does not take the token (401)"),
        (json_reply({"detail": "Read only"}, 403), 'It says: "Read only"'),
        (json_reply({}, 404), "has no /"),
        (json_reply({"errorMessages": ["No field 'x'", 7]}, 400), "It says: \"No field 'x'\""),
        (json_reply({"error": {"deep": 1}}, 418), "with 418."),
        (LOGIN, "page to log in"),
        (Reply(body=b"[[[" * 100_000), "not with JSON"),
        (Reply(body=b"17"), "not with JSON"),
        (json_reply([1, 2]), "check --url"),
        (json_reply({"results": {"a": 1}, "issues": "none", "count": 1}), "check --url"),
        (Reply(204, b""), "with 204"),
    ],
    ids=lambda value: "" if isinstance(value, str) else str(value.status),
)
def test_answers_that_are_none_are_told_in_one_message(
    pull: Puller, tracker: str, reply: Reply, said: str
) -> None:
    pull.trackers.faults = [always(LIST[tracker], reply)]
    assert said in pull(tracker, code=1)
    assert pull.said.count("error: ") == 1
    assert f"AISM_{tracker.upper()}_TOKEN" in pull.said or reply.status != 401
    assert pull.files() == {}
    assert pull.waits == []


def test_words_of_a_tracker_are_made_safe_and_cut(pull: Puller) -> None:
    reply = json_reply({"message": "\x1b]8;;http://evil\x07" + "x" * 10_000}, 400)
    pull.trackers.faults = [always("/issues", reply)]
    said = pull("github", code=1)
    assert "\x1b" not in said
    assert len(said) < 1_000


# Lists that do not end, turn in circles or lead elsewhere


def test_a_page_that_names_itself_is_a_circle(pull: Puller) -> None:
    link = f'<{pull.trackers.url}/repos/acme/bot/issues?after=0&x=1>; rel="next"'
    pull.trackers.faults = [always("/issues?", json_reply([github_issue(1)], Link=link))]
    assert "turns in a circle" in pull("github", code=1)
    assert len(pull.trackers.asked) == 2
    cursor = json_reply({"issues": [], "nextPageToken": "same"})
    pull.trackers.faults = [always("search/jql", cursor)]
    assert "turns in a circle" in pull("jira", code=1)


@pytest.mark.parametrize("tracker", LIST)
def test_a_list_that_does_not_end_is_ended(pull: Puller, tracker: str) -> None:
    pull.limits = {"pages": 5}
    pull.trackers.faults = [_endless(LIST[tracker])]
    assert "over 5 pages does not end" in pull(tracker, code=1)
    assert len(pull.trackers.paths(LIST[tracker])) == 5
    assert pull.files() == {}


def _endless(part: str) -> Fault:
    def fault(trackers: Trackers, target: str) -> Reply | None:
        if part not in target:
            return None
        number = len(trackers.asked)
        rows = [github_issue(number) | {"test": 1}]
        link = f'<{trackers.url}/repos/acme/bot/issues?after={number}>; rel="next"'
        if "/repos/" in target:
            return json_reply(rows, Link=link)
        page = {"results": rows, "issues": rows, "count": 10**9, "nextPageToken": str(number)}
        return json_reply(page)

    return fault


@pytest.mark.parametrize(
    ("count", "said"),
    [(9, "ended after 7 of 9"), ("7", "states no count"), (None, "states no count")],
)
def test_a_list_that_is_not_as_long_as_it_says_is_not_delivered(
    pull: Puller, count: object, said: str
) -> None:
    def fault(trackers: Trackers, target: str) -> Reply | None:
        rows = trackers.findings if "offset=0" in target else []
        return json_reply({"count": count, "results": rows}) if "findings" in target else None

    pull.trackers.faults = [fault]
    assert said in pull("defectdojo", code=1)
    assert pull.files() == {}


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        (lambda rows: rows.pop(0), 1, "lost items while it was read"),
        (lambda rows: rows.insert(0, rows.pop()), 1, "holds 6 different items, not 7"),
        (lambda rows: rows.append(finding(8)), 0, "Pulled 8 findings"),
    ],
    ids=["deleted", "moved", "added"],
)
def test_a_list_that_changes_between_pages(
    pull: Puller, change: Callable[[list[Any]], object], code: int, said: str
) -> None:
    changes = [change]

    def fault(trackers: Trackers, target: str) -> Reply | None:
        if "findings" in target and "offset=3" in target and changes:
            changes.pop()(trackers.findings)
        return None

    pull.trackers.caps = [3]
    pull.trackers.faults = [fault]
    assert said in pull("defectdojo", code=code)


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:{other}/login",
        "https://127.0.0.1:{port}/repos",
        "http://localhost:{port}/x",
        "http://127.0.0.1:{port}@evil.example.com/",
        "http://evil.example.com\\@127.0.0.1:{port}/",
        "//evil.example.com/",
        "file:///etc/passwd",
    ],
)
@pytest.mark.parametrize("by", ["Location", "Link"])
def test_the_token_goes_to_no_other_host(pull: Puller, target: str, by: str) -> None:
    port = int(pull.trackers.url.rpartition(":")[2])
    address = target.format(port=port, other=port + 1)
    headers = {"Location": address, "Link": f'<{address}>; rel="next"'}
    status = 302 if by == "Location" else 200
    pull.trackers.faults = [always("", Reply(status, b"[]", {by: headers[by]}))]
    assert "sends on to" in pull("github", code=1)
    assert len(pull.trackers.asked) == 1


def test_a_redirect_on_the_same_host_is_followed_but_not_for_ever(pull: Puller) -> None:
    moved = "/repos/acme/bot/issues?state=all&per_page=100"
    pull.trackers.faults = [once("sort=created", Reply(301, headers={"Location": moved}))]
    assert "Pulled 7 issues" in pull("github")
    pull.trackers.faults = [always("", Reply(302, headers={"Location": "/repos/x"}))]
    assert "redirects in a circle" in pull("github", code=1)


@pytest.mark.parametrize("packed", [False, True])
def test_an_answer_is_bounded_unpacked_too(pull: Puller, packed: bool) -> None:
    body = b" " * 3_000_000
    reply = Reply(body=body)
    if packed:
        reply = Reply(body=gzip.compress(body, mtime=0), headers={"Content-Encoding": "gzip"})
    pull.limits = {"answer_bytes": 2**20}
    pull.trackers.faults = [always("/issues", reply)]
    assert "over 1 MB" in pull("github", code=1)


@pytest.mark.parametrize("number", ["1/../../x", True, 0, None, "7"])
def test_ids_that_would_make_paths_are_refused(pull: Puller, number: object) -> None:
    pull.trackers.github_issues[0]["number"] = number
    pull("github", code=1)
    pull.trackers.jira_issues[0] |= {"id": f"{number}/x", "changelog": None}
    pull("jira", code=1)
    pull.trackers.findings[0]["test"] = f"{number}&x"
    pull("defectdojo", code=1)


def test_what_is_no_jira_is_told(pull: Puller) -> None:
    pull.trackers.faults = [always("serverInfo", json_reply({"version": "1"}))]
    assert "This is no Jira" in pull("jira", code=1)


# Secrets


ECHO = f"bad credentials {TOKEN}"


@pytest.mark.parametrize("tracker", LIST)
@pytest.mark.parametrize(
    "echo",
    [
        lambda: json_reply({"message": ECHO, "detail": ECHO, "errorMessages": [ECHO]}, 400),
        lambda: json_reply([{"id": 1, "number": 1, "title": ECHO}]),
        lambda: Reply(302, headers={"Location": f"https://{TOKEN}.example.com/{TOKEN}"}),
        lambda: Reply(302, headers={"Location": f"https://a:{TOKEN}@example.com/"}),
        lambda: json_reply({"message": base64.b64encode(TOKEN.encode()).decode()}, 403),
        lambda: Reply(status=0),
    ],
    ids=["message", "page", "host", "user", "encoded", "gone"],
)
def test_the_token_is_sent_and_stands_nowhere(
    pull: Puller, tracker: str, echo: Callable[[], Reply]
) -> None:
    pull.trackers.faults = [always(LIST[tracker], echo())]
    pull(tracker, code=1)
    # The control: it was sent, and the server said it.
    assert any(TOKEN in said["Authorization"] for said in pull.trackers.headers)
    assert all(TOKEN not in path for path in pull.trackers.asked)
    for form in _forms(TOKEN):
        assert form not in pull.said
        assert not _holds(pull.home.parent, form)


def _forms(token: str) -> list[str]:
    return [token, base64.b64encode(token.encode()).decode()]


def _holds(folder: Path, text: str) -> bool:
    names = [str(path) for path in folder.rglob("*")]
    files = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    return any(text in name for name in names) or any(text.encode() in data for data in files)


def test_a_traceback_that_holds_the_token_is_not_kept(
    pull: Puller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> object:
        raise RuntimeError(f"on purpose {secret}")

    monkeypatch.setattr(run, "_client_of", fail)
    secret = "harmless"
    assert "RuntimeError: on purpose harmless" in pull("github", code=1)
    assert _holds(pull.home, "on purpose harmless"), "the control: a log is written"
    shutil.rmtree(pull.home)
    secret = TOKEN
    assert "The pull failed: RuntimeError." in pull("github", code=1)
    assert not _holds(pull.home.parent, TOKEN)


@pytest.mark.parametrize(
    ("tracker", "user", "header"),
    [
        ("jira", "jane@example.com", "Basic "),
        ("jira", "", f"Bearer {TOKEN}"),
        ("github", "", f"Bearer {TOKEN}"),
        ("defectdojo", "", f"Token {TOKEN}"),
    ],
)
def test_each_tracker_gets_its_header(
    pull: Puller, monkeypatch: pytest.MonkeyPatch, tracker: str, user: str, header: str
) -> None:
    monkeypatch.setenv("AISM_JIRA_USER", user)
    pull(tracker)
    said = {headers["Authorization"] for headers in pull.trackers.headers}
    if user:
        header += base64.b64encode(f"{user}:{TOKEN}".encode()).decode()
    assert said == {header}


def test_a_secret_is_in_no_repr() -> None:
    secret = read_secret({"T": TOKEN, "U": "jane"}, "T", user="U")
    assert TOKEN in secret.forms
    assert not any(form in repr(secret) for form in secret.forms)
    assert secret.hide_in(f"<{TOKEN}>{secret.header}") == "<***>Basic ***"


@pytest.mark.parametrize(
    ("url", "is_loopback"),
    [
        ("http://127.0.0.1:8080", True),
        ("http://[::1]/jira", True),
        ("http://localhost", True),
        ("https://jira.example.com/jira/", False),
    ],
)
def test_addresses(url: str, is_loopback: bool) -> None:
    address = parse_address(url)
    assert address.is_loopback is is_loopback
    assert address.base == url.rstrip("/")
    assert address.holds(f"{address.base}/x?y=z")
    origin = address.base.removesuffix("/jira")
    for evil in (".evil.example.com/", "@evil.example.com/", "\\.evil.example.com/", ":81/", " /"):
        assert not address.holds(origin + evil)


def test_plain_http_is_for_this_machine_unless_asked() -> None:
    with pytest.raises(UsageError, match="--insecure"):
        parse_address("http://127.0.0.1.example.com")
    assert parse_address("http://tracker.example.com", insecure=True).port == 80


# Kills, locks and file systems


def test_what_a_killed_pull_left_is_cleaned_and_a_moved_delivery_goes_back(
    pull: Puller, monkeypatch: pytest.MonkeyPatch
) -> None:
    pull("github")
    before = pull.files()
    monkeypatch.setattr(delivery, "_put_back", lambda *_: None)
    rename = Path.rename

    def stop(path: Path, target: Path) -> Path:
        if path.name == "new":
            raise OSError("stopped on purpose")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", stop)
    pull("github", code=1)
    assert pull.files() == {}, "the control: the moment between two moves"
    monkeypatch.undo()
    again = Puller(pull.home.parent, pull.trackers, monkeypatch, pull._capsys)
    again.trackers.faults = [always("/issues", Reply(403))]
    again("github", code=1)
    assert again.files() == before
    assert [name for name in again.left_over() if "/logs/" not in name] == []


def test_a_delivery_that_cannot_be_moved_leaves_the_one_before(
    pull: Puller, monkeypatch: pytest.MonkeyPatch
) -> None:
    pull("github")
    before = pull.files()
    rename = Path.rename

    def stop(path: Path, target: Path) -> Path:
        if path.name == "new":
            raise OSError("on purpose")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", stop)
    assert "on purpose" in pull("github", code=1)
    assert pull.files() == before


def test_two_pulls_of_one_scope_do_not_meet(pull: Puller) -> None:
    pull("github")
    (state,) = (path for path in (pull.home / "pull").iterdir() if path.is_dir())
    lock = FolderLock(state)
    lock.acquire()
    try:
        assert "Another pull of github acme/bot is running" in pull("github", code=75)
    finally:
        lock.release()
    pull("github")


def test_a_landing_folder_on_another_file_system_is_staged_beside_it(
    pull: Puller, monkeypatch: pytest.MonkeyPatch
) -> None:
    stat = Path.stat

    def elsewhere(path: Path, **more: Any) -> os.stat_result:
        found = stat(path, **more)
        if path.is_relative_to(pull.home):
            return os.stat_result((*found[:2], found.st_dev + 1, *found[3:]))
        return found

    monkeypatch.setattr(Path, "stat", elsewhere)
    pull("github")
    assert pull.landed().items
    assert sorted(path.name for path in pull.home.parent.iterdir() if path.name[0] == ".") == []


def test_without_dlt_the_extra_is_named(pull: Puller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "aism.pull.client", raising=False)
    for name in [name for name in sys.modules if name.partition(".")[0] == "dlt"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "dlt", None)
    assert "pip install '.[pull]'" in pull("github", code=2)
