"""From PyRIT's attempts to rows: who judged them, which run they belong to, what they share."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from aism.land.json_lines import LineFault
from aism.land.model import LandedFile, ReadReport, Reason, Sink
from aism.land.rows import RowBuffer
from aism.land.values import ValueFault, parse_timestamp

UNKNOWN_ATTACK = "unknown"
"""PyRIT's own word for the attack of an attempt that raised."""

_COMPLETED = "COMPLETED"
_encode = msgspec.json.Encoder(order="deterministic").encode


@dataclass(slots=True)
class Verdict:
    """What one judge, or the tool itself (``is_test``), said of an attempt."""

    judge: str | None
    judge_version: str | None
    is_test: bool
    verdict: str
    score: float | None = None
    reason: str | None = None


@dataclass(slots=True)
class Attempt:
    """One attempt as the file tells it; hashes instead of texts."""

    record_path: str
    attempt_id: str | None
    run_id: str | None
    target_name: str | None
    target_version: str | None
    system: str | None
    """The label: what attempts without a target share with those that have one."""
    attempted_at: datetime | None
    attack: str
    strategy: str
    category: str | None
    technique_id: str | None
    prompt_id: str
    output: str | None
    tool_version: str | None
    decoding: str | None
    has_outcome: bool
    verdicts: list[Verdict]

    @property
    def print(self) -> int:
        """63 bits that are the same for the same attempt in another file."""
        known = (self.attempt_id,) if self.attempt_id else self.content
        return int.from_bytes(hashlib.sha256(_encode(known)).digest()[:8]) >> 1

    @property
    def content(self) -> tuple[str, str | None, str]:
        """Prompt, answer, verdict: what is left of an attempt without an id."""
        return self.prompt_id, self.output, self.verdicts[0].verdict


@dataclass(slots=True)
class _Run:
    attempts: int = 0
    started_at: datetime | None = None
    completed_at: datetime | None = None
    tool_versions: set[str] = field(default_factory=set)
    decodings: set[str] = field(default_factory=set)
    is_complete: bool = True

    def count(self, attempt: Attempt) -> None:
        self.attempts += 1
        self.is_complete &= attempt.has_outcome
        if attempt.tool_version:
            self.tool_versions.add(attempt.tool_version)
        if attempt.decoding:
            self.decodings.add(attempt.decoding)
        if moment := attempt.attempted_at:
            self.started_at = min(self.started_at or moment, moment)
            self.completed_at = max(self.completed_at or moment, moment)


@dataclass(frozen=True, slots=True)
class Scenario:
    """What the file says of a scenario run."""

    name: str | None
    state: str | None


class Attempts:
    """Takes the attempts of one file and writes them; those that name no run or target at last."""

    def __init__(self, file: LandedFile, sink: Sink, report: ReadReport) -> None:
        self.scenarios: dict[str, Scenario] = {}
        self._sha256 = file.sha256
        self._report = report
        self._results = RowBuffer(sink, "scanner_results")
        self._runs_table = RowBuffer(sink, "scanner_runs")
        self._runs: dict[str, _Run] = defaultdict(_Run)
        self._deferred: list[Attempt] = []
        self._ids: set[str] = set()
        self._targets: dict[tuple[str | None, ...], set[str]] = defaultdict(set)

    def add(self, attempt: Attempt, id_column: str) -> None:
        """Keep an attempt; raises LineFault where its id is another attempt's of the file."""
        if attempt.attempt_id:
            if attempt.attempt_id in self._ids:
                raise LineFault(Reason.UNKNOWN_VALUE, id_column)
            self._ids.add(attempt.attempt_id)
        if attempt.target_name:
            self._targets[_place(attempt)].add(attempt.target_name)
        if attempt.run_id and attempt.target_name:
            self._write(attempt.run_id, attempt)
        else:
            self._deferred.append(attempt)

    def close(self) -> None:
        """Write what is left, the runs, and what the report says of them."""
        unnamed: dict[tuple[str, str], list[Attempt]] = defaultdict(list)
        for attempt in self._deferred:
            attempt.target_name = attempt.target_name or self._likely_target(attempt)
            if attempt.run_id:
                self._write(attempt.run_id, attempt)
            else:
                target = (attempt.target_name or "", attempt.target_version or "")
                unnamed[target].append(attempt)
        for target, attempts in unnamed.items():
            run_id = _made_up_id(target, attempts)
            self._report.unnamed_runs.add(run_id)
            for attempt in attempts:
                self._write(run_id, attempt)
        for run_id, run in self._runs.items():
            self._write_run(run_id, run)
        if self._runs and not any(run.is_complete for run in self._runs.values()):
            self._report.is_complete = False
        self._results.flush()
        self._runs_table.flush()

    def _likely_target(self, attempt: Attempt) -> str | None:
        """Name the target of an attempt that raised before PyRIT wrote it down.

        It is the one target that attempts of the same run and labels have, if it is only one.
        """
        targets = self._targets.get(_place(attempt), set())
        if len(targets) == 1:
            return next(iter(targets))
        if attempt.system and attempt.target_version:
            return f"{attempt.system}@{attempt.target_version}"
        return attempt.system

    def _write(self, run_id: str, attempt: Attempt) -> None:
        self._runs[run_id].count(attempt)
        self._report.row_prints.setdefault(run_id, []).append(attempt.print)
        if attempt.target_name:
            self._report.targets.add(attempt.target_name)
        for verdict in attempt.verdicts:
            self._results.add(
                (
                    self._sha256,
                    run_id,
                    None,
                    attempt.record_path,
                    attempt.attempt_id or attempt.record_path,
                    attempt.target_name,
                    attempt.target_version,
                    attempt.attempted_at,
                    attempt.attack,
                    attempt.strategy,
                    attempt.category,
                    attempt.technique_id,
                    attempt.prompt_id,
                    verdict.judge,
                    verdict.judge_version,
                    verdict.is_test,
                    verdict.verdict,
                    verdict.score,
                    verdict.reason,
                )
            )

    def _write_run(self, run_id: str, run: _Run) -> None:
        scenario = self.scenarios.get(run_id, Scenario(None, None))
        run.is_complete &= scenario.state in (None, _COMPLETED)
        self._runs_table.add(
            (
                self._sha256,
                run_id,
                ",".join(sorted(run.tool_versions)) or None,
                scenario.name,
                _one_or_list(run.decodings),
                run.started_at,
                run.completed_at,
                scenario.state,
                run.is_complete,
            )
        )
        self._report.runs[run_id] = self._report.run_lines[run_id] = run.attempts


def _place(attempt: Attempt) -> tuple[str | None, ...]:
    return attempt.run_id, attempt.system, attempt.target_version


def _made_up_id(target: tuple[str, str], attempts: Iterable[Attempt]) -> str:
    """Name a run by its target and rows; ids are among them, for two weeks may answer alike."""
    rows = sorted(_encode((attempt.attempt_id, *attempt.content)) for attempt in attempts)
    digest = hashlib.sha256(_encode(target))
    for row in rows:
        digest.update(b"\n" + row)
    return f"rows-{digest.hexdigest()[:32]}"


def _one_or_list(decodings: set[str]) -> str | None:
    if len(decodings) > 1:
        return f"[{','.join(sorted(decodings))}]"
    return next(iter(decodings), None)


def kept(text: str | None, column_name: str) -> str | None:
    """Return a text that the lake keeps; "" is None, a NUL is a fault."""
    if text and "\0" in text:
        raise LineFault(Reason.NUL_BYTE, column_name)
    return text or None


def moment(text: str | None, column_name: str) -> datetime | None:
    """Return a moment in UTC without zone; PyRIT writes UTC where it writes no zone."""
    if not text:
        return None
    try:
        return parse_timestamp(text)
    except ValueFault as fault:
        raise LineFault(fault.reason, column_name) from None
