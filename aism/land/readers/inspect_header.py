"""What the header of an Inspect log says of its run: its parts are read one by one.

A part that has another shape than known is a fault of its own: the samples still land.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

import msgspec

from aism.land.json_lines import LineFault, explain
from aism.land.model import Fault, ReadReport, Reason, UnreadableFileError
from aism.land.readers.inspect_log import (
    NULL,
    Log,
    Results,
    Spec,
    SpecMetadata,
    decode_any,
    is_object,
    is_set,
    label,
    moment,
    short_hash,
)

_T = TypeVar("_T")
_DECODING = (
    "temperature",
    "top_p",
    "top_k",
    "max_tokens",
    "frequency_penalty",
    "presence_penalty",
    "best_of",
    "num_choices",
    "effort",
    "verbosity",
    "reasoning_effort",
    "reasoning_mode",
    "reasoning_tokens",
    "reasoning_history",
)
_HASHED_DECODING = ("stop_seqs", "logit_bias")


class _Scorer(msgspec.Struct):
    name: str
    options: msgspec.Raw = NULL
    metrics: msgspec.Raw = NULL


class _Step(msgspec.Struct):
    solver: str


class _Plan(msgspec.Struct):
    steps: list[_Step] = []
    config: dict[str, msgspec.Raw] = {}


class _Stats(msgspec.Struct):
    completed_at: str | None = None


_decode_scorers = msgspec.json.Decoder(list[_Scorer] | None).decode
_decode_plan = msgspec.json.Decoder(_Plan | None).decode
_decode_config = msgspec.json.Decoder(dict[str, msgspec.Raw] | None).decode
_decode_stats = msgspec.json.Decoder(_Stats | None).decode
_decode_results = msgspec.json.Decoder(Results | None).decode


@dataclass(slots=True)
class Header:
    """What a log says of its run; text that the lake cannot hold is None."""

    run_id: str | None
    task: str
    model: str
    status: str | None
    tool_version: str | None
    target_version: str | None
    suite: str | None
    decoding: str | None
    started_at: datetime | None
    completed_at: datetime | None
    results: Results | None
    scorers: dict[str, list[str]] = field(default_factory=dict)
    """The scorers that the task names, in their order, each with its judges."""
    judge_versions: dict[str, str] = field(default_factory=dict)


def read_header(log: Log, report: ReadReport) -> Header:
    """Take the header apart; a part of it that is broken is a fault without a place, and None.

    Raises:
        UnreadableFileError: the task or the model has no name.

    """
    spec = log.eval
    for name, value in (("task", spec.task), ("model", spec.model)):
        if not value:
            raise UnreadableFileError(Reason.MISSING_VALUE, f"eval.{name}")
        if "\0" in value:
            raise UnreadableFileError(Reason.NUL_BYTE, f"eval.{name}")
    metadata = spec.metadata or SpecMetadata()
    version = None if "@" in spec.model else label(metadata.system_version)
    config = _part(report, spec.model_generate_config, _decode_config, "eval.model_generate_config")
    stats = _part(report, log.stats, _decode_stats, "stats") or _Stats()
    header = Header(
        run_id=next(filter(None, map(label, (spec.task_id, spec.eval_id, spec.run_id))), None),
        task=spec.task,
        model=spec.model,
        status=label(log.status),
        tool_version=label(spec.packages.inspect_ai) if spec.packages else None,
        target_version=version,
        suite=_suite(spec, metadata),
        decoding=_decoding(config or {}, _part(report, log.plan, _decode_plan, "plan") or _Plan()),
        started_at=_time(report, spec.created, "eval.created"),
        completed_at=_time(report, stats.completed_at, "stats.completed_at"),
        results=_part(report, log.results, _decode_results, "results"),
    )
    for scorer in _part(report, spec.scorers, _decode_scorers, "eval.scorers") or []:
        if label(scorer.name) is None:
            continue
        name = _unique(scorer.name, header.scorers)
        header.scorers[name] = _declared_judges(name, scorer.metrics)
        options = _canonical(decode_any(scorer.options) or {})
        header.judge_versions[name] = short_hash([scorer.name, options, spec.task_version])
    return header


def _part(
    report: ReadReport, raw: msgspec.Raw, decode: Callable[[msgspec.Raw], _T], name: str
) -> _T | None:
    try:
        return decode(raw)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        found = explain(bytes(raw), error, kinds=(dict, list))
        column = f"{name}.{found.column_name}" if found.column_name else name
        report.faults.append(Fault(found.reason, column_name=column))
        return None


def _time(report: ReadReport, text: str | None, column_name: str) -> datetime | None:
    try:
        return moment(text, column_name)
    except LineFault as fault:
        report.faults.append(Fault(fault.reason, column_name=column_name))
        return None


def _suite(spec: Spec, metadata: SpecMetadata) -> str | None:
    """Name data set, version of the task and suite: ``canary-v1, task version 2, canary 1.2``."""
    version = label(spec.task_version)
    suite = [label(metadata.suite), label(metadata.suite_version)]
    parts = [
        label(spec.dataset.name) if spec.dataset else None,
        version and f"task version {version}",
        " ".join(text for text in suite if text),
    ]
    return ", ".join(part for part in parts if part) or None


def _decoding(model_config: dict[str, msgspec.Raw], plan: _Plan) -> str | None:
    """Write down what changes answers; the task's settings stand before those of the model."""
    config = model_config | {key: raw for key, raw in plan.config.items() if is_set(raw)}
    settings: dict[str, object] = {}
    for key in _DECODING:
        value = decode_any(config.get(key, NULL))
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool | int | float) or label(value):
            settings[key] = value
    for key in _HASHED_DECODING:
        if value := decode_any(config.get(key, NULL)):
            settings[key] = short_hash(_canonical(value))
    if solvers := [name for step in plan.steps if (name := label(step.solver))]:
        settings["solvers"] = solvers
    return _canonical(settings) if settings else None


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _unique(name: str, taken: dict[str, list[str]]) -> str:
    """Tell scorers of one name apart as Inspect does where it writes scores down."""
    found, count = name, 1
    while found in taken:
        found, count = f"{name}{count}", count + 1
    return found


def _declared_judges(name: str, metrics: msgspec.Raw) -> list[str]:
    """Name a judge for each key that has metrics; patterns name none."""
    if is_object(metrics):
        keys = [key for key in decode_any(metrics) or () if not set(key) & set("*?[\0")]
        if keys:
            return [f"{name}.{key}" for key in keys]
    return [name]
