"""What a log of Inspect AI looks like, 0.3.63 to 0.3.285: its header and its samples.

The structs do not name events, messages, outputs, stores and attachments: their bytes are passed
over. Free metadata stays undecoded but for a few keys.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

import msgspec

from aism.land.json_lines import Int64, LineFault, explain
from aism.land.model import Fault, ReadReport, Reason, UnreadableFileError
from aism.land.values import ValueFault, parse_timestamp

_T = TypeVar("_T")
_NULL = msgspec.Raw(b"null")
_MAX_LABEL = 200
_MAX_ENCODED_LABEL = 12 * _MAX_LABEL + 2
"""Two escapes of six bytes spell one character."""

_TECHNIQUE = re.compile(r"AML\.T[0-9]{4}(?:\.[0-9]{3})?")
_MAY_HAVE_CONSTANT = re.compile(rb"[:\[,\s](?:NaN|-?Infinity)")
_STRING_OR_CONSTANT = re.compile(
    rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|(?<![\w.])(?:NaN|-?Infinity)(?![\w.])', re.DOTALL
)
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


class _Dataset(msgspec.Struct):
    name: str | None = None


class _SpecMetadata(msgspec.Struct):
    system_version: msgspec.Raw = _NULL
    suite: msgspec.Raw = _NULL
    suite_version: msgspec.Raw = _NULL


class _Packages(msgspec.Struct):
    inspect_ai: str | None = None


class _Spec(msgspec.Struct):
    task: str
    model: str
    task_id: str | None = None
    eval_id: str | None = None
    run_id: str | None = None
    created: str | None = None
    task_version: str | Int64 | None = None
    dataset: _Dataset | None = None
    metadata: _SpecMetadata | None = None
    packages: _Packages | None = None
    scorers: msgspec.Raw = _NULL
    model_generate_config: msgspec.Raw = _NULL


class Log(msgspec.Struct):
    """A whole log, the header of an archive, or what an archive holds of a run that began."""

    eval: _Spec
    status: str | None = None
    plan: msgspec.Raw = _NULL
    results: msgspec.Raw = _NULL
    stats: msgspec.Raw = _NULL
    samples: list[msgspec.Raw] | None = None


class _Scorer(msgspec.Struct):
    name: str
    options: msgspec.Raw = _NULL
    metrics: msgspec.Raw = _NULL


class _Step(msgspec.Struct):
    solver: str


class _Plan(msgspec.Struct):
    steps: list[_Step] = []
    config: dict[str, msgspec.Raw] = {}


class _Stats(msgspec.Struct):
    completed_at: str | None = None


class _Metric(msgspec.Struct):
    value: float | None = None


class ScoreFigures(msgspec.Struct):
    """What the tool computed of one scorer, or of one key of its values, by one reducer."""

    name: str
    scorer: str | None = None
    reducer: str | None = None
    scored_samples: float | None = None
    metrics: dict[str, _Metric] = {}


class Results(msgspec.Struct):
    """The tool's own figures; ``total_samples`` and ``completed_samples`` count epochs too."""

    total_samples: Int64 | None = None
    completed_samples: Int64 | None = None
    scores: list[ScoreFigures] = []


class _Part(msgspec.Struct):
    type: str | None = None
    text: str | None = None
    image: str | None = None
    audio: str | None = None
    video: str | None = None
    document: str | None = None


class _Message(msgspec.Struct):
    role: str | None = None
    content: str | list[_Part] | None = None


class SampleMetadata(msgspec.Struct):
    """What the author of a task may have written of a sample; any type may stand there."""

    category: msgspec.Raw = _NULL
    strategy: msgspec.Raw = _NULL
    atlas_technique: msgspec.Raw = _NULL
    atlas: msgspec.Raw = _NULL
    technique_id: msgspec.Raw = _NULL


class _Score(msgspec.Struct):
    value: msgspec.Raw = _NULL


class Sample(msgspec.Struct):
    """One epoch of one sample, whole or as an archive sums it up."""

    id: str | Int64
    epoch: Int64
    input: str | list[_Message]
    uuid: str | None = None
    scores: dict[str, _Score] | None = None
    metadata: SampleMetadata | None = None
    started_at: str | None = None
    completed_at: str | None = None
    error: msgspec.Raw = _NULL
    limit: msgspec.Raw = _NULL
    invalidation: msgspec.Raw = _NULL


class SampleKey(msgspec.Struct):
    """Which attempt a summary is about."""

    id: str | Int64
    epoch: Int64


decode_log = msgspec.json.Decoder(Log).decode
decode_sample = msgspec.json.Decoder(Sample).decode
decode_key = msgspec.json.Decoder(SampleKey).decode
decode_records = msgspec.json.Decoder(list[msgspec.Raw]).decode
_decode_scorers = msgspec.json.Decoder(list[_Scorer] | None).decode
_decode_plan = msgspec.json.Decoder(_Plan | None).decode
_decode_config = msgspec.json.Decoder(dict[str, msgspec.Raw] | None).decode
_decode_stats = msgspec.json.Decoder(_Stats | None).decode
_decode_results = msgspec.json.Decoder(Results | None).decode
_decode_any = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


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


def without_constants(data: bytes) -> bytes:
    """Put ``null`` for ``NaN`` and ``Infinity``, which Inspect writes for what has no score."""
    if _MAY_HAVE_CONSTANT.search(data) is None:
        return data
    return _STRING_OR_CONSTANT.sub(
        lambda match: match[0] if match[0].startswith(b'"') else b"null", data
    )


def is_set(raw: msgspec.Raw) -> bool:
    """Whether the file holds something else than null."""
    return bytes(memoryview(raw)[:5]) != b"null"


def is_object(raw: msgspec.Raw) -> bool:
    """Whether the value is an object, by its first byte."""
    return bytes(memoryview(raw)[:1]) == b"{"


def label(value: object) -> str | None:
    """Take short text, or a number as text; None for anything that is no label."""
    if isinstance(value, msgspec.Raw):
        if len(memoryview(value)) > _MAX_ENCODED_LABEL:
            return None
        value = _decode_any(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if isinstance(value, str) and 0 < len(value) <= _MAX_LABEL and "\0" not in value:
        return value
    return None


def technique_of(metadata: SampleMetadata) -> str | None:
    """Return the first ATLAS id that the author of the task wrote down."""
    for raw in (metadata.atlas_technique, metadata.atlas, metadata.technique_id):
        text = label(raw)
        if text is not None and _TECHNIQUE.fullmatch(text):
            return text
    return None


def prompt_hash(prompt: str | list[_Message]) -> str:
    """Hash the roles and contents of the input; plain text is what one user says.

    Message ids are left out: nothing that differs between epochs may count.
    """
    messages = [_Message("user", prompt)] if isinstance(prompt, str) else prompt
    said: list[tuple[str | None, ...]] = []
    for message in messages:
        if message.content is None or isinstance(message.content, str):
            said.append((message.role, message.content))
            continue
        for part in message.content:
            attached = part.image or part.audio or part.video or part.document
            if part.type in (None, "text") and not attached:
                said.append((message.role, part.text))
            else:
                said.append((message.role, part.text, part.type, attached))
    return short_hash(said)


def moment(text: str | None, column_name: str) -> datetime | None:
    """Parse a time; Inspect writes nothing or empty text where there is none."""
    if not text:
        return None
    try:
        return parse_timestamp(text)
    except ValueFault as fault:
        raise LineFault(fault.reason, column_name) from None


def short_hash(value: object) -> str:
    """Return 32 hexadecimal digits of the SHA-256 of ``value`` as JSON."""
    return hashlib.sha256(_encode(value)).hexdigest()[:32]


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
    metadata = spec.metadata or _SpecMetadata()
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
        name = _unique(scorer.name, header.scorers)
        header.scorers[name] = _declared_judges(name, scorer.metrics)
        options = _canonical(_decode_any(scorer.options) or {})
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


def _suite(spec: _Spec, metadata: _SpecMetadata) -> str | None:
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
        value = _decode_any(config.get(key, _NULL))
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool | int | float) or label(value):
            settings[key] = value
    for key in _HASHED_DECODING:
        if value := _decode_any(config.get(key, _NULL)):
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
        keys = [key for key in _decode_any(metrics) if not set(key) & set("*?[")]
        if keys:
            return [f"{name}.{key}" for key in keys]
    return [name]
