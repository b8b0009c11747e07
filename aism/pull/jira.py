"""Jira: issues with their histories, and what ids of statuses, types and fields stand for.

Cloud lists by a cursor at ``/rest/api/3/search/jql``, Server and Data Center by offset at
``/rest/api/2/search``; ``/rest/api/2/serverInfo`` tells which one answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from aism.errors import UsageError
from aism.pull.model import Answer, PullError, Put, Tell, Window

if TYPE_CHECKING:
    from aism.pull.client import Client

PAGE: Final = 100
FIELDS: Final = "*all,-description,-environment,-comment,-attachment,-worklog"
"""Without what no reader keeps: texts, and who wrote them."""

_LISTS: Final = ("status", "issuetype", "field")
_QUOTED: Final = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'", re.DOTALL)
_ORDER: Final = re.compile(r"\border\s+by\b", re.IGNORECASE)


def check_jql(jql: str) -> str:
    """Return a query that can be narrowed and ordered.

    Raises:
        UsageError: it is empty, or orders by itself.

    """
    if not jql.strip():
        raise UsageError('--jql takes a query such as "project = SEC and labels = ai-red-team".')
    if _ORDER.search(_QUOTED.sub('""', jql)):
        raise UsageError("--jql takes the query without `order by`: the pull orders by itself.")
    return jql.strip()


def narrowed(jql: str, window: Window) -> str:
    """Return the query for what changed in the window, in an order that changes do not disturb.

    Minutes back from the server's own clock: a date in JQL would be of the user's time zone.
    """
    if window.since is not None:
        jql = f'({jql}) and updated >= "-{window.minutes}m"'
    return f"{jql} order by created asc, key asc"


def pull_jira(client: Client, jql: str, window: Window, put: Put, tell: Tell) -> int:
    """Pull issues, the rest of histories that were cut, and three lists; return the issues.

    Raises:
        PullError: the server does not answer as Jira does.

    """
    told = client.get("rest/api/2/serverInfo").document
    deployment = told.get("deploymentType") if isinstance(told, dict) else None
    if not isinstance(deployment, str):
        raise PullError("This is no Jira: serverInfo names no deployment type. Check --url.")
    is_cloud = deployment == "Cloud"
    api = "rest/api/3" if is_cloud else "rest/api/2"
    # In the file of the issues: lists tell which of their fields hold people.
    for kind in _LISTS:
        put("issues", client.get(f"{api}/{kind}").body)

    issues: dict[str, None] = {}
    cut: dict[str, None] = {}
    for answer in _search(client, is_cloud, api, narrowed(jql, window)):
        put("issues", answer.body)
        for issue in answer.items:
            issue_id = _issue_id(issue)
            issues[issue_id] = None
            if _is_cut(issue):
                cut[issue_id] = None
        total = answer.document.get("total")
        tell("issues", len(issues), total if isinstance(total, int) else None)
    for done, issue_id in enumerate(cut, 1):
        path = f"{api}/issue/{issue_id}/changelog"
        pages = client.by_offset(
            path, {"maxResults": PAGE}, "values", offset="startAt", total="total"
        )
        for answer in pages:
            put(f"issue-{issue_id}-changelog", answer.body)
        tell("long histories", done, len(cut))
    return len(issues)


def _search(client: Client, is_cloud: bool, api: str, jql: str) -> Iterator[Answer]:
    params: dict[str, Any] = {
        "jql": jql,
        "maxResults": PAGE,
        "fields": FIELDS,
        "expand": "changelog,names",
    }
    if is_cloud:
        return client.by_cursor(f"{api}/search/jql", params, "issues", cursor="nextPageToken")
    return client.by_offset(f"{api}/search", params, "issues", offset="startAt", total="total")


def _issue_id(issue: object) -> str:
    found = issue.get("id") if isinstance(issue, dict) else None
    if not isinstance(found, str | int) or not re.fullmatch(r"[0-9]{1,18}", str(found)):
        raise PullError("An issue has no id as Jira gives it: check --url.")
    return str(found)


def _is_cut(issue: dict[str, Any]) -> bool:
    """Tell an issue whose embedded history has fewer entries than there are."""
    changelog = issue.get("changelog")
    if not isinstance(changelog, dict):
        return True
    histories, total = changelog.get("histories"), changelog.get("total")
    return not isinstance(histories, list) or not isinstance(total, int) or len(histories) < total
