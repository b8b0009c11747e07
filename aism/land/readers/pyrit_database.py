"""A memory database of PyRIT, whichever engine wrote it: attack results, else scored replies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

import msgspec

from aism.land.display import make_visible
from aism.land.json_lines import LineFault, check_text, explain
from aism.land.model import Fault, ReadReport
from aism.land.readers.pyrit_attempts import Attempts, Scenario, kept
from aism.land.readers.pyrit_legacy import Conversations, reply_attempt
from aism.land.readers.pyrit_records import (
    Identifier,
    Piece,
    Result,
    Score,
    normal_id,
    spell_row,
)
from aism.land.readers.pyrit_results import Surroundings, attempt_of

RESULTS = "AttackResultEntries"
PIECES = "PromptMemoryEntries"
_SCORES = "ScoreEntries"
_TARGETS = "Conversations"
_SCENARIOS = "ScenarioResultEntries"
_SHOWN_ID = 100
NO_ATTEMPTS = "no attempts in the file"

_T = TypeVar("_T")


class Database(Protocol):
    """Tables of a file; texts as bytes, for they may be no UTF-8."""

    note: str | None

    def has(self, table: str) -> bool: ...

    def rows(self, table: str, wanted: Sequence[str]) -> Iterator[dict[str, object]]: ...


class _Target(msgspec.Struct):
    conversation_id: str | None = None
    target_identifier: Identifier | None = None


class _ScenarioRow(msgspec.Struct):
    id: str | None = None
    scenario_name: str | None = None
    scenario_run_state: str | None = None


_decode_result = msgspec.json.Decoder(Result).decode
_decode_piece = msgspec.json.Decoder(Piece).decode
_decode_score = msgspec.json.Decoder(Score).decode
_decode_target = msgspec.json.Decoder(_Target).decode
_decode_scenario = msgspec.json.Decoder(_ScenarioRow).decode

_PIECE_COLUMNS = tuple(name for name in Piece.__struct_fields__ if name != "scores")
_SCORE_COLUMNS = Score.__struct_fields__
_RESULT_COLUMNS = (
    "id",
    "last_response_id",
    "last_score_id",
    *(name for name in Result.__struct_fields__ if not name.startswith(("last_", "attack_result"))),
)
COLUMNS: dict[str, tuple[str, ...]] = {
    RESULTS: _RESULT_COLUMNS,
    PIECES: _PIECE_COLUMNS,
    _SCORES: _SCORE_COLUMNS,
    _TARGETS: _Target.__struct_fields__,
    _SCENARIOS: _ScenarioRow.__struct_fields__,
}
"""Every column that is read: none of them holds the text of an error."""


def read_database(database: Database, report: ReadReport, attempts: Attempts) -> None:
    """Read attack results where there are any, else the scored replies of older versions.

    Raises:
        UnreadableFileError: the file is damaged, or a table is none.

    """
    if database.has(RESULTS):
        _read_results(database, report, attempts)
    elif database.has(PIECES):
        _read_replies(database, report, attempts)
    else:
        report.schema_note = "no table of PyRIT's memory"
        return
    notes = [database.note, None if report.rows_read else NO_ATTEMPTS]
    report.schema_note = "; ".join(note for note in notes if note) or None


def _decoded(row: dict[str, object], decode: Callable[[bytes], _T]) -> _T:
    """Decode a row as the record that an export would hold; raises LineFault."""
    record = spell_row(row)
    try:
        check_text(record)
        return decode(record)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise explain(record, error) from None


def _plain_id(value: object) -> str | None:
    return normal_id(value.decode(errors="replace")) if isinstance(value, bytes) else None


@dataclass(slots=True)
class _Memory:
    """What the attempts of a database refer to. A fault in it is the fault of who needs it."""

    replies: dict[str, Piece | LineFault] = field(default_factory=dict)
    converters: dict[str, list[Identifier] | LineFault] = field(default_factory=dict)
    targets: dict[str, Identifier] = field(default_factory=dict)
    labels: dict[str, Identifier] = field(default_factory=dict)
    scores: dict[str, Score | LineFault] = field(default_factory=dict)
    scores_of: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Piece id -> ids of its scores."""

    def surroundings(self, conversation_id: str | None, reply: Piece | None) -> Surroundings:
        pieces = {normal_id(reply.id), normal_id(reply.original_prompt_id)} if reply else set()
        score_ids = [each for piece in pieces if piece for each in self.scores_of.get(piece, ())]
        conversation = conversation_id or ""
        return Surroundings(
            target=self.targets.get(conversation),
            converters=_sound(self.converters.get(conversation), "converters") or [],
            labels=self.labels.get(conversation),
            scores=[score for each in score_ids if (score := _sound(self.scores[each], "scores"))],
        )


def _sound(value: _T | LineFault | None, column_name: str) -> _T | None:
    if isinstance(value, LineFault):
        column = f"{column_name}.{value.column_name}" if value.column_name else column_name
        raise LineFault(value.reason, column)
    return value


def _read_results(database: Database, report: ReadReport, attempts: Attempts) -> None:
    memory = _Memory()
    references = ("last_response_id", "last_score_id")
    wanted = {
        reference
        for row in database.rows(RESULTS, references)
        for name in references
        if (reference := _plain_id(row.get(name)))
    }
    _remember_pieces(database, memory, wanted)
    _remember_scores(database, memory, wanted)
    _remember_targets(database, memory)
    _remember_scenarios(database, attempts)

    def take(row: dict[str, object], record_path: str) -> None:
        reply_id, score_id = _plain_id(row.get(references[0])), _plain_id(row.get(references[1]))
        row = {name: value for name, value in row.items() if name not in references}
        row["attack_result_id"] = row.pop("id", None)
        result = _decoded({"outcome": None, "objective": None, **row}, _decode_result)
        result.last_response = _sound(memory.replies.get(reply_id or ""), "last_response")
        result.last_score = _sound(memory.scores.get(score_id or ""), "last_score")
        around = memory.surroundings(result.conversation_id, result.last_response)
        attempts.add(attempt_of(result, record_path, around), "id")

    _take_rows(database.rows(RESULTS, _RESULT_COLUMNS), RESULTS, report, take)


def _remember_pieces(database: Database, memory: _Memory, wanted: set[str]) -> None:
    if not database.has(PIECES):
        return
    for row in database.rows(PIECES, _PIECE_COLUMNS):
        piece_id = _plain_id(row.get("id")) or ""
        conversation = _conversation_of(row)
        try:
            piece = _decoded(row, _decode_piece)
        except LineFault as fault:
            if piece_id in wanted:
                memory.replies[piece_id] = fault
            elif row.get("role") == b"user":
                memory.converters.setdefault(conversation, fault)
            continue
        if piece_id in wanted:
            piece.converted_value_sha256 = piece.output
            piece.original_value = piece.converted_value = None
            memory.replies[piece_id] = piece
            wanted.add(normal_id(piece.original_prompt_id) or piece_id)
        if piece.role == "user" and piece.converter_identifiers:
            memory.converters.setdefault(conversation, piece.converter_identifiers)
        if piece.prompt_target_identifier:
            memory.targets.setdefault(conversation, piece.prompt_target_identifier)
        if piece.labels:
            memory.labels.setdefault(conversation, piece.labels)


def _conversation_of(row: dict[str, object]) -> str:
    value = row.get("conversation_id")
    return value.decode(errors="replace") if isinstance(value, bytes) else ""


def _remember_scores(database: Database, memory: _Memory, wanted: set[str] | None) -> None:
    """Keep the scores that are wanted by their id or piece; all of them if ``wanted`` is None."""
    if not database.has(_SCORES):
        return
    for number, row in enumerate(database.rows(_SCORES, _SCORE_COLUMNS), 1):
        score_id = _plain_id(row.get("id")) or f"row {number}"
        piece_id = _plain_id(row.get("prompt_request_response_id")) or ""
        if wanted is not None and score_id not in wanted and piece_id not in wanted:
            continue
        memory.scores_of[piece_id].append(score_id)
        try:
            score = _decoded(row, _decode_score)
            score.id = score_id
            memory.scores[score_id] = score
        except LineFault as fault:
            memory.scores[score_id] = fault


def _remember_targets(database: Database, memory: _Memory) -> None:
    if not database.has(_TARGETS):
        return
    for row in database.rows(_TARGETS, COLUMNS[_TARGETS]):
        try:
            found = _decoded(row, _decode_target)
        except LineFault:
            continue  # the attack's own identifier may do without it
        if found.conversation_id and found.target_identifier:
            memory.targets[found.conversation_id] = found.target_identifier


def _remember_scenarios(database: Database, attempts: Attempts) -> None:
    if not database.has(_SCENARIOS):
        return
    for row in database.rows(_SCENARIOS, COLUMNS[_SCENARIOS]):
        try:
            found = _decoded(row, _decode_scenario)
            scenario = Scenario(
                kept(found.scenario_name, "scenario_name"),
                kept(found.scenario_run_state, "scenario_run_state"),
            )
        except LineFault:
            scenario = Scenario(None, "unreadable")
        if scenario_id := _plain_id(row.get("id")):
            attempts.scenarios[scenario_id] = scenario


def _read_replies(database: Database, report: ReadReport, attempts: Attempts) -> None:
    conversations = Conversations()
    for row in database.rows(PIECES, _PIECE_COLUMNS):
        if row.get("role") == b"user":
            try:
                conversations.add(_decoded(row, _decode_piece))
            except LineFault:
                continue  # a reply that needs it has no prompt, and says so
    memory = _Memory()
    _remember_scores(database, memory, None)

    def take(row: dict[str, object], record_path: str) -> None:
        piece = _decoded(row, _decode_piece)
        scores = memory.surroundings(None, piece).scores
        attempts.add(reply_attempt(piece, record_path, scores, conversations), "id")

    rows = database.rows(PIECES, _PIECE_COLUMNS)
    _take_rows((row for row in rows if _is_reply(row)), PIECES, report, take)


def _is_reply(row: dict[str, object]) -> bool:
    original = _plain_id(row.get("original_prompt_id"))
    return row.get("role") == b"assistant" and original in (None, _plain_id(row.get("id")))


def _take_rows(
    rows: Iterator[dict[str, object]],
    table: str,
    report: ReadReport,
    take: Callable[[dict[str, object], str], None],
) -> None:
    for number, row in enumerate(rows, 1):
        report.rows_read += 1
        row_id = _plain_id(row.get("id"))
        shown = make_visible(row_id, _SHOWN_ID) if row_id else f"row {number}"
        record_path = f"{table}[{shown}]"
        try:
            take(row, record_path)
        except LineFault as fault:
            column = fault.column_name
            report.faults.append(Fault(fault.reason, record_path=record_path, column_name=column))
