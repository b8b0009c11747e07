"""PyRIT memory: the same attempts from SQLite, DuckDB and JSON, and files that mean harm."""

from __future__ import annotations

import hashlib
import json
import os
import random
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeAlias

import duckdb
import pyarrow as pa
import pytest

from aism.land.model import LandedFile, ReadReport, Reason, UnreadableFileError
from aism.land.readers import pyrit_duckdb_child
from aism.land.readers.pyrit import read_pyrit
from aism.land.schemas import TABLES

Row: TypeAlias = dict[str, Any]
SHA256 = "ab" * 32
RESULTS, PIECES, SCORES = "AttackResultEntries", "PromptMemoryEntries", "ScoreEntries"
SECRETS = ("the objective", "the answer", "relative/secret", "because it said")
SCHEMA = f"""
create table {RESULTS} (id char(36), conversation_id varchar, objective varchar,
    objective_sha256 varchar, atomic_attack_identifier json, last_response_id char(36),
    last_score_id char(36), outcome varchar, timestamp datetime, labels json,
    error_traceback varchar, attribution_parent_id char(36), targeted_harm_categories json,
    pyrit_version varchar);
create table {PIECES} (id char(36), role varchar, conversation_id varchar, sequence integer,
    converter_identifiers json, response_error varchar, original_value varchar,
    converted_value varchar, converted_value_sha256 varchar, original_prompt_id char(36));
create table {SCORES} (id char(36), score_value varchar, score_type varchar, score_category json,
    score_rationale varchar, scorer_class_identifier json, status varchar,
    prompt_request_response_id char(36), timestamp datetime);
create table Conversations (conversation_id varchar(36), target_identifier json);
create table ScenarioResultEntries (id char(36), scenario_name varchar,
    scenario_run_state varchar);
"""


class MemorySink:
    """Keeps what a reader writes, typed as the lake would."""

    def __init__(self) -> None:
        self.tables: dict[str, list[Row]] = {"scanner_runs": [], "scanner_results": []}

    def write(self, table: str, columns: Mapping[str, Sequence[object]]) -> None:
        arrays = [pa.array(columns[field.name], field.type) for field in TABLES[table]]
        self.tables[table].extend(pa.table(arrays, schema=TABLES[table]).to_pylist())


def _read(path: Path) -> tuple[ReadReport, list[Row], list[Row]]:
    sink = MemorySink()
    file = LandedFile(path, f"pyrit/{path.name}", "pyrit", SHA256, path.stat().st_size)
    report = read_pyrit(file, sink)
    return report, sink.tables["scanner_results"], sink.tables["scanner_runs"]


def _unreadable(path: Path) -> Reason:
    with pytest.raises(UnreadableFileError) as error:
        _read(path)
    return error.value.reason


def _scorer(name: str = "SubStringScorer", **settings: object) -> Row:
    return {"class_name": name, "class_module": "pyrit.score", "scorer_type": "true_false"} | {
        "substring": "x",
        "text_matcher": "Exact",
        **settings,
    }


def _uuid(number: int, kind: int = 0) -> str:
    return f"{kind:08x}-0000-4000-8000-{number:012x}"


def _attack(number: int, outcome: str | None = "failure", **changes: Any) -> Row:
    """Return one attack result as ``model_dump`` writes it; further scores under ``_scores``."""
    converters = changes.pop("converters", [])
    scorer = changes.pop("scorer", _scorer(substring=f"word {number}"))
    children: Row = {
        "objective_target": {"class_name": "ChatTarget", "model_name": "bot@1.0"},
        "objective_scorer": scorer,
    }
    if converters:
        children["request_converters"] = [{"class_name": name} for name in converters]
    attack = {"class_name": "PromptSendingAttack", "children": children, "pyrit_version": "1.1.0"}
    technique = {"class_name": "AttackTechnique", "children": {"attack": attack}}
    has_score = outcome in ("success", "failure")
    result: Row = {
        "attack_result_id": _uuid(number),
        "conversation_id": f"conversation {number}",
        "objective": f"the objective {number}",
        "outcome": outcome,
        "timestamp": f"2026-03-01T10:00:{number % 60:02}.5Z",
        "labels": {"op_name": "weekly", "system": "helpdesk", "system_version": "1.0"},
        "atomic_attack_identifier": {"children": {"attack_technique": technique}},
        "attribution_parent_id": None,
        "targeted_harm_categories": [],
        "error_traceback": "File relative/secret/run.py",
        "last_response": {
            "id": _uuid(number, 1),
            "role": "assistant",
            "conversation_id": f"conversation {number}",
            "sequence": 1,
            "response_error": "none",
            "original_value": f"the answer {number}",
            "converted_value": f"the answer {number}",
            "original_prompt_id": _uuid(number, 1),
            "converter_identifiers": [],
        },
        "last_score": {
            "id": _uuid(number, 2),
            "score_value": "true" if outcome == "success" else "false",
            "score_type": "true_false",
            "status": "complete",
            "score_category": ["jailbreak"],
            "score_rationale": "because it said",
            "scorer_class_identifier": scorer,
            "message_piece_id": _uuid(number, 1),
            "timestamp": "2026-03-01T10:00:00Z",
        }
        if has_score
        else None,
    }
    return result | changes


def _blocked(result: Row) -> Row:
    return result | {"last_response": result["last_response"] | {"response_error": "blocked"}}


def _raised(number: int) -> Row:
    """Return the result of an attack that raised: PyRIT wrote down neither attack nor answer."""
    nothing = {"atomic_attack_identifier": None, "last_response": None, "last_score": None}
    return _attack(number, "error") | nothing


def _score(number: int, value: str | None, scorer: Row, **changes: object) -> Row:
    return {
        "id": _uuid(number, 3),
        "score_value": value,
        "score_type": "true_false",
        "status": "complete",
        "score_category": None,
        "scorer_class_identifier": scorer,
        "timestamp": f"2026-03-01T11:00:{number:02}Z",
    } | changes


def _suite() -> list[Row]:
    return [
        _attack(1, "success"),
        _attack(2, "failure", converters=["Base64Converter", "ROT13Converter"]),
        _blocked(_attack(3, "failure")),
        _attack(4, "undetermined"),
        _raised(5),
    ]


def _json(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content))
    return path


def _insert(db: sqlite3.Connection, table: str, row: Row) -> None:
    columns = [name for _, name, *_ in db.execute(f"pragma table_info({table})")]
    values = [
        json.dumps(value) if isinstance(value, dict | list) else value
        for value in (row.get(name) for name in columns)
    ]
    db.execute(f"insert into {table} values ({','.join('?' * len(values))})", values)


def _fill(db: sqlite3.Connection, results: Sequence[Row], further: Sequence[Row] = ()) -> None:
    """Write results as PyRIT stores them; ``further`` are scores of the first one's answer."""
    for result in results:
        reply, score = result["last_response"], result["last_score"]
        conversation = result["conversation_id"]
        row = result | {"id": result["attack_result_id"], "pyrit_version": "1.1.0"}
        if row["timestamp"]:
            row["timestamp"] = row["timestamp"].replace("T", " ").rstrip("Z")
        if reply:
            _insert(db, PIECES, reply)
            row["last_response_id"] = reply["id"]
        if score:
            _insert(db, SCORES, score | {"prompt_request_response_id": score["message_piece_id"]})
            row["last_score_id"] = score["id"]
        _insert(db, RESULTS, row)
        target = {"class_name": "ChatTarget", "model_name": "bot@1.0"}
        _insert(db, "Conversations", {"conversation_id": conversation, "target_identifier": target})
    for score in further:
        piece_id = results[0]["last_response"]["id"]
        _insert(db, SCORES, score | {"prompt_request_response_id": piece_id})
    db.commit()


def _db(path: Path, results: Sequence[Row], further: Sequence[Row] = ()) -> Path:
    with closing(sqlite3.connect(path)) as db:
        db.executescript(SCHEMA)
        _fill(db, results, further)
    return path


def _run_sql(path: Path, *statements: str | tuple[str, Sequence[object]]) -> Path:
    with closing(sqlite3.connect(path)) as db:
        for statement in statements:
            query, values = (statement, ()) if isinstance(statement, str) else statement
            db.execute(query, values)
        db.commit()
    return path


def _without_place(rows: Sequence[Row]) -> list[Row]:
    return [{name: row[name] for name in row if name != "record_path"} for row in rows]


def _faults(report: ReadReport) -> list[tuple[str | None, Reason, str | None]]:
    return [(fault.record_path, fault.reason, fault.column_name) for fault in report.faults]


# What an attempt is


def test_outcomes_are_told_as_pyrit_tells_them(tmp_path: Path) -> None:
    report, rows, runs = _read(_db(tmp_path / "memory.db", _suite()))
    told = [(row["verdict"], row["reason"], row["score"], row["judge"]) for row in rows]
    assert told == [
        ("success", None, 1.0, "SubStringScorer"),
        ("failure", None, 0.0, "SubStringScorer"),
        ("failure", "blocked", 0.0, "SubStringScorer"),
        ("undetermined", "undetermined", None, "SubStringScorer"),
        ("error", "provider_error", None, None),
    ]
    assert {row["is_test_verdict"] for row in rows} == {True}
    assert (report.rows_read, report.runs, report.faults) == (5, {"weekly": 5}, [])
    assert report.run_lines == report.runs
    first = rows[0]
    assert first["record_path"] == f"{RESULTS}[{_uuid(1)}]"
    assert first["attempt_id"] == _uuid(1)
    assert (first["target_name"], first["target_version"]) == ("bot@1.0", "1.0")
    assert (first["attack"], first["category"]) == ("PromptSendingAttack", "jailbreak")
    assert first["attempted_at"] == datetime(2026, 3, 1, 10, 0, 1, 500_000)
    assert first["prompt_id"] == hashlib.sha256(b"the objective 1").hexdigest()[:32]
    assert [row["strategy"] for row in rows[:2]] == ["basic", "Base64Converter+ROT13Converter"]
    assert (rows[4]["attack"], rows[4]["target_name"]) == ("unknown", "bot@1.0")
    (run,) = runs
    assert (run["tool_version"], run["status"], run["is_complete"]) == ("1.1.0", None, True)
    assert run["started_at"] == first["attempted_at"] < run["completed_at"]
    assert run["completed_at"] == rows[4]["attempted_at"]


def test_a_database_and_its_json_are_the_same_rows(tmp_path: Path) -> None:
    from_db = _read(_db(tmp_path / "memory.db", _suite()))
    from_json = _read(_json(tmp_path / "memory.json", _suite()))
    assert _without_place(from_db[1]) == _without_place(from_json[1])
    assert from_db[2] == from_json[2]
    assert from_db[0].runs == from_json[0].runs
    assert from_db[0].row_prints == from_json[0].row_prints
    assert [row["record_path"] for row in from_json[1]] == [f"[{i}]" for i in range(5)]


def test_ids_without_hyphens_are_the_same_ids(tmp_path: Path) -> None:
    path = _db(tmp_path / "memory.db", _suite())
    expected = _without_place(_read(path)[1])
    for table, names in (
        (RESULTS, ("id", "last_response_id", "last_score_id")),
        (PIECES, ("id",)),
        (SCORES, ("id", "prompt_request_response_id")),
    ):
        _run_sql(path, *(f"update {table} set {name} = replace({name}, '-', '')" for name in names))
    assert _without_place(_read(path)[1]) == expected


def test_further_scorers_are_judges_beside_the_outcome(tmp_path: Path) -> None:
    likert = _scorer("LikertScorer", scorer_type="float_scale")
    further = [
        _score(2, "true", _scorer("RefusalScorer")),
        _score(1, "false", _scorer("RefusalScorer")),
        _score(3, "0.75", likert, score_type="float_scale", score_category=["violence"]),
        _score(4, "0.25", likert, score_type="float_scale", score_category=["hate"]),
        _score(5, None, _scorer("LateScorer")),
        _score(6, "true", _scorer("HalfScorer"), status="failed"),
        _score(7, "true", _scorer(substring="word 1"), score_category=["jailbreak"]),
    ]
    report, rows, _ = _read(_db(tmp_path / "memory.db", _suite()[:2], further))
    first = [row for row in rows if row["attempt_id"] == _uuid(1)]
    assert {row["judge"]: (row["verdict"], row["score"], row["reason"]) for row in first} == {
        "SubStringScorer": ("success", 1.0, None),
        "RefusalScorer": ("true", 1.0, None),
        "LikertScorer.violence": ("scored", 0.75, None),
        "LikertScorer.hate": ("scored", 0.25, None),
        "LateScorer": ("none", None, "unscored"),
        "HalfScorer": ("none", None, "unscored"),
    }
    assert len(first) == 6
    assert [row["judge"] for row in first if row["is_test_verdict"]] == ["SubStringScorer"]
    assert (report.rows_read, report.runs) == (2, {"weekly": 2})


@pytest.mark.parametrize(
    ("changes", "is_same"),
    [
        ({"substring": "other"}, True),
        ({"hash": "abc", "pyrit_version": "9"}, True),
        ({"text_matcher": "Fuzzy"}, False),
        ({"score_aggregator": "AND_"}, False),
        ({"scorer_type": "float_scale"}, False),
        ({"class_module": "other.module"}, False),
        ({"children": {"prompt_target": {"model_name": "judge-2"}}}, False),
    ],
)
def test_a_judge_is_its_definition_and_not_its_objective(
    tmp_path: Path, changes: Row, is_same: bool
) -> None:
    model: Row = {"prompt_target": {"model_name": "judge-1"}}
    results = [
        _attack(1, scorer=_scorer(children=model)),
        _attack(2, scorer=_scorer() | {"children": model} | changes),
    ]
    _, rows, _ = _read(_json(tmp_path / "memory.json", results))
    assert (rows[0]["judge_version"] == rows[1]["judge_version"]) is is_same


@pytest.mark.parametrize(
    ("changes", "category", "technique"),
    [
        ({"targeted_harm_categories": ["b", "a", "b"]}, "a,b", None),
        ({"labels": {"harm_category": "leak", "atlas": "AML.T0051.000"}}, "leak", "AML.T0051.000"),
        ({"labels": {"technique_id": "AML.T0054"}}, "jailbreak", "AML.T0054"),
        ({"labels": {"atlas": "AML.T0051.0000", "atlas_technique": "T0051"}}, "jailbreak", None),
    ],
)
def test_harm_and_technique_come_from_the_file(
    tmp_path: Path, changes: Row, category: str, technique: str | None
) -> None:
    _, (row,), _ = _read(_json(tmp_path / "memory.json", [_attack(1, **changes)]))
    assert (row["category"], row["technique_id"]) == (category, technique)


def test_a_recorded_hash_that_is_none_is_not_trusted(tmp_path: Path) -> None:
    good = hashlib.sha256(b"other").hexdigest()
    results = [_attack(1, objective_sha256=good), _attack(2, objective_sha256="the objective")]
    _, rows, _ = _read(_json(tmp_path / "memory.json", results))
    own = hashlib.sha256(b"the objective 2").hexdigest()
    assert [row["prompt_id"] for row in rows] == [good[:32], own[:32]]


def test_converters_of_the_message_sent_count_where_the_attack_names_none(tmp_path: Path) -> None:
    path = _db(tmp_path / "memory.db", _suite()[:2])
    sent = {"role": "user", "sequence": 0, "converter_identifiers": [{"__type__": "HexConverter"}]}
    with closing(sqlite3.connect(path)) as db:
        for number in (1, 2):
            _insert(db, PIECES, sent | {"conversation_id": f"conversation {number}"})
        db.commit()
    _, rows, _ = _read(path)
    assert [row["strategy"] for row in rows] == ["HexConverter", "Base64Converter+ROT13Converter"]


# What a run is


def test_a_scenario_is_a_run_before_an_operation(tmp_path: Path) -> None:
    scenario = _uuid(7, 9)
    results = [_attack(n, attribution_parent_id=scenario if n < 3 else None) for n in (1, 2, 3)]
    path = _db(tmp_path / "memory.db", results)
    assert _read(path)[0].runs == {scenario: 2, "weekly": 1}
    for state, is_complete in (("COMPLETED", True), ("IN_PROGRESS", False)):
        row = (scenario, "Encoding", state)
        _run_sql(
            path,
            "delete from ScenarioResultEntries",
            ("insert into ScenarioResultEntries values (?, ?, ?)", row),
        )
        report, _, runs = _read(path)
        told = {run["run_id"]: (run["suite"], run["status"], run["is_complete"]) for run in runs}
        assert told == {scenario: ("Encoding", state, is_complete), "weekly": (None, None, True)}
        assert report.is_complete


def test_an_attempt_without_an_outcome_leaves_its_run_incomplete(tmp_path: Path) -> None:
    report, rows, (run,) = _read(_json(tmp_path / "m.json", [_attack(1), _attack(2, None)]))
    assert [row["verdict"] for row in rows] == ["failure", "undetermined"]
    assert (run["is_complete"], report.is_complete) == (False, False)


def test_runs_without_a_name_are_made_of_their_rows_by_target(tmp_path: Path) -> None:
    results = [_attack(number, labels=None) for number in (1, 2, 3)]
    attack = results[2]["atomic_attack_identifier"]["children"]["attack_technique"]["children"]
    attack["attack"]["children"]["objective_target"] = {"class_name": "OtherTarget"}
    from_db, rows, _ = _read(_db(tmp_path / "memory.db", results))
    from_json, _, _ = _read(_json(tmp_path / "memory.json", results[::-1]))
    assert from_db.runs == from_json.runs
    assert from_db.unnamed_runs == from_json.unnamed_runs == set(from_db.runs)
    assert sorted(from_db.runs.values()) == [1, 2]
    assert all(name.startswith("rows-") and len(name) == 37 for name in from_db.runs)
    assert from_db.targets == {"bot@1.0", "OtherTarget"}
    prints = {run: sorted(rows) for run, rows in from_db.row_prints.items()}
    assert prints == {run: sorted(rows) for run, rows in from_json.row_prints.items()}
    assert {row["target_name"] for row in rows} == from_db.targets


def test_answers_that_repeat_next_week_are_another_run(tmp_path: Path) -> None:
    week = [_attack(1, labels=None) | {"attack_result_id": _uuid(n)} for n in (1, 2)]
    first, second = (
        _read(_json(tmp_path / f"{n}.json", [result]))[0] for n, result in enumerate(week)
    )
    assert first.runs.keys().isdisjoint(second.runs)


def test_a_run_counts_once_from_two_files(ground: Any, tmp_path: Path) -> None:
    unlabelled = [result | {"labels": None} for result in _suite()]
    ground.put("pyrit/a.json", json.dumps(unlabelled[:3]))
    ground.put("pyrit/b.db", _db(tmp_path / "b.db", _suite()).read_bytes())
    ground.land()
    assert ground.counts() == {"pyrit/a.json": (3, 0, 3, 0), "pyrit/b.db": (5, 5, 0, 0)}
    assert ground.ask("standing_runs", "run_id, file_name, attempts") == [
        ("weekly", "pyrit/b.db", 5)
    ]
    assert ground.reconciles()


# Version 0.x


def _legacy_piece(number: int, role: str, scores: Sequence[Row] = (), **changes: Any) -> Row:
    is_reply = role == "assistant"
    return {
        "id": _uuid(number, 4 if is_reply else 5),
        "role": role,
        "conversation_id": f"conversation {number}",
        "sequence": int(is_reply),
        "timestamp": f"2026-03-01T10:00:{number:02}",
        "labels": {"system_version": "1.0"},
        "converter_identifiers": [] if is_reply else [{"__type__": "Base64Converter"}],
        "prompt_target_identifier": {"__type__": "ChatTarget"},
        "orchestrator_identifier": {"__type__": "SendingOrchestrator", "id": "run-1"},
        "response_error": "none",
        "original_value": f"the answer {number}" if is_reply else f"the objective {number}",
        "converted_value": f"the answer {number}" if is_reply else "encoded",
        "original_prompt_id": _uuid(number, 4 if is_reply else 5),
        "scores": list(scores),
    } | changes


def _legacy_score(number: int, value: str, scorer: str, kind: str = "true_false") -> Row:
    return {
        "id": _uuid(number, 6),
        "score_value": value,
        "score_type": kind,
        "score_category": "leak",
        "scorer_class_identifier": {"__type__": scorer, "__module__": "m", "sub_identifier": None},
        "prompt_request_response_id": None,
        "timestamp": f"2026-03-01T11:00:{number:02}",
        "task": None,
    }


def _legacy() -> list[Row]:
    both = [_legacy_score(3, "True", "A"), _legacy_score(4, "0.5", "B", "float_scale")]
    replies = [
        _legacy_piece(1, "assistant", [_legacy_score(1, "True", "A")]),
        _legacy_piece(2, "assistant", [_legacy_score(2, "False", "A")], response_error="blocked"),
        _legacy_piece(3, "assistant", both),
        _legacy_piece(4, "assistant"),
        _legacy_piece(5, "assistant", response_error="processing"),
        _legacy_piece(6, "assistant", [_legacy_score(6, "0.25", "B", "float_scale")]),
        _legacy_piece(7, "assistant", original_prompt_id=_uuid(1, 4)),
    ]
    return [_legacy_piece(number, "user") for number in range(1, 8)] + replies


LEGACY_ROWS = [
    ("success", 1.0, None, "A", True),
    ("failure", 0.0, "blocked", "A", True),
    ("true", 1.0, None, "A", False),
    ("scored", 0.5, None, "B", False),
    ("undetermined", None, "undetermined", None, True),
    ("error", None, "provider_error", None, True),
    ("scored", 0.25, None, "B", True),
]


def _legacy_tables(execute: Any, pieces: Sequence[Row], json_type: str = "json") -> None:
    piece_names = [name for name in pieces[0] if name != "scores"]
    score_names = list(_legacy_score(1, "True", "A"))
    for table, names in ((PIECES, piece_names), (SCORES, score_names)):
        columns = ", ".join(
            f"{name} "
            + (
                json_type
                if name.endswith("identifier") or name in ("labels", "converter_identifiers")
                else "integer"
                if name == "sequence"
                else "varchar"
            )
            for name in names
        )
        execute(f"create table {table} ({columns})")

    def insert(table: str, names: Sequence[str], row: Row) -> None:
        values = [row[name] for name in names]
        texts = [json.dumps(each) if isinstance(each, dict | list) else each for each in values]
        execute(f"insert into {table} values ({','.join('?' * len(texts))})", texts)

    for piece in pieces:
        insert(PIECES, piece_names, piece)
        for score in piece["scores"]:
            insert(SCORES, score_names, score | {"prompt_request_response_id": piece["id"]})


def _legacy_duckdb(path: Path, pieces: Sequence[Row]) -> Path:
    with duckdb.connect(path) as db:
        _legacy_tables(db.execute, pieces)
    return path


def test_replies_of_version_0_are_attempts_of_their_scorers(tmp_path: Path) -> None:
    sqlite_path = tmp_path / "memory.db"
    with closing(sqlite3.connect(sqlite_path)) as db:
        _legacy_tables(db.execute, _legacy())
        db.commit()
    paths = [
        _json(tmp_path / "conversations.json", _legacy()),
        _legacy_duckdb(tmp_path / "memory.duckdb", _legacy()),
        _legacy_duckdb(tmp_path / "duck.db", _legacy()),
        sqlite_path,
    ]
    readings = [_read(path) for path in paths]
    report, rows, (run,) = readings[0]
    fields = ("verdict", "score", "reason", "judge", "is_test_verdict")
    assert [tuple(row[name] for name in fields) for row in rows] == LEGACY_ROWS
    assert (report.rows_read, report.runs, report.faults) == (6, {"run-1": 6}, [])
    assert {row["attack"] for row in rows} == {"SendingOrchestrator"}
    assert {row["strategy"] for row in rows} == {"Base64Converter"}
    assert {(row["target_name"], row["target_version"]) for row in rows} == {("ChatTarget", "1.0")}
    assert [row["category"] for row in rows] == ["leak"] * 4 + [None] * 2 + ["leak"]
    assert rows[0]["prompt_id"] == hashlib.sha256(b"the objective 1").hexdigest()[:32]
    assert run["is_complete"]
    for other in readings[1:]:
        assert _without_place(other[1]) == _without_place(rows)
        assert (other[0].runs, other[0].row_prints) == (report.runs, report.row_prints)
        assert other[2] == [run]
    assert readings[1][1][0]["record_path"] == f"{PIECES}[{_uuid(1, 4)}]"


def test_a_log_beside_a_duckdb_file_is_not_replayed(tmp_path: Path) -> None:
    path = _legacy_duckdb(tmp_path / "memory.duckdb", _legacy())
    before = path.read_bytes()
    db = duckdb.connect(path, config={"checkpoint_threshold": "1GB"})
    db.execute("pragma disable_checkpoint_on_shutdown")
    db.execute(f"delete from {PIECES}")
    db.close()
    log = path.with_name("memory.duckdb.wal")
    path.write_bytes(before)
    assert log.is_file()
    assert _read(path)[0].rows_read == 6
    with duckdb.connect(path) as naive:
        assert naive.execute(f"select count(*) from {PIECES}").fetchall() == [(0,)]


@pytest.mark.parametrize(
    "statement",
    [
        f"create view {PIECES} as select 'x' as id, 'assistant' as role",
        f"create table {PIECES} (id varchar, role varchar generated always as (upper(id)) virtual)",
    ],
)
def test_a_duckdb_file_whose_table_runs_code_is_refused(tmp_path: Path, statement: str) -> None:
    path = tmp_path / "memory.duckdb"
    with duckdb.connect(path) as db:
        db.execute(statement)
    assert _unreadable(path) is Reason.UNREADABLE_FILE


def test_a_file_that_kills_its_reader_is_one_unreadable_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _legacy_duckdb(tmp_path / "memory.duckdb", _legacy())
    deadly = tmp_path / "deadly.py"
    deadly.write_text("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    monkeypatch.setattr(pyrit_duckdb_child, "__file__", str(deadly))
    assert _unreadable(path) is Reason.UNREADABLE_FILE


# Records that break their shape

BAD_RECORDS: list[tuple[str, Row, Reason, str]] = [
    ("outcome", {"outcome": "won"}, Reason.UNKNOWN_VALUE, "outcome"),
    ("outcome type", {"outcome": 1}, Reason.WRONG_TYPE, "outcome"),
    ("objective", {"objective": None}, Reason.MISSING_VALUE, "objective"),
    ("time", {"timestamp": "01/03/2026"}, Reason.BAD_TIMESTAMP, "timestamp"),
    ("labels", {"labels": ["op_name"]}, Reason.WRONG_TYPE, "labels"),
    ("nul", {"labels": {"op_name": "a\0b"}}, Reason.NUL_BYTE, "labels.op_name"),
    ("harm", {"targeted_harm_categories": [1]}, Reason.WRONG_TYPE, "targeted_harm_categories[0]"),
    ("twice", {"attack_result_id": _uuid(1)}, Reason.UNKNOWN_VALUE, "attack_result_id"),
    ("boolean", {"last_score": {"score_type": "true_false", "score_value": "maybe"}},
     Reason.BAD_BOOLEAN, "last_score.score_value"),
    ("not finite", {"last_score": {"score_type": "float_scale", "score_value": "NaN"}},
     Reason.NAN_OR_INFINITY, "last_score.score_value"),
    ("reply", {"last_response": {"role": 5}}, Reason.WRONG_TYPE, "last_response.role"),
]  # fmt: skip


@pytest.mark.parametrize("case", BAD_RECORDS, ids=[case[0] for case in BAD_RECORDS])
def test_a_bad_record_is_one_fault(tmp_path: Path, case: tuple[str, Row, Reason, str]) -> None:
    _, changes, reason, column = case
    content = [_attack(1), _attack(2) | changes, _attack(3)]
    report, rows, _ = _read(_json(tmp_path / "memory.json", content))
    assert _faults(report) == [("[1]", reason, column)]
    assert (report.rows_read, report.runs) == (3, {"weekly": 2})
    assert [row["attempt_id"] for row in rows] == [_uuid(1), _uuid(3)]


@pytest.mark.parametrize(
    ("record", "reason", "column"),
    [
        (5, Reason.NOT_OBJECT, None),
        ({"name": "other"}, Reason.MISSING_KEY, "outcome"),
        ({"outcome": "success"}, Reason.MISSING_KEY, "objective"),
    ],
)
def test_a_record_of_no_known_kind_is_a_fault(
    tmp_path: Path, record: object, reason: Reason, column: str | None
) -> None:
    report, rows, _ = _read(_json(tmp_path / "memory.json", [_attack(1), record]))
    assert _faults(report) == [("[1]", reason, column)]
    assert len(rows) == 1


@pytest.mark.parametrize(
    ("statement", "values", "reason", "column"),
    [
        (f"update {RESULTS} set outcome = 'won'", (), Reason.UNKNOWN_VALUE, "outcome"),
        (f"update {RESULTS} set objective = cast(? as text)", (b"\xff",),
         Reason.BAD_UTF8, "objective"),
        (f"update {RESULTS} set labels = ?", ('{"a": NaN}',), Reason.NAN_OR_INFINITY, "labels"),
        (f"update {RESULTS} set labels = ?", ('{}, "x": {}',), Reason.TRAILING_TEXT, "labels"),
        (f"update {RESULTS} set labels = ?", ("[" * 99,), Reason.TOO_DEEP, "labels"),
        (f"update {RESULTS} set timestamp = ?", (5,), Reason.WRONG_TYPE, "timestamp"),
        (f"update {RESULTS} set objective = null", (), Reason.MISSING_VALUE, "objective"),
        (f"update {PIECES} set converted_value = cast(? as text)", (b"\xed\xa0\x80",),
         Reason.BAD_UTF8, "last_response.converted_value"),
        (f"update {SCORES} set scorer_class_identifier = ?", ("{",),
         Reason.NOT_JSON, "last_score.scorer_class_identifier"),
    ],
)  # fmt: skip
def test_a_bad_row_is_one_fault(
    tmp_path: Path, statement: str, values: Sequence[object], reason: Reason, column: str
) -> None:
    path = _db(tmp_path / "memory.db", [_attack(1), _attack(2), _attack(3)])
    number = {RESULTS: 0, PIECES: 1, SCORES: 2}[statement.split()[1]]
    _run_sql(path, (f"{statement} where id = '{_uuid(2, number)}'", values))
    report, rows, _ = _read(path)
    assert _faults(report) == [(f"{RESULTS}[{_uuid(2)}]", reason, column)]
    assert (report.rows_read, len(rows)) == (3, 2)


def test_a_row_of_nulls_and_a_hostile_id_are_told_by_their_place(tmp_path: Path) -> None:
    path = _db(tmp_path / "memory.db", [_attack(1)])
    _run_sql(
        path,
        f"insert into {RESULTS} (outcome) values (null)",
        (f"insert into {RESULTS} (id, outcome) values (?, 'won')", ("\x1b[2J\u202e" + "x" * 999,)),
    )
    report, _, _ = _read(path)
    paths = [path for path, *_ in _faults(report)]
    assert paths[0] == f"{RESULTS}[row 2]"
    assert paths[1] is not None
    assert paths[1].startswith(f"{RESULTS}[\\u{{1b}}[2J\\u{{202e}}x")
    assert len(paths[1]) < 140


def test_faults_reconcile_and_no_text_enters_the_lake(ground: Any, tmp_path: Path) -> None:
    bad = [_attack(6, "won"), _attack(7, timestamp="then")]
    ground.put("pyrit/a.db", _db(tmp_path / "a.db", [*_suite(), *bad]).read_bytes())
    other = [_attack(number, labels={"op_name": "other"}) for number in (11, 12)]
    ground.put("pyrit/b.json", json.dumps({"attack_results": [*other, {"the objective": 1}]}))
    ground.put("pyrit/c.duckdb", _legacy_duckdb(tmp_path / "c.duckdb", _legacy()).read_bytes())
    ground.land()
    assert ground.counts() == {
        "pyrit/a.db": (7, 5, 0, 2),
        "pyrit/b.json": (3, 2, 0, 1),
        "pyrit/c.duckdb": (6, 6, 0, 0),
    }
    assert ground.reconciles()
    tables = list((ground.home / "lake").rglob("*.parquet"))
    content = "".join(
        str(row) for path in tables for row in duckdb.read_parquet(str(path)).fetchall()
    )
    readings = (ground.home / "lake" / "parsed").rglob("*.json")
    content += "".join(path.read_text() for path in readings)
    assert "SubStringScorer" in content
    assert not [secret for secret in SECRETS if secret in content]


# Files that are something else


def test_pieces_and_scores_alone_hold_no_attempts(tmp_path: Path) -> None:
    results = _suite()[:2]
    pieces = [result["last_response"] for result in results]
    scores = [result["last_score"] for result in results]
    for name, content in (("pieces", pieces), ("scores", scores)):
        report, rows, runs = _read(_json(tmp_path / f"{name}.json", content))
        assert (report.rows_read, rows, runs, report.faults) == (0, [], [], [])
        assert report.schema_note is not None
        assert "attack results" in report.schema_note


def test_an_array_may_be_wrapped(tmp_path: Path) -> None:
    content = {"exported_by": "me", "tags": ["a"], "results\x1b": _suite()}
    report, rows, _ = _read(_json(tmp_path / "memory.json", content))
    assert (report.rows_read, report.faults) == (5, [])
    assert rows[2]["record_path"] == "results\\u{1b}[2]"


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.db", b"", Reason.UNREADABLE_FILE),
        ("a.db", b"\x8a\x01\xf7\x55" * 4096, Reason.UNREADABLE_FILE),
        ("a.db", b"SQLite format 3\0", Reason.UNREADABLE_FILE),
        ("a.db", b"SQLite format 3\0" + b"\xff" * 8192, Reason.UNREADABLE_FILE),
        ("a.duckdb", b"\0" * 8 + b"DUCK" + b"\0" * 20_000, Reason.UNREADABLE_FILE),
        ("a.json", b"", Reason.NOT_JSON),
        ("a.json", b"not json", Reason.NOT_JSON),
        ("a.json", b'[{"outcome": "success"', Reason.NOT_JSON),
        ("a.json", b'[{"outcome": NaN}]', Reason.NAN_OR_INFINITY),
        ("a.json", b'["\xff"]', Reason.BAD_UTF8),
        ("a.json", b"[" * 1000, Reason.TOO_DEEP),
        ("a.json", b"5", Reason.NOT_OBJECT),
        ("a.json", b'{"outcome": "success"}', Reason.MISSING_KEY),
        ("a.json.gz", b"SQLite format 3\0", Reason.BAD_GZIP),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_is_no_memory_is_unreadable(
    tmp_path: Path, name: str, content: bytes, reason: Reason
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert _unreadable(path) is reason


def test_bytes_decide_what_a_file_is(tmp_path: Path) -> None:
    database = _db(tmp_path / "a.db", _suite()).rename(tmp_path / "a.json")
    document = _json(tmp_path / "b.db", _suite())
    assert _read(database)[0].runs == _read(document)[0].runs == {"weekly": 5}


def test_a_cut_database_is_unreadable(tmp_path: Path) -> None:
    path = _db(tmp_path / "memory.db", _suite())
    path.write_bytes(path.read_bytes()[:-4096])
    assert _unreadable(path) is Reason.UNREADABLE_FILE


def test_no_attempts_and_no_tables_are_no_errors(tmp_path: Path) -> None:
    report, rows, runs = _read(_db(tmp_path / "empty.db", []))
    assert (report.rows_read, rows, runs, report.schema_note) == (
        0, [], [], "no attempts in the file"
    )  # fmt: skip
    other = _run_sql(tmp_path / "other.db", "create table t (i)")
    assert _read(other)[0].schema_note == "no table of PyRIT's memory"
    assert _read(_json(tmp_path / "empty.json", []))[0].rows_read == 0


def test_a_run_of_errors_has_no_score(tmp_path: Path) -> None:
    report, rows, (run,) = _read(_db(tmp_path / "m.db", [_raised(number) for number in (1, 2)]))
    assert [(row["verdict"], row["score"]) for row in rows] == [("error", None)] * 2
    assert (report.runs, run["is_complete"]) == ({"weekly": 2}, True)


def test_missing_columns_and_tables_are_lived_without(tmp_path: Path) -> None:
    """As in 0.9 and 0.10: the attack in a column of its own, no labels, no error columns."""
    path = _run_sql(
        tmp_path / "memory.db",
        f"create table {RESULTS} (id text, objective text, attack_identifier json, outcome text)",
        (
            f"insert into {RESULTS} values (?, 'the objective', ?, 'success')",
            (_uuid(1), '{"__type__": "PromptSendingAttack", "id": "attack-1"}'),
        ),
    )
    report, (row,), _ = _read(path)
    assert report.runs == {"attack-1": 1}
    assert (row["attack"], row["verdict"], row["judge"]) == ("PromptSendingAttack", "success", None)
    assert (row["target_name"], row["attempted_at"]) == (None, None)


# Files that mean harm

PLANTED = f"'{_uuid(9)}' as id, 'the objective' as objective, 'success' as outcome"
ENDLESS = (
    f"with recursive n(i) as (select 1 union all select i + 1 from n) select {PLANTED}, i from n"
)
HARMFUL_SCHEMAS = {
    "view": [f"create view {RESULTS} as select {PLANTED}"],
    "view in other letters": [f"create view {RESULTS.lower()} as select {PLANTED}"],
    "endless view": [f"create view {RESULTS} as {ENDLESS}"],
    "trigger": [
        "create table t (i)",
        f"create trigger {RESULTS} after insert on t begin select 1; end",
    ],
    "virtual table": [f"create virtual table {RESULTS} using fts5(id, objective, outcome)"],
    "view that says it is a table": [
        "create table t (i)",
        f"create view {RESULTS} as {ENDLESS}",
        "pragma writable_schema = on",
        f"update sqlite_master set type = 'table', rootpage = 2 where name = '{RESULTS}'",
    ],
    "view for a table beside it": [
        f"create table {RESULTS} (id text, objective text, outcome text)",
        f"create view {SCORES} as {ENDLESS}",
    ],
}


@pytest.mark.parametrize("name", list(HARMFUL_SCHEMAS))
def test_what_only_looks_like_a_table_is_refused(tmp_path: Path, name: str) -> None:
    path = _run_sql(tmp_path / "memory.db", *HARMFUL_SCHEMAS[name])
    assert _unreadable(path) is Reason.UNREADABLE_FILE


def test_the_view_would_have_given_attempts(tmp_path: Path) -> None:
    path = _run_sql(tmp_path / "memory.db", *HARMFUL_SCHEMAS["view"])
    with closing(sqlite3.connect(path)) as naive:
        assert naive.execute(f"select id, outcome from {RESULTS}").fetchall() == [
            (_uuid(9), "success")
        ]


def test_triggers_beside_the_tables_do_no_harm(tmp_path: Path) -> None:
    path = _db(tmp_path / "memory.db", _suite())
    _run_sql(path, f"create trigger t after insert on {RESULTS} begin delete from {PIECES}; end")
    before = path.read_bytes()
    assert _read(path)[0].rows_read == 5
    assert path.read_bytes() == before


def test_generated_columns_are_not_computed(tmp_path: Path) -> None:
    path = _run_sql(
        tmp_path / "memory.db",
        f"create table {RESULTS} (id text, objective text, "
        "outcome text generated always as ('success') virtual)",
        f"insert into {RESULTS} values ('{_uuid(1)}', 'the objective')",
    )
    _, (row,), _ = _read(path)
    assert row["verdict"] == "undetermined"


def test_a_table_that_repeats_its_pages_is_too_large(tmp_path: Path) -> None:
    """Inner pages, each leading to the next one with all of its cells: rows without end."""
    page = 512
    path = tmp_path / "memory.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"pragma page_size = {page}")
        db.execute(f"create table {RESULTS} (id text, objective text, outcome text)")
        values = ((f"{number:06}", "the objective", "success") for number in range(2000))
        db.executemany(f"insert into {RESULTS} values (?, ?, ?)", values)
        db.commit()
        (root,) = db.execute("select rootpage from sqlite_master").fetchone()
    data = bytearray(path.read_bytes())
    starts = [(number, (number - 1) * page) for number in range(2, len(data) // page + 1)]
    inner = [number for number, at in starts if data[at] == 5 and number != root]
    leaf = next(number for number, at in starts if data[at] == 13)
    chain = [root, *inner[:6], leaf]
    for number, following in pairwise(chain):
        at = (number - 1) * page
        cells = int.from_bytes(data[at + 3 : at + 5], "big")
        pointers = (at + 12 + 2 * cell for cell in range(cells))
        places = [at + int.from_bytes(data[place : place + 2], "big") for place in pointers]
        for place in (at + 8, *places):
            data[place : place + 4] = following.to_bytes(4, "big")
    path.write_bytes(data)
    assert _unreadable(path) is Reason.TOO_LARGE


def test_a_log_beside_a_database_is_not_read_and_noted(tmp_path: Path) -> None:
    path = _db(tmp_path / "memory.db", _suite()[:1])
    with closing(sqlite3.connect(path)) as db:
        db.execute("pragma journal_mode = wal")
        _fill(db, _suite()[1:2])
        report, rows, _ = _read(path)
    assert len(rows) == 1
    assert report.schema_note is not None
    assert "write-ahead log" in report.schema_note


@pytest.mark.parametrize("seed", range(15))
def test_damage_is_accounted_for(ground: Any, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    sound = [_attack(number, labels={"op_name": "sound"}) for number in (101, 102)]
    ground.put("pyrit/sound.json", json.dumps(sound))
    whole = _db(tmp_path / "a.db", [_attack(number) for number in range(1, 30)]).read_bytes()
    for name, data in (("a.db", whole), ("b.json", json.dumps(_suite()).encode())):
        damaged = bytearray(data)
        for _ in range(chance.randrange(1, 12)):
            at = chance.randrange(len(damaged))
            damaged[at : at + chance.randrange(3)] = chance.randbytes(chance.randrange(3))
        ground.put(f"pyrit/{name}", bytes(damaged))
    ground.land()
    assert ground.reconciles()
    assert ground.counts()["pyrit/sound.json"] == (2, 2, 0, 0)


# Real files


def _shared_data() -> Path | None:
    beside = Path(__file__).resolve().parents[3].parent / "shared" / "data"
    folder = Path(os.environ.get("AISM_SHARED_DATA", beside)) / "scanners"
    return folder if (folder / "numbers.json").is_file() else None


real = pytest.mark.skipif(_shared_data() is None, reason="real scanner files are not here")


@real
def test_counts_equal_pyrits_own_in_the_real_database() -> None:
    folder = _shared_data()
    assert folder is not None
    numbers = json.loads((folder / "numbers.json").read_text())["pyrit/pyrit_1.1.0_dev.db"]
    report, rows, runs = _read(folder / "pyrit" / "pyrit_1.1.0_dev.db")
    assert report.faults == []
    assert report.rows_read == len(rows) == numbers["tables"][RESULTS]
    verdicts = Counter(row["verdict"] for row in rows)
    assert dict(verdicts) == numbers["outcomes"]
    rate = verdicts["success"] / (verdicts["success"] + verdicts["failure"])
    assert round(rate, 6) == numbers["analyze_results_success_rate"]
    ours = Counter(
        (
            row["target_name"].partition("@")[0],
            row["target_version"],
            row["category"],
            row["verdict"],
        )
        for row in rows
    )
    theirs = {
        (cell["system"], cell["version"], cell["harm_category"], cell["outcome"]): cell["n"]
        for cell in numbers["by_system"]
    }
    assert dict(ours) == theirs
    blocked = sum(row["reason"] == "blocked" for row in rows)
    assert blocked == numbers["response_error"]["assistant/blocked"]
    scores = Counter(row["score"] for row in rows)
    told = {score["value"]: score["n"] for score in numbers["scores"]}
    assert (scores[1.0], scores[0.0]) == (told["true"], told["false"])
    assert len({row["judge_version"] for row in rows if row["judge"]}) == 1
    converted = sum(row["strategy"] != "basic" for row in rows)
    assert converted == numbers["tables"]["PromptConverterIdentifiers"]
    assert report.runs == {
        "weekly-1": 48, "weekly-2": 48, "weekly-3": 36, "weekly-4": 36, "weekly-5": 18
    }  # fmt: skip
    assert {run["tool_version"] for run in runs} == {"1.1.0"}


@real
@pytest.mark.parametrize(
    ("database", "document"),
    [
        ("pyrit_1.1.0_dev.db", "pyrit_1.1.0_dev.attack_results.json"),
        ("pyrit_0.8.1.duckdb", "pyrit_0.8.1_conversations.json"),
    ],
)
def test_real_databases_and_their_json_are_the_same_rows(database: str, document: str) -> None:
    folder = _shared_data()
    assert folder is not None
    one, other = (_read(folder / "pyrit" / name) for name in (database, document))

    def by_id(rows: Sequence[Row]) -> list[Row]:
        return sorted(_without_place(rows), key=lambda row: str(row["attempt_id"]))

    assert by_id(one[1]) == by_id(other[1])
    assert one[2] == other[2]
    assert one[0].runs == other[0].runs


@real
def test_real_replies_of_version_0_are_counted_by_their_scores() -> None:
    folder = _shared_data()
    assert folder is not None
    report, rows, _ = _read(folder / "pyrit" / "pyrit_0.8.1_conversations.json")
    counts = Counter((row["target_version"], row["verdict"]) for row in rows)
    assert dict(counts) == {
        ("1.4.0", "success"): 6,
        ("1.4.0", "failure"): 18,
        ("2026.08", "success"): 14,
        ("2026.08", "failure"): 10,
    }
    assert (report.rows_read, sorted(report.runs.values())) == (48, [24, 24])


@real
def test_real_pieces_and_scores_hold_no_attempts() -> None:
    folder = _shared_data()
    assert folder is not None
    for name in ("message_pieces", "scores"):
        report, rows, _ = _read(folder / "pyrit" / f"pyrit_1.1.0_dev.{name}.json")
        assert (report.rows_read, rows, report.faults) == (0, [], [])
