"""garak reports and hit logs, 0.9.0.16 to 0.17.1: lines in, runs, attempts and judgements out.

Prompt texts are hashed and output texts are only counted: neither leaves this module. Whether an
attempt was scored twice (several status 2 lines of one uuid) is for SQL to decide: all are kept.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

import msgspec

from aism.land.json_lines import Int64, LineFault, read_lines
from aism.land.model import LandedFile, ReadReport, Reason, Sink
from aism.land.rows import RowBuffer, listed_names
from aism.land.values import ValueFault, parse_timestamp

VERSION = 1

_PREFIXES = ("probes.", "detectors.", "detector.")
_GENERATED, _DETECTED = 1, 2
_HITS_IN_MEMORY = 100_000
_NOTED_NAMES = 100


class _Entry(msgspec.Struct, tag_field="entry_type"):
    """One line of a report; the entry type picks the struct."""


class _Setup(
    _Entry,
    tag="start_run setup",
    rename={
        "run_id": "transient.run_id",
        "started_at": "transient.starttime_iso",
        "target_type": "plugins.target_type",
        "target_name": "plugins.target_name",
        "model_type": "plugins.model_type",
        "model_name": "plugins.model_name",
        "generations": "run.generations",
        "seed": "run.seed",
    },
):
    run_id: str | None = None
    started_at: str | None = None
    target_type: str | None = None
    target_name: str | int | float | None = None
    model_type: str | None = None
    model_name: str | int | float | None = None
    generations: Int64 | None = None
    seed: str | int | None = None


class _Init(_Entry, tag="init"):
    garak_version: str | None = None
    start_time: str | None = None
    run: str | None = None


class _Completion(_Entry, tag="completion"):
    end_time: str | None = None
    run: str | None = None


class _Message(msgspec.Struct):
    text: str | None = None
    data_checksum: str | None = None


class _Turn(msgspec.Struct):
    role: str | None = None
    content: _Message | str | None = None


class _Prompt(_Message):
    """A Conversation (``turns``) or a single Message: nothing in the file tells which."""

    turns: list[_Turn] | None = None


class _Attempt(_Entry, tag="attempt"):
    uuid: str
    status: Int64
    probe_classname: str
    outputs: list[msgspec.Raw]
    detector_results: dict[str, list[float | None]]
    seq: Int64 | None = None
    prompt: str | _Prompt | None = None


class _Eval(_Entry, tag="eval"):
    probe: str
    detector: str
    passed: Int64
    fails: Int64 | None = None
    nones: Int64 | None = None
    total: Int64 | None = None
    total_evaluated: Int64 | None = None
    confidence_method: str | None = None
    confidence_lower: float | None = None
    confidence_upper: float | None = None


class _ProbeCard(msgspec.Struct):
    primary_detector: str | None = None


class _Plugins(msgspec.Struct):
    probes: dict[str, _ProbeCard] = {}


class _PluginCache(_Entry, tag="plugin_cache"):
    plugin_cache: _Plugins
    run: str | None = None


class _PayloadInit(_Entry, tag="payload_init"):
    """Which payload list was loaded: known, nothing of it is kept."""


class _ProbeSummary(_Entry, tag="probe_summary"):
    """Sums over detectors that judge the same outputs: known, not kept."""


class _Digest(_Entry, tag="digest"):
    """garak's own report page as data: known, not kept."""


class _Kind(msgspec.Struct):
    entry_type: str


class _Hit(msgspec.Struct):
    run_id: str
    probe: str
    detector: str
    score: float | None = None


_decode_entry = msgspec.json.Decoder(
    _Attempt
    | _Eval
    | _Setup
    | _Init
    | _Completion
    | _PluginCache
    | _PayloadInit
    | _ProbeSummary
    | _Digest
).decode
_decode_kind = msgspec.json.Decoder(_Kind).decode
_decode_hit = msgspec.json.Decoder(_Hit).decode
_encode = msgspec.json.Encoder().encode
_SETUP_FIELDS, _SETUP_KEYS = _Setup.__struct_fields__, _Setup.__struct_encode_fields__
_KNOWN_KINDS = {struct.__struct_config__.tag for struct in _Entry.__subclasses__()}


@dataclass(slots=True)
class _Run:
    """A run as far as its lines were read."""

    run_id: str
    setup: _Setup | None = None
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
    _setup: _Setup | None = None
    _unowned_lines: int = 0

    def begin(self, run_id: str) -> _Run:
        run = self.by_id.setdefault(run_id, _Run(run_id))
        if self._setup is not None:
            run.setup, self._setup = self._setup, None
        run.lines, self._unowned_lines = run.lines + self._unowned_lines, 0
        self._current = run
        return run

    def await_init(self, setup: _Setup) -> None:
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
        self._evals = RowBuffer(sink, "garak_evals")
        self._probes = RowBuffer(sink, "garak_probes")
        self._runs_table = RowBuffer(sink, "garak_runs")

    def take(self, line_number: int, line: bytes) -> None:
        try:
            entry = _decode_entry(line)
        except msgspec.ValidationError:
            kind = _decode_kind(line).entry_type
            if kind in _KNOWN_KINDS:
                raise
            if kind in self.unknown_kinds or len(self.unknown_kinds) < _NOTED_NAMES:
                self.unknown_kinds[kind] += 1
            self.runs.count_line()
            return
        if isinstance(entry, _Attempt):
            self._take_attempt(line_number, entry)
        elif isinstance(entry, _Eval):
            self._take_eval(line_number, entry)
        elif isinstance(entry, _PluginCache):
            self._take_plugin_cache(entry)
        elif isinstance(entry, _Setup):
            self._take_setup(entry)
        elif isinstance(entry, _Init):
            self._take_init(entry)
        elif isinstance(entry, _Completion):
            self._take_completion(entry)
        else:
            self.runs.count_line()

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

    def _take_attempt(self, line_number: int, attempt: _Attempt) -> None:
        status = attempt.status
        if not 0 <= status <= _DETECTED:
            raise LineFault(Reason.UNKNOWN_VALUE, "status")
        uuid = _required(attempt.uuid, "uuid")
        probe = _plugin_name(_required(attempt.probe_classname, "probe_classname"))
        outputs = len(attempt.outputs)
        judged: list[tuple[str | None, float | None, int]] = []
        if status == _DETECTED:
            for detector, scores in attempt.detector_results.items():
                judge = _plugin_name(_required(detector, "detector_results"))
                judged.extend((judge, *tally) for tally in _tally(scores, outputs).items())
        else:
            judged.append((None, None, outputs))
        prompt_id = _prompt_id(attempt.prompt) or uuid

        run = self.runs.named(None)
        run.lines += 1
        run.detected += status == _DETECTED
        self.attempt_lines += 1
        head = (self.sha256, run.run_id, line_number, uuid, attempt.seq, status, probe)
        for judge_or_none, score, count in judged:
            self._attempts.add((*head, judge_or_none, prompt_id, score, count))

    def _take_eval(self, line_number: int, row: _Eval) -> None:
        probe = _plugin_name(_required(row.probe, "probe"))
        judge = _plugin_name(_required(row.detector, "detector"))
        fails = row.fails
        if fails is None:
            evaluated = row.total if row.total_evaluated is None else row.total_evaluated
            if evaluated is None:
                raise LineFault(Reason.MISSING_KEY, "fails")
            fails = evaluated - row.passed
        for name, number in (("passed", row.passed), ("fails", fails), ("nones", row.nones)):
            if number is not None and number < 0:
                raise LineFault(Reason.NEGATIVE_NUMBER, name)
        _refuse_nul(row.confidence_method, "confidence_method")
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

    def _take_plugin_cache(self, entry: _PluginCache) -> None:
        _refuse_nul(entry.run, "run")
        primaries = [
            (
                _plugin_name(_required(probe, "plugin_cache.probes")),
                _plugin_name(_required(card.primary_detector, "primary_detector")),
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

    def _take_setup(self, setup: _Setup) -> None:
        for name, key in zip(_SETUP_FIELDS, _SETUP_KEYS, strict=True):
            _refuse_nul(getattr(setup, name), key)
        started_at = _timestamp(setup.started_at, "transient.starttime_iso")
        if not setup.run_id:
            self.runs.await_init(setup)
            return
        run = self.runs.begin(setup.run_id)
        run.setup = setup
        run.started_at = run.started_at or started_at
        run.lines += 1

    def _take_init(self, init: _Init) -> None:
        _refuse_nul(init.run, "run")
        _refuse_nul(init.garak_version, "garak_version")
        started_at = _timestamp(init.start_time, "start_time")
        run = self.runs.begin(init.run) if init.run else self.runs.named(None)
        run.garak_version = init.garak_version
        run.started_at = started_at or run.started_at
        run.lines += 1

    def _take_completion(self, completion: _Completion) -> None:
        _refuse_nul(completion.run, "run")
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

    """
    report = ReadReport()
    reader = _ReportReader(file, sink)
    read_lines(file.path, report, reader.take)
    reader.close()
    runs = reader.runs.by_id.values()
    report.runs = {run.run_id: run.detected for run in runs}
    report.run_lines = {run.run_id: run.lines for run in runs}
    report.targets = {run.target_name for run in runs if run.target_name}
    if not reader.attempt_lines or not any(run.is_complete for run in runs):
        report.is_complete = False
    if reader.unknown_kinds:
        report.schema_note = "unknown entry types: " + listed_names(reader.unknown_kinds)
    return report


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
            _required(hit.run_id, "run_id"),
            _plugin_name(_required(hit.probe, "probe")),
            _plugin_name(_required(hit.detector, "detector")),
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


def _tally(scores: list[float | None], outputs: int) -> dict[float | None, int]:
    """Count the outputs of each score; outputs that an old garak skipped have none."""
    counts: dict[float | None, int] = {}
    for score in scores:
        counts[score] = counts.get(score, 0) + 1
    if len(scores) < outputs:
        counts[None] = counts.get(None, 0) + outputs - len(scores)
    return counts


def _prompt_id(prompt: str | _Prompt | None) -> str | None:
    """Hash the (role, text) pairs of a prompt; plain text is what one user says.

    A prompt that carries a file (image, audio) is told apart by the checksum of that file too.
    None for a prompt without any content.
    """
    if prompt is None:
        return None
    if isinstance(prompt, str) or prompt.turns is None:
        turns = [_said("user", prompt)]
    else:
        turns = [_said(turn.role or "user", turn.content) for turn in prompt.turns]
    if all(content == [None] for _, *content in turns):
        return None
    return hashlib.sha256(_encode(turns)).hexdigest()[:32]


def _said(role: str, content: _Message | str | None) -> tuple[str | None, ...]:
    if content is None or isinstance(content, str):
        return (role, content)
    if content.data_checksum:
        return (role, content.text, content.data_checksum)
    return (role, content.text)


@lru_cache(maxsize=4096)
def _plugin_name(name: str) -> str:
    for prefix in _PREFIXES:
        if name.startswith(prefix):
            return name[len(prefix) :]
    return name


def _required(text: str | None, column_name: str) -> str:
    if not text:
        raise LineFault(Reason.MISSING_VALUE, column_name)
    if "\0" in text:
        raise LineFault(Reason.NUL_BYTE, column_name)
    return text


def _refuse_nul(value: object, column_name: str) -> None:
    if isinstance(value, str) and "\0" in value:
        raise LineFault(Reason.NUL_BYTE, column_name)


def _timestamp(text: str | None, column_name: str) -> datetime | None:
    if not text:
        return None
    try:
        return parse_timestamp(text)
    except ValueFault as fault:
        raise LineFault(fault.reason, column_name) from None
