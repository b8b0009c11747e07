"""JSON made of PyRIT's memory: attack results (1.x), conversations with scores (0.x)."""

from __future__ import annotations

import msgspec

from aism.land.display import make_visible
from aism.land.json_documents import decode_document, read_document, take_records
from aism.land.json_lines import LineFault
from aism.land.model import LandedFile, ReadReport, Reason, UnreadableFileError
from aism.land.readers.pyrit_attempts import Attempts
from aism.land.readers.pyrit_legacy import Conversations, reply_attempt
from aism.land.readers.pyrit_records import Piece, Result
from aism.land.readers.pyrit_results import Surroundings, attempt_of

_NO_RESULTS = "attempts are read from attack results; message pieces and scores alone hold none"
_SHOWN_KEY = 60


class _Kind(msgspec.Struct):
    """Which record it is, by keys that only one kind has."""

    outcome: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    role: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    score_value: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    scores: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    orchestrator_identifier: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


_decode_frame = msgspec.json.Decoder(list[msgspec.Raw] | dict[str, msgspec.Raw]).decode
_decode_list = msgspec.json.Decoder(list[msgspec.Raw]).decode
_decode_kind = msgspec.json.Decoder(_Kind).decode
_decode_result = msgspec.json.Decoder(Result).decode
_decode_piece = msgspec.json.Decoder(Piece).decode


class _Records:
    """Takes the records of one array."""

    def __init__(self, attempts: Attempts) -> None:
        self.passed_over = 0
        """Records that are no attempts: not rows of the ledger."""
        self.conversations = Conversations()
        self._attempts = attempts

    def prepare(self, records: list[msgspec.Raw]) -> None:
        """Learn what was sent in the conversations before their replies are taken."""
        for raw in records:
            try:
                if _is_set(_decode_kind(raw).role):
                    self.conversations.add(_decode_piece(raw))
            except (msgspec.MsgspecError, RecursionError):
                continue  # named when it is taken

    def take(self, record_path: str, raw: msgspec.Raw) -> None:
        kind = _decode_kind(raw)
        if _is_set(kind.outcome):
            result = _decode_result(raw)
            attempt = attempt_of(result, record_path, Surroundings())
            self._attempts.add(attempt, "attack_result_id")
        elif _is_set(kind.role):
            piece = _decode_piece(raw)
            has_run = _is_set(kind.scores) or _is_set(kind.orchestrator_identifier)
            if piece.is_reply and has_run:
                scores = piece.scores or []
                attempt = reply_attempt(piece, record_path, scores, self.conversations)
                self._attempts.add(attempt, "id")
            else:
                self.passed_over += 1
        elif _is_set(kind.score_value):
            self.passed_over += 1
        else:
            raise LineFault(Reason.MISSING_KEY, "outcome")


def _is_set(value: msgspec.Raw | msgspec.UnsetType) -> bool:
    return value is not msgspec.UNSET


def read_json(file: LandedFile, report: ReadReport, attempts: Attempts) -> None:
    """Read an array of records, or an object that holds such arrays.

    Raises:
        UnreadableFileError: no sound JSON, or neither of the two.

    """
    frame = decode_document(read_document(file.path), _decode_frame)
    arrays = {"": frame} if isinstance(frame, list) else _arrays(frame)
    records = _Records(attempts)
    for path, array in arrays.items():
        records.prepare(array)
        take_records(array, path, report, records.take)
    report.rows_read -= records.passed_over
    if records.passed_over and not report.rows_read:
        report.schema_note = _NO_RESULTS


def _arrays(frame: dict[str, msgspec.Raw]) -> dict[str, list[msgspec.Raw]]:
    arrays = {
        make_visible(key, _SHOWN_KEY): _decode_list(raw)
        for key, raw in frame.items()
        if bytes(raw).startswith(b"[")
    }
    if not arrays:
        raise UnreadableFileError(Reason.MISSING_KEY, "no array of records")
    of_objects = {key: array for key, array in arrays.items() if _holds_objects(array)}
    return of_objects or arrays


def _holds_objects(array: list[msgspec.Raw]) -> bool:
    return any(bytes(raw).startswith(b"{") for raw in array[:1])
