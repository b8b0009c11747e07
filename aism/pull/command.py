"""The commands ``aism pull defectdojo``, ``aism pull jira`` and ``aism pull github``."""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.text import Text

from aism import report
from aism.errors import UsageError
from aism.pull.address import parse_address
from aism.pull.delivery import Scope
from aism.pull.github import API as GITHUB_API
from aism.pull.model import Tell
from aism.pull.run import Order, run
from aism.pull.secrets import read_secret
from aism.settings import Settings

EPILOG: Final = """
Tokens come from the environment alone: AISM_DEFECTDOJO_TOKEN; AISM_JIRA_TOKEN, with AISM_JIRA_USER
for Jira Cloud; AISM_GITHUB_TOKEN.

Exit codes: 0 done; 1 the pull failed, the landing folder is as it was; 2 wrong usage; 75 the same
pull is running.
"""

app = typer.Typer(
    help="Pull raw answers of a tracker into the landing folder, dated. Needs the extra `pull`.",
    epilog=EPILOG,
    no_args_is_help=True,
)

SinceOption = Annotated[
    str,
    typer.Option(
        metavar="full|auto|YYYY-MM-DD",
        help="full: everything; auto: what changed since the last pull; a date: since then.",
    ),
]
LandingOption = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Landing folder. Default: AISM_LANDING_DIR.")
]
DateOption = Annotated[
    str | None,
    typer.Option("--date", metavar="YYYY-MM-DD", help="Day of the delivery. Default: today (UTC)."),
]
InsecureOption = Annotated[bool, typer.Option("--insecure", help="Send the token over plain http.")]


@app.command(epilog=EPILOG)
def defectdojo(
    url: Annotated[str, typer.Option(help="Address of DefectDojo.")],
    product: Annotated[
        str | None, typer.Option(help="Only this product: its id, or its whole name.")
    ] = None,
    since: SinceOption = "full",
    landing: LandingOption = None,
    date: DateOption = None,
    insecure: InsecureOption = False,
) -> None:
    """Pull findings with their tests, engagements and products, and what imports did to them."""
    from aism.pull.defectdojo import SCHEME, pull_defectdojo

    address = parse_address(url, insecure=insecure)
    order = Order(
        scope=Scope.of("defectdojo", product or address.host, address.base, product or ""),
        address=address,
        secret=read_secret(os.environ, "AISM_DEFECTDOJO_TOKEN", SCHEME),
        ask=lambda client, *rest: pull_defectdojo(client, product, *rest),
        landing=_landing(landing),
        home=Settings.from_environment().home,
        since=since,
        day=_day(date),
    )
    _pull(order, "findings")


@app.command(epilog=EPILOG)
def jira(
    url: Annotated[str, typer.Option(help="Address of Jira, with its path if it has one.")],
    jql: Annotated[
        str, typer.Option(help="Which issues, without `order by`. One that they never leave.")
    ],
    since: SinceOption = "full",
    landing: LandingOption = None,
    date: DateOption = None,
    insecure: InsecureOption = False,
) -> None:
    """Pull issues with their change histories, statuses, issue types and fields."""
    from aism.pull.jira import check_jql, pull_jira

    address, query = parse_address(url, insecure=insecure), check_jql(jql)
    order = Order(
        scope=Scope.of("jira", address.host, address.base, query),
        address=address,
        secret=read_secret(os.environ, "AISM_JIRA_TOKEN", user="AISM_JIRA_USER"),
        ask=lambda client, *rest: pull_jira(client, query, *rest),
        landing=_landing(landing),
        home=Settings.from_environment().home,
        since=since,
        day=_day(date),
    )
    _pull(order, "issues")


@app.command(epilog=EPILOG)
def github(
    repository: Annotated[str, typer.Option(metavar="OWNER/NAME", help="Which repository.")],
    url: Annotated[
        str, typer.Option(help="Address of the API. Enterprise Server: https://host/api/v3.")
    ] = GITHUB_API,
    since: SinceOption = "full",
    landing: LandingOption = None,
    date: DateOption = None,
    insecure: InsecureOption = False,
) -> None:
    """Pull all issues of a repository and the events of each."""
    from aism.pull.github import HEADERS, check_repository, pull_github

    address, name = parse_address(url, insecure=insecure), check_repository(repository)
    order = Order(
        scope=Scope.of("github", name, address.base, name.lower()),
        address=address,
        secret=read_secret(os.environ, "AISM_GITHUB_TOKEN"),
        ask=lambda client, *rest: pull_github(client, name, *rest),
        landing=_landing(landing),
        home=Settings.from_environment().home,
        since=since,
        day=_day(date),
        headers=HEADERS,
    )
    _pull(order, "issues")


def _pull(order: Order, items: str) -> None:
    from aism.cli import err, out

    with _progress(err) as (tell, on_wait):
        pulled = run(order, tell, on_wait)
    what = f"changed since {pulled.since:%Y-%m-%d %H:%M} UTC" if pulled.since else "all there are"
    out.print(Text(f"Pulled {pulled.items:,} {items}, {what}, in {pulled.files:,} files"))
    out.print(Text("  ") + report.printable(str(pulled.folder)))


def _landing(given: Path | None) -> Path:
    settings = Settings.from_environment()
    landing = settings.landing if given is None else given.expanduser().absolute()
    if dataclasses.replace(settings, landing=landing).is_sample:
        raise UsageError(
            "The landing folder is the synthetic sample: set AISM_LANDING_DIR, or --landing, to a "
            "folder of your own."
        )
    return landing


def _day(text: str | None) -> dt.date | None:
    if text is None:
        return None
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:
        raise UsageError(f"--date takes a date such as 2026-06-30, not {text!r}.")
    return day


@contextmanager
def _progress(err: Console) -> Iterator[tuple[Tell, Callable[[str], None]]]:
    """Yield what to call with progress and with waits: a spinner on a terminal, else few lines."""
    told: dict[str, int] = {}

    def words(what: str, done: int, total: int | None) -> Text:
        of_all = "" if total is None else f" of {total:,}"
        return Text(f"  pulled: {done:,}{of_all} {what}")

    def tell_in_lines(what: str, done: int, total: int | None) -> None:
        # Every tenth of what is known, else at every doubling.
        if done == total or done >= told.get(what, 0) + max(told.get(what, 0), (total or 0) // 10):
            told[what] = max(done, 1)
            err.print(words(what, done, total))

    if not err.is_terminal:
        yield tell_in_lines, lambda text: err.print(Text("  ") + report.printable(text))
        return
    with err.status(Text("Pulling")) as status:

        def tell(what: str, done: int, total: int | None) -> None:
            status.update(words(what, done, total))

        yield tell, lambda text: status.update(report.printable(text))
