"""A server on this machine that speaks the three APIs, with the faults that real ones have."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Row = dict[str, Any]
MOMENT = "2026-03-{:02}T10:00:00Z"


@dataclass
class Reply:
    """One answer; ``sent`` bytes of the body arrive, by default all."""

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)
    sent: int | None = None


Fault = Callable[["Trackers", str], Reply | None]
"""Called with the path of a request; None: this request is not the one that fails."""


class Trackers:
    """What the trackers hold, what was asked for, and which requests fail."""

    def __init__(self) -> None:
        self.url = ""
        self.faults: list[Fault] = []
        self.asked: list[str] = []
        """Path and query of every request, in order."""
        self.headers: list[dict[str, str]] = []
        self.caps: list[int] = []
        """How many items the server gives at most on its next pages; the last one stays."""
        self.deployment = "Cloud"
        self.findings = [finding(number) for number in range(1, 8)]
        self.imports = [test_import(5, 1), test_import(6, 2)]
        self.jira_issues = [jira_issue(10_000 + number) for number in range(1, 8)]
        self.histories: dict[str, list[Row]] = {}
        """Of issues whose embedded history is cut."""
        self.github_issues = [github_issue(number) for number in range(1, 8)]
        self.events = {number: [github_event(number)] for number in range(1, 6)}

    def paths(self, part: str) -> list[str]:
        """Paths of requests that hold ``part``."""
        return [path for path in self.asked if part in path]

    def answer(self, target: str) -> Reply:
        for fault in list(self.faults):
            reply = fault(self, target)
            if reply is not None:
                return reply
        parts = urlsplit(target)
        query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        for pattern, answer in _ROUTES:
            if found := re.fullmatch(pattern, parts.path):
                return answer(self, query, *found.groups())
        return json_reply({"message": "Not Found"}, 404)

    def cap(self, asked: int) -> int:
        if not self.caps:
            return asked
        return min(asked, self.caps.pop(0) if len(self.caps) > 1 else self.caps[0])

    def by_offset(self, rows: list[Row], start: int, limit: int) -> list[Row]:
        return rows[start : start + self.cap(limit)]


def json_reply(document: Any, status: int = 200, **headers: str) -> Reply:
    body = json.dumps(document, ensure_ascii=False).encode()
    said = {key.replace("_", "-"): value for key, value in headers.items()}
    return Reply(status, body, {"Content-Type": "application/json", **said})


def once(part: str, reply: Reply, times: int = 1) -> Fault:
    """Give ``reply`` to the next ``times`` requests whose path holds ``part``."""
    left = [times]

    def fault(_: Trackers, target: str) -> Reply | None:
        if part not in target or not left[0]:
            return None
        left[0] -= 1
        return reply

    return fault


def always(part: str, reply: Reply) -> Fault:
    return once(part, reply, 1_000_000)


# What the trackers hold


def finding(number: int, **more: Any) -> Row:
    test = {"id": 1 + number % 2, "engagement": {"id": 3, "name": "E", "product": product(4)}}
    return {
        "id": number,
        "title": f"Finding {number}",
        "severity": "High",
        "test": 1 + number % 2,
        "active": True,
        "verified": False,
        "false_p": False,
        "duplicate": False,
        "is_mitigated": False,
        "date": "2026-03-01",
        "created": MOMENT.format(number),
        "last_status_update": MOMENT.format(number),
        "found_by": [1],
        "tags": [],
        "related_fields": {"test": test},
        **more,
    }


def product(number: int) -> Row:
    return {"id": number, "name": f"Product {number}", "prod_type": 1}


def test_import(number: int, test: int) -> Row:
    action = {"id": number, "action": "N", "created": MOMENT.format(1), "finding": number}
    return {"id": number, "test": test, "test_import_finding_action_set": [action]}


def jira_issue(number: int, **fields: Any) -> Row:
    history = {
        "id": str(number + 50_000),
        "created": "2026-03-02T10:00:00.000+0800",
        "items": [
            {
                "field": "status",
                "fieldId": "status",
                "from": "1",
                "fromString": "Open",
                "to": "3",
                "toString": "In Progress",
            }
        ],
    }
    return {
        "id": str(number),
        "key": f"SEC-{number - 10_000}",
        "fields": {
            "summary": "Prüfung: Ausbruch",
            "created": "2026-03-01T10:00:00.000+0800",
            "updated": "2026-03-02T10:00:00.000+0800",
            "status": {"id": "3", "name": "In Progress", "statusCategory": {"key": "new"}},
            "project": {"id": "1", "key": "SEC", "name": "Security"},
            "labels": ["ai-red-team"],
            **fields,
        },
        "changelog": {"startAt": 0, "maxResults": 1, "total": 1, "histories": [history]},
    }


def github_issue(number: int, **more: Any) -> Row:
    return {
        "url": f"https://api.github.com/repos/acme/bot/issues/{number}",
        "repository_url": "https://api.github.com/repos/acme/bot",
        "id": 9_000 + number,
        "number": number,
        "title": f"Finding {number}",
        "state": "open",
        "labels": [{"id": 1, "name": "severity:high"}],
        "created_at": MOMENT.format(number),
        "updated_at": MOMENT.format(number + 1),
        "closed_at": None,
        **more,
    }


def github_event(number: int) -> Row:
    return {
        "id": 70_000 + number,
        "url": f"https://api.github.com/repos/acme/bot/issues/events/{70_000 + number}",
        "event": "labeled",
        "commit_id": None,
        "created_at": MOMENT.format(number),
        "label": {"name": "severity:high"},
    }


# How they are asked


def _dojo(trackers: Trackers, query: Mapping[str, str], kind: str) -> Reply:
    rows: list[Row] = {
        "findings": trackers.findings,
        "products": [product(4), product(44)],
        "engagements": [{"id": 3, "name": "E", "product": 4, "target_start": "2026-01-01"}],
        "tests": [{"id": n, "title": None, "engagement": 3, "test_type": 1} for n in (1, 2)],
        "test_imports": trackers.imports,
    }[kind]
    if query.get("o", "").startswith("-last_status_update"):
        rows = sorted(rows, key=lambda row: str(row["last_status_update"]), reverse=True)
    if "test" in query:
        rows = [row for row in rows if row["test"] == int(query["test"])]
    if "id" in query:
        rows = [row for row in rows if row["id"] == int(query["id"])]
    if "name_exact" in query:
        rows = [row for row in rows if row["name"].lower() == query["name_exact"].lower()]
    start, limit = int(query.get("offset", 0)), int(query.get("limit", 25))
    page = trackers.by_offset(rows, start, limit)
    # As behind a proxy that does not tell its name: nobody may follow this.
    after = "http://internal:8080/next" if start + len(page) < len(rows) else None
    return json_reply({"count": len(rows), "next": after, "previous": None, "results": page})


def _jira_search(trackers: Trackers, query: Mapping[str, str]) -> Reply:
    rows, limit = trackers.jira_issues, int(query["maxResults"])
    if trackers.deployment == "Cloud":
        start = int(query.get("nextPageToken", "page-0").removeprefix("page-"))
        page = trackers.by_offset(rows, start, limit)
        end = start + len(page)
        more = {"nextPageToken": f"page-{end}"} if end < len(rows) else {}
        return json_reply({"issues": page, "isLast": not more, **more})
    start = int(query.get("startAt", 0))
    page = trackers.by_offset(rows, start, limit)
    head = {"startAt": start, "maxResults": limit, "total": len(rows)}
    return json_reply({**head, "issues": page})


def _jira_changelog(trackers: Trackers, query: Mapping[str, str], issue: str) -> Reply:
    rows, start = trackers.histories[issue], int(query.get("startAt", 0))
    page = trackers.by_offset(rows, start, int(query.get("maxResults", 100)))
    address = f"{trackers.url}/rest/api/3/issue/{issue}/changelog"
    return json_reply({"self": address, "startAt": start, "total": len(rows), "values": page})


def _jira_list(trackers: Trackers, _: Mapping[str, str], kind: str) -> Reply:
    address = f"{trackers.url}/rest/api/2/{kind}/3"
    return json_reply([{"self": address, "id": "3", "name": "In Progress"}])


def _github_issues(trackers: Trackers, query: Mapping[str, str]) -> Reply:
    since = query.get("since", "")
    rows = [row for row in trackers.github_issues if row["updated_at"] >= since]
    if query.get("state") != "all":
        rows = [row for row in rows if row["state"] == "open"]
    return _github_page(trackers, rows, query, "/repos/acme/bot/issues?state=all")


def _github_events(trackers: Trackers, query: Mapping[str, str], number: str) -> Reply:
    rows = trackers.events.get(int(number), [])
    return _github_page(trackers, rows, query, f"/repos/acme/bot/issues/{number}/events?")


def _github_page(trackers: Trackers, rows: list[Row], query: Mapping[str, str], base: str) -> Reply:
    start = int(query.get("after", 0))
    page = trackers.by_offset(rows, start, int(query.get("per_page", 30)))
    end = start + len(page)
    if end >= len(rows):
        return json_reply(page)
    since = f"&since={query['since']}" if "since" in query else ""
    link = f"{trackers.url}{base}&per_page={query.get('per_page', 30)}{since}&after={end}"
    return json_reply(page, Link=f'<{link}>; rel="next", <{trackers.url}/x>; rel="first"')


_ROUTES: list[tuple[str, Callable[..., Reply]]] = [
    (r"/api/v2/(findings|products|engagements|tests|test_imports)/", _dojo),
    (
        "/rest/api/2/serverInfo",
        lambda trackers, _: json_reply({"deploymentType": trackers.deployment}),
    ),
    ("/rest/api/3/search/jql", _jira_search),
    ("/rest/api/2/search", _jira_search),
    (r"/rest/api/[23]/issue/([0-9]+)/changelog", _jira_changelog),
    (r"/rest/api/[23]/(status|issuetype|field)", _jira_list),
    ("/repos/acme/bot/issues", _github_issues),
    (r"/repos/acme/bot/issues/([0-9]+)/events", _github_events),
]


class _Handler(BaseHTTPRequestHandler):
    trackers: Trackers

    def do_GET(self) -> None:
        self.trackers.asked.append(self.path)
        self.trackers.headers.append(dict(self.headers))
        reply = self.trackers.answer(self.path)
        self.close_connection = True
        if reply.status == 0:  # the connection is cut before any answer
            return
        self.send_response(reply.status)
        for key, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(reply.body[: reply.sent])

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def running() -> Iterator[Trackers]:
    """Run the server on a free port of this machine, and stop it."""
    trackers = Trackers()
    handler = type("Handler", (_Handler,), {"trackers": trackers, "timeout": 30})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        trackers.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield trackers
        finally:
            server.shutdown()
            thread.join(10)
