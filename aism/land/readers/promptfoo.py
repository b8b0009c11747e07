"""promptfoo results, schema 2 and 3, as JSON or as JSONL: runs, judged attempts, own figures.

Which verdict is good for whom is not decided here: ``pass`` and ``fail`` are promptfoo's words.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

import msgspec

from aism.land.json_documents import read_document, take_records
from aism.land.json_lines import read_lines
from aism.land.model import LandedFile, ReadReport, Sink
from aism.land.readers.promptfoo_document import Document, PromptMetrics, open_document
from aism.land.readers.promptfoo_rows import NULL_OUTPUT, TEST_JUDGE, Attempt, read_attempt
from aism.land.readers.promptfoo_values import safe_name
from aism.land.rows import RowBuffer

VERSION = 2

_LINES = (".jsonl", ".jsonl.gz")
_NO_RESULTS = "holds no results"
_ATTEMPTED_AT: datetime | None = None
"""promptfoo does not say when it sent a prompt."""


class _Place(msgspec.Struct, frozen=True, gc=False):
    """Where a row stands: a line of JSONL, or the index in a document's array."""

    number: int
    record_path: str | None

    @property
    def line_number(self) -> int | None:
        return self.number if self.record_path is None else None


class _Rows:
    """The rows of one file. They wait for its end: their run may be named by all of them."""

    def __init__(self) -> None:
        self.attempts: list[tuple[_Place, Attempt]] = []

    def take_line(self, line_number: int, line: bytes) -> None:
        self.attempts.append((_Place(line_number, None), read_attempt(line)))

    def take_record(self, record_path: str, record: msgspec.Raw) -> None:
        number = len(self.attempts)
        self.attempts.append((_Place(number, record_path), read_attempt(record)))

    def made_run_id(self) -> str:
        """Name a run by its rows: the same ones in any order and any file are the same run."""
        rows = sorted(
            f"{row.prompt_id or ''} {row.output_id} {row.verdict}" for _, row in self.attempts
        )
        return f"rows-{hashlib.sha256(chr(10).join(rows).encode()).hexdigest()[:32]}"

    def attempt_ids(self) -> Iterator[str]:
        """Yield an id for each row; one that a row before it had gets its place added."""
        seen: set[str] = set()
        for place, row in self.attempts:
            attempt_id = row.own_id or ""
            if not attempt_id or attempt_id in seen:
                base = attempt_id or f"prompt {_shown(row.prompt_idx)} test {_shown(row.test_idx)}"
                attempt_id = f"{base} row {place.number}"
                while attempt_id in seen:
                    attempt_id += "'"
            seen.add(attempt_id)
            yield attempt_id

    def test_names(self) -> dict[bytes, str]:
        """Name tests without a name by their first number, which all their repeats share."""
        first: dict[bytes, int] = {}
        for _, row in self.attempts:
            if row.test_key is not None:
                number = len(first) if row.test_idx is None else row.test_idx
                first[row.test_key] = min(first.get(row.test_key, number), number)
        return {key: f"test {number + 1}" for key, number in first.items()}


def read_promptfoo(file: LandedFile, sink: Sink) -> ReadReport:
    """Read one ``.json[.gz]`` or ``.jsonl[.gz]`` into the scanner_… tables.

    ``rows_read``, ``runs`` and ``run_lines`` count rows (one test, prompt, provider and repeat);
    the lake has one more row for each assertion. A file is not complete when its last line is
    cut, when it has no row, when promptfoo's own counts do not add up to its rows (the export of
    a killed eval), or when the config plainly asks for more rows. Memory grows with the file.

    Raises:
        UnreadableFileError: the file cannot be opened or unpacked, is too large, or is no JSON
            document with rows in an array.

    """
    report = ReadReport()
    rows = _Rows()
    document = Document()
    if file.name.casefold().endswith(_LINES):
        read_lines(file.path, report, rows.take_line)
    else:
        document = open_document(read_document(file.path))
        if document.records is None:
            report.schema_note = _NO_RESULTS
            return report
        take_records(document.records, document.path, report, rows.take_record)
        document.records = []
    if _is_short(report, rows, document):
        report.is_complete = False
    run_id = document.eval_id
    if run_id is None and rows.attempts:
        run_id = rows.made_run_id()
        report.unnamed_runs.add(run_id)
    if run_id is not None:
        _write(file, sink, run_id, rows, document, report)
    made = {row.attack for _, row in rows.attempts if row.attack}
    if missing := document.missing_plugins(made):
        document.notes.append(missing)
    report.schema_note = "; ".join(document.notes) or None
    return report


def _is_short(report: ReadReport, rows: _Rows, document: Document) -> bool:
    """Tell a file that lacks rows; promptfoo counted those that are held back here, too."""
    if not rows.attempts:
        return True
    stats, expected = document.stats, document.expected_rows
    if stats is not None and stats.total != report.rows_read:
        return True
    return expected is not None and report.rows_read < expected


def _write(
    file: LandedFile,
    sink: Sink,
    run_id: str,
    rows: _Rows,
    document: Document,
    report: ReadReport,
) -> None:
    count = len(rows.attempts)
    report.runs = {run_id: count}
    report.run_lines = {run_id: count}
    report.row_prints = {run_id: [row.row_print for _, row in rows.attempts]}
    report.targets = {row.target_name for _, row in rows.attempts if row.target_name}
    run = RowBuffer(sink, "scanner_runs")
    run.add(
        (
            file.sha256,
            run_id,
            document.tool_version,
            document.suite,
            document.decoding,
            document.started_at,
            None,
            None,
            report.is_complete,
        )
    )
    run.flush()
    results = RowBuffer(sink, "scanner_results")
    names = rows.test_names()
    for (place, row), attempt_id in zip(rows.attempts, rows.attempt_ids(), strict=True):
        head = (
            file.sha256,
            run_id,
            place.line_number,
            place.record_path,
            attempt_id,
            row.target_name,
            row.target_version,
            _ATTEMPTED_AT,
            row.attack or names[row.test_key or b""],
            row.strategy,
            row.category,
            row.technique_id,
            row.prompt_id or hashlib.sha256(attempt_id.encode()).hexdigest()[:32],
        )
        verdict = (row.judge_version, True, row.verdict, row.score, row.reason)
        results.add((*head, TEST_JUDGE, *verdict))
        silence = row.reason if row.reason == NULL_OUTPUT else None
        for said in row.judgements:
            results.add(
                (*head, said.judge, said.judge_version, False, said.verdict, said.score, silence)
            )
    results.flush()
    _write_figures(sink, (file.sha256, run_id), document)


def _write_figures(sink: Sink, run: tuple[str, str], document: Document) -> None:
    figures = RowBuffer(sink, "scanner_figures")
    if stats := document.stats:
        for figure in ("successes", "failures", "errors"):
            value = getattr(stats, figure)
            if value is not None:
                figures.add((*run, None, None, None, figure, value, None))
    for (target, judge, figure), (value, counted) in _sums(document.prompts).items():
        figures.add((*run, target, None, judge, figure, value, counted))
    figures.flush()


def _sums(
    prompts: list[PromptMetrics],
) -> dict[tuple[str | None, str | None, str], tuple[float, float | None]]:
    """Add up over the prompts of each target: (target, judge, figure) -> (value, counted)."""
    sums: dict[tuple[str | None, str | None, str], float] = defaultdict(float)
    counts: dict[tuple[str | None, str | None, str], float] = defaultdict(float)
    for prompt in prompts:
        metrics = prompt.metrics
        if metrics is None:
            continue
        target = safe_name(prompt.provider)
        for figure in ("test_pass_count", "test_fail_count", "test_error_count"):
            value = getattr(metrics, figure)
            if value is not None:
                sums[target, None, figure] += value
        for name, score in metrics.named_scores.items():
            judge = safe_name(name)
            if score is not None and judge is not None:
                key = target, judge, "named_score"
                sums[key] += score
                counted = metrics.named_scores_count.get(name)
                if counted is not None:
                    counts[key] += counted
    return {key: (value, counts.get(key)) for key, value in sums.items()}


def _shown(index: int | None) -> str:
    return "?" if index is None else str(index)
