"""What takes all files together: references, supersession, standing runs, targets."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import PurePosixPath

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from aism.land.files import PROGRAM, delivery_date, delivery_order
from aism.land.lake import Lake, Reading, write_table
from aism.land.model import Fault, LandedFile, Reason
from aism.land.registers import (
    PARSED_TABLES,
    REGISTERS,
    TRACKERS,
    Column,
    Register,
    parsed_table,
    register_schema,
)
from aism.land.schemas import TEXT, TIMESTAMP

ATTEMPTS = "attempts"
_NAMED = "finding:"
REPORTING_CURRENCY = "EUR"


@dataclass(slots=True)
class Landed:
    """A landed file, its reading, and what the other files make of its rows."""

    file: LandedFile
    key: str
    reading: Reading
    superseded: int = 0
    latest_at: datetime | None = None
    """The last moment in a scanner's file, None if nobody knows."""
    late_faults: list[Fault] = field(default_factory=list)
    """Faults that no reader sees: they need other files."""

    @property
    def is_readable(self) -> bool:
        """False: nothing of the file counts, as if it were absent."""
        return self.reading.unreadable is None and not any(
            fault.reason is Reason.BAD_HEADER for fault in self.reading.report.faults[:1]
        )

    @property
    def faults(self) -> list[Fault]:
        """Everything held back of this file."""
        if self.reading.unreadable:
            return [Fault(self.reading.unreadable)]
        return self.reading.report.faults + self.late_faults

    @property
    def quarantined(self) -> int:
        """Rows held back; an entry for a whole file is not a row."""
        return sum(
            fault.line_number is not None or fault.record_path is not None for fault in self.faults
        )


def _tracker_names(lake: Lake, files: Sequence[Landed]) -> list[str]:
    """Return what registers may call the items of trackers: ``jira:10001``, ``SEC-12``.

    A DefectDojo number alone is nobody's name. A label ``finding:<id>`` names a finding, too.
    """
    names: set[str] = set()
    for landed in files:
        source = landed.file.source
        if source not in TRACKERS or not landed.is_readable:
            continue
        if "tracker_items" in landed.reading.tables:
            items = pq.read_table(
                lake.parquet("tracker_items", landed.key), columns=["item_id", "item_key"]
            ).to_pylist()
            for item in items:
                names |= {f"{source}:{item['item_id']}", f"{source}:{item['item_key']}"}
                if source != "defectdojo":
                    names.add(item["item_key"])
        if "tracker_values" in landed.reading.tables:
            labels = pq.read_table(
                lake.parquet("tracker_values", landed.key),
                columns=["value"],
                filters=[("field", "=", "label")],
            )["value"].to_pylist()
            names |= {
                label[len(_NAMED) :] for label in labels if label and label.startswith(_NAMED)
            }
    return sorted(names)


def resolve_registers(
    lake: Lake, files: Sequence[Landed], first_rates: Sequence[tuple[str, date]]
) -> list[dict[str, str | None]]:
    """Write ``registers/*.parquet`` and note superseded rows and late faults in ``files``.

    ``first_rates`` has, for each currency, the first day with an exchange rate. Returns the
    standing rows of ``system_aliases``.
    """
    deliveries = sorted(files, key=lambda landed: delivery_order(landed.file.name))
    present = {landed.file.source for landed in files if landed.is_readable}
    with duckdb.connect(config={"temp_directory": "", "threads": 2}) as db:
        db.execute("create table first_rates (currency varchar, valid_from date)")
        if first_rates:
            db.executemany("insert into first_rates values (?, ?)", first_rates)
        names = pa.table({"name": pa.array(_tracker_names(lake, files), TEXT)})
        db.register("tracker_names", names)
        for register in REGISTERS.values():  # parents first
            source = PROGRAM + register.name
            rows = _parsed_rows(lake, register, deliveries)
            db.register("parsed", rows)
            if not rows.num_rows:
                db.execute(f'create table "{register.name}" as from parsed')
                _write_register(db, lake, register, deliveries)
                continue
            db.execute(f"create table judged as {_judged(register, present)}")
            for column in register.columns:
                if column.references == register.name and source in present:
                    _drop_dangling_in_itself(db, register, column)
            db.execute(f"""
                create table "{register.name}" as
                select * exclude (raw_text, fault) from judged where fault is null
                qualify row_number() over (
                    partition by {", ".join(register.key)}
                    order by delivery desc, line_number desc
                ) = 1
            """)  # noqa: S608
            _note_dispositions(db, register, deliveries)
            _write_register(db, lake, register, deliveries)
            db.execute("drop table judged")
        aliases = db.execute("select * from system_aliases order by external_name")
        columns = [description[0] for description in aliases.description]
        return [dict(zip(columns, row, strict=True)) for row in aliases.fetchall()]


def _parsed_rows(lake: Lake, register: Register, deliveries: Sequence[Landed]) -> pa.Table:
    table = parsed_table(register)
    parts = [PARSED_TABLES[table].append(pa.field("delivery", pa.int64())).empty_table()]
    for delivery, landed in enumerate(deliveries):
        if table in landed.reading.tables:
            rows = pq.read_table(lake.parquet(table, landed.key), schema=PARSED_TABLES[table])
            order = pa.repeat(pa.scalar(delivery, pa.int64()), rows.num_rows)
            parts.append(rows.append_column("delivery", order))
    return pa.concat_tables(parts)


def _judged(register: Register, present: set[str]) -> str:
    """Select the parsed rows with their ``fault`` as ``reason/column``, null for none."""
    return f"""
        select
            row_number() over (order by delivery, line_number) as place,
            parsed.*,
            case {" ".join(_rules(register, present))} when false then '' end as fault
        from parsed
    """  # noqa: S608


def _rules(register: Register, present: set[str]) -> Iterator[str]:
    parents = {
        column.name: column.references
        for column in register.columns
        if column.references and PROGRAM + column.references in present
    }
    for name, parent in parents.items():
        if parent != register.name:
            (key,) = REGISTERS[parent].key
            known = f'select {key} from "{parent}"'  # noqa: S608
            if parent == "findings":
                known += " union all select name from tracker_names"
            yield (
                f"when parsed.{name} is not null and parsed.{name} not in ({known}) "
                f"then '{Reason.DANGLING_REFERENCE}/{name}'"
            )
    for order in register.orders:
        bound = f"parsed.{order.not_before}"
        if order.of_reference:
            if order.of_reference not in parents:
                continue
            parent = parents[order.of_reference]
            (key,) = REGISTERS[parent].key
            bound = (
                f'(select parent.{order.not_before} from "{parent}" as parent '  # noqa: S608
                f"where parent.{key} = parsed.{order.of_reference})"
            )
        yield f"when parsed.{order.column} < {bound} then '{order.reason}/{order.column}'"
    if register.needs_rate:
        yield (
            f"when parsed.currency <> '{REPORTING_CURRENCY}' and not exists ("  # noqa: S608
            "select 1 from first_rates where first_rates.currency = parsed.currency "
            "and first_rates.valid_from <= parsed.incurred_on"
            f") then '{Reason.NO_EXCHANGE_RATE}/currency'"
        )


def _drop_dangling_in_itself(
    db: duckdb.DuckDBPyConnection, register: Register, column: Column
) -> None:
    """Quarantine rows that refer to rows of the same register that fall, until none falls."""
    (key,) = register.key
    rows = db.execute(
        f"select place, {key}, {column.name} from judged where fault is null"  # noqa: S608
    ).fetchall()
    valid = Counter(own for _, own, _ in rows)
    dependents: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for place, own, other in rows:
        if other is not None:
            dependents[other].append((place, own))
    fallen: list[int] = []
    gone = [other for other in dependents if other not in valid]
    while gone:
        for place, own in dependents.pop(gone.pop(), ()):
            fallen.append(place)
            valid[own] -= 1
            if not valid[own]:
                gone.append(own)
    if fallen:
        db.execute(
            "update judged set fault = ? where place in (select unnest(?::bigint[]))",
            [f"{Reason.DANGLING_REFERENCE}/{column.name}", fallen],
        )


def _note_dispositions(
    db: duckdb.DuckDBPyConnection, register: Register, deliveries: Sequence[Landed]
) -> None:
    superseded = db.execute(f"""
        select delivery, count(*) from (
            select delivery, line_number from judged where fault is null
            except all select delivery, line_number from "{register.name}"
        ) group by delivery
    """).fetchall()  # noqa: S608
    for delivery, rows in superseded:
        deliveries[delivery].superseded += rows
    faults = db.execute(
        "select delivery, line_number, fault, raw_text from judged where fault is not null "
        "order by place"
    ).fetchall()
    for delivery, line_number, fault, raw_text in faults:
        reason, _, column = fault.partition("/")
        deliveries[delivery].late_faults.append(
            Fault(Reason(reason), line_number, column_name=column, raw_text=raw_text)
        )


def _write_register(
    db: duckdb.DuckDBPyConnection, lake: Lake, register: Register, deliveries: Sequence[Landed]
) -> None:
    schema = register_schema(register)
    rows = db.execute(
        f'select * from "{register.name}" order by delivery, line_number'  # noqa: S608
    ).to_arrow_table()
    names = pa.array([landed.file.name for landed in deliveries], TEXT)
    table = rows.select(schema.names).cast(schema)
    table = table.append_column("file_name", names.take(rows["delivery"].combine_chunks()))
    table = table.append_column("line_number", rows["line_number"].cast(pa.int64()))
    write_table(lake.folder / "registers" / f"{register.name}.parquet", table)


def resolve_runs(files: Sequence[Landed]) -> pa.Table:
    """Choose the one file in which each (source, run) counts; note superseded rows in ``files``.

    Of generic attempts the last delivery with a valid row stands, of scanner runs the more
    complete one: a finished run before an interrupted one, then more attempts, then the last. A
    file without run ids has no end to tell by: it is finished as far as the others say so.
    ``landed_run_id`` is the id that the rows of the standing file carry in the lake, ``reading``
    names the reading of its bytes, ``latest_at`` is the last moment in it, null if nobody knows.
    """
    candidates: dict[tuple[str, str], list[tuple[Landed, str]]] = defaultdict(list)
    names = _names_of_runs(files)
    for landed in files:
        if landed.is_readable:
            source = landed.file.source
            for landed_id in landed.reading.report.runs:
                run_id = names.get((source, landed_id), landed_id)
                candidates[source, run_id].append((landed, landed_id))
    standing: dict[str, list[object]] = {name: [] for name in _STANDING.names}
    for (source, run_id), holders in sorted(candidates.items(), key=lambda item: item[0]):
        best, best_id = max(holders, key=lambda holder: _run_rank(*holder))
        for landed, landed_id in holders:
            if landed is not best or landed_id != best_id:
                landed.superseded += landed.reading.report.run_lines.get(landed_id, 0)
        attempts = best.reading.report.runs[best_id]
        if source == ATTEMPTS and not attempts:
            continue
        row = (
            *(source, run_id, best_id, best.file.sha256, best.file.name, attempts),
            *(best.key, best.latest_at),
        )
        for values, value in zip(standing.values(), row, strict=True):
            values.append(value)
    return pa.table(standing, schema=_STANDING)


_STANDING = pa.schema(
    [
        ("source", TEXT),
        ("run_id", TEXT),
        ("landed_run_id", TEXT),
        ("file_sha256", TEXT),
        ("file_name", TEXT),
        ("attempts", pa.int64()),
        ("reading", TEXT),
        ("latest_at", TIMESTAMP),
    ]
)


@dataclass(slots=True)
class _Prints:
    """The rows of a run by their hashes, and whether a file gave the run its id."""

    rows: Counter[int] = field(default_factory=Counter)
    is_named: bool = False


def _names_of_runs(files: Sequence[Landed]) -> dict[tuple[str, str], str]:
    """Map (source, run id) to the id of the run that it is, where that is another one.

    Files without run ids (promptfoo's JSONL, memory exports of PyRIT) hold a run, or the part of
    it that was written when they were cut, under an id made from their rows. A run whose rows are
    all among those of another one is that run, unless both were named by their tool.
    """
    runs: dict[tuple[str, str], _Prints] = defaultdict(_Prints)
    doubtful = {f.file.source for f in files if f.is_readable and f.reading.report.unnamed_runs}
    for landed in files:
        report = landed.reading.report
        if landed.is_readable and landed.file.source in doubtful:
            for run_id, rows in report.row_prints.items():
                prints = runs[landed.file.source, run_id]
                prints.rows |= Counter(rows)
                prints.is_named |= run_id not in report.unnamed_runs
    order = sorted(runs, key=lambda key: (runs[key].rows.total(), runs[key].is_named, key))
    holders: dict[tuple[str, int], list[int]] = defaultdict(list)
    for place, (source, _) in enumerate(order):
        for row in runs[order[place]].rows:
            holders[source, row].append(place)

    whole_of = list(range(len(order)))
    """The place of the greatest run that holds all rows of the one at this place."""
    names: dict[tuple[str, str], str] = {}
    for place in reversed(range(len(order))):
        source, run_id = key = order[place]
        mine = runs[key]
        shared = min((holders[source, row] for row in mine.rows), key=len, default=[])
        for other in reversed(shared):
            whole = runs[order[other]]
            if other <= place:
                break
            if mine.rows <= whole.rows and not (mine.is_named and whole.is_named):
                whole_of[place] = whole_of[other]
                break
        root = order[whole_of[place]]
        if mine.is_named and not runs[root].is_named:
            names.setdefault(root, run_id)
    for place, key in enumerate(order):
        root = order[whole_of[place]]
        if not runs[key].is_named and root != key:
            names[key] = names.get(root, root[1])
    return names


def _run_rank(landed: Landed, run_id: str) -> tuple[bool, int, bool, bool, tuple[str, str], str]:
    report = landed.reading.report
    order = delivery_order(landed.file.name)
    if landed.file.source == ATTEMPTS:
        return report.runs[run_id] > 0, 0, True, True, order, run_id
    complete, named = report.is_complete, run_id not in report.unnamed_runs
    return complete and named, report.runs[run_id], named, complete, order, run_id


_TRACKER_FILES = pa.schema(
    [
        ("source", TEXT),
        ("file_name", TEXT),
        ("file_sha256", TEXT),
        ("delivered_on", pa.date32()),
        ("is_changes_only", pa.bool_()),
    ]
)
_CHANGES_ONLY = "-changed"
"""In the name of an export of only what changed: nothing that is missing in it was deleted."""


def resolve_tracker_files(files: Iterable[Landed]) -> pa.Table:
    """List the tracker exports that hold anything, with the date of their delivery.

    An export in another tracker's folder holds nothing for that tracker.
    """
    rows = [
        {
            "source": landed.file.source,
            "file_name": landed.file.name,
            "file_sha256": landed.file.sha256,
            "delivered_on": delivery_date(landed.file.name),
            "is_changes_only": _CHANGES_ONLY in PurePosixPath(landed.file.name).name,
        }
        for landed in files
        if landed.file.source in TRACKERS and landed.is_readable and landed.reading.tables
    ]
    return pa.Table.from_pylist(rows, schema=_TRACKER_FILES)


_TARGETS = pa.schema(
    [
        ("source", TEXT),
        ("target_name", TEXT),
        ("system_id", TEXT),
        ("system_version", TEXT),
        ("configuration", TEXT),
        ("match", TEXT),
    ]
)


def resolve_targets(
    files: Iterable[Landed],
    aliases: Sequence[dict[str, str | None]],
    system_ids: Collection[str],
) -> pa.Table:
    """Look up every target name seen: exactly, then by pattern, then as ``name@version``.

    The name before the last ``@`` is one that an alias knows, else a system_id of the inventory.
    """
    seen = {
        (landed.file.source.partition("/")[0], name)
        for landed in files
        if landed.is_readable
        for name in landed.reading.report.targets
    }
    exact = {
        (alias["source"], alias["external_name"]): alias
        for alias in aliases
        if alias["match"] != "pattern"
    }
    patterns = [
        (alias, re.compile(alias["external_name"] or ""))
        for alias in aliases
        if alias["match"] == "pattern"
    ]
    rows = [
        {
            "source": source,
            "target_name": name,
            **_target(source, name, exact, patterns, system_ids),
        }
        for source, name in sorted(seen)
    ]
    return pa.Table.from_pylist(rows, schema=_TARGETS)


def _target(
    source: str,
    name: str,
    exact: dict[tuple[str | None, str | None], dict[str, str | None]],
    patterns: Sequence[tuple[dict[str, str | None], re.Pattern[str]]],
    system_ids: Collection[str],
) -> dict[str, str | None]:
    def found(
        alias: dict[str, str | None], version: str | None, match: str
    ) -> dict[str, str | None]:
        return {
            "system_id": alias["system_id"],
            "system_version": version or alias["system_version"],
            "configuration": alias["configuration"],
            "match": match,
        }

    if alias := exact.get((source, name)):
        return found(alias, None, "exact")
    for alias, pattern in patterns:
        if alias["source"] == source and (match := pattern.fullmatch(name)):
            return found(alias, match.groupdict().get("version"), "pattern")
    base, at, version = name.rpartition("@")
    if at and (alias := exact.get((source, base))):
        return found(alias, version, "split")
    if at and base in system_ids:
        return {"system_id": base, "system_version": version or None, "match": "split"}
    return {"match": "none"}
