"""The command line.

Exit codes: 0 done; 1 the build or its audit failed, the old generation stays; 2 wrong usage or
configuration; 75 another build holds the lock. `aism gate` has its own: 0 pass, 1 fail, 2 wrong
usage or no data, 3 insufficient.
"""

from __future__ import annotations

import datetime as dt
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from aism import report
from aism.duck import POINTER, current_file
from aism.errors import EXIT_FAILED, EXIT_USAGE, AismError, UsageError
from aism.pull.command import app as pull_app
from aism.report_command import EPILOG as REPORT_EPILOG
from aism.report_command import report as write_report
from aism.settings import Settings, parse_as_of

if TYPE_CHECKING:
    from aism.build import AsOf, OnProgress
    from aism.land import LandResult
    from aism.publish import Published

ENVIRONMENT_HELP: Final = """
Folders: AISM_LANDING_DIR (exports to read, default sample/landing), AISM_HOME (working state,
default .aism), AISM_WAREHOUSE_DIR (what readers open, default warehouse).
"""
EXIT_HELP: Final = """
Exit codes: 0 done; 1 the build or a blocking test failed, the old generation stays; 2 wrong usage
or configuration; 75 another build holds the lock. `aism gate` has its own.
"""
GATE_EXIT_HELP: Final = """
Exit codes: 0 pass; 1 fail; 3 insufficient: too little was tried to say either; 2 wrong usage, an
unknown name, nothing published, or any other error, which is never a verdict.
"""
PLAIN_PROGRESS_STEPS: Final = 10

app = typer.Typer(
    help="The warehouse that runs an AI security program by the numbers.",
    epilog=f"{ENVIRONMENT_HELP}\n\n{EXIT_HELP}",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(pull_app, name="pull")
app.command(name="report", epilog=REPORT_EPILOG)(write_report)


class PatientConsole(Console):
    """A console whose reader may leave: the work goes on, and its exit code stays true."""

    def on_broken_pipe(self) -> None:
        """Print nothing from here on."""
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), self.file.fileno())


# A pipe has no width: tables get room enough not to be cut.
out = PatientConsole(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 120)
err = PatientConsole(highlight=False, soft_wrap=True, stderr=True)

AsOfOption = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        metavar="YYYY-MM-DD",
        help="Look from the end of this day. Default: the date the landing folder carries, "
        "else today (UTC).",
    ),
]


@app.command()
def land() -> None:
    """Read what is new in the landing folder into the lake; bad rows go to quarantine."""
    from aism.land import land as land_folder
    from aism.lock import locked

    settings = Settings.from_environment()
    with locked(settings.home), progress_of("Landed") as on_file:
        result = land_folder(
            settings.landing,
            settings.home,
            lambda name, number, total: on_file(number, total, name),
        )
    tell_landed(settings, result)


@app.command()
def build(
    as_of: AsOfOption = None,
    force: Annotated[
        bool,
        typer.Option(
            "--force",
            help="Build and publish even if nothing changed, and keep no row of the last build.",
        ),
    ] = False,
    check: Annotated[
        bool, typer.Option(help="Judge new deliveries too; `aism check` can do it later.")
    ] = True,
) -> None:
    """Land, build and test in a private file, and publish it if all is well.

    Does nothing when the current generation was made of the same landed files, the same project
    and the same date.
    """
    from aism.build import build as run_build

    settings = Settings.from_environment()
    day = None if as_of is None else parse_as_of(as_of)

    def on_landed(result: LandResult, looking_from: AsOf) -> None:
        tell_landed(settings, result)
        if settings.is_sample:
            out.print(Text(f"Sample data (synthetic), as of {looking_from.day.isoformat()}"))
        else:
            out.print(Text(f"As of {looking_from}"))

    with progress_of("Landed") as on_file, progress_of("Built and tested") as on_node:
        outcome = run_build(
            settings,
            as_of=day,
            force=force,
            judge_deliveries=check,
            on_file=on_file,
            on_landed=on_landed,
            on_node=on_node,
        )
    if outcome.published is None:
        out.print(Text(f"Nothing changed: generation {outcome.current} is up to date."))
    else:
        tell_published(outcome.published)
    tell_deliveries(settings)


@app.command()
def check(
    as_of: AsOfOption = None,
    data_docs: Annotated[
        bool,
        typer.Option(
            "--data-docs",
            help="Describe the checks as web pages, too, in AISM_HOME/data_docs. Their styles come "
            "from the internet when opened.",
        ),
    ] = False,
) -> None:
    """Land what is new and say which deliveries are late, cut short or unlike the one before.

    Warns and never blocks: the exit code is 0 with warnings, too.
    """
    from aism.build import resolve_as_of
    from aism.deliveries import check_deliveries
    from aism.deliveries.table import print_checks
    from aism.land import land as land_folder
    from aism.lock import locked

    settings = Settings.from_environment()
    asked = None if as_of is None else parse_as_of(as_of)
    with locked(settings.home), progress_of("Landed") as on_file:
        result = land_folder(
            settings.landing,
            settings.home,
            lambda name, number, total: on_file(number, total, name),
        )
        looking_from = resolve_as_of(asked, result.as_of)
        with working_on("Checking deliveries"):  # the import alone takes seconds
            checks = check_deliveries(settings, looking_from.day, data_docs=data_docs)
    out.print(Text(f"As of {looking_from}"))
    print_checks(out, checks)
    if data_docs:
        out.print(Text(f"  {settings.home / 'data_docs' / 'index.html'}"))


@app.command()
def load() -> None:
    """Land what is new and copy the lake to the PostgreSQL database that dbt builds in.

    Which one say AISM_POSTGRES_HOST, _PORT, _DATABASE, _USER and
    DBT_ENV_SECRET_AISM_POSTGRES_PASSWORD, as for dbt; see docs/other-engines.md.
    """
    from aism.engines.lake_files import lake_files
    from aism.engines.postgres import load_lake
    from aism.land import land as land_folder
    from aism.lock import locked

    settings = Settings.from_environment()
    with locked(settings.home):
        with progress_of("Landed") as on_file:
            result = land_folder(
                settings.landing,
                settings.home,
                lambda name, number, total: on_file(number, total, name),
            )
        tell_landed(settings, result)
        with working_on("Copying the lake"):
            loaded = load_lake(lake_files(settings.home / "lake"))
    out.print(
        Text(
            f"Copied {loaded.rows_added:,} rows of {loaded.files_added:,} new files of the lake; "
            f"{loaded.files_removed:,} files left it"
        )
    )


@app.command()
def publish() -> None:
    """Publish what a plain `dbt build` has built, if dbt passed and all files reconcile."""
    from aism.publish import publish_last_dbt_build

    settings = Settings.from_environment()
    tell_published(publish_last_dbt_build(settings))


@app.command()
def rollback(
    to: Annotated[
        int | None,
        typer.Option(help="Number of the generation. Default: the one before the current."),
    ] = None,
) -> None:
    """Let readers see an earlier generation again; it takes no build.

    The next `aism build` publishes anew what the landing folder holds then: mend that first. The
    generation that readers leave stays, so that `--to` leads back to it.
    """
    from aism.rollback import roll_back

    settings = Settings.from_environment()
    number = roll_back(settings, to)
    out.print(Text(f"Readers see generation {number} in {settings.warehouse}."))


@app.command()
def verify() -> None:
    """Derive the published generation again from the landing folder, and compare every table.

    It builds in a folder of its own with the day of the published generation. Exit code 0: all
    rows are the same; 1: they are not.
    """
    from aism.verify import verify as verify_published

    settings = Settings.from_environment()
    with progress_of("Landed") as on_file, progress_of("Built and tested") as on_node:
        verification = verify_published(settings, on_file=on_file, on_node=on_node)
    report.print_verification(out, verification)
    if verification.differing:
        raise typer.Exit(EXIT_FAILED)


@app.command()
def status() -> None:
    """Say which generation readers see, how old it is, and what was held back or cut short."""
    settings = Settings.from_environment()
    known = report.read_status(published_file(settings))
    tell_sample(settings, known.as_of)
    report.print_status(out, known, dt.datetime.now(dt.UTC).replace(tzinfo=None))


@app.command()
def headline() -> None:
    """Print the core metrics of the latest complete month."""
    settings = Settings.from_environment()
    file = published_file(settings)
    tell_sample(settings, report.read_status(file).as_of)
    report.print_headlines(out, report.read_headlines(file))


@app.command(epilog=GATE_EXIT_HELP)
def gate(
    system: Annotated[str, typer.Option(help="System, as the inventory spells it.")],
    version: Annotated[str, typer.Option(help="Version of it that is to be released.")],
    baseline: Annotated[
        str | None, typer.Option(help="Version that it must not be worse than.")
    ] = None,
    configuration: Annotated[
        str | None,
        typer.Option(help="Guardrail that is on, `none` without. Default: all; the worst decides."),
    ] = None,
    only_json: Annotated[
        bool, typer.Option("--json", help="Print the line of JSON alone.")
    ] = False,
) -> None:
    """Say whether what was tried shows that a version is safe enough; the exit code is the verdict.

    Reads the published generation and builds nothing. The last line is JSON for programs.
    """
    try:
        from aism.gate import Question, as_json, as_words, read_decision

        settings = Settings.from_environment()
        decision = read_decision(
            published_file(settings), Question(system, version, baseline, configuration)
        )
        if not only_json:
            tell_sample(settings, decision.as_of)
            for line in as_words(decision):
                out.print(line)
        out.print(Text(as_json(decision, is_sample=settings.is_sample)))
    except AismError as error:
        fail(str(error), EXIT_USAGE)
    except Exception as error:  # an exit code of 1 would be read as a verdict
        fail_unexpectedly(error, EXIT_USAGE)
    raise typer.Exit(decision.exit_code)


@app.command(name="app")
def open_app(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port on this machine.")] = 8501,
    address: Annotated[
        str, typer.Option(help="Address to serve at; another one than this needs sign-in.")
    ] = "127.0.0.1",
) -> None:
    """Open the published generation in the browser; without sign-in on this machine only."""
    from aism import sign_in

    settings = Settings.from_environment()
    asked = os.environ.get(sign_in.AUTH_FILE, "")
    auth_file = Path(asked) if asked else settings.project / ".streamlit" / "secrets.toml"
    auth_file = auth_file.expanduser().absolute()
    is_signed_in = sign_in.is_signed_in_app(auth_file, is_asked_for=bool(asked))
    sign_in.check_address(address, is_signed_in=is_signed_in)
    published_file(settings)
    script = settings.project / "app" / "streamlit_app.py"
    if not script.is_file():
        raise UsageError(f"No {script}: run aism from a checkout of the project.")
    sys.stdout.flush()
    # Streamlit takes over this process, so that signals reach it as they are. It runs in the
    # project's folder, where its own settings are.
    os.chdir(settings.project)
    os.execve(  # noqa: S606  # fixed arguments, no shell
        sys.executable,
        [
            *(sys.executable, "-m", "streamlit", "run", str(script)),
            *("--server.address", address, "--server.port", str(port)),
            *("--browser.gatherUsageStats", "false"),
            *("--secrets.files", str(auth_file)),
        ],
        os.environ
        | settings.environment
        | {sign_in.MODE: sign_in.REQUIRED if is_signed_in else sign_in.DEMO},
    )


def main() -> None:
    """Run the command line; nothing but messages and the exit codes leaves it."""
    try:
        app()
    except AismError as error:
        fail(str(error), error.exit_code)
    except Exception as error:
        fail_unexpectedly(error)


def fail(message: str, exit_code: int) -> NoReturn:
    """Print ``message`` line by line, made safe for a terminal, and exit."""
    for number, line in enumerate(message.splitlines()):
        err.print(Text("error: " if number == 0 else "", "red") + report.printable(line))
    sys.exit(exit_code)


def fail_unexpectedly(error: Exception, exit_code: int = EXIT_FAILED) -> NoReturn:
    """Keep the traceback in a log file and tell its path in one line."""
    line = " ".join(str(error).split()) or type(error).__name__
    message = f"{type(error).__name__}: {line[:500]}"
    try:
        logs = Settings.from_environment().home / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        log = logs / f"error-{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%S}-{os.getpid()}.log"
        lines = "".join(traceback.format_exception(error)).split("\n")
        # Logs are read on terminals, too.
        told = "\n".join(report.printable(line).plain for line in lines)
        log.write_text(told, encoding="utf-8")
        message += f" (details: {log})"
    except (OSError, AismError, MemoryError):
        pass  # a full disk, or memory, may be the very cause
    fail(message, exit_code)


def published_file(settings: Settings) -> Path:
    """Return the current generation's file.

    Raises:
        UsageError: nothing has been published yet.
    """
    file = current_file(settings.warehouse)
    if file is None:
        raise UsageError(f"No {settings.warehouse / POINTER}: run `aism build` first.")
    return file


def tell_sample(settings: Settings, as_of: dt.date) -> None:
    """Say so when the numbers are those of the sample."""
    if settings.is_sample:
        out.print(Text(f"Sample data (synthetic), as of {as_of.isoformat()}"))


def tell_landed(settings: Settings, result: LandResult) -> None:
    """Say what landing found, with its notes."""
    what = "Landed" if result.changed else "Nothing new in"
    held_back = f", {result.rows_quarantined:,} quarantined" if result.rows_quarantined else ""
    out.print(
        Text(
            f"{what} {result.files:,} files of {settings.landing}: "
            f"{result.rows_loaded:,} rows loaded{held_back}"
        )
    )
    for note in result.notes:
        out.print(Text("  note: ", "yellow") + report.printable(note))


def tell_deliveries(settings: Settings) -> None:
    """Say how many deliveries are not as expected."""
    report.print_deliveries(out, report.read_deliveries(published_file(settings)))


def tell_published(published: Published) -> None:
    """Say what was published and how well it was tested."""
    passed, warned = (published.test_counts.get(status, 0) for status in ("pass", "warn"))
    warnings = f", {warned} with warnings" if warned else ""
    out.print(
        Text(
            f"Published generation {published.generation}, as of {published.as_of}: "
            f"{len(published.row_counts)} tables, {passed:,} tests passed{warnings}"
        )
    )
    out.print(Text(f"  {published.file}"))


@contextmanager
def working_on(what: str) -> Iterator[None]:
    """Say what goes on for a while: a spinner on a terminal, else one line."""
    if err.is_terminal:
        with err.status(Text(what)):
            yield
        return
    err.print(Text(f"  {what.lower()}"))
    yield


@contextmanager
def progress_of(done_what: str) -> Iterator[OnProgress]:
    """Yield a callback for work done: a bar on a terminal, else up to ten lines."""
    if not err.is_terminal:
        told = 0

        def tell(done: int, total: int, _: str) -> None:
            nonlocal told
            step = done * PLAIN_PROGRESS_STEPS // max(total, 1)
            if step > told:
                told = step
                err.print(Text(f"  {done_what.lower()}: {done:,} of {total:,}"))

        yield tell
        return

    columns = (
        TextColumn(done_what),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[name]}", markup=False),
    )
    # Built only when there is something to show: two bars cannot be live at once.
    bar = Progress(*columns, console=err, transient=True)

    def advance(done: int, total: int, name: str) -> None:
        if not bar.tasks:
            bar.add_task("", total=total, name="")
            bar.start()
        bar.update(bar.tasks[0].id, completed=done, total=total, name=report.printable(name).plain)
        if done >= total:
            bar.stop()

    try:
        yield advance
    finally:
        bar.stop()


if __name__ == "__main__":
    main()
