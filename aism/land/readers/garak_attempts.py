"""The attempt lines of a garak report, many at a time: nearly all lines of any report.

What is taken here is taken as ``garak.py`` takes a single line, only cheaper: columns in place of
rows. Everything else - other entries, odd lines, faults - is handed back as lines, in its place.
Nothing here depends on what stands before, so the blocks of a file may be taken apart and at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby, islice
from operator import add as plus
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pyarrow as pa

from aism.land.json_lines import LineFault, check_text, is_plain
from aism.land.model import LandedFile
from aism.land.readers.garak_entries import (
    DETECTED,
    Attempt,
    decode_entry,
    plugin_name,
    prompt_ids,
    required,
    tally,
)
from aism.land.schemas import TABLES
from aism.land.streams import (
    Block,
    Line,
    Range,
    blocks_of,
    blocks_of_range,
    is_gzip,
    open_stream,
    ranges_of,
)
from aism.land.workers import map_in_processes, processes

_WORTH_PROCESSES = 64 * 1024**2
_RANGE = 8 * 1024**2
"""Bytes that a process takes at once: its results are 2 MB, its start is paid after a few."""
_BLOCKS = 16
"""Blocks taken at once where there is one process: about 1 MB."""

_OF_FILE = ("file_sha256", "run_id")
_OF_ROWS = ("judge", "score", "outputs")
SCHEMA = pa.schema([field for field in TABLES["garak_attempts"] if field.name not in _OF_FILE])
"""What a line says by itself: which run and which file are for the whole report to say."""


class Attempts(NamedTuple):
    """Attempt lines that follow each other, with nothing in between that could change the run."""

    lines: int
    detected: int
    """How many of the lines have status 2."""
    rows: int
    """How many rows they are: the next ones of the batch."""


@dataclass(slots=True)
class Piece:
    """Some lines of a report."""

    count: int = 0
    """Physical lines."""
    parts: list[Attempts | Line] = field(default_factory=list)
    """In the order of the file: attempts that were taken, and lines to take one by one."""
    batch: pa.RecordBatch | None = None
    """The rows of all the attempts, in ``SCHEMA``; None when there are none."""


def take_attempts(blocks: Iterable[Block]) -> Piece:
    """Take the attempt lines of ``blocks``, which may begin anywhere in a report."""
    piece = Piece()
    columns = _Columns()
    for block in blocks:
        piece.count += block.lines
        if block.data is None:
            piece.parts.append(block.line(block.number, None))
            continue
        lines = block.views()
        entries = _decode_lines(lines, is_plain(block.data))
        place = 0
        for kind, group in groupby(entries, type):
            same = list(group)
            if kind is not Attempt or not columns.add(block.number + place, same, piece):
                _take_apart(block, lines, place, same, columns, piece)
            place += len(same)
    piece.batch = columns.batch()
    return piece


def _take_apart(
    block: Block,
    lines: list[memoryview],
    place: int,
    entries: list[Any],
    columns: _Columns,
    piece: Piece,
) -> None:
    """Take the lines from ``place`` on one by one, for one at least must be handed back."""
    for number, entry in enumerate(entries, block.number + place):
        if type(entry) is not Attempt or not columns.add(number, [entry], piece):
            piece.parts.append(block.line(number, bytes(lines[number - block.number])))


def _decode_lines(lines: list[memoryview], are_plain: bool) -> list[Any]:
    """Decode each line as ``garak.py`` would, None for one that has a fault."""
    if are_plain:
        with suppress(msgspec.MsgspecError, RecursionError):
            return [decode_entry(line) for line in lines]
    return [_decode_line(line, are_plain) for line in lines]


def _decode_line(line: memoryview, is_plain: bool) -> Any:
    try:
        if not is_plain:
            check_text(bytes(line))
        return decode_entry(line)
    except (LineFault, msgspec.MsgspecError, RecursionError):
        return None


def pieces_of(file: LandedFile) -> Iterator[tuple[int, Piece]]:
    """Take a whole report, piece after piece, each with the number of lines before its line 1.

    A plain file that is large is taken by several processes; the pieces come in order all the same.

    Raises:
        UnreadableFileError: the file cannot be opened, unpacked or is too large.
        LakeError: a process failed.

    """
    count = processes()
    if count == 1 or file.size_bytes < _WORTH_PROCESSES or is_gzip(file.path):
        with open_stream(file.path) as stream:
            blocks = blocks_of(stream)
            while some := list(islice(blocks, _BLOCKS)):
                yield 0, take_attempts(some)
        return
    ranges = ((file.path, part) for part in ranges_of(file.path, _RANGE))
    lines = 0
    for piece in map_in_processes(f"{__name__}:{take_range.__name__}", ranges, count):
        yield lines, piece
        lines += piece.count


def take_range(path: Path, part: Range) -> Piece:
    """Take the attempt lines of one range of a plain file, numbered from 1."""
    return take_attempts(blocks_of_range(path, part))


@lru_cache(maxsize=4096)
def _name(text: str) -> str:
    return plugin_name(required(text, ""))


@lru_cache(maxsize=4096)
def _names(texts: tuple[str, ...]) -> list[str]:
    return [_name(text) for text in texts]


class _Columns:
    """The rows of one piece while they are collected: what a line says once, and its scores."""

    def __init__(self) -> None:
        self.line_number: list[int] = []
        self.attempt_id: list[str] = []
        self.seq: list[int | None] = []
        self.status: list[int] = []
        self.attack: list[str] = []
        self.prompt_id: list[str] = []
        # One for each row; line is a place in the lists above.
        self.line: list[int] = []
        self.judge: list[str | None] = []
        self.score: list[float | None] = []
        self.outputs: list[int] = []

    def add(self, number: int, attempts: list[Attempt], piece: Piece) -> bool:
        """Keep attempts that begin on line ``number``; nothing at all if one of them is odd."""
        status = [attempt.status for attempt in attempts]
        uuids = [attempt.uuid for attempt in attempts]
        if min(status) < 0 or max(status) > DETECTED or not all(uuids) or "\0" in "".join(uuids):
            return False
        try:
            attacks = [_name(attempt.probe_classname) for attempt in attempts]
            judges = [_names(tuple(attempt.detector_results)) for attempt in attempts]
        except LineFault:
            return False
        rows_before = len(self.line)
        self._add_rows(attempts, judges)
        self.line_number += range(number, number + len(attempts))
        self.attempt_id += uuids
        self.seq += [attempt.seq for attempt in attempts]
        self.status += status
        self.attack += attacks
        prompts = [prompt_ids[attempt.prompt] for attempt in attempts]
        self.prompt_id += [said or uuid for said, uuid in zip(prompts, uuids, strict=True)]
        part = Attempts(len(attempts), status.count(DETECTED), len(self.line) - rows_before)
        if piece.parts and isinstance(last := piece.parts[-1], Attempts):
            part = Attempts(*map(plus, last, part))
            del piece.parts[-1]
        piece.parts.append(part)
        return True

    def _add_rows(self, attempts: list[Attempt], judges: list[list[str]]) -> None:
        """Add what ``tally`` finds for each attempt and judge."""
        lines, names, values, counts = self.line, self.judge, self.score, self.outputs
        first = len(self.line_number)
        for line, (attempt, judged_by) in enumerate(zip(attempts, judges, strict=True), first):
            outputs = len(attempt.outputs)
            if attempt.status != DETECTED:
                lines.append(line)
                names.append(None)
                values.append(None)
                counts.append(outputs)
                continue
            for judge, scores in zip(judged_by, attempt.detector_results.values(), strict=True):
                if outputs and outputs == len(scores) == scores.count(scores[0]):
                    # The usual case: all outputs have one score.
                    lines.append(line)
                    names.append(judge)
                    values.append(scores[0])
                    counts.append(outputs)
                    continue
                found = tally(scores, outputs)
                lines += [line] * len(found)
                names += [judge] * len(found)
                values += found
                counts += found.values()

    def batch(self) -> pa.RecordBatch | None:
        """Give all rows in ``SCHEMA``, None if there are none."""
        if not self.line:
            return None
        line = pa.array(self.line, pa.int32())
        columns = []
        for column in SCHEMA:
            array = pa.array(getattr(self, column.name), column.type)
            columns.append(array if column.name in _OF_ROWS else array.take(line))
        return pa.record_batch(columns, schema=SCHEMA)
