"""One attack result (PyRIT 1.x, and 0.9 on) as an attempt: from a database row or from JSON."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from aism.land.json_lines import LineFault
from aism.land.model import Reason
from aism.land.readers.pyrit_attempts import UNKNOWN_ATTACK, Attempt, kept, moment
from aism.land.readers.pyrit_records import (
    Identifier,
    Result,
    Score,
    attack_of,
    child,
    children,
    class_of,
    decoding_of,
    judge_version,
    normal_id,
    setting,
    text_hash,
)
from aism.land.readers.pyrit_verdicts import (
    further_verdicts,
    joined,
    outcome_verdict,
    score_category,
)

_TECHNIQUE = re.compile(r"AML\.T[0-9]{4}(?:\.[0-9]{3})?")
_TECHNIQUE_LABELS = ("atlas", "atlas_technique", "technique_id")
PLAIN = "basic"


@dataclass(slots=True)
class Surroundings:
    """What a database says of an attempt outside its row."""

    target: Identifier | None = None
    converters: list[Identifier] = field(default_factory=list)
    """Of the message that was sent."""
    labels: Identifier | None = None
    scores: list[Score] = field(default_factory=list)
    """Of the last response, the outcome's own among them."""


def attempt_of(result: Result, record_path: str, around: Surroundings) -> Attempt:
    """Turn an attack result into an attempt.

    Raises:
        LineFault: there is no objective, an unknown outcome, or a value that is none of its kind.

    """
    reply = result.last_response
    labels = result.labels or (reply.labels if reply else None) or around.labels
    attack = attack_of(result)
    target = (
        child(attack, "objective_target")
        or around.target
        or (reply.prompt_target_identifier if reply else None)
    )
    prompt = text_hash(result.objective, result.objective_sha256)
    if prompt is None:
        raise LineFault(Reason.MISSING_VALUE, "objective")
    judge = _judge(attack, result.last_score)
    outcome = outcome_verdict(
        result.outcome, reply.response_error if reply else None, result.last_score, judge
    )
    scores = around.scores or (reply.scores if reply else None) or []
    harm = joined(
        result.targeted_harm_categories or (reply.targeted_harm_categories if reply else None) or ()
    )
    return Attempt(
        record_path=record_path,
        attempt_id=kept(normal_id(result.attack_result_id), "attack_result_id"),
        run_id=_run_id(result, labels, attack),
        target_name=target_name(target, labels),
        target_version=label(labels, "system_version"),
        system=label(labels, "system"),
        attempted_at=moment(result.timestamp, "timestamp"),
        attack=kept(class_of(attack), "attack") or UNKNOWN_ATTACK,
        strategy=strategy(children(attack, "request_converters") or around.converters),
        category=kept(
            harm or label(labels, "harm_category") or score_category(result.last_score), "category"
        ),
        technique_id=technique(labels),
        prompt_id=prompt[:32],
        output=reply.output if reply else None,
        tool_version=kept(
            result.pyrit_version
            or _text(setting(result.atomic_attack_identifier, "pyrit_version"))
            or _text(setting(attack, "pyrit_version")),
            "pyrit_version",
        ),
        decoding=decoding_of(target),
        has_outcome=bool(result.outcome),
        verdicts=[outcome, *further_verdicts(scores, result.last_score, judge)],
    )


def _run_id(result: Result, labels: Identifier | None, attack: Identifier | None) -> str | None:
    """Name the run: its scenario, else the operation, else (before 1.0) the attack object."""
    return (
        kept(normal_id(result.attribution_parent_id), "attribution_parent_id")
        or label(labels, "op_name")
        or kept(_text(setting(attack, "id")), "attack_identifier")
    )


def _judge(attack: Identifier | None, score: Score | None) -> tuple[str | None, str | None]:
    scorer = child(attack, "objective_scorer")
    if class_of(scorer) is None:
        scorer = score.scorer_class_identifier if score else None
    return kept(class_of(scorer), "objective_scorer"), judge_version(scorer)


def target_name(target: Identifier | None, labels: Identifier | None) -> str | None:
    """Name a target by its model, else by the system its labels name, else by its class."""
    if target is None:
        return None
    name = _text(setting(target, "model_name"))
    return kept(name or labelled_system(labels) or class_of(target), "objective_target")


def labelled_system(labels: Identifier | None) -> str | None:
    """Return ``system@system_version`` of the labels, as far as they say."""
    system, version = label(labels, "system"), label(labels, "system_version")
    return f"{system}@{version}" if system and version else system


def strategy(converters: list[Identifier]) -> str:
    """Join the classes of converters in the order they are applied."""
    names = [kept(class_of(converter), "converters") or "unknown" for converter in converters]
    return "+".join(names) or PLAIN


def label(labels: Identifier | None, name: str) -> str | None:
    """Return a label as text; a number becomes text, anything else is no label."""
    return kept(_text(setting(labels, name)), f"labels.{name}")


def technique(labels: Identifier | None) -> str | None:
    """Return the first label that is an ATLAS technique."""
    found = (label(labels, name) for name in _TECHNIQUE_LABELS)
    return next((name for name in found if name and _TECHNIQUE.fullmatch(name)), None)


def _text(value: str | int | float | None) -> str | None:
    return None if value is None else str(value)
