"""What stands around the rows of a promptfoo JSON file: the eval, its settings, its own figures.

Nothing here makes a file unreadable but its frame: a setting or figure of a shape that is not
known is left out and named in ``Document.notes``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

import msgspec

from aism.land.json_documents import decode_document, decode_part
from aism.land.model import Reason, UnreadableFileError
from aism.land.readers.promptfoo_values import first_byte, is_there, safe_name, text_of
from aism.land.rows import listed_names
from aism.land.values import ValueFault, parse_timestamp

Raw = msgspec.Raw
_T = TypeVar("_T")
_ABSENT = Raw()

KNOWN_VERSIONS = ("2", "3")
_START_IN_ID = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?Z?\Z")
_MAX_DECODING = 2000
_DECODING = {
    "temperature": "temperature",
    "top_p": "top_p",
    "topP": "top_p",
    "top_k": "top_k",
    "topK": "top_k",
    "max_tokens": "max_tokens",
    "maxTokens": "max_tokens",
    "max_completion_tokens": "max_tokens",
    "max_output_tokens": "max_tokens",
    "maxOutputTokens": "max_tokens",
    "frequency_penalty": "frequency_penalty",
    "presence_penalty": "presence_penalty",
    "seed": "seed",
}
"""Settings of a provider that change answers, under one name each."""
_PLUGIN_SETS = re.compile(
    r"default|foundation|guardrails-eval|(?:owasp|nist|mitre|iso|eu|gdpr|dod)(?::.*)?|(?:file|https?)://.*"
)
"""Names that stand for other plugins: no test carries them."""


class _Top(msgspec.Struct, rename="camel"):
    eval_id: Raw = _ABSENT
    results: Raw = _ABSENT
    config: Raw = _ABSENT
    metadata: Raw = _ABSENT
    runtime_options: Raw = _ABSENT
    version: Raw = _ABSENT
    timestamp: Raw = _ABSENT
    prompts: Raw = _ABSENT
    stats: Raw = _ABSENT
    table: Raw = _ABSENT


class _Summary(msgspec.Struct):
    version: Raw = _ABSENT
    timestamp: Raw = _ABSENT
    prompts: Raw = _ABSENT
    results: Raw = _ABSENT
    stats: Raw = _ABSENT
    table: Raw = _ABSENT


class _Head(msgspec.Struct):
    prompts: Raw = _ABSENT


class _Table(msgspec.Struct):
    head: _Head | None = None


class _RunMetadata(msgspec.Struct, rename="camel"):
    promptfoo_version: str | None = None
    evaluation_created_at: Raw = _ABSENT


class Stats(msgspec.Struct):
    """What promptfoo counted over the whole eval; schema 2 knew no errors."""

    successes: float | None = None
    failures: float | None = None
    errors: float | None = None

    @property
    def total(self) -> float:
        return (self.successes or 0) + (self.failures or 0) + (self.errors or 0)


class _Metrics(msgspec.Struct, rename="camel"):
    test_pass_count: float | None = None
    test_fail_count: float | None = None
    test_error_count: float | None = None
    named_scores: dict[str, float | None] = {}
    named_scores_count: dict[str, float | None] = {}


class PromptMetrics(msgspec.Struct):
    """What promptfoo counted for one prompt sent to one provider."""

    provider: str | None = None
    metrics: _Metrics | None = None


class _Plugin(msgspec.Struct, rename="camel"):
    id: str
    num_tests: int | None = None


class _RedTeam(msgspec.Struct, rename="camel"):
    plugins: list[_Plugin | str] | None = None
    num_tests: int | None = None


class _Config(msgspec.Struct, rename="camel"):
    description: Raw = _ABSENT
    providers: Raw = _ABSENT
    tests: Raw = _ABSENT
    scenarios: Raw = _ABSENT
    extensions: Raw = _ABSENT
    default_test: Raw = _ABSENT
    evaluate_options: Raw = _ABSENT
    redteam: Raw = _ABSENT


class _Provider(msgspec.Struct):
    id: str | None = None
    label: str | None = None
    config: dict[str, Raw] | None = None


class _Planned(msgspec.Struct):
    """A test of the config: how many rows it makes."""

    vars: dict[str, Raw] | None = None
    options: dict[str, Raw] | None = None
    prompts: Raw = _ABSENT
    providers: Raw = _ABSENT
    provider: Raw = _ABSENT
    metadata: dict[str, Raw] | None = None


_decode_rows = msgspec.json.Decoder(list[Raw]).decode
_decode_top = msgspec.json.Decoder(_Top).decode
_decode_summary = msgspec.json.Decoder(_Summary).decode


@dataclass(slots=True)
class Document:
    """A JSON file of promptfoo without its rows."""

    records: list[Raw] | None = None
    """The rows, undecoded; None: the file has none and is no eval."""
    path: str = ""
    eval_id: str | None = None
    tool_version: str | None = None
    suite: str | None = None
    decoding: str | None = None
    started_at: datetime | None = None
    stats: Stats | None = None
    prompts: list[PromptMetrics] = field(default_factory=list)
    expected_rows: int | None = None
    """Rows that the config asks for, where it says so without doubt."""
    asked_plugins: dict[str, int | None] = field(default_factory=dict)
    """Red team plugins of the config, with the number of tests asked for."""
    planned_plugins: set[str] = field(default_factory=set)
    """Red team plugins that have tests in the config."""
    notes: list[str] = field(default_factory=list)

    def try_decode(self, raw: Raw, kind: type[_T], name: str) -> _T | None:
        """Decode a part that the rows do not depend on; a note where it has another shape."""
        if not is_there(raw):
            return None
        try:
            return msgspec.json.decode(raw, type=kind)
        except (msgspec.MsgspecError, RecursionError):
            self.notes.append(f"{name} not understood")
            return None

    def missing_plugins(self, made: Iterable[str]) -> str | None:
        """Name the plugins that were asked for and have no test, neither planned nor run."""
        made = {*made, *self.planned_plugins}
        missing = [
            plugin if number is None else f"{plugin} ({number})"
            for plugin, number in self.asked_plugins.items()
            if not any(name == plugin or name.startswith(f"{plugin}:") for name in made)
        ]
        return f"asked for but not made: {listed_names(missing)}" if missing else None


def open_document(data: bytes) -> Document:
    """Decode the frame of a file: an export, a bare summary, or a bare array of rows.

    Raises:
        UnreadableFileError: not sound JSON, or rows that are no array.

    """
    document = Document()
    if data.lstrip()[:1] == b"[":
        document.records = decode_document(data, _decode_rows)
        return document
    top = decode_document(data, _decode_top)
    summary, document.path = _summary(top)
    if first_byte(summary.results) == b"[":
        document.records = decode_part(summary.results, _decode_rows)
    elif is_there(summary.results):
        raise UnreadableFileError(Reason.WRONG_TYPE, document.path)
    if document.records is not None:
        _read_run(document, top, summary)
        _read_figures(document, summary)
        _read_config(document, top)
    return document


def _summary(top: _Top) -> tuple[_Summary, str]:
    if first_byte(top.results) == b"{":
        return decode_part(top.results, _decode_summary), "results.results"
    names = _Summary.__struct_fields__
    return _Summary(**{name: getattr(top, name) for name in names}), "results"


def _read_run(document: Document, top: _Top, summary: _Summary) -> None:
    document.eval_id = _safe_text(top.eval_id)
    metadata = document.try_decode(top.metadata, _RunMetadata, "metadata") or _RunMetadata()
    document.tool_version = safe_name(metadata.promptfoo_version)
    in_id = _START_IN_ID.search(document.eval_id or "")
    for text in (
        _safe_text(metadata.evaluation_created_at),
        _safe_text(summary.timestamp),
        in_id[0] if in_id else None,
    ):
        if document.started_at is None and text:
            with suppress(ValueFault):
                document.started_at = parse_timestamp(text)
    version = bytes(summary.version)[:20].decode(errors="replace")
    if version and version not in KNOWN_VERSIONS:
        document.notes.append(f"unknown result version {listed_names([version])}")


def _read_figures(document: Document, summary: _Summary) -> None:
    document.stats = document.try_decode(summary.stats, Stats, "stats")
    prompts = summary.prompts
    if not is_there(prompts):
        table = document.try_decode(summary.table, _Table, "table")
        prompts = table.head.prompts if table and table.head else _ABSENT
    found = document.try_decode(prompts, list[PromptMetrics], "prompts")
    document.prompts = found or []


def _read_config(document: Document, top: _Top) -> None:
    config = document.try_decode(top.config, _Config, "config")
    if config is None:
        return
    document.suite = _safe_text(config.description)
    document.decoding = _decoding(config.providers)
    redteam = document.try_decode(config.redteam, _RedTeam, "config.redteam") or _RedTeam()
    for plugin in redteam.plugins or ():
        asked = _Plugin(plugin) if isinstance(plugin, str) else plugin
        if not _PLUGIN_SETS.fullmatch(asked.id):
            number = redteam.num_tests if asked.num_tests is None else asked.num_tests
            document.asked_plugins[asked.id] = number
    _read_plan(document, config, top)


def _read_plan(document: Document, config: _Config, top: _Top) -> None:
    """Count the rows that the config makes, unless anything in it may change their number."""
    if first_byte(config.tests) != b"[":
        return
    options: list[dict[str, Raw]] = []
    try:
        tests = msgspec.json.decode(config.tests, type=list[_Planned])
        for raw in (top.runtime_options, config.evaluate_options):
            if is_there(raw):
                options.append(msgspec.json.decode(raw, type=dict[str, Raw]))
        default = (
            msgspec.json.decode(config.default_test, type=_Planned)
            if is_there(config.default_test)
            else _Planned()
        )
        repeats = [msgspec.json.decode(o["repeat"], type=int) for o in options if "repeat" in o]
    except msgspec.MsgspecError:
        return  # tests that stand in other files, or in no shape that can be counted
    for test in tests:
        plugin = _safe_text((test.metadata or {}).get("pluginId", _ABSENT))
        if plugin:
            document.planned_plugins.add(plugin)
    is_plain = all(
        bytes(raw) in (b"", b"null", b"[]") for raw in (config.scenarios, config.extensions)
    ) and not any(key.startswith("filter") for keys in options for key in keys)
    if is_plain and document.prompts and all(map(_makes_one_row, (*tests, default))):
        repeat = max(repeats, default=1)
        document.expected_rows = len(tests) * len(document.prompts) * max(repeat, 1)


def _makes_one_row(test: _Planned) -> bool:
    restricted = any(map(is_there, (test.prompts, test.providers, test.provider)))
    lists = any(_may_be_several(bytes(value)) for value in (test.vars or {}).values())
    return not restricted and not lists and "repeat" not in (test.options or {})


def _may_be_several(value: bytes) -> bool:
    """Tell a list, which makes a row of each value, and a file, which may hold one."""
    return value.startswith((b"[", b'"file://'))


def _decoding(providers: Raw) -> str | None:
    """Say with which settings the providers answered, per provider where they differ."""
    settings: dict[str, dict[str, object]] = {}
    try:
        found = msgspec.json.decode(providers, type=list[_Provider | str])
    except msgspec.MsgspecError:
        return None  # a path, a function, or nothing
    for provider in found:
        if isinstance(provider, _Provider) and provider.config:
            settings[provider.label or provider.id or ""] = _settings(provider.config)
        else:
            settings[provider if isinstance(provider, str) else provider.label or ""] = {}
    distinct = list(settings.values())
    if not any(distinct):
        return None
    is_common = all(item == distinct[0] for item in distinct)
    text = msgspec.json.encode(distinct[0] if is_common else settings, order="deterministic")
    if len(text) > _MAX_DECODING:
        text = msgspec.json.encode({"sha256": hashlib.sha256(text).hexdigest()})
    return text.decode()


def _settings(config: dict[str, Raw]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, raw in config.items():
        if key in _DECODING and first_byte(raw) in b"-0123456789":
            with suppress(msgspec.MsgspecError):
                found[_DECODING[key]] = msgspec.json.decode(raw, type=float)
    return found


def _safe_text(raw: Raw) -> str | None:
    try:
        return safe_name(text_of(raw))
    except msgspec.MsgspecError:
        return None
