"""Inspect AI logs, 0.3.63 to 0.3.285: whole JSON documents, plain or gzipped, and ``.eval`` zips.

Inputs are hashed; outputs, answers, explanations and events are never decoded. What a score means
for the attacker is for SQL to decide.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence

import msgspec

from aism.land.archive import Archive, Member
from aism.land.display import make_visible
from aism.land.json_documents import decode_document, read_document, take_records
from aism.land.json_lines import LineFault, check_text, explain
from aism.land.model import Fault, LandedFile, ReadReport, Reason, Sink, UnreadableFileError
from aism.land.readers.inspect_attempts import MAX_JUDGES, Attempt
from aism.land.readers.inspect_header import read_header
from aism.land.readers.inspect_log import (
    Log,
    ScoreFigures,
    decode_key,
    decode_log,
    decode_records,
    decode_sample,
    short_hash,
    without_constants,
)
from aism.land.rows import RowBuffer

VERSION = 1

_HEADER, _START, _SUMMARIES = "header.json", "_journal/start.json", "summaries.json"
_SAMPLES = "samples/"
_FINISHED, _BEGUN = "success", "started"

_Record = bytes | msgspec.Raw
_Judges = Mapping[str, Sequence[str]]


def read_inspect(file: LandedFile, sink: Sink) -> ReadReport:
    """Read a log into scanner_runs, scanner_results and scanner_figures.

    ``runs`` counts attempts (sample x epoch), ``run_lines`` valid samples. The run is known by its
    ``task_id``, which stays when Inspect takes a task up again. A log whose status is not
    ``success``, or that misses samples which its results count, is not complete.

    Raises:
        UnreadableFileError: the file cannot be opened or unpacked, is too large, or is no log.

    """
    report = ReadReport()
    if file.path.name.lower().endswith(".eval"):
        with Archive(file.path) as archive:
            reader = _read_archive(archive, file.sha256, report)
    else:
        log = decode_document(without_constants(read_document(file.path)), decode_log)
        reader = _LogReader(file.sha256, log, report)
        take_records(log.samples or [], "samples", report, reader.take)
    reader.write(sink)
    return report


def _read_archive(archive: Archive, sha256: str, report: ReadReport) -> _LogReader:
    by_name = {member.name: member for member in archive.members}
    reader = _LogReader(sha256, _log_of(archive, by_name, report), report)
    for member in archive.members:
        if not (member.name.startswith(_SAMPLES) and member.name.endswith(".json")):
            continue
        path = make_visible(member.name)
        try:
            record = without_constants(archive.read(member))
        except LineFault as fault:
            report.rows_read += 1
            report.faults.append(Fault(fault.reason, record_path=path))
        else:
            _take_record(record, path, report, reader.take)
    if _SUMMARIES in by_name:
        _take_missing_samples(archive, by_name, report, reader)
    return reader


def _log_of(archive: Archive, by_name: Mapping[str, Member], report: ReadReport) -> Log:
    """Read the header of a finished run, else what was written down when it began."""
    is_damaged = False
    for name in (_HEADER, _START):
        if name in by_name:
            try:
                data = without_constants(archive.read(by_name[name]))
                log = decode_document(data, decode_log)
            except (LineFault, UnreadableFileError) as error:
                report.faults.append(Fault(error.reason, column_name=name))
                is_damaged = True
                continue
            if name == _START:
                log.status = None if is_damaged else _BEGUN
            return log
    reason = report.faults[-1].reason if report.faults else Reason.UNREADABLE_FILE
    raise UnreadableFileError(reason, "no log in the archive")


def _take_missing_samples(
    archive: Archive, by_name: Mapping[str, Member], report: ReadReport, reader: _LogReader
) -> None:
    """Take from the summaries what has no member of its own."""
    try:
        data = without_constants(archive.read(by_name[_SUMMARIES]))
        records = decode_document(data, decode_records)
    except (LineFault, UnreadableFileError) as error:
        report.faults.append(Fault(error.reason, column_name=_SUMMARIES))
        return
    for index, record in enumerate(records):
        try:
            key = decode_key(record)
        except msgspec.MsgspecError:
            continue  # nothing says that its sample is missing
        if f"{_SAMPLES}{key.id}_epoch_{key.epoch}.json" not in by_name:
            _take_record(record, f"{_SUMMARIES}[{index}]", report, reader.take_summary)


def _take_record(
    record: _Record, path: str, report: ReadReport, take: Callable[[str, _Record], None]
) -> None:
    report.rows_read += 1
    try:
        check_text(bytes(record))
        take(path, record)
    except LineFault as fault:
        found = fault
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        found = explain(bytes(record), error)
    else:
        return
    report.faults.append(Fault(found.reason, record_path=path, column_name=found.column_name))


class _LogReader:
    """Takes the samples of one log; ``write`` comes last, for only then all judges are known."""

    def __init__(self, sha256: str, log: Log, report: ReadReport) -> None:
        self._sha256 = sha256
        self._created = log.eval.created
        self._report = report
        self._header = read_header(log, report)
        self._attempts: dict[str, Attempt] = {}
        self._prompts: dict[str, str] = {}
        """By sample: its epochs share a prompt."""
        self._taken = 0

    def take(self, record_path: str, record: _Record) -> None:
        """Keep a sample, or raise before anything of it is kept."""
        attempt = Attempt.of(decode_sample(record), record_path)
        self._prompts.setdefault(attempt.sample_id, attempt.prompt_id)
        self._keep(attempt)

    def take_summary(self, record_path: str, record: _Record) -> None:
        """Keep a sample by its summary, which cuts long inputs: other epochs know the prompt."""
        attempt = Attempt.of(decode_sample(record), record_path)
        attempt.prompt_id = self._prompts.get(attempt.sample_id, attempt.prompt_id)
        self._keep(attempt)

    def _keep(self, attempt: Attempt) -> None:
        self._taken += 1
        before = self._attempts.get(attempt.attempt_id)
        if before is None or attempt.has_score or not before.has_score:
            self._attempts[attempt.attempt_id] = attempt

    def write(self, sink: Sink) -> None:
        """Write the run, its attempts and the tool's figures; the report says what there was."""
        header, report = self._header, self._report
        run_id = header.run_id or self._name_by_rows()
        results = header.results
        counted = (results and results.completed_samples) or 0
        report.is_complete = header.status == _FINISHED and report.rows_read >= counted
        report.runs = {run_id: len(self._attempts)}
        report.run_lines = {run_id: self._taken}
        report.targets = {header.model}
        if repeated := self._taken - len(self._attempts):
            report.schema_note = (
                f"{repeated:,} samples are here again: of each the last with a score counts"
            )
        judges = self._judges()
        runs = RowBuffer(sink, "scanner_runs")
        runs.add(
            (
                self._sha256,
                run_id,
                header.tool_version,
                header.suite,
                header.decoding,
                header.started_at,
                header.completed_at,
                header.status,
                report.is_complete,
            )
        )
        runs.flush()
        self._write_results(sink, run_id, judges)
        self._write_figures(sink, run_id, judges)

    def _name_by_rows(self) -> str:
        """Name a run that its log does not name, and leave the hashes of its rows."""
        about = (self._created, self._header.task, self._header.model)
        prints = sorted(
            int(short_hash((about, one.attempt_id, one.uuid, one.prompt_id, one.scores))[:16], 16)
            >> 1
            for one in self._attempts.values()
        )
        run_id = f"rows-{hashlib.sha256(repr((about, prints)).encode()).hexdigest()[:32]}"
        self._report.row_prints = {run_id: prints}
        self._report.unnamed_runs = {run_id}
        return run_id

    def _judges(self) -> dict[str, list[str]]:
        """Name the judges of each scorer: those that gave a value, else those it declares.

        Where a grader makes up keys for each sample, their number names no one: then a scorer
        without a value is one judge.
        """
        declared = self._header.scorers
        seen: dict[str, dict[str, None]] = {scorer: {} for scorer in declared}
        for attempt in self._attempts.values():
            for scorer, said in attempt.scores.items():
                seen.setdefault(scorer, {}).update((one.judge or scorer, None) for one in said)
        if len(seen) > MAX_JUDGES:
            raise UnreadableFileError(Reason.TOO_LARGE, "too many scorers")
        judges = {
            scorer: list(names) or declared.get(scorer, [scorer]) for scorer, names in seen.items()
        }
        if sum(map(len, judges.values())) > MAX_JUDGES:
            return {scorer: [scorer] for scorer in judges}
        return judges

    def _write_results(self, sink: Sink, run_id: str, judges: _Judges) -> None:
        header = self._header
        table = RowBuffer(sink, "scanner_results")
        for attempt in self._attempts.values():
            head = (
                self._sha256,
                run_id,
                None,
                attempt.record_path,
                attempt.attempt_id,
                header.model,
                header.target_version,
                attempt.attempted_at,
                header.task,
                attempt.strategy,
                attempt.category,
                attempt.technique_id,
                attempt.prompt_id,
            )
            for scorer, (judge, verdict, score) in attempt.judgements(judges):
                version = header.judge_versions.get(scorer) if scorer else None
                table.add((*head, judge, version, False, verdict, score, attempt.reason(verdict)))
        table.flush()

    def _write_figures(self, sink: Sink, run_id: str, judges: _Judges) -> None:
        header, results = self._header, self._header.results
        if results is None:
            return
        table = RowBuffer(sink, "scanner_figures")
        head = (self._sha256, run_id, header.model, header.task)
        for figure, count in (
            ("total_samples", results.total_samples),
            ("completed_samples", results.completed_samples),
        ):
            if count is not None:
                table.add((*head, None, figure, float(count), None))
        for score in results.scores:
            judge = _judge_of(score, judges)
            for metric, measured in score.metrics.items():
                figure = f"{metric}/{score.reducer}" if score.reducer else metric
                if "\0" not in judge + figure:
                    table.add((*head, judge, figure, measured.value, score.scored_samples))
        table.flush()


def _judge_of(score: ScoreFigures, judges: _Judges) -> str:
    """Name the judge of a figure: the scorer, or the key of its values that was measured."""
    scorer = score.scorer or score.name
    of_key = f"{scorer}.{score.name}"
    return scorer if score.name == scorer and of_key not in judges.get(scorer, ()) else of_key
