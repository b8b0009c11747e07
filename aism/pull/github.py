"""GitHub: all issues of a repository, and the events of each."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from aism.errors import UsageError
from aism.pull.model import PullError, Put, Tell, Window, positive

if TYPE_CHECKING:
    from aism.pull.client import Client

API: Final = "https://api.github.com"
HEADERS: Final = {
    "Accept": "application/vnd.github+json",
    "X-GitHub-Api-Version": "2022-11-28",
}
PAGE: Final = 100
_REPOSITORY: Final = re.compile(r"[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}")


def check_repository(repository: str) -> str:
    """Return an ``owner/name``; raises UsageError for anything else."""
    if not _REPOSITORY.fullmatch(repository) or {".", ".."} & {*repository.split("/")}:
        raise UsageError("--repository takes owner/name, as in github.com/owner/name.")
    return repository


def pull_github(client: Client, repository: str, window: Window, put: Put, tell: Tell) -> int:
    """Pull issues, open and closed, and the events of each; return the issues.

    GitHub lists pull requests among issues: their rows stay in the pages as they came, their
    events are not asked for.

    Raises:
        PullError: the server does not answer as GitHub does.

    """
    base = f"repos/{repository}/issues"
    params: dict[str, Any] = {
        "state": "all",
        "sort": "created",
        "direction": "asc",
        "per_page": PAGE,
    }
    if window.since is not None:
        params["since"] = f"{window.since:%Y-%m-%dT%H:%M:%SZ}"
    numbers: dict[int, None] = {}
    for answer in client.by_link(base, params):
        put("issues", answer.body)
        for issue in answer.items:
            number = positive(issue.get("number")) if isinstance(issue, dict) else None
            if number is None:
                raise PullError("An issue has no number as GitHub gives it: check --url.")
            if not issue.get("pull_request"):
                numbers[number] = None
        tell("issues", len(numbers), None)
    for done, number in enumerate(numbers, 1):
        # Of whom an event is, the name of its file tells.
        for answer in client.by_link(f"{base}/{number}/events", {"per_page": PAGE}):
            if answer.items:
                put(f"issue-{number}-events", answer.body)
        tell("issues with their events", done, len(numbers))
    return len(numbers)
