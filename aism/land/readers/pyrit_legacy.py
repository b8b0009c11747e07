"""PyRIT 0.x without attack results: attempts are the target's replies, and scorers judge them.

Nothing says which scorer is the objective's. The only scorer of a reply gives its verdict;
several are judges among others.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from aism.land.json_lines import LineFault
from aism.land.model import Reason
from aism.land.readers.pyrit_attempts import UNKNOWN_ATTACK, Attempt, kept, moment
from aism.land.readers.pyrit_records import (
    Identifier,
    Piece,
    Score,
    class_of,
    decoding_of,
    normal_id,
    setting,
    text_hash,
)
from aism.land.readers.pyrit_results import label, strategy, target_name, technique
from aism.land.readers.pyrit_verdicts import (
    further_verdicts,
    joined,
    only_verdict,
    score_category,
    unscored_verdict,
)

_SENT = "user"


@dataclass(slots=True)
class _Sent:
    sequence: int
    prompt: str | None
    converters: list[Identifier]


@dataclass(slots=True)
class Conversations:
    """What was sent in each conversation, and when: replies look for what they answer."""

    _sent: dict[str, list[_Sent]] = field(default_factory=dict)

    def add(self, piece: Piece) -> None:
        """Keep what a reply needs of a piece that was sent; others are passed over."""
        if piece.role == _SENT and piece.conversation_id:
            prompt = text_hash(piece.original_value, piece.original_value_sha256)
            sent = _Sent(piece.sequence or 0, prompt, piece.converter_identifiers or [])
            self._sent.setdefault(piece.conversation_id, []).append(sent)

    def before(self, piece: Piece) -> _Sent | None:
        """Return the last piece sent before a reply."""
        sent = self._sent.get(piece.conversation_id or "", [])
        earlier = [each for each in sent if each.sequence <= (piece.sequence or 0)]
        return max(earlier, key=lambda each: each.sequence, default=None)


def reply_attempt(
    piece: Piece, record_path: str, scores: list[Score], conversations: Conversations
) -> Attempt:
    """Turn a reply and its scores into an attempt.

    The prompt is the scorer's task, else what was sent before.

    Raises:
        LineFault: there is no prompt, or a value is none of its kind.

    """
    sent = conversations.before(piece)
    task = next((text for score in scores if (text := score.objective or score.task)), None)
    prompt = text_hash(task, None) or (sent.prompt if sent else None)
    if prompt is None:
        raise LineFault(Reason.MISSING_VALUE, "task")
    verdicts = further_verdicts(scores, None, (None, None))
    judges = {verdict.judge for verdict in verdicts}
    if not verdicts:
        verdicts = [unscored_verdict(piece.response_error)]
    elif len(judges) == 1:
        latest = max(scores, key=lambda score: score.timestamp or "")
        verdicts = [only_verdict(latest, piece.response_error)]
    labels, target = piece.labels, piece.prompt_target_identifier
    categories = (score_category(score) for score in scores)
    return Attempt(
        record_path=record_path,
        attempt_id=kept(normal_id(piece.id), "id"),
        run_id=_run_id(piece),
        target_name=target_name(target, labels),
        target_version=label(labels, "system_version"),
        system=label(labels, "system"),
        attempted_at=moment(piece.timestamp, "timestamp"),
        attack=kept(_attack(piece), "orchestrator_identifier") or UNKNOWN_ATTACK,
        strategy=strategy(sent.converters if sent else []),
        category=kept(
            joined(piece.targeted_harm_categories or ())
            or label(labels, "harm_category")
            or joined(category for category in categories if category),
            "category",
        ),
        technique_id=technique(labels),
        prompt_id=prompt[:32],
        output=piece.output,
        tool_version=kept(piece.pyrit_version, "pyrit_version"),
        decoding=decoding_of(target),
        has_outcome=True,
        verdicts=verdicts,
    )


def _attack(piece: Piece) -> str | None:
    return class_of(piece.orchestrator_identifier) or class_of(piece.attack_identifier)


def _run_id(piece: Piece) -> str | None:
    """Name the run: the orchestrator object, else the operation, else the attack object."""

    def of(identifier: Identifier | None, column_name: str) -> str | None:
        value = setting(identifier, "id")
        return kept(None if value is None else str(value), column_name)

    return (
        of(piece.orchestrator_identifier, "orchestrator_identifier")
        or label(piece.labels, "op_name")
        or of(piece.attack_identifier, "attack_identifier")
    )
