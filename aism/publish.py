"""Publishing: the private build file becomes generation N, old-or-new for every reader."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

import duckdb

from aism.audit import BUILD, DbtRun, audit_build_file, audit_run
from aism.errors import AismError, AuditError
from aism.faults import fault_step
from aism.generation import (
    Stamp,
    Table,
    literal,
    sync_file,
    write_generation,
    write_parquet,
)
from aism.lock import locked
from aism.members import write_members
from aism.project import VERSIONED_PACKAGES
from aism.settings import Settings
from aism.team_files import read_shares, write_team_files
from aism.warehouse import Warehouse


@dataclass(frozen=True, slots=True)
class Build:
    """A built file with the dbt record that vouches for it."""

    file: Path
    run_results: Path
    fingerprint: str | None = None
    """Of all that went into it; None (plain `dbt build`): nobody can tell."""

    @property
    def manifest(self) -> Path:
        """The project as dbt built it, which says what teams get."""
        return self.run_results.with_name("manifest.json")


@dataclass(frozen=True, slots=True)
class Published:
    """What a publish did."""

    generation: int
    file: Path
    as_of: dt.date
    row_counts: Mapping[str, int]
    test_counts: Mapping[str, int]


def publish_last_dbt_build(settings: Settings) -> Published:
    """Publish what a plain `dbt build` left in the working state.

    Raises:
        AismError: nothing was built, the audit failed, or another process holds the lock.
    """
    home = settings.home
    with locked(home):
        return publish(settings, Build(home / "build.duckdb", home / "target/run_results.json"))


def publish(settings: Settings, build: Build) -> Published:
    """Audit a build and make it the current generation. The lock of the home must be held.

    Raises:
        AuditError: it must not be published; the generation before it stays.
        LockedError: another process publishes into the same warehouse.
    """
    if not build.file.is_file():
        raise AuditError(f"No {build.file}: run `dbt build` or `aism build` first.")
    run = audit_run(build.run_results)
    with locked(settings.warehouse), duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        _attach(connection, build.file)
        audit_build_file(connection, run)
        return _publish_audited(settings, build, run, connection)


def _publish_audited(
    settings: Settings, build: Build, run: DbtRun, connection: duckdb.DuckDBPyConnection
) -> Published:
    shares = read_shares(build.manifest)
    warehouse = Warehouse(settings.warehouse)
    number = warehouse.begin()
    staging = warehouse.staging_folder(number)
    stamp = Stamp(
        number, dt.datetime.now(dt.UTC).replace(tzinfo=None), _git_commit(settings.project)
    )
    generation_file = warehouse.generation_file(number)
    record_file = warehouse.record_file(number)
    history_file = warehouse.history_file(number)
    members_file = warehouse.members_file(number)

    # Everything is complete and on disk in the staging folder before the first name appears.
    with fault_step("copy"):
        row_counts = write_generation(connection, staging / generation_file.name, stamp)
        connection.execute(
            f"attach {literal(str(staging / generation_file.name))} as published (read_only)"
        )
        export_marts(connection, row_counts, staging / "export")
        write_parquet(connection, _HISTORY, staging / history_file.name)
        record = _record(connection, build, run, stamp, row_counts)

    with fault_step("teams"):
        teams = write_team_files(connection, "published", staging, number, shares)
        has_members = write_members(connection, staging / members_file.name)
        _write_json(staging / record_file.name, record | {"teams": teams})
        connection.execute("detach published")

    with fault_step("rename"):
        (staging / record_file.name).rename(record_file)
        (staging / "export").rename(warehouse.export_folder(number))
        for name in teams.values():
            (staging / name).rename(warehouse.folder / name)
        if has_members:
            (staging / members_file.name).rename(members_file)
        (staging / generation_file.name).rename(generation_file)
        sync_file(warehouse.folder)

    with fault_step("history"):
        history_file.parent.mkdir(exist_ok=True)
        (staging / history_file.name).rename(history_file)
        sync_file(history_file.parent)

    with fault_step("pointer"):
        warehouse.point_to(number)
    with fault_step("links"):
        warehouse.link(number)
    with fault_step("prune"):
        warehouse.prune(number)

    return Published(
        generation=number,
        file=generation_file,
        as_of=dt.date.fromisoformat(str(record["as_of"])),
        row_counts={str(table): count for table, count in row_counts.items()},
        test_counts=run.test_counts,
    )


_HISTORY: Final = """
select
    metric_values.*,
    builds.generation,
    builds.published_at,
    builds.as_of,
    builds.landing_sha256,
    catalog.definition_sha256
from published.marts.metric_values as metric_values
inner join published.marts.metric_catalog as catalog
    on metric_values.metric_id = catalog.metric_id
cross join published.marts.build_generation as builds
"""
"""What tells later builds why a number changed: the files, the day and the formula behind it."""


def settle(settings: Settings) -> None:
    """Finish the links of a generation whose publish was killed after the pointer moved."""
    warehouse = Warehouse(settings.warehouse)
    current = warehouse.current()
    if current is None or warehouse.is_settled():
        return
    with locked(settings.warehouse):
        warehouse.link(current)
        warehouse.discard_abandoned(current)
        warehouse.prune(current)


def _attach(connection: duckdb.DuckDBPyConnection, file: Path) -> None:
    try:
        connection.execute(f"attach {literal(str(file))} as {BUILD} (read_only)")
    except duckdb.IOException as error:
        raise AismError(
            f"Cannot open {file}; is a dbt command still running? "
            f"DuckDB says: {str(error).splitlines()[0]}"
        ) from error


def export_marts(
    connection: duckdb.DuckDBPyConnection, tables: Iterable[Table], folder: Path
) -> None:
    """Write each mart of the generation attached as ``published`` to a Parquet file, durably."""
    folder.mkdir()
    for table in tables:
        if table.schema == "marts":
            query = f"from {table.within('published')}"
            write_parquet(connection, query, folder / f"{table.name}.parquet")
    sync_file(folder)


def _record(
    connection: duckdb.DuckDBPyConnection,
    build: Build,
    run: DbtRun,
    stamp: Stamp,
    row_counts: Mapping[Table, int],
) -> dict[str, object]:
    """Return where a generation came from: enough to derive any of its numbers again."""
    as_of, landing_sha256 = connection.execute(
        "select as_of, landing_sha256 from published.marts.build_generation"
    ).fetchall()[0]
    files = connection.execute(
        "select file_name, file_sha256 from published.marts.landing_files order by all"
    ).fetchall()
    return {
        "generation": stamp.generation,
        "as_of": as_of.isoformat(),
        "published_at": f"{stamp.published_at.isoformat()}Z",
        "git_commit": stamp.git_commit,
        "invocation_id": run.invocation_id,
        "landing_sha256": landing_sha256,
        "fingerprint": build.fingerprint,
        "versions": {package: version(package) for package in VERSIONED_PACKAGES},
        "tests": run.test_counts,
        "rows": {str(table): count for table, count in row_counts.items()},
        "files": dict(files),
    }


def _write_json(file: Path, record: Mapping[str, object]) -> None:
    file.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    sync_file(file)


def _git_commit(project: Path) -> str | None:
    """Return the commit of the project, with `-dirty` when files differ; None without git."""
    command = ["git", "-C", str(project), "describe", "--always", "--dirty", "--abbrev=40"]
    try:
        told = subprocess.run(  # noqa: S603  # fixed arguments
            [*command, "--exclude=*"], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return told.stdout.strip() or None
