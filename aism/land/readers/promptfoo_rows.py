"""One result row of promptfoo: what was sent to which target, and what each judge said of it.

Prompts, variables and outputs are hashed here and go no further. A row is the same in the JSON
and in the JSONL form of an eval, except that old JSONL rows have no id.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache

import msgspec

from aism.land.json_lines import Int64, LineFault
from aism.land.model import Reason
from aism.land.readers.promptfoo_values import (
    canonical,
    checked_name,
    has_value,
    is_there,
    name_of,
    short_hash,
    text_hash,
    text_of,
)

Raw = msgspec.Raw
_ABSENT = Raw()

TEST_JUDGE = "test"
"""The judge that stands for the verdict of a whole test."""
PLAIN = "basic"
_NO_ERROR, _BY_ASSERTION, _BY_ERROR = 0, 1, 2
_NOTHING_ASSERTED = "No assertions"
_NO_OUTPUT = "No output"
"""promptfoo's own words where a target gave none: it grades nothing then."""
NULL_OUTPUT = "null_output"
_STRIPPED = "[prompt stripped]"
_RED_TEAM_ASSERTION = "promptfoo:redteam:"
_TECHNIQUE = re.compile(r"AML\.T[0-9]{4}(?:\.[0-9]{3})?")


class _Prompt(msgspec.Struct):
    raw: Raw = _ABSENT


class _Provider(msgspec.Struct):
    id: str | None = None
    label: str | None = None


class _Response(msgspec.Struct):
    output: Raw = _ABSENT
    error: Raw = _ABSENT


class _Component(msgspec.Struct, rename={"passed": "pass"}):
    passed: bool | None = None
    score: float | None = None
    assertion: Raw = _ABSENT


class _Grading(msgspec.Struct, rename="camel"):
    reason: Raw = _ABSENT
    component_results: list[_Component | None] | None = None


class _Metadata(msgspec.Struct):
    """Written by the author of the test: any of it may be of any type, so nothing is refused."""

    plugin_id: Raw = msgspec.field(default=_ABSENT, name="pluginId")
    strategy_id: Raw = msgspec.field(default=_ABSENT, name="strategyId")
    category: Raw = _ABSENT
    system_version: Raw = _ABSENT
    technique_id: Raw = _ABSENT
    technique: Raw = _ABSENT
    atlas: Raw = _ABSENT
    atlas_id: Raw = _ABSENT
    atlas_technique: Raw = _ABSENT
    atlas_technique_id: Raw = _ABSENT
    mitre: Raw = _ABSENT
    mitre_atlas: Raw = _ABSENT


_TECHNIQUE_KEYS = tuple(
    name for name in _Metadata.__struct_fields__ if re.match("technique|atlas|mitre", name)
)


class _Options(msgspec.Struct):
    provider: Raw = _ABSENT


class _TestCase(msgspec.Struct, rename={"asserts": "assert"}):
    description: str | None = None
    vars: Raw = _ABSENT
    asserts: Raw = _ABSENT
    threshold: Raw = _ABSENT
    metadata: _Metadata | None = None
    options: _Options | None = None


class _Row(msgspec.Struct, rename="camel"):
    id: str | None = None
    description: str | None = None
    prompt_idx: Int64 | None = None
    test_idx: Int64 | None = None
    prompt: _Prompt | str | None = None
    provider: _Provider | str | None = None
    vars: Raw = _ABSENT
    response: _Response | str | None = None
    success: bool | None = None
    score: float | None = None
    failure_reason: Int64 | None = None
    error: Raw = _ABSENT
    grading_result: _Grading | None = None
    latency_ms: float | None = None
    metadata: _Metadata | None = None
    test_case: _TestCase | None = None


_decode_row = msgspec.json.Decoder(_Row).decode
_decode_any = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder(order="deterministic").encode


class Judgement(msgspec.Struct, frozen=True, gc=False):
    """What one assertion said of an attempt."""

    judge: str
    judge_version: str | None
    verdict: str
    score: float | None


class Attempt(msgspec.Struct, gc=False):
    """One row, as far as it may be told."""

    own_id: str | None
    prompt_idx: int | None
    test_idx: int | None
    target_name: str | None
    target_version: str | None
    attack: str | None
    """None: the file names neither a plugin nor the test; ``test_key`` is equal for repeats."""
    test_key: bytes | None
    strategy: str
    category: str | None
    technique_id: str | None
    prompt_id: str | None
    output_id: str
    row_print: int
    """63 bits of what makes the row this one, whichever file it stands in."""
    verdict: str
    score: float | None
    reason: str | None
    judge_version: str | None
    judgements: tuple[Judgement, ...]


def read_attempt(data: bytes | Raw) -> Attempt:
    """Decode one row.

    Raises:
        LineFault: a value that no such row has (``unknown_value``, ``missing_key``, ``nul_byte``).
        msgspec.MsgspecError, RecursionError: not sound JSON, or not of the shape of a row.

    """
    row = _decode_row(data)
    test_case = row.test_case or _TestCase()
    metadata = (test_case.metadata or _Metadata(), row.metadata or _Metadata())
    response = row.response
    if not isinstance(response, _Response):
        response = _Response(Raw(_encode(response)))
    verdict, reason = _verdict(row, response)
    judged = verdict in ("pass", "fail")
    variables = row.vars if has_value(row.vars) else test_case.vars
    prompt = _sent(row.prompt)
    prompt_id = text_hash(prompt if has_value(prompt) else variables)
    output_id = text_hash(response.output) or ""
    target, provider = _target(row.provider)
    attack = _metadata_text(metadata, "plugin_id", "metadata.pluginId") or (
        name_of(test_case.description or row.description, "testCase.description")
    )
    grader = bytes(test_case.options.provider) if test_case.options else b""
    return Attempt(
        own_id=checked_name(row.id, "id"),
        prompt_idx=row.prompt_idx,
        test_idx=row.test_idx,
        target_name=target,
        target_version=_version(metadata),
        attack=attack,
        test_key=None if attack else _test_key(test_case, variables),
        strategy=_metadata_text(metadata, "strategy_id", "metadata.strategyId") or PLAIN,
        category=_metadata_text(metadata, "category", "metadata.category"),
        technique_id=_technique(metadata),
        prompt_id=prompt_id,
        output_id=output_id,
        row_print=_print(
            prompt_id, output_id, verdict, provider, text_hash(variables), row.latency_ms
        ),
        verdict=verdict,
        score=row.score if judged else None,
        reason=reason,
        judge_version=_test_version(bytes(test_case.asserts), bytes(test_case.threshold), grader),
        judgements=tuple(_judgements(row.grading_result, grader)),
    )


def _verdict(row: _Row, response: _Response) -> tuple[str, str | None]:
    """Tell a provider's error from a failed assertion: both leave a text in ``error``.

    A target that gave no output is not graded: promptfoo fails the test, or passes it in a red
    team, and counts it so.

    Rows from before failureReason, and those that a newer promptfoo took over from then, have
    none or 0; they are errors when nothing was graded although there is an error.
    """
    failure = row.failure_reason or _NO_ERROR
    if not _NO_ERROR <= failure <= _BY_ERROR:
        raise LineFault(Reason.UNKNOWN_VALUE, "failureReason")
    grading = row.grading_result
    is_silent = not is_there(response.output) and not has_value(response.error)
    has_error = has_value(row.error) or has_value(response.error)
    if is_silent and failure == _NO_ERROR and grading is None and row.success is not None:
        if row.success and not has_error:
            return "none", NULL_OUTPUT
        if not row.success and text_of(row.error) == _NO_OUTPUT:
            return "fail", NULL_OUTPUT
    if failure == _BY_ERROR or (
        failure == _NO_ERROR and row.success is False and grading is None and has_error
    ):
        return "error", "provider_error"
    if row.success is None:
        raise LineFault(Reason.MISSING_KEY, "success")
    if failure != _BY_ASSERTION and (grading is None or _is_unasserted(grading)):
        return "none", "unscored"
    return "pass" if row.success else "fail", NULL_OUTPUT if is_silent else None


def _is_unasserted(grading: _Grading) -> bool:
    """Tell a test without assertions: promptfoo passes it, though nobody judged the output."""
    return not grading.component_results and text_of(grading.reason) == _NOTHING_ASSERTED


def _judgements(grading: _Grading | None, grader: bytes) -> list[Judgement]:
    found: list[Judgement] = []
    if grading is None:
        return found
    for number, component in enumerate(grading.component_results or (), 1):
        if component is None:
            continue
        name, version = _assertion(bytes(component.assertion), grader)
        verdict = {True: "pass", False: "fail", None: "none"}[component.passed]
        found.append(Judgement(name or f"assertion {number}", version, verdict, component.score))
    return found


class _Assertion(msgspec.Struct):
    type: str | None = None
    metric: str | None = None


_decode_assertion = msgspec.json.Decoder(_Assertion | None).decode


@lru_cache(maxsize=512)
def _assertion(data: bytes, grader: bytes) -> tuple[str | None, str | None]:
    """Name an assertion and hash what defines it: everything but its name and its weight.

    The value of a red team assertion is the grader's prompt with the time of day in it.
    """
    assertion = _decode_assertion(data) if data else None
    if assertion is None:
        return None, None
    kind = name_of(assertion.type, "assertion.type")
    name = name_of(assertion.metric, "assertion.metric") or kind
    unread = {"metric", "weight"}
    if kind and kind.startswith(_RED_TEAM_ASSERTION):
        unread.add("value")
    try:
        definition = {key: item for key, item in _decode_any(data).items() if key not in unread}
        defined = _encode(definition)
    except (msgspec.MsgspecError, OverflowError):
        defined = data
    if name == TEST_JUDGE:
        name = f"{TEST_JUDGE} (assertion)"
    return name, short_hash(defined + b"\0" + grader)


@lru_cache(maxsize=512)
def _test_version(asserts: bytes, threshold: bytes, grader: bytes) -> str | None:
    if asserts in (b"", b"null"):
        return None
    return short_hash(b"\0".join((canonical(asserts), threshold, grader)))


def _target(provider: _Provider | str | None) -> tuple[str | None, str]:
    """Return the name of the target, and all that tells the provider."""
    if provider is None or isinstance(provider, str):
        return name_of(provider, "provider"), provider or ""
    name = name_of(provider.label, "provider.label") or name_of(provider.id, "provider.id")
    return name, f"{provider.id}\0{provider.label}"


def _sent(prompt: _Prompt | str | None) -> Raw:
    """Return the rendered prompt; none where promptfoo was told to leave prompts out."""
    raw = prompt.raw if isinstance(prompt, _Prompt) else Raw(_encode(prompt))
    return _ABSENT if text_of(raw) == _STRIPPED else raw


def _test_key(test_case: _TestCase, variables: Raw) -> bytes:
    tested = test_case.vars if has_value(test_case.vars) else variables
    return hashlib.sha256(canonical(bytes(tested)) + bytes(test_case.asserts)).digest()


def _version(metadata: tuple[_Metadata, _Metadata]) -> str | None:
    for source in metadata:
        data = bytes(source.system_version)
        if data[:1].isdigit():  # YAML reads `version: 1.4` as a number
            return name_of(data.decode(), "metadata.system_version")
        if text := text_of(source.system_version):
            return name_of(text, "metadata.system_version")
    return None


def _technique(metadata: tuple[_Metadata, _Metadata]) -> str | None:
    for source in metadata:
        for key in _TECHNIQUE_KEYS:
            data = bytes(getattr(source, key))
            if data[:1] in (b'"', b"["):
                value = _decode_any(data)
                for text in value if isinstance(value, list) else [value]:
                    if isinstance(text, str) and _TECHNIQUE.fullmatch(text):
                        return text
    return None


def _metadata_text(
    metadata: tuple[_Metadata, _Metadata], field: str, column_name: str
) -> str | None:
    """Ask the author's metadata first: a provider's answer is merged into those of the row."""
    for source in metadata:
        if text := text_of(getattr(source, field)):
            return name_of(text, column_name)
    return None


def _print(
    prompt_id: str | None,
    output_id: str,
    verdict: str,
    provider: str,
    variables: str | None,
    latency: float | None,
) -> int:
    parts = (prompt_id, output_id, verdict, provider, variables, latency)
    digest = hashlib.sha256(_encode(parts)).digest()
    return int.from_bytes(digest[:8], "big") >> 1
