"""What PyRIT's outcomes and scores say, in the words of the lake."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from aism.land.json_lines import LineFault
from aism.land.model import Reason
from aism.land.readers.pyrit_attempts import Verdict, kept
from aism.land.readers.pyrit_records import Score, class_of, judge_version
from aism.land.values import ValueFault, parse_boolean, parse_number

_OUTCOMES = frozenset({"success", "failure", "undetermined", "error"})
_REASONS = {"error": "provider_error", "undetermined": "undetermined"}
_REPLY_REASONS = {"blocked": "blocked", "empty": "null_output"}
_FAILED_REPLIES = frozenset({"processing", "unknown"})
_SCORED = frozenset({"", "complete"})


def outcome_verdict(
    outcome: str | None,
    response_error: str | None,
    score: Score | None,
    judge: tuple[str | None, str | None],
) -> Verdict:
    """Return the tool's own verdict; ``success`` is the attacker's, no outcome is undetermined.

    A blocked reply keeps the outcome that PyRIT gave it, ``failure``, with a reason beside it.

    Raises:
        LineFault: the outcome is none that PyRIT has, or the score is no value of its type.

    """
    word = (outcome or "undetermined").lower()
    if word not in _OUTCOMES:
        raise LineFault(Reason.UNKNOWN_VALUE, "outcome")
    value = score_value(score, "last_score.score_value") if score else None
    reason = None if word == "error" else _REPLY_REASONS.get(response_error or "")
    return Verdict(*judge, True, word, value, reason or _REASONS.get(word))


def unscored_verdict(response_error: str | None) -> Verdict:
    """Return the verdict on a reply of 0.x that no scorer has seen."""
    if response_error in _FAILED_REPLIES:
        return Verdict(None, None, True, "error", None, "provider_error")
    reason = _REPLY_REASONS.get(response_error or "", "undetermined")
    return Verdict(None, None, True, "undetermined", None, reason)


def only_verdict(score: Score, response_error: str | None) -> Verdict:
    """Return the verdict of the one scorer of a reply of 0.x: true is the attacker's success."""
    verdict = score_verdict(score, class_of(score.scorer_class_identifier), "scores")
    verdict.is_test = True
    verdict.verdict = {"true": "success", "false": "failure"}.get(verdict.verdict, verdict.verdict)
    verdict.reason = verdict.reason or _REPLY_REASONS.get(response_error or "")
    return verdict


def score_verdict(score: Score, judge: str | None, column_name: str) -> Verdict:
    """Return what one scorer said: true, false, scored or, where it gave no value, none."""
    value = score_value(score, f"{column_name}.score_value")
    version = judge_version(score.scorer_class_identifier)
    judge = kept(judge, f"{column_name}.scorer_class_identifier")
    if value is None:
        return Verdict(judge, version, False, "none", None, "unscored")
    if score.score_type == "true_false":
        return Verdict(judge, version, False, "true" if value else "false", value)
    return Verdict(judge, version, False, "scored", value)


def score_value(score: Score, column_name: str) -> float | None:
    """Return the number of a score, true as 1 and false as 0; None where there is none.

    Raises:
        LineFault: ``bad_boolean``, ``bad_number`` or ``nan_or_infinity``.

    """
    value = score.score_value
    if value is None or value == "" or (score.status or "").lower() not in _SCORED:
        return None
    if score.score_type not in ("true_false", "float_scale"):
        return None
    text = str(value).strip()
    try:
        if score.score_type == "true_false":
            return float(parse_boolean(text))
        return parse_number(text)
    except ValueFault as fault:
        raise LineFault(fault.reason, column_name) from None


def further_verdicts(
    scores: Iterable[Score], taken: Score | None, judge: tuple[str | None, str | None]
) -> list[Verdict]:
    """Return one verdict for each further judge: scores that are not ``taken``, the outcome's.

    A judge that scored twice is heard the second time. Judges of one class are told apart by
    their category, then by their version; ``judge`` is the one behind the outcome.
    """
    outcome_key = (*judge, score_category(taken)) if judge[0] else None
    latest: dict[tuple[str | None, str | None, str | None], Score] = {}
    for score in sorted(scores, key=lambda each: each.timestamp or ""):
        identifier = score.scorer_class_identifier
        key = (class_of(identifier), judge_version(identifier), score_category(score))
        is_taken = taken is not None and score.id is not None and score.id == taken.id
        if not is_taken and key != outcome_key:
            latest[key] = score
    names = _distinct_names(list(latest), judge[0])
    return [
        score_verdict(score, name, "scores")
        for name, score in zip(names, latest.values(), strict=True)
    ]


def _distinct_names(
    keys: Sequence[tuple[str | None, str | None, str | None]], taken: str | None
) -> list[str | None]:
    of_class = Counter(name for name, _, _ in keys)
    of_category = Counter((name, category) for name, _, category in keys)
    names: list[str | None] = []
    for name, version, category in keys:
        if of_class[name] == 1 and (name != taken or name is None):
            names.append(name)
        elif of_category[name, category] == 1 and category:
            names.append(f"{name or 'unknown'}.{category}")
        else:
            names.append(f"{name or 'unknown'}.{category or ''}.{(version or '')[:8]}")
    return names


def score_category(score: Score | None) -> str | None:
    """Return the categories of a score, sorted and joined by commas."""
    category = score.score_category if score else None
    return joined([category] if isinstance(category, str) else category or [])


def joined(names: Iterable[str]) -> str | None:
    """Join distinct names in order; None without any."""
    return ",".join(sorted({name for name in names if name})) or None
