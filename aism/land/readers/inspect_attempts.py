"""One epoch of one sample of an Inspect log, and what its scorers made of it."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import msgspec

from aism.land.json_lines import LineFault
from aism.land.model import Reason
from aism.land.readers.inspect_log import (
    Sample,
    SampleMetadata,
    is_object,
    is_set,
    label,
    moment,
    prompt_hash,
    technique_of,
)

MAX_JUDGES = 1_000
"""Of one sample, and scorers of one log: more of them are an attack on memory."""

_NO_ANSWER = "N"
_LETTERS = {"C": 1.0, "P": 0.5, "I": 0.0, _NO_ANSWER: 0.0}
_WORDS = {"yes": 1.0, "true": 1.0, "no": 0.0, "false": 0.0}
_decode_value = msgspec.json.Decoder().decode
_decode_values = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


class Judgement(NamedTuple):
    """What one judge says; ``verdict`` is a word of scanner_results."""

    judge: str | None
    verdict: str
    score: float | None


@dataclass(slots=True)
class Attempt:
    """What is kept of a sample until all judges of its file are known; nothing of its text."""

    record_path: str
    sample_id: str
    epoch: int
    uuid: str | None
    attempted_at: datetime | None
    strategy: str
    category: str | None
    technique_id: str | None
    prompt_id: str
    has_error: bool
    is_limited: bool
    is_invalidated: bool
    scores: dict[str, list[Judgement]]
    """By scorer; one that gave no value at all has an empty list."""

    @classmethod
    def of(cls, sample: Sample, record_path: str) -> Attempt:
        """Take a sample apart.

        Raises:
            LineFault: a kept value is not what the lake can hold.

        """
        metadata = sample.metadata or SampleMetadata()
        if sample.epoch < 0:
            raise LineFault(Reason.NEGATIVE_NUMBER, "epoch")
        started_at = moment(sample.started_at, "started_at")
        completed_at = moment(sample.completed_at, "completed_at")
        return cls(
            record_path=record_path,
            sample_id=_required(str(sample.id), "id"),
            epoch=sample.epoch,
            uuid=sample.uuid,
            attempted_at=started_at or completed_at,
            strategy=label(metadata.strategy) or "basic",
            category=label(metadata.category),
            technique_id=technique_of(metadata),
            prompt_id=prompt_hash(sample.input),
            has_error=is_set(sample.error),
            is_limited=is_set(sample.limit),
            is_invalidated=is_set(sample.invalidation),
            scores=_scores(sample),
        )

    @property
    def attempt_id(self) -> str:
        """Unique in a run, and the same in a log of the same task that was taken up again."""
        return f"{self.sample_id}_epoch_{self.epoch}"

    @property
    def has_score(self) -> bool:
        """Whether any judge gave a number, no answer among them."""
        return any(one.score is not None for said in self.scores.values() for one in said)

    def judgements(
        self, judges: Mapping[str, Sequence[str]]
    ) -> Iterator[tuple[str | None, Judgement]]:
        """Yield (scorer, judgement), one row of scanner_results each.

        ``judges`` holds the judges of every scorer of the run: where a scorer gave no value, each
        of its judges says so. Without any scorer there is one row without a judge.
        """
        said_nothing = Judgement(None, "unscored", None)
        for scorer, names in judges.items() or [(None, [None])]:
            said = self.scores.get(scorer, []) if scorer is not None else []
            for one in said or [said_nothing._replace(judge=name) for name in names]:
                if self.is_invalidated:
                    yield scorer, Judgement(one.judge, "invalidated", None)
                elif self.has_error and one.score is None:
                    yield scorer, Judgement(one.judge, "error", None)
                else:
                    yield scorer, one

    def reason(self, verdict: str) -> str | None:
        """Say why there is no verdict; a limit that was hit is a note to any."""
        if verdict == "error":
            return "provider_error"
        if verdict == "invalidated":
            return verdict
        if self.is_limited:
            return "limit"
        return None if verdict == "scored" else verdict


def score_of(value: object) -> float | None:
    """Convert a scalar as Inspect's ``value_to_float``; None for what has no number.

    Inspect counts text that it cannot convert as 0, with a warning; here it is no score.
    """
    if isinstance(value, str):
        if value in _LETTERS:
            return _LETTERS[value]
        word = value.lower()
        if word in _WORDS:
            return _WORDS[word]
    elif not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _scores(sample: Sample) -> dict[str, list[Judgement]]:
    found: dict[str, list[Judgement]] = {}
    count = 0
    for name, score in (sample.scores or {}).items():
        scorer = sys.intern(_required(name, "scores"))
        found[scorer] = _judgements(scorer, score.value)
        count += len(found[scorer]) or 1
        if count > MAX_JUDGES:
            raise LineFault(Reason.TOO_LARGE, "scores")
    return found


def _judgements(scorer: str, raw: msgspec.Raw) -> list[Judgement]:
    """Judge a value: each key of an object apart, a list (or a list inside) as no score."""
    if not is_set(raw):
        return []
    if not is_object(raw):
        return [_judgement(scorer, raw)]
    return [
        _judgement(sys.intern(_required(f"{scorer}.{key}", "scores")), value)
        for key, value in _decode_values(raw).items()
    ]


def _judgement(judge: str, raw: msgspec.Raw) -> Judgement:
    value = _decode_value(raw)
    score = score_of(value)
    if score is None:
        return Judgement(judge, "unscored", None)
    return Judgement(judge, "no_answer" if value == _NO_ANSWER else "scored", score)


def _required(text: str, column_name: str) -> str:
    if not text:
        raise LineFault(Reason.MISSING_VALUE, column_name)
    if "\0" in text:
        raise LineFault(Reason.NUL_BYTE, column_name)
    return text
