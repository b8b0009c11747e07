"""May this build be published? Two questions only: did dbt pass, and do the files reconcile."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb

from aism.errors import AuditError

BUILD: Final = "build"
"""The name under which the build file is attached; SQL here names it."""

PASSED: Final = frozenset({"success", "pass", "warn", "no-op"})
NAMED_AT_MOST: Final = 5


@dataclass(frozen=True, slots=True)
class DbtRun:
    """What run_results.json says of one passed `dbt build` of the whole project."""

    invocation_id: str
    dbt_version: str
    test_counts: dict[str, int]
    """Data and unit tests by status: pass, warn."""


def audit_run(run_results: Path) -> DbtRun:
    """Return the dbt run, if it built the whole project and nothing failed.

    Raises:
        AuditError: it did not, or there is no record of a run.
    """
    try:
        record: dict[str, Any] = json.loads(run_results.read_text(encoding="utf-8"))
        metadata, args, results = record["metadata"], record["args"], record["results"]
        failed = [result["unique_id"] for result in results if result["status"] not in PASSED]
    except FileNotFoundError:
        raise AuditError(f"No {run_results}: run `dbt build` or `aism build` first.") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise AuditError(f"Cannot read {run_results} ({error!r}): build again.") from error
    if args.get("which") != "build":
        raise AuditError(
            f"The last dbt command was `dbt {args.get('which')}`, which does not build and test "
            "the project: run `dbt build`, then publish."
        )
    if _is_partial(args):
        raise AuditError(
            "The last `dbt build` covered a part of the project only: run it without --select, "
            "--exclude, --selector, --resource-type and --empty, then publish."
        )
    if failed:
        raise AuditError(
            f"{len(failed)} of {len(results)} dbt nodes did not pass: {_name_some(failed)}."
        )
    tests = (r for r in results if r["unique_id"].startswith(("test.", "unit_test.")))
    return DbtRun(
        invocation_id=metadata["invocation_id"],
        dbt_version=metadata["dbt_version"],
        test_counts=dict(Counter(result["status"] for result in tests)),
    )


def audit_build_file(connection: duckdb.DuckDBPyConnection, run: DbtRun) -> None:
    """Check that the attached build file is of ``run`` and that every landed row is accounted for.

    Raises:
        AuditError: with the file or the figures that do not fit.
    """
    try:
        invocations = connection.execute(
            "select invocation_id from build.marts.build_generation"
        ).fetchall()
        unbalanced = connection.execute(_UNBALANCED).fetchall()
    except duckdb.CatalogException as error:
        raise AuditError(f"The build file is incomplete: {_first_line(error)}") from error
    if invocations != [(run.invocation_id,)]:
        raise AuditError(
            "The build file is not of the last dbt run: something built or ran dbt in between. "
            "Build again, then publish."
        )
    if unbalanced:
        told = [f"{name} ({why})" for name, why in unbalanced]
        raise AuditError(f"Rows do not reconcile in {_name_some(told)}.")


_UNBALANCED: Final = """
with quarantined as (
    select
        file_name,
        count(*) filter (where line_number is not null or record_path is not null) as quarantined
    from build.marts.quarantined_rows
    group by file_name
),

files as (
    select
        coalesce(landed.file_name, quarantined.file_name) as file_name,
        landed.file_name is not null as is_landed,
        landed.rows_read,
        landed.rows_loaded + landed.rows_superseded + landed.rows_quarantined as accounted,
        landed.rows_quarantined,
        coalesce(quarantined.quarantined, 0) as listed
    from build.marts.landing_files as landed
    full outer join quarantined on landed.file_name = quarantined.file_name
),

judged as (
    select
        file_name,
        case
            when not is_landed then 'quarantined, but not among the landed files'
            when rows_read is distinct from accounted
                then concat(rows_read, ' rows read, ', accounted, ' accounted for')
            when rows_quarantined is distinct from listed
                then concat(rows_quarantined, ' rows quarantined, ', listed, ' listed')
        end as why
    from files
)

select file_name, why from judged where why is not null order by file_name
"""


def _is_partial(args: dict[str, Any]) -> bool:
    left_out = set(args.get("exclude_resource_types") or ()) - {"unit_test"}
    selecting = ("select", "exclude", "selector", "resource_types", "empty", "sample")
    return bool(left_out) or any(args.get(name) for name in selecting)


def _name_some(names: list[str]) -> str:
    shown = ", ".join(names[:NAMED_AT_MOST])
    more = len(names) - NAMED_AT_MOST
    return f"{shown} and {more} more" if more > 0 else shown


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
