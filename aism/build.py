"""`aism build`: land, build and test in a private file, publish. Nothing happens twice."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import shlex
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import duckdb

from aism.audit import PASSED
from aism.errors import BuildFailedError
from aism.faults import fault_step
from aism.generation import quoted
from aism.lock import locked
from aism.project import project_sha256, tell_project
from aism.publish import Build, Published, publish, settle
from aism.settings import Settings
from aism.warehouse import Warehouse

if TYPE_CHECKING:
    from aism.land import LandResult

KEPT_RUNS: Final = ("intermediate", "kept_runs")
"""The table that says which rows the private file keeps: macros/kept_runs.sql writes it."""

OnProgress = Callable[[int, int, str], None]
"""Called with things done, things in all and the name of the one just done."""


class AsOfOrigin(StrEnum):
    """Why a build looks from its day."""

    ASKED = "as asked"
    LANDING = "the date this landing folder carries"
    TODAY = "today, UTC"


@dataclass(frozen=True, slots=True)
class AsOf:
    """The day a build looks from."""

    day: dt.date
    origin: AsOfOrigin

    def __str__(self) -> str:
        return f"{self.day.isoformat()} ({self.origin})"


@dataclass(frozen=True, slots=True)
class BuildOutcome:
    """What `aism build` did. ``published`` is None when ``current`` was up to date."""

    as_of: AsOf
    current: int
    published: Published | None


def resolve_as_of(asked: dt.date | None, landed: dt.date | None) -> AsOf:
    """Return the day to look from: as asked, else the landing folder's own, else today."""
    if asked is not None:
        return AsOf(asked, AsOfOrigin.ASKED)
    if landed is not None:
        return AsOf(landed, AsOfOrigin.LANDING)
    return AsOf(dt.datetime.now(dt.UTC).date(), AsOfOrigin.TODAY)


def build(
    settings: Settings,
    *,
    as_of: dt.date | None = None,
    force: bool = False,
    judge_deliveries: bool = True,
    on_file: OnProgress = lambda *_: None,
    on_landed: Callable[[LandResult, AsOf], None] = lambda *_: None,
    on_node: OnProgress = lambda *_: None,
) -> BuildOutcome:
    """Land, build and publish, unless the current generation was made of the very same things.

    With ``force`` in any case, and without a row of the build before.

    Raises:
        LockedError: another process builds here.
        LandingError: there is no landing folder.
        BuildFailedError: dbt failed; the generation before stays, the private file too.
        AuditError: what was built must not be published.
    """
    from aism.deliveries import check_if_due
    from aism.land import land

    with locked(settings.home):
        with fault_step("land"):
            landed = land(
                settings.landing,
                settings.home,
                lambda name, number, total: on_file(number, total, name),
            )
        day = resolve_as_of(as_of, landed.as_of)
        on_landed(landed, day)
        fingerprint = fingerprint_of(settings.project, landed.landing_sha256, day.day)
        if not force:
            unchanged = _unchanged_generation(settings, fingerprint)
            if unchanged is not None:
                settle(settings)
                return BuildOutcome(day, unchanged, None)

        if judge_deliveries:
            check_if_due(settings, day.day)
        tell_project(settings.project, settings.home)
        private = PrivateBuild(settings, makes_all_anew=force)
        with fault_step("build"):
            private.run(day.day, on_node)
        published = publish(settings, Build(private.file, private.run_results, fingerprint))
        return BuildOutcome(day, published.generation, published)


def fingerprint_of(project: Path, landing_sha256: str, as_of: dt.date) -> str:
    """Return the hash of all that decides the content of a generation."""
    parts = (landing_sha256, as_of.isoformat(), project_sha256(project))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _unchanged_generation(settings: Settings, fingerprint: str) -> int | None:
    warehouse = Warehouse(settings.warehouse)
    current = warehouse.current()
    if current is not None and warehouse.record(current).get("fingerprint") == fingerprint:
        return current
    return None


class PrivateBuild:
    """One dbt run in this process, into a file that no reader knows.

    It stays: rows of runs that did not change are kept in it for the next build.

    The file's name is always the same, and the lock makes it ours alone: dbt writes the name into
    each relation, so a new one would cost a full parse of the project at every build.
    """

    def __init__(self, settings: Settings, *, makes_all_anew: bool = False) -> None:
        self._settings = settings
        self._makes_all_anew = makes_all_anew
        self._folder = settings.home / "builds"
        self.file = self._folder / "build.duckdb"
        self._target = self._folder / "target"
        self.run_results = self._target / "run_results.json"

    def _keep_only_kept_rows(self) -> None:
        """Leave of the build before only the tables whose rows this one may keep.

        What cannot be opened is removed: everything can be made anew.
        """
        if self._makes_all_anew or not self.file.is_file():
            self._remove_file()
            return
        try:
            with duckdb.connect(str(self.file)) as connection:
                _drop_all_but_kept(connection)
        except duckdb.Error:
            self._remove_file()

    def _keep_nothing(self) -> None:
        """After a failure: should it be for what was kept, it must not come again."""
        with suppress(duckdb.Error), duckdb.connect(str(self.file)) as connection:
            connection.execute("delete from intermediate.kept_runs")

    def _remove_file(self) -> None:
        for leftover in (self.file, self.file.with_name(f"{self.file.name}.wal")):
            leftover.unlink(missing_ok=True)
        shutil.rmtree(self.file.with_name(f"{self.file.name}.tmp"), ignore_errors=True)

    def run(self, as_of: dt.date, on_progress: OnProgress) -> None:
        """Build and test the whole project but its unit tests.

        Raises:
            BuildFailedError: naming what failed, and how to see the rows of a failed test.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        self._keep_only_kept_rows()
        self.run_results.unlink(missing_ok=True)
        settings = self._settings
        environment = settings.environment | {
            "AISM_BUILD_FILE": str(self.file),
            "AISM_LANDED": "1",
            # Not --vars: another day would make dbt parse the whole project again.
            "AISM_AS_OF": as_of.isoformat(),
        }
        with _environment(environment):
            result = _invoke_dbt(
                [
                    *("--log-level", "none", "--log-level-file", "info", "--no-print"),
                    "build",
                    *("--project-dir", str(settings.project)),
                    *("--profiles-dir", str(settings.project)),
                    *("--target", "duckdb"),
                    *("--target-path", str(self._target)),
                    *("--log-path", str(settings.home / "logs")),
                    *("--exclude-resource-types", "unit_test"),
                ],
                on_progress,
            )
        if isinstance(result.exception, (KeyboardInterrupt, SystemExit)):
            raise result.exception
        if not result.success:
            self._keep_nothing()
            raise BuildFailedError(self._describe_failure(result))

    def _describe_failure(self, result: Any) -> str:
        if result.exception is not None or result.result is None:
            return f"dbt could not start the build: {result.exception}"
        failed = [node for node in result.result.results if str(node.status) not in PASSED]
        broken = [node for node in failed if str(node.status) != "skipped"]
        lines = [f"{len(broken)} of {len(result.result.results)} dbt nodes failed:"]
        for node in broken:
            lines.append(f"  {node.node.resource_type} {node.node.name}: {_one_line(node.message)}")
            lines.append(f"    in {node.node.original_file_path}")
            if node.node.resource_type == "test" and str(node.status) == "fail":
                lines.append(f"    its rows: {self._show_command(node.node.name)}")
        skipped = len(failed) - len(broken)
        if skipped:
            lines.append(f"  {skipped} nodes behind them were skipped")
        return "\n".join(lines)

    def _show_command(self, test: str) -> str:
        home, file = shlex.quote(str(self._settings.home)), shlex.quote(str(self.file))
        return f"AISM_HOME={home} AISM_BUILD_FILE={file} dbt show --select {test}"


def _drop_all_but_kept(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop what a build makes anew anyway, so that nothing stays of a model that is gone."""
    relations = connection.execute(
        """
        select 'view' as kind, schema_name, view_name as name from duckdb_views()
        where not internal
        union all
        select 'table' as kind, schema_name, table_name as name from duckdb_tables()
        """
    ).fetchall()
    keeping = {KEPT_RUNS[1]}
    if ("table", *KEPT_RUNS) in relations:
        kept = connection.execute("select distinct model from intermediate.kept_runs").fetchall()
        keeping |= {model for (model,) in kept}
    for kind, schema, name in relations:
        if name not in keeping:
            connection.execute(f"drop {kind} {quoted(schema)}.{quoted(name)}")
    connection.execute("checkpoint")


def _invoke_dbt(arguments: Sequence[str], on_progress: OnProgress) -> Any:
    """Run dbt in this process, then let go of its file: DuckDB allows one writer and no reader."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    total = done = 0

    def follow(event: Any) -> None:
        nonlocal total, done
        if event.info.name == "LogStartLine":
            total = event.data.total
        elif event.info.name == "NodeFinished":
            done += 1
            on_progress(done, total, event.data.node_info.node_name)

    try:
        return dbtRunner(callbacks=[follow]).invoke(list(arguments))
    finally:
        if DuckDBConnectionManager._ENV is not None:
            DuckDBConnectionManager.env().close()
            DuckDBConnectionManager.close_all_connections()


@contextmanager
def _environment(settings: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _one_line(message: str | None) -> str:
    return " ".join((message or "no message").split())
