"""What a log of Inspect AI looks like, 0.3.63 to 0.3.285: its frame, its samples, its values.

The structs do not name events, messages, outputs, stores and attachments: their bytes are passed
over. Free metadata stays undecoded but for a few keys.
"""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from typing import Any

import msgspec

from aism.land.json_lines import Int64, LineFault
from aism.land.values import ValueFault, parse_timestamp

NULL = msgspec.Raw(b"null")
_MAX_LABEL = 200
_MAX_ENCODED_LABEL = 12 * _MAX_LABEL + 2
"""Two escapes of six bytes spell one character."""

_TECHNIQUE = re.compile(r"AML\.T[0-9]{4}(?:\.[0-9]{3})?")
_MAY_HAVE_CONSTANT = re.compile(rb"[:\[,\s](?:NaN|-?Infinity)")
_STRING_OR_CONSTANT = re.compile(
    rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|(?<![\w.])(?:NaN|-?Infinity)(?![\w.])', re.DOTALL
)


class _Dataset(msgspec.Struct):
    name: str | None = None


class SpecMetadata(msgspec.Struct):
    """What the author of a task may have written of the target; any type may stand there."""

    system_version: msgspec.Raw = NULL
    suite: msgspec.Raw = NULL
    suite_version: msgspec.Raw = NULL


class _Packages(msgspec.Struct):
    inspect_ai: str | None = None


class Spec(msgspec.Struct):
    """What was run, on what, when."""

    task: str
    model: str
    task_id: str | None = None
    eval_id: str | None = None
    run_id: str | None = None
    created: str | None = None
    task_version: str | Int64 | None = None
    dataset: _Dataset | None = None
    metadata: SpecMetadata | None = None
    packages: _Packages | None = None
    scorers: msgspec.Raw = NULL
    model_generate_config: msgspec.Raw = NULL


class Log(msgspec.Struct):
    """A whole log, the header of an archive, or what an archive holds of a run that began."""

    eval: Spec
    status: str | None = None
    plan: msgspec.Raw = NULL
    results: msgspec.Raw = NULL
    stats: msgspec.Raw = NULL
    samples: list[msgspec.Raw] | None = None


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

    category: msgspec.Raw = NULL
    strategy: msgspec.Raw = NULL
    atlas_technique: msgspec.Raw = NULL
    atlas: msgspec.Raw = NULL
    technique_id: msgspec.Raw = NULL


class _Score(msgspec.Struct):
    value: msgspec.Raw = NULL


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
    error: msgspec.Raw = NULL
    limit: msgspec.Raw = NULL
    invalidation: msgspec.Raw = NULL


class SampleKey(msgspec.Struct):
    """Which attempt a summary is about."""

    id: str | Int64
    epoch: Int64


decode_log = msgspec.json.Decoder(Log).decode
decode_sample = msgspec.json.Decoder(Sample).decode
decode_key = msgspec.json.Decoder(SampleKey).decode
decode_records = msgspec.json.Decoder(list[msgspec.Raw]).decode
_decode_any = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


def without_constants(data: bytes) -> bytes:
    """Put ``null`` for ``NaN`` and ``Infinity``, which Inspect writes for what has no score."""
    if _MAY_HAVE_CONSTANT.search(data) is None:
        return data
    return _STRING_OR_CONSTANT.sub(
        lambda match: match[0] if match[0].startswith(b'"') else b"null", data
    )


def decode_any(raw: msgspec.Raw) -> Any:
    """Decode what may have any shape; None for what no decoder takes (numbers out of range)."""
    try:
        return _decode_any(raw)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return None


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
        value = decode_any(value)
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
