"""Shapes of PyRIT's records and identifiers, 0.8 to 1.1, the same from a database or JSON.

Columns were renamed between versions; each shape has the names of all of them. What a database
keeps in a row is first spelt as the JSON object that an export holds, so that one decoder checks
both.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from types import NoneType
from typing import Any, TypeAlias

import msgspec

from aism.land.json_lines import LineFault, check_text, explain
from aism.land.model import Reason

Identifier: TypeAlias = dict[str, Any]
"""How PyRIT describes a component: ``class_name`` (1.x) or ``__type__`` (0.x), and its settings."""

_JSON_COLUMNS = frozenset(
    {
        "atomic_attack_identifier",
        "attack_identifier",
        "converter_identifiers",
        "labels",
        "orchestrator_identifier",
        "prompt_target_identifier",
        "scorer_class_identifier",
        "target_identifier",
        "targeted_harm_categories",
    }
)
_ANY_JSON = (dict, list, str, int, float, bool, NoneType)
_SHA256 = re.compile(r"[0-9a-fA-F]{64}")
_UUID = re.compile(r"([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})")
_JUDGE_SETTINGS = (
    ("class", "class_name", "__type__"),
    ("module", "class_module", "__module__"),
    ("scorer_type", "scorer_type"),
    ("aggregator", "score_aggregator"),
    ("matcher", "text_matcher"),
    ("model", "model_name"),
    ("underlying_model", "underlying_model_name"),
    ("temperature", "temperature"),
    ("top_p", "top_p"),
)
_DECODING = (
    "temperature",
    "top_p",
    "max_tokens",
    "max_completion_tokens",
    "frequency_penalty",
    "presence_penalty",
    "seed",
    "n",
)
_encode = msgspec.json.Encoder(order="deterministic").encode
_check_json = msgspec.json.Decoder(msgspec.Raw).decode


class Score(msgspec.Struct):
    """What one scorer said of one message piece."""

    id: str | None = None
    score_value: str | bool | float | None = None
    score_type: str | None = None
    score_category: str | list[str] | None = None
    status: str | None = None
    scorer_class_identifier: Identifier | None = None
    timestamp: str | None = None
    prompt_request_response_id: str | None = None
    message_piece_id: str | None = None
    objective: str | None = None
    task: str | None = None

    @property
    def piece_id(self) -> str | None:
        return normal_id(self.prompt_request_response_id or self.message_piece_id)


class Piece(msgspec.Struct):
    """One message of a conversation, or a part of it; 0.x pieces carry their run and scores."""

    role: str
    id: str | None = None
    conversation_id: str | None = None
    sequence: int | None = None
    timestamp: str | None = None
    labels: Identifier | None = None
    targeted_harm_categories: list[str] | None = None
    converter_identifiers: list[Identifier] | None = None
    prompt_target_identifier: Identifier | None = None
    orchestrator_identifier: Identifier | None = None
    attack_identifier: Identifier | None = None
    response_error: str | None = None
    original_value: str | None = None
    original_value_sha256: str | None = None
    converted_value: str | None = None
    converted_value_sha256: str | None = None
    original_prompt_id: str | None = None
    pyrit_version: str | None = None
    scores: list[Score] | None = None

    @property
    def is_reply(self) -> bool:
        """What the target said, in the conversation where it said it: branches copy pieces."""
        original = normal_id(self.original_prompt_id)
        return self.role == "assistant" and original in (None, normal_id(self.id))

    @property
    def output(self) -> str | None:
        """Hash of what was answered or sent, 64 hex digits."""
        return text_hash(self.converted_value, self.converted_value_sha256)


class Result(msgspec.Struct):
    """One attack result (1.x, and 0.9 on): one attempt."""

    outcome: str | None
    objective: str | None
    attack_result_id: str | None = None
    conversation_id: str | None = None
    objective_sha256: str | None = None
    atomic_attack_identifier: Identifier | None = None
    attack_identifier: Identifier | None = None
    last_response: Piece | None = None
    last_score: Score | None = None
    timestamp: str | None = None
    labels: Identifier | None = None
    targeted_harm_categories: list[str] | None = None
    attribution_parent_id: str | None = None
    pyrit_version: str | None = None


def spell_row(row: Mapping[str, object]) -> bytes:
    """Spell a database row as a JSON object; its columns of JSON become values of it.

    Raises:
        LineFault: a text is not UTF-8, or a JSON column is not sound JSON; names the column.

    """
    fields: dict[str, object] = {}
    for name, value in row.items():
        if not isinstance(value, bytes):
            fields[name] = value
        elif name in _JSON_COLUMNS or (name == "score_category" and value[:1] in (b"[", b"n")):
            fields[name] = _json_value(name, value)
        else:
            try:
                fields[name] = value.decode()
            except UnicodeDecodeError:
                raise LineFault(Reason.BAD_UTF8, name) from None
    return _encode(fields)


def _json_value(name: str, value: bytes) -> object:
    try:
        check_text(value)
        return _check_json(value)
    except LineFault as fault:
        raise LineFault(fault.reason, name) from None
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        if name == "score_category":  # plain text before 1.0
            return value.decode(errors="replace")
        raise LineFault(explain(value, error, kinds=_ANY_JSON).reason, name) from None


def normal_id(text: str | None) -> str | None:
    """Give one spelling to the ids that databases write with and without hyphens; "" is None."""
    if not text:
        return None
    match = _UUID.fullmatch(text.lower())
    return "-".join(match.groups()) if match else text


def text_hash(text: str | None, recorded: str | None) -> str | None:
    """Return the recorded SHA-256, else that of ``text``: 64 hex digits; None without both.

    A recorded one that is no hash is not trusted: anything may stand there.
    """
    if recorded and _SHA256.fullmatch(recorded):
        return recorded.lower()
    return None if text is None else hashlib.sha256(text.encode()).hexdigest()


def class_of(identifier: Identifier | None) -> str | None:
    """Name the class of a component, None where the identifier names none."""
    name = setting(identifier, "class_name") or setting(identifier, "__type__")
    return name if isinstance(name, str) else None


def setting(identifier: Identifier | None, name: str) -> str | int | float | None:
    """Return a plain setting of a component: text that is not empty, or a number."""
    value = (identifier or {}).get(name)
    return value if isinstance(value, str | int | float) and value != "" else None


def child(identifier: Identifier | None, name: str) -> Identifier | None:
    """Return the component ``name`` of a component; of several the first."""
    return next(iter(children(identifier, name)), None)


def children(identifier: Identifier | None, name: str) -> list[Identifier]:
    """Return the components ``name`` of a component: in ``children`` (1.x) or beside it."""
    nested = (identifier or {}).get("children")
    value = nested.get(name) if isinstance(nested, dict) else None
    if value is None:
        value = (identifier or {}).get(name)
    return [each for each in (value if isinstance(value, list) else [value]) if _is_one(each)]


def _is_one(value: object) -> bool:
    return isinstance(value, dict)


def attack_of(result: Result) -> Identifier | None:
    """Find the attack in its identifier: inside the technique (1.1), or whole (before)."""
    atomic = result.atomic_attack_identifier
    technique = child(atomic, "attack_technique") or atomic
    return child(technique, "attack") or result.attack_identifier


def judge_version(identifier: Identifier | None) -> str | None:
    """Hash what defines a judge in 32 hex digits: class, matching and the model it asks.

    Texts that a scorer looks for or asks about belong to one objective; a suite of objectives
    with one kind of scorer has one judge.
    """
    return hashlib.sha256(_encode(_definition(identifier))).hexdigest()[:32] if identifier else None


def _definition(identifier: Identifier) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, *names in _JUDGE_SETTINGS:
        values = (setting(identifier, name) for name in names)
        if (value := next((each for each in values if each is not None), None)) is not None:
            found[key] = value
    for name, parts in _parts(identifier):
        found[name] = [_definition(part) for part in parts]
    return found


def _parts(identifier: Identifier) -> Iterator[tuple[str, list[Identifier]]]:
    nested = identifier.get("children")
    for name in (*(nested if isinstance(nested, dict) else ()), "sub_identifier"):
        if parts := children(identifier, name):
            yield f"part {name}", parts


def decoding_of(target: Identifier | None) -> str | None:
    """Return canonical JSON of the target's settings that change answers, None without any."""
    values = {name: setting(target, name) for name in _DECODING}
    known = {name: value for name, value in values.items() if isinstance(value, int | float)}
    return _encode(known).decode() if known else None
