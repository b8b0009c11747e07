"""Landing: from the folder as it lies there to the lake as dbt reads it."""

from __future__ import annotations

import hashlib
import importlib
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import cast

import msgspec
import pyarrow.parquet as pq

from aism.errors import UsageError
from aism.land import registers
from aism.land.display import make_visible
from aism.land.files import (
    AS_OF,
    PROGRAM,
    UNKNOWN,
    FileStamp,
    Refused,
    classify,
    hash_file,
    known_extension,
    list_folder,
)
from aism.land.lake import FileSink, Lake, LakeError, Reading, write_json, write_table
from aism.land.ledger import NO_READER, Ledger
from aism.land.model import LandedFile, Reader, ReadReport, Reason, UnreadableFileError
from aism.land.rates import first_rates
from aism.land.registers import REGISTERS, read_register
from aism.land.resolve import (
    Landed,
    resolve_registers,
    resolve_runs,
    resolve_targets,
    resolve_tracker_files,
)
from aism.land.schemas import TABLES
from aism.land.sources import SOURCES
from aism.land.streams import Limits
from aism.land.values import ValueFault, parse_date

LANDER_VERSION = 6
"""Raise it when the same bytes must give another lake."""

_READERS = {source.name: source.reader for source in SOURCES if any(source.reader)}
_EXCHANGE_RATES = Path(__file__).parents[2] / "seeds" / "policy" / "exchange_rates.csv"
_MAX_NOTES = 50
_log = logging.getLogger(__name__)

OnProgress = Callable[[str, int, int], None]


class LandingError(UsageError):
    """The landing folder or a setting of landing is not what it must be."""


@dataclass(frozen=True, slots=True)
class LandResult:
    """What one landing found; rows are summed over all files."""

    files: int
    changed: bool
    """False: the same bytes as before, nothing was written."""
    rows_read: int
    rows_loaded: int
    rows_superseded: int
    rows_quarantined: int
    landing_sha256: str
    as_of: date | None
    notes: list[str] = field(default_factory=list)
    """For people: what was held back, left out or not understood."""


@dataclass(frozen=True, slots=True)
class _State:
    """Written last: the lake is whole and of this identity."""

    identity: str
    lake_files: list[str]
    result: LandResult


def land(
    landing: Path,
    home: Path,
    on_progress: OnProgress | None = None,
    *,
    exchange_rates: Path = _EXCHANGE_RATES,
) -> LandResult:
    """Turn the landing folder into ``home/lake``; a no-op when nothing changed.

    The caller holds the lock. ``on_progress`` gets a file name, its number and how many there are.

    Raises:
        LandingError: there is no landing folder, or a setting or the rates seed is broken.
        LakeError: the lake cannot be written; the next landing makes it whole.

    """
    try:
        return _land(landing, home, on_progress or (lambda *_: None), exchange_rates)
    except OSError as error:
        raise LakeError(f"Landing {landing} in {home} failed: {error}") from error


def _land(landing: Path, home: Path, on_progress: OnProgress, exchange_rates: Path) -> LandResult:
    if not landing.is_dir():
        raise LandingError(
            f"There is no landing folder {landing}. Create it, or set AISM_LANDING_DIR."
        )
    try:
        contract = _contract()
        rates = first_rates(exchange_rates)
    except ValueError as error:
        raise LandingError(str(error)) from error

    survey = _survey(landing)
    lake = Lake(home / "lake")
    state_file = lake.folder / "state.json"
    state = _read_state(state_file)
    if (
        state
        and state.identity == _identity(survey, contract, rates)
        and all((lake.folder / name).is_file() for name in state.lake_files)
    ):
        return replace(state.result, changed=False)

    files = _read_all(survey, lake, contract, on_progress)
    state_file.unlink(missing_ok=True)
    lake.write_empty_tables()
    aliases = resolve_registers(lake, files, rates)
    write_table(lake.folder / "standing_runs.parquet", resolve_runs(files))
    write_table(lake.folder / "tracker_files.parquet", resolve_tracker_files(files))
    inventory = pq.read_table(lake.folder / "registers" / "systems.parquet", columns=["system_id"])
    system_ids = {str(row) for row in inventory["system_id"].to_pylist()}
    write_table(lake.folder / "targets.parquet", resolve_targets(files, aliases, system_ids))
    landing_sha256 = _landing_sha256(survey)
    as_of = next((_as_of(f.path) for f in survey.files if f.source == AS_OF), None)
    rows = Ledger(lake.folder).write(files, survey.refused, landing_sha256, as_of)
    lake.keep_only({(f.file.source, f.key): f.reading for f in files})

    def total(column: str) -> int:
        return sum(cast(int, row[column]) for row in rows)

    result = LandResult(
        files=len(rows),
        changed=True,
        rows_read=total("rows_read"),
        rows_loaded=total("rows_loaded"),
        rows_superseded=total("rows_superseded"),
        rows_quarantined=total("rows_quarantined"),
        landing_sha256=landing_sha256,
        as_of=as_of,
        notes=_notes(files, survey),
    )
    lake_files = sorted(
        path.relative_to(lake.folder).as_posix()
        for path in lake.folder.rglob("*")
        if path.is_file()
    )
    write_json(state_file, _State(_identity(survey, contract, rates), lake_files, result))
    return result


@dataclass(slots=True)
class _Survey:
    """The landing folder as it lay there when it was looked at."""

    files: list[LandedFile] = field(default_factory=list)
    stamps: dict[str, FileStamp] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    changing: list[str] = field(default_factory=list)
    """Names of files that were written to while they were read: left for the next run."""

    def leave(self, file: LandedFile) -> None:
        self.files.remove(file)
        self.changing.append(file.name)


def _survey(landing: Path) -> _Survey:
    survey = _Survey()
    for path, name, reason in sorted(list_folder(landing), key=lambda entry: entry[1]):
        if reason is None:
            try:
                hashed = hash_file(path, name)
            except OSError:
                reason = Reason.UNREADABLE_FILE
            else:
                if hashed is None:
                    survey.changing.append(name)
                else:
                    file, survey.stamps[name] = hashed
                    survey.files.append(file)
        if reason is not None:
            survey.refused.append(Refused(name, classify(name), reason))
    return survey


def _landing_sha256(survey: _Survey) -> str:
    lines = [f"{file.name}\0{file.sha256}" for file in survey.files]
    lines += [f"{file.name}\0{file.reason}" for file in survey.refused]
    content = "\n".join(sorted(lines)).encode(errors="surrogateescape")
    return hashlib.sha256(content).hexdigest()


def _contract() -> str:
    """Identify everything besides a file's bytes that decides what is read of it."""
    schemas = {name: str(schema) for name, schema in TABLES.items()}
    parts = (registers.CONTRACT, schemas, Limits.from_environment())
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]


def _identity(survey: _Survey, contract: str, rates: Sequence[tuple[str, date]]) -> str:
    versions = [(source, _reader(source)[0]) for source in (*_READERS, PROGRAM + "systems")]
    parts = (LANDER_VERSION, versions, contract, rates, _landing_sha256(survey))
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _read_state(path: Path) -> _State | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=_State)
    except (OSError, msgspec.MsgspecError):
        return None


def _reader(source: str) -> tuple[int, Reader | None]:
    """Return the version and the reader of a source, or (0, None) while there is none."""
    if source.startswith(PROGRAM):
        return registers.VERSION, partial(read_register, REGISTERS[source.removeprefix(PROGRAM)])
    if source not in _READERS:
        return 0, None
    module_name, function = _READERS[source]
    module = importlib.import_module(f"aism.land.readers.{module_name}")
    return module.VERSION, getattr(module, function)


def _read_all(survey: _Survey, lake: Lake, contract: str, on_progress: OnProgress) -> list[Landed]:
    files: list[Landed] = []
    readings: dict[tuple[str, str], Reading] = {}  # many files of the same bytes cost one
    candidates = list(survey.files)
    for number, file in enumerate(candidates, 1):
        on_progress(file.name, number, len(candidates))
        version, reader = _reader(file.source)
        extension = known_extension(file.name).strip(".").replace(".", "-")
        key = f"{file.sha256}-{extension}{version}-{contract}"
        known = readings.get((file.source, key))
        reading = known or _read(file, key, reader, lake, survey.stamps[file.name])
        if reading is None:
            survey.leave(file)
        else:
            readings[file.source, key] = reading
            latest_at = lake.latest(reading, key) if reading.report.runs else None
            files.append(Landed(file, key, reading, reading.report.superseded, latest_at))
    return files


def _stamp(path: Path) -> FileStamp | None:
    try:
        return FileStamp.of(path)
    except OSError:
        return None


def _read(
    file: LandedFile, key: str, reader: Reader | None, lake: Lake, stamp: FileStamp
) -> Reading | None:
    """Return what the file holds, from memory if its bytes are known; None when they changed."""
    if file.source == UNKNOWN:
        return Reading()
    if file.source == AS_OF:
        bad_date = _as_of(file.path) is None
        return Reading(unreadable=Reason.BAD_TIMESTAMP if bad_date else None)
    if reader is None:
        return Reading(ReadReport(schema_note=NO_READER))
    if reading := lake.recall(file.source, key):
        return reading
    sink = FileSink(lake.folder, key)
    try:
        reading = Reading(reader(file, sink))
    except UnreadableFileError as error:
        reading = Reading(unreadable=error.reason)
    except (LakeError, MemoryError):
        sink.discard()
        raise
    except Exception:  # one file must never keep the others from landing
        _log.exception("The reader of %s failed on %s", file.source, make_visible(file.name))
        sink.discard()
        return Reading(unreadable=Reason.UNREADABLE_FILE)
    if _stamp(file.path) != stamp:
        # Kept under the hash of the bytes before, it would be a lie for good.
        sink.discard()
        return None
    if reading.unreadable:
        sink.discard()
    else:
        reading.tables = sink.commit()
    lake.remember(file.source, key, reading)
    return reading


def _as_of(path: Path) -> date | None:
    try:
        with path.open("rb") as stream:
            text = stream.read(100).decode().strip()
        return parse_date(text)
    except (OSError, UnicodeDecodeError, ValueFault):
        return None


def _notes(files: Sequence[Landed], survey: _Survey) -> list[str]:
    notes = [
        f"{make_visible(name)} changed while it was read and is left for the next run"
        for name in survey.changing
    ]
    notes += [f"{make_visible(file.name)} is not read: {file.reason}" for file in survey.refused]
    for landed in files:
        name = make_visible(landed.file.name)
        faults = Counter(fault.reason.value for fault in landed.faults)
        why = ", ".join(f"{reason} {count:,}" for reason, count in sorted(faults.items()))
        if landed.reading.unreadable:
            notes.append(f"{name} could not be read: {landed.reading.unreadable}")
        elif faults:
            notes.append(f"{name}: {landed.quarantined:,} rows in quarantine ({why})")
        elif landed.file.source == UNKNOWN:
            notes.append(f"{name} belongs to no source and is not read")
        if landed.reading.report.schema_note:
            notes.append(f"{name}: {landed.reading.report.schema_note}")
        if not landed.reading.report.is_complete:
            notes.append(f"{name} is not complete: interrupted or cut")
    if len(notes) > _MAX_NOTES:
        rest = len(notes) - _MAX_NOTES
        notes[_MAX_NOTES:] = [f"and {rest:,} more: see landing_files and quarantined_rows"]
    return notes
