"""The attempt lines of a garak report, many at a time: nearly all lines of any report.

What is taken here is taken as ``garak.py`` takes a single line, only cheaper: columns in place of
rows. Everything else - other entries, odd lines, faults - is handed back as lines, in its place.
Nothing here depends on what stands before, so the blocks of a file may be taken apart and at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import msgspec
import pyarrow as pa

from aism.land.json_lines import LineFault, check_text, is_plain
from aism.land.model import LandedFile
from aism.land.readers.garak_entries import (
    DETECTED,
    Attempt,
    decode_entry,
    plugin_name,
    prompt_id,
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
_BLOCK = 1 << 20

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
            columns.close_part(piece)
            piece.parts.append(block.line(block.number, None))
            continue
        must_check = not is_plain(block.data)
        for number, line in enumerate(block.split(), block.number):
            try:
                if must_check:
                    check_text(line)
                entry = decode_entry(line)
            except (LineFault, msgspec.MsgspecError, RecursionError):
                entry = None
            if type(entry) is not Attempt or not columns.add(number, entry):
                columns.close_part(piece)
                piece.parts.append(block.line(number, line))
    columns.close_part(piece)
    piece.batch = columns.batch()
    return piece


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
            for block in blocks_of(stream, _BLOCK):
                yield 0, take_attempts([block])
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
        self._detected = 0
        self._closed = Attempts(0, 0, 0)

    def add(self, line_number: int, entry: Attempt) -> bool:
        """Keep one attempt; keep nothing and return False if anything about it is odd."""
        status, uuid, outputs = entry.status, entry.uuid, len(entry.outputs)
        if not 0 <= status <= DETECTED or not uuid or "\0" in uuid:
            return False
        results = entry.detector_results
        try:
            attack = _name(entry.probe_classname)
            judges = _names(tuple(results))
        except LineFault:
            return False
        line = len(self.line_number)
        if status == DETECTED:
            self._detected += 1
            for judge, scores in zip(judges, results.values(), strict=True):
                count = len(scores)
                if count >= outputs and count and scores.count(scores[0]) == count:
                    # What tally does, for the usual case that all outputs have one score.
                    counts: Iterable[tuple[float | None, int]] = ((scores[0], count),)
                else:
                    counts = tally(scores, outputs).items()
                for score, times in counts:
                    self.line.append(line)
                    self.judge.append(judge)
                    self.score.append(score)
                    self.outputs.append(times)
        else:
            self.line.append(line)
            self.judge.append(None)
            self.score.append(None)
            self.outputs.append(outputs)
        self.line_number.append(line_number)
        self.attempt_id.append(uuid)
        self.seq.append(entry.seq)
        self.status.append(status)
        self.attack.append(attack)
        self.prompt_id.append(prompt_id(entry.prompt) or uuid)
        return True

    def close_part(self, piece: Piece) -> None:
        """Give ``piece`` the attempts since the last call as one part, if there are any."""
        now = Attempts(len(self.line_number), self._detected, len(self.line))
        if now.lines > self._closed.lines:
            since = (after - before for after, before in zip(now, self._closed, strict=True))
            piece.parts.append(Attempts(*since))
            self._closed = now

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
