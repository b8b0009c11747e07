"""garak reports and hit logs, 0.9.0.16 to 0.17.1: lines in, runs, attempts and judgements out.

Prompt texts are hashed and output texts are only counted: neither leaves this module. Whether an
attempt was scored twice (several status 2 lines of one uuid) is for SQL to decide: all are kept.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from aism.land.json_lines import LineFault, read_line, read_lines
from aism.land.model import LandedFile, ReadReport, Reason, Sink
from aism.land.readers.garak_attempts import Piece, pieces_of
from aism.land.readers.garak_entries import (
    DETECTED,
    KNOWN_KINDS,
    Attempt,
    Completion,
    Eval,
    Init,
    PluginCache,
    Setup,
    decode_entry,
    plugin_name,
    prompt_ids,
    refuse_nul,
    required,
    tally,
)
from aism.land.readers.garak_rows import Waiting
from aism.land.rows import RowBuffer, listed_names
from aism.land.streams import Line
from aism.land.values import ValueFault, parse_timestamp

VERSION = 1

_HITS_IN_MEMORY = 100_000
_NOTED_NAMES = 100


class _Kind(msgspec.Struct):
    entry_type: str


class _Hit(msgspec.Struct):
    run_id: str
    probe: str
    detector: str
    score: float | None = None


_decode_kind = msgspec.json.Decoder(_Kind).decode
_decode_hit = msgspec.json.Decoder(_Hit).decode
_SETUP_FIELDS, _SETUP_KEYS = Setup.__struct_fields__, Setup.__struct_encode_fields__


@dataclass(slots=True)
class _Run:
    """A run as far as its lines were read."""

    run_id: str
    setup: Setup | None = None
    garak_version: str | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    is_complete: bool = False
    lines: int = 0
    detected: int = 0

    @property
    def target_type(self) -> str | None:
        return self.setup.target_type or self.setup.model_type if self.setup else None

    @property
    def target_name(self) -> str | None:
        """The configured name; a target without one (``test.Blank``) is known by its type."""
        if self.setup is None:
            return None
        name = self.setup.target_name
        if name in (None, ""):
            name = self.setup.model_name
        return self.target_type if name in (None, "") else str(name)


@dataclass(slots=True)
class _Runs:
    """The runs of one file in line order: a report may hold several, one after the other."""

    orphan_id: str
    """Takes what stands before any run names itself."""
    by_id: dict[str, _Run] = field(default_factory=dict)
    _current: _Run | None = None
    _setup: Setup | None = None
    _unowned_lines: int = 0

    def begin(self, run_id: str) -> _Run:
        run = self.by_id.setdefault(run_id, _Run(run_id))
        if self._setup is not None:
            run.setup, self._setup = self._setup, None
        run.lines, self._unowned_lines = run.lines + self._unowned_lines, 0
        self._current = run
        return run

    def await_init(self, setup: Setup) -> None:
        """Keep a setup without a run id for the run that the next init line names."""
        self._setup, self._current = setup, None
        self._unowned_lines += 1

    def named(self, run_id: str | None) -> _Run:
        if run_id:
            return self.by_id.get(run_id) or self.begin(run_id)
        return self._current or self.begin(self.orphan_id)

    def count_line(self) -> None:
        """Count a line that says nothing of its run: to the current one, else to the next."""
        if self._current is None:
            self._unowned_lines += 1
        else:
            self._current.lines += 1

    def close(self) -> None:
        if self._unowned_lines:
            self.named(None)


class _ReportReader:
    """Takes the lines of one report; each method checks a whole line before it keeps any of it."""

    def __init__(self, file: LandedFile, sink: Sink) -> None:
        self.sha256 = file.sha256
        self.runs = _Runs(orphan_id=f"file-{file.sha256[:32]}")
        self.unknown_kinds: Counter[str] = Counter()
        self.attempt_lines = 0
        self._seen_probes: set[tuple[str, str]] = set()
        self._attempts = RowBuffer(sink, "garak_attempts")
        self._waiting: Waiting | None = None
        self._evals = RowBuffer(sink, "garak_evals")
        self._probes = RowBuffer(sink, "garak_probes")
        self._runs_table = RowBuffer(sink, "garak_runs")

    def take(self, line_number: int, line: bytes) -> None:
        try:
            entry = decode_entry(line)
        except msgspec.ValidationError:
            kind = _decode_kind(line).entry_type
            if kind in KNOWN_KINDS:
                raise
            if kind in self.unknown_kinds or len(self.unknown_kinds) < _NOTED_NAMES:
                self.unknown_kinds[kind] += 1
            self.runs.count_line()
            return
        if isinstance(entry, Attempt):
            self._take_attempt(line_number, entry)
        elif isinstance(entry, Eval):
            self._take_eval(line_number, entry)
        elif isinstance(entry, PluginCache):
            self._take_plugin_cache(entry)
        elif isinstance(entry, Setup):
            self._take_setup(entry)
        elif isinstance(entry, Init):
            self._take_init(entry)
        elif isinstance(entry, Completion):
            self._take_completion(entry)
        else:
            self.runs.count_line()

    def take_piece(self, lines_before: int, piece: Piece, report: ReadReport) -> None:
        """Take some lines: attempts as they are, all other lines one by one, in their order."""
        self._waiting = Waiting(lines_before, piece.batch)
        for part in piece.parts:
            if isinstance(part, Line):
                line = part._replace(number=lines_before + part.number)
                read_line(line, report, self.take)
            else:
                report.rows_read += part.lines
                run = self._count_attempts(part.lines, part.detected)
                self._waiting.runs.append((run.run_id, part.rows))
        self._add_waiting()

    def _count_attempts(self, lines: int, detected: int) -> _Run:
        run = self.runs.named(None)
        run.lines += lines
        run.detected += detected
        self.attempt_lines += lines
        return run

    def _add_waiting(self) -> None:
        """Add the rows of the piece that were passed so far."""
        if self._waiting is not None and (rows := self._waiting.take(self.sha256)):
            self._attempts.add_batch(rows)

    def close(self) -> None:
        self.runs.close()
        for run in self.runs.by_id.values():
            setup = run.setup
            self._runs_table.add(
                (
                    self.sha256,
                    run.run_id,
                    run.garak_version,
                    run.target_type,
                    run.target_name,
                    run.started_at,
                    run.completed_at,
                    setup and setup.generations,
                    None if setup is None or setup.seed is None else str(setup.seed),
                    run.is_complete,
                )
            )
        for table in (self._attempts, self._evals, self._probes, self._runs_table):
            table.flush()

    def finish(self, report: ReadReport) -> ReadReport:
        """Say in ``report`` what only the whole file tells."""
        runs = self.runs.by_id.values()
        report.runs = {run.run_id: run.detected for run in runs}
        report.run_lines = {run.run_id: run.lines for run in runs}
        report.targets = {run.target_name for run in runs if run.target_name}
        if not self.attempt_lines or not any(run.is_complete for run in runs):
            report.is_complete = False
        if self.unknown_kinds:
            report.schema_note = "unknown entry types: " + listed_names(self.unknown_kinds)
        return report

    def _take_attempt(self, line_number: int, attempt: Attempt) -> None:
        status = attempt.status
        if not 0 <= status <= DETECTED:
            raise LineFault(Reason.UNKNOWN_VALUE, "status")
        uuid = required(attempt.uuid, "uuid")
        probe = plugin_name(required(attempt.probe_classname, "probe_classname"))
        outputs = len(attempt.outputs)
        judged: list[tuple[str | None, float | None, int]] = []
        if status == DETECTED:
            for detector, scores in attempt.detector_results.items():
                judge = plugin_name(required(detector, "detector_results"))
                judged.extend((judge, *tally) for tally in tally(scores, outputs).items())
        else:
            judged.append((None, None, outputs))
        prompt = prompt_ids[attempt.prompt] or uuid

        run = self._count_attempts(1, int(status == DETECTED))
        self._add_waiting()
        head = (self.sha256, run.run_id, line_number, uuid, attempt.seq, status, probe)
        for judge_or_none, score, count in judged:
            self._attempts.add((*head, judge_or_none, prompt, score, count))

    def _take_eval(self, line_number: int, row: Eval) -> None:
        probe = plugin_name(required(row.probe, "probe"))
        judge = plugin_name(required(row.detector, "detector"))
        fails = row.fails
        if fails is None:
            evaluated = row.total if row.total_evaluated is None else row.total_evaluated
            if evaluated is None:
                raise LineFault(Reason.MISSING_KEY, "fails")
            fails = evaluated - row.passed
        for name, number in (("passed", row.passed), ("fails", fails), ("nones", row.nones)):
            if number is not None and number < 0:
                raise LineFault(Reason.NEGATIVE_NUMBER, name)
        refuse_nul(row.confidence_method, "confidence_method")
        run = self.runs.named(None)
        run.lines += 1
        self._evals.add(
            (
                self.sha256,
                run.run_id,
                line_number,
                probe,
                judge,
                row.passed,
                fails,
                row.nones,
                row.confidence_method,
                row.confidence_lower,
                row.confidence_upper,
            )
        )

    def _take_plugin_cache(self, entry: PluginCache) -> None:
        refuse_nul(entry.run, "run")
        primaries = [
            (
                plugin_name(required(probe, "plugin_cache.probes")),
                plugin_name(required(card.primary_detector, "primary_detector")),
            )
            for probe, card in entry.plugin_cache.probes.items()
            if card.primary_detector is not None
        ]
        run = self.runs.named(entry.run)
        run.lines += 1
        for probe, primary in primaries:
            if (run.run_id, probe) not in self._seen_probes:
                self._seen_probes.add((run.run_id, probe))
                self._probes.add((self.sha256, run.run_id, probe, primary))

    def _take_setup(self, setup: Setup) -> None:
        for name, key in zip(_SETUP_FIELDS, _SETUP_KEYS, strict=True):
            refuse_nul(getattr(setup, name), key)
        started_at = _timestamp(setup.started_at, "transient.starttime_iso")
        if not setup.run_id:
            self.runs.await_init(setup)
            return
        run = self.runs.begin(setup.run_id)
        run.setup = setup
        run.started_at = run.started_at or started_at
        run.lines += 1

    def _take_init(self, init: Init) -> None:
        refuse_nul(init.run, "run")
        refuse_nul(init.garak_version, "garak_version")
        started_at = _timestamp(init.start_time, "start_time")
        run = self.runs.begin(init.run) if init.run else self.runs.named(None)
        run.garak_version = init.garak_version
        run.started_at = started_at or run.started_at
        run.lines += 1

    def _take_completion(self, completion: Completion) -> None:
        refuse_nul(completion.run, "run")
        completed_at = _timestamp(completion.end_time, "end_time")
        run = self.runs.named(completion.run)
        run.completed_at = completed_at or run.completed_at
        run.is_complete = True
        run.lines += 1


def read_report(file: LandedFile, sink: Sink) -> ReadReport:
    """Read a ``*.report.jsonl[.gz]`` into garak_runs, garak_attempts, garak_evals, garak_probes.

    ``runs`` counts status 2 attempt lines, ``run_lines`` all valid lines of a run. A report
    without an attempt, without any completed run, or with a cut last line is not complete.

    Raises:
        UnreadableFileError: the file cannot be opened, unpacked or is too large.
        LakeError: one of the processes that read a large file failed.

    """
    report = ReadReport()
    reader = _ReportReader(file, sink)
    for lines_before, piece in pieces_of(file):
        reader.take_piece(lines_before, piece, report)
    reader.close()
    return reader.finish(report)


def read_hitlog(file: LandedFile, sink: Sink) -> ReadReport:
    """Read a ``*.hitlog.jsonl[.gz]`` into garak_hits, added up over run, probe and detector.

    ``runs`` and ``run_lines`` both count hits. Beyond 100,000 distinct (run, probe, detector) the
    sums so far are written, so that a key may then stand in several rows: add them up.

    Raises:
        UnreadableFileError: the file cannot be opened, unpacked or is too large.

    """
    report = ReadReport()
    rows = RowBuffer(sink, "garak_hits")
    hits: dict[tuple[str, str, str], tuple[int, float | None]] = {}

    def write_hits() -> None:
        for key, (count, score) in hits.items():
            rows.add((file.sha256, *key, count, score))
        hits.clear()

    def take(_: int, line: bytes) -> None:
        hit = _decode_hit(line)
        key = (
            required(hit.run_id, "run_id"),
            plugin_name(required(hit.probe, "probe")),
            plugin_name(required(hit.detector, "detector")),
        )
        count, lowest = hits.get(key, (0, None))
        if lowest is None or (hit.score is not None and hit.score < lowest):
            lowest = hit.score
        hits[key] = (count + 1, lowest)
        report.runs[hit.run_id] = report.runs.get(hit.run_id, 0) + 1
        if len(hits) >= _HITS_IN_MEMORY:
            write_hits()

    read_lines(file.path, report, take)
    write_hits()
    rows.flush()
    report.run_lines = dict(report.runs)
    return report


def _timestamp(text: str | None, column_name: str) -> datetime | None:
    if not text:
        return None
    try:
        return parse_timestamp(text)
    except ValueFault as fault:
        raise LineFault(fault.reason, column_name) from None
