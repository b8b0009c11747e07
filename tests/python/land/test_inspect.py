"""Inspect logs: documents and archives of every version, hostile ones, and the tool's figures."""

from __future__ import annotations

import gzip
import json
import math
import os
import random
import struct
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import mean, multimode
from typing import Any

import pyarrow as pa
import pytest

from aism.land import archive as archives
from aism.land.model import LandedFile, ReadReport, Reason, UnreadableFileError
from aism.land.readers.inspect import read_inspect
from aism.land.schemas import TABLES

SHA256 = "cd" * 32
SECRET = "an input that nobody may read"
STORED, DEFLATED, ZSTANDARD = 0, 8, 93

Row = dict[str, Any]


class MemorySink:
    """Keeps what a reader writes, typed as the lake would."""

    def __init__(self) -> None:
        self.tables: dict[str, list[Row]] = {}

    def write(self, table: str, columns: Mapping[str, Sequence[object]]) -> None:
        arrays = [pa.array(columns[field.name], field.type) for field in TABLES[table]]
        batch = pa.table(arrays, schema=TABLES[table])
        self.tables.setdefault(table, []).extend(batch.to_pylist())

    def rows(self, table: str) -> list[Row]:
        return self.tables.get(table, [])

    def results(self, *columns: str) -> list[tuple[Any, ...]]:
        return [tuple(row[name] for name in columns) for row in self.rows("scanner_results")]


@dataclass
class Zipped:
    """One member as a test wants it to lie in an archive, lies about it included."""

    name: str
    content: bytes
    method: int = DEFLATED
    flags: int = 0x800
    size: int | None = None
    crc: int | None = None
    packed: bytes | None = None
    local_name: str | None = None
    skip: int = 0
    """How far the local header says that the data begins behind the name."""


def _pack(content: bytes, method: int) -> bytes:
    if method == ZSTANDARD:
        return bytes(pa.Codec("zstd").compress(content, asbytes=True))
    if method == DEFLATED:
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        return packer.compress(content) + packer.flush()
    return content


def _zip(members: Sequence[Zipped], *, comment: bytes = b"", wide: bool = False) -> bytes:
    body, directory = b"", b""
    for member in members:
        packed = _pack(member.content, member.method) if member.packed is None else member.packed
        size = len(member.content) if member.size is None else member.size
        crc = zlib.crc32(member.content) if member.crc is None else member.crc
        name = member.name.encode()
        local_name = (member.local_name or member.name).encode()
        about = (member.flags, member.method, 0, 33, crc)
        extra, sizes, offset = b"", (len(packed), size), len(body)
        if wide:
            extra = struct.pack("<2H3Q", 1, 24, size, len(packed), offset)
            sizes, offset = (0xFFFFFFFF, 0xFFFFFFFF), 0xFFFFFFFF
        directory += struct.pack("<4s6H", b"PK\x01\x02", 20, 20, *about[:4])
        directory += struct.pack("<3L5H2L", crc, *sizes, len(name), len(extra), 0, 0, 0, 0, offset)
        directory += name + extra
        body += struct.pack("<4s5H", b"PK\x03\x04", 20, *about[:4])
        body += struct.pack("<3L2H", crc, len(packed), size, len(local_name), member.skip)
        body += local_name + packed
    count, at = len(members), len(body)
    end = b""
    if wide:
        end = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, 0, 0)[:-16]
        end += struct.pack("<2Q", len(directory), at)
        end += struct.pack("<4sLQL", b"PK\x06\x07", 0, at + len(directory), 1)
        last: tuple[int, ...] = (0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF)
    else:
        last = (count, count, len(directory), at)
    end += struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, *last, len(comment)) + comment
    return body + directory + end


def _spec(**more: Any) -> Row:
    spec = {
        "eval_id": "E1",
        "run_id": "R1",
        "task_id": "T1",
        "created": "2026-03-01T10:00:00+01:00",
        "task": "injections",
        "task_version": 2,
        "dataset": {"name": "canary", "samples": 2},
        "model": "lab/bot",
        "model_generate_config": {},
        "packages": {"inspect_ai": "0.3.285"},
        "metadata": {"system_version": "3", "suite": "canary", "suite_version": "1.2"},
        "scorers": [
            {"name": "hit", "options": {}, "metrics": [{"name": "accuracy"}]},
            {"name": "judge", "options": {}, "metrics": {"refused": [], "severity": []}},
        ],
    }
    return {key: value for key, value in {**spec, **more}.items() if value is not ...}


def _sample(sample_id: str | int = "a", epoch: int = 1, value: object = "C", **more: Any) -> Row:
    sample = {
        "id": sample_id,
        "epoch": epoch,
        "uuid": f"u-{sample_id}-{epoch}",
        "input": f"{SECRET} {sample_id}",
        "target": SECRET,
        "messages": [{"id": f"m{epoch}", "role": "user", "content": SECRET}],
        "output": {"choices": [{"message": {"content": SECRET}}], "completion": SECRET},
        "scores": {"hit": {"value": value, "answer": SECRET, "explanation": SECRET}},
        "metadata": {"category": "direct", "atlas_technique": "AML.T0051.000"},
        "store": {"deep": {"er": [SECRET]}},
        "events": [{"event": "model", "input": SECRET}],
        "started_at": "2026-03-01T09:00:01.5+00:00",
        "completed_at": "2026-03-01T09:00:02+00:00",
        "attachments": {"hash": SECRET},
    }
    return {key: value for key, value in {**sample, **more}.items() if value is not ...}


def _figures(**more: Any) -> Row:
    scores = [
        {
            "name": "hit",
            "scorer": "hit",
            "reducer": "mean",
            "scored_samples": 2,
            "metrics": {"accuracy": {"name": "accuracy", "value": 0.5}},
        },
        {
            "name": "refused",
            "scorer": "judge",
            "metrics": {"mean": {"name": "mean", "value": float("nan")}},
        },
    ]
    return {"total_samples": 4, "completed_samples": 2, "scores": scores, **more}


def _log(samples: Sequence[object] | None, **more: Any) -> Row:
    log = {
        "version": 2,
        "status": "success",
        "eval": _spec(),
        "plan": {"steps": [{"solver": "system_message", "params": {"template": SECRET}}]},
        "results": None,
        "stats": {"completed_at": "2026-03-01T09:05:00+00:00"},
        "samples": samples,
    }
    return {key: value for key, value in {**log, **more}.items() if value is not ...}


def _archive(
    samples: Sequence[Row], *, method: int = ZSTANDARD, finished: bool = True, **more: Any
) -> bytes:
    """Lay a log out as Inspect does; a run that was killed has no header."""
    log = _log(None, **more)
    start = {key: log[key] for key in ("version", "eval", "plan")}
    parts: list[tuple[str, object]] = [("_journal/start.json", start)]
    parts += [(f"samples/{one['id']}_epoch_{one['epoch']}.json", one) for one in samples]
    if finished:
        parts += [("summaries.json", list(samples)), ("reductions.json", []), ("header.json", log)]
    return _zip([Zipped(name, json.dumps(part).encode(), method) for name, part in parts])


def _read(tmp_path: Path, content: bytes | Row, name: str = "") -> tuple[ReadReport, MemorySink]:
    if isinstance(content, dict):
        content = json.dumps(content, indent=2).encode()  # indented and with NaN, as Inspect does
    path = tmp_path / (name or ("log.eval" if content.startswith(b"PK") else "log.json"))
    path.write_bytes(content)
    sink = MemorySink()
    return read_inspect(LandedFile(path, path.name, "inspect", SHA256, len(content)), sink), sink


def _refused(tmp_path: Path, content: bytes | Row, name: str = "") -> Reason:
    with pytest.raises(UnreadableFileError) as caught:
        _read(tmp_path, content, name)
    return caught.value.reason


def _faults(report: ReadReport) -> list[tuple[str | None, Reason, str | None]]:
    return [(fault.record_path, fault.reason, fault.column_name) for fault in report.faults]


def test_a_document_fills_the_three_tables(tmp_path: Path) -> None:
    report, sink = _read(tmp_path, _log([_sample()], results=_figures(completed_samples=1)))
    assert (report.rows_read, report.faults, report.is_complete) == (1, [], True)
    assert (report.runs, report.run_lines) == ({"T1": 1}, {"T1": 1})
    assert report.targets == {"lab/bot"}
    assert sink.rows("scanner_runs") == [
        {
            "file_sha256": SHA256,
            "run_id": "T1",
            "tool_version": "0.3.285",
            "suite": "canary, task version 2, canary 1.2",
            "decoding": '{"solvers":["system_message"]}',
            "started_at": datetime(2026, 3, 1, 9),
            "completed_at": datetime(2026, 3, 1, 9, 5),
            "status": "success",
            "is_complete": True,
        }
    ]
    first = sink.rows("scanner_results")[0]
    hashed = {name: first.pop(name) for name in ("prompt_id", "judge_version")}
    assert all(len(value) == 32 for value in hashed.values())
    assert first == {
        "file_sha256": SHA256,
        "run_id": "T1",
        "line_number": None,
        "record_path": "samples[0]",
        "attempt_id": "a_epoch_1",
        "target_name": "lab/bot",
        "target_version": "3",
        "attempted_at": datetime(2026, 3, 1, 9, 0, 1, 500_000),
        "attack": "injections",
        "strategy": "basic",
        "category": "direct",
        "technique_id": "AML.T0051.000",
        "judge": "hit",
        "is_test_verdict": False,
        "verdict": "scored",
        "score": 1.0,
        "reason": None,
    }
    assert SECRET not in repr(sink.tables) + repr(report)


def test_the_tools_figures_keep_their_reducer_and_their_judge(tmp_path: Path) -> None:
    _, sink = _read(tmp_path, _log([_sample()], results=_figures()))
    columns = ("judge", "figure", "value", "counted")
    assert [tuple(row[name] for name in columns) for row in sink.rows("scanner_figures")] == [
        (None, "total_samples", 4.0, None),
        (None, "completed_samples", 2.0, None),
        ("hit", "accuracy/mean", 0.5, 2.0),
        ("judge.refused", "mean", None, None),
    ]
    assert {(row["target_name"], row["attack"]) for row in sink.rows("scanner_figures")} == {
        ("lab/bot", "injections")
    }


def test_a_key_may_be_called_like_its_scorer(tmp_path: Path) -> None:
    measured = {"a\0b": {"value": 1}, "mean": {"value": 0.5}}
    figures = _figures(scores=[{"name": "hit", "scorer": "hit", "metrics": measured}])
    for value, judge in (({"hit": 1, "other": 2}, "hit.hit"), (1, "hit")):
        _, sink = _read(tmp_path, _log([_sample(value=value)], results=figures))
        named = [(row["judge"], row["figure"]) for row in sink.rows("scanner_figures")[2:]]
        assert named == [(judge, "mean")]


@pytest.mark.parametrize("method", [STORED, DEFLATED, ZSTANDARD])
def test_an_archive_says_the_same_as_a_document(tmp_path: Path, method: int) -> None:
    samples = [_sample(1, 1, "C"), _sample(1, 2, "I"), _sample("b", 1, "N")]
    packed, from_archive = _read(tmp_path, _archive(samples, method=method, results=_figures()))
    plain, from_document = _read(tmp_path, _log(samples, results=_figures()))
    assert packed == plain
    for table in ("scanner_runs", "scanner_figures"):
        assert from_archive.rows(table) == from_document.rows(table)
    paths = [row.pop("record_path") for row in from_archive.rows("scanner_results")]
    for row in from_document.rows("scanner_results"):
        del row["record_path"]
    assert from_archive.rows("scanner_results") == from_document.rows("scanner_results")
    assert paths[0] == "samples/1_epoch_1.json"


def test_archives_with_64_bit_sizes_comments_and_frames_are_read(tmp_path: Path) -> None:
    log = json.dumps(_log(None)).encode()
    sample = json.dumps(_sample()).encode()
    frames = _pack(sample[:100], ZSTANDARD) + _pack(sample[100:], ZSTANDARD)
    members = [
        Zipped("header.json", log, ZSTANDARD),
        Zipped("samples/a_epoch_1.json", sample, ZSTANDARD, packed=frames),
    ]
    for content in (_zip(members, wide=True), _zip(members, comment=b"PK\x05\x06 looks like one")):
        report, _ = _read(tmp_path, content)
        assert (report.runs, report.faults, report.is_complete) == ({"T1": 1}, [], True)


@pytest.mark.parametrize(
    ("value", "verdict", "score"),
    [
        ("C", "scored", 1.0),
        ("P", "scored", 0.5),
        ("I", "scored", 0.0),
        ("N", "no_answer", 0.0),
        (0.25, "scored", 0.25),
        (3, "scored", 3.0),
        (True, "scored", 1.0),
        (False, "scored", 0.0),
        ("Yes", "scored", 1.0),
        ("true", "scored", 1.0),
        ("NO", "scored", 0.0),
        ("False", "scored", 0.0),
        ("-1.5e1", "scored", -15.0),
        ("c", "unscored", None),
        ("nan", "unscored", None),
        ("refusal", "unscored", None),
        ("", "unscored", None),
        ([1, 2], "unscored", None),
        ({}, "unscored", None),
        (None, "unscored", None),
        (float("nan"), "unscored", None),
        (float("inf"), "unscored", None),
        (float("-inf"), "unscored", None),
        (10**400, "unscored", None),
        ("9" * 5_000, "unscored", None),
    ],
)
def test_values_become_scores_as_inspect_converts_them(
    tmp_path: Path, value: object, verdict: str, score: float | None
) -> None:
    report, sink = _read(tmp_path, _log([_sample(value=value)], eval=_spec(scorers=None)))
    reason = None if verdict == "scored" else verdict
    assert sink.results("judge", "verdict", "score", "reason") == [("hit", verdict, score, reason)]
    assert report.faults == []


def test_a_dict_value_is_a_judge_for_each_key(tmp_path: Path) -> None:
    value = {"refused": 1, "severity": float("nan"), "list": [1], "word": "yes"}
    samples = [_sample(scores={"judge": {"value": value}})]
    _, sink = _read(tmp_path, _log(samples, eval=_spec(scorers=None)))
    assert sink.results("judge", "verdict", "score") == [
        ("judge.refused", "scored", 1.0),
        ("judge.severity", "unscored", None),
        ("judge.list", "unscored", None),
        ("judge.word", "scored", 1.0),
    ]


def test_what_looks_like_nan_in_text_stays_text(tmp_path: Path) -> None:
    def prompt_id(text: str, value: object) -> str:
        log = _log([_sample(input=text, value=value), _sample("b", input="NaN, \\")])
        _, sink = _read(tmp_path, log)
        return str(sink.results("prompt_id")[0][0])

    text = 'say "[NaN, -Infinity]\\": NaN,'
    assert prompt_id(text, 1) == prompt_id(text, float("nan")) != prompt_id("say", float("nan"))
    assert _refused(tmp_path, b'{"eval": NaNa}') is Reason.NAN_OR_INFINITY


def test_an_error_speaks_for_every_judge_that_gave_no_score(tmp_path: Path) -> None:
    error = {"message": SECRET, "traceback": SECRET}
    samples = [
        _sample("a", error=error, scores={}),
        _sample("b", error=error, scores={"hit": {"value": "C"}, "judge": {"value": None}}),
        _sample("c", error=error, scores={"hit": {"value": "no idea"}}),
    ]
    _, sink = _read(tmp_path, _log(samples))
    failed = ("error", None, "provider_error")
    assert sink.results("attempt_id", "judge", "verdict", "score", "reason") == [
        ("a_epoch_1", "hit", *failed),
        ("a_epoch_1", "judge.refused", *failed),
        ("a_epoch_1", "judge.severity", *failed),
        ("b_epoch_1", "hit", "scored", 1.0, None),
        ("b_epoch_1", "judge.refused", *failed),
        ("b_epoch_1", "judge.severity", *failed),
        ("c_epoch_1", "hit", *failed),
        ("c_epoch_1", "judge.refused", *failed),
        ("c_epoch_1", "judge.severity", *failed),
    ]


def test_a_scorer_is_known_by_the_judges_it_used(tmp_path: Path) -> None:
    """Metrics by pattern (or none, in old logs) do not name the keys: other samples do."""
    scorers = [{"name": "judge", "metrics": {"*": []}}]
    samples = [
        _sample("a", scores={"judge": {"value": {"x": 1, "y": 0}}}),
        _sample("b", scores={}, error={"message": "down"}),
        _sample("c", scores={}),
    ]
    for spec in (_spec(scorers=scorers), _spec(scorers=...)):
        _, sink = _read(tmp_path, _log(samples, eval=spec))
        assert sink.results("judge", "verdict")[2:] == [
            ("judge.x", "error"),
            ("judge.y", "error"),
            ("judge.x", "unscored"),
            ("judge.y", "unscored"),
        ]


def test_keys_that_a_grader_makes_up_do_not_multiply(tmp_path: Path) -> None:
    """Every sample failing for every key of every other sample would be a bomb of rows."""

    def graded(keys: int) -> list[Row]:
        samples = [
            _sample(n, scores={"judge": {"value": {f"{n}-{key}": 1 for key in range(keys)}}})
            for n in range(5)
        ]
        return [*samples, _sample("z", scores={}, error={"message": "down"})]

    for keys, missing in ((200, 1000), (201, 1)):
        _, sink = _read(tmp_path, _log(graded(keys), eval=_spec(scorers=None)))
        assert Counter(sink.results("verdict")) == {("scored",): 5 * keys, ("error",): missing}
    assert sink.results("judge", "verdict")[-1] == ("judge", "error")


def test_too_many_scorers_are_refused(tmp_path: Path) -> None:
    for count in (1_000, 1_001):
        scorers = [{"name": f"s{number}"} for number in range(count)]
        log = _log([_sample(scores={})], eval=_spec(scorers=scorers))
        if count == 1_000:
            assert len(_read(tmp_path, log)[1].rows("scanner_results")) == count
        else:
            assert _refused(tmp_path, log) is Reason.TOO_LARGE


def test_hostile_values_in_a_header_are_left_out(tmp_path: Path) -> None:
    huge, half = b"1e999", b'"\\ud800"'
    scorers = [{"name": "a\0b"}, {"name": ""}, {"name": "s", "options": 1, "metrics": {"a\0": []}}]
    spec = _spec(scorers=scorers, metadata={"system_version": 1, "suite": 1}, task_id="a\0b")
    spec["model_generate_config"] = {"temperature": 1, "stop_seqs": 1}
    content = json.dumps(_log([_sample(scores={})], eval=spec)).encode()
    for hostile in (huge, b"9" * 5_000, half):
        damaged = content
        for key in (b"system_version", b"suite", b"options", b"temperature", b"stop_seqs"):
            damaged = damaged.replace(b'"%b": 1' % key, b'"%b": %b' % (key, hostile))
        report, sink = _read(tmp_path, damaged)
        assert (report.runs, report.faults) == ({"E1": 1}, [])
        assert sink.results("judge", "verdict") == [("s", "unscored")]
        assert "x00" not in repr(sink.tables)


def test_a_pattern_of_keys_names_no_judge(tmp_path: Path) -> None:
    scorers = [{"name": "judge", "metrics": {"*": []}}]
    samples = [_sample(scores={}, error={"message": "down"})]
    _, sink = _read(tmp_path, _log(samples, eval=_spec(scorers=scorers)))
    assert sink.results("judge", "verdict") == [("judge", "error")]


def test_without_any_scorer_an_attempt_has_no_judge(tmp_path: Path) -> None:
    samples = [_sample(scores=...), _sample("b", scores={}, error={"message": "down"})]
    _, sink = _read(tmp_path, _log(samples, eval=_spec(scorers=...)))
    assert sink.results("judge", "judge_version", "verdict", "reason") == [
        (None, None, "unscored", "unscored"),
        (None, None, "error", "provider_error"),
    ]


def test_invalidated_samples_and_limits(tmp_path: Path) -> None:
    limit = {"type": "token", "limit": 100}
    samples = [
        _sample("a", invalidation={"author": "x"}, error={"message": "down"}, limit=limit),
        _sample("b", limit=limit),
        _sample("c", value="N", limit=limit),
        _sample("d", limit=limit, error={"message": "down"}, scores={}),
    ]
    _, sink = _read(tmp_path, _log(samples, eval=_spec(scorers=[{"name": "hit"}])))
    assert sink.results("verdict", "score", "reason") == [
        ("invalidated", None, "invalidated"),
        ("scored", 1.0, "limit"),
        ("no_answer", 0.0, "limit"),
        ("error", None, "provider_error"),
    ]


def test_epochs_share_a_prompt_and_message_ids_do_not_tell_them_apart(tmp_path: Path) -> None:
    def said(mark: str, *contents: object) -> list[Row]:
        return [{"id": mark, "role": "user", "content": content} for content in contents]

    inputs: list[object] = [
        "say it",
        said("m1", "say it"),
        said("m2", [{"type": "text", "text": "say it"}]),
        said("m3", "say", "it"),
        [{"role": "system", "content": "say it"}],
        said("m4", [{"type": "text", "text": "say it"}, {"type": "image", "image": "data:1"}]),
        said("m5", [{"type": "text", "text": "say it"}, {"type": "image", "image": "data:2"}]),
    ]
    samples = [_sample("s", epoch, input=text) for epoch, text in enumerate(inputs, 1)]
    _, sink = _read(tmp_path, _log(samples, eval=_spec(scorers=None)))
    prompts = [prompt for (prompt,) in sink.results("prompt_id")]
    assert prompts[0] == prompts[1] == prompts[2]
    assert len(set(prompts)) == 5


def test_metadata_is_taken_where_it_is_a_label(tmp_path: Path) -> None:
    cases: list[tuple[Row | None, tuple[str | None, ...]]] = [
        ({"category": "x", "strategy": "base64", "atlas": "AML.T0054"}, ("x", "base64")),
        ({"category": 7, "atlas_technique": "AML.TA0002", "atlas": "AML.T0054"}, ("7", "basic")),
        ({"category": None, "technique_id": "AML.T0054"}, (None, "basic")),
        ({"category": ["x"], "strategy": {"a": 1}, "atlas": ["AML.T0054"]}, (None, "basic")),
        ({"category": "x" * 5_000, "atlas": "AML.T0054 and more"}, (None, "basic")),
        ({"category": True, "strategy": "a\0b"}, (None, "basic")),
        (None, (None, "basic")),
    ]
    samples = [_sample(number, metadata=metadata) for number, (metadata, _) in enumerate(cases)]
    report, sink = _read(tmp_path, _log(samples, eval=_spec(scorers=None)))
    assert report.faults == []
    assert sink.results("category", "strategy") == [expected for _, expected in cases]
    assert sink.results("technique_id") == [("AML.T0054",)] * 3 + [(None,)] * 4


def test_a_model_name_with_a_version_needs_no_other(tmp_path: Path) -> None:
    for model, metadata, version in (
        ("lab/bot", {"system_version": 4}, "4"),
        ("lab/bot@3", {"system_version": "4"}, None),
        ("lab/bot", None, None),
    ):
        log = _log([_sample()], eval=_spec(model=model, metadata=metadata))
        _, sink = _read(tmp_path, log)
        assert sink.results("target_name", "target_version")[0] == (model, version)


def test_decoding_is_what_changes_answers_without_prompts(tmp_path: Path) -> None:
    def decoding(model: Row, task: Row, solvers: Sequence[str] = ()) -> str | None:
        plan = {"steps": [{"solver": name} for name in solvers], "config": task}
        log = _log([_sample()], eval=_spec(model_generate_config=model), plan=plan)
        _, sink = _read(tmp_path, log)
        found = sink.rows("scanner_runs")[0]["decoding"]
        return None if found is None else str(found)

    assert decoding({}, {}) is None
    assert decoding({"seed": 7, "max_connections": 9, "system_message": SECRET}, {}) is None
    assert decoding({"temperature": 1.0, "top_p": 0.9}, {"temperature": 0, "top_p": None}) == (
        '{"temperature":0,"top_p":0.9}'
    )
    assert decoding({"temperature": 1}, {}) == decoding({"temperature": 1.0}, {})
    assert decoding({}, {}, ["chain", "generate"]) == '{"solvers":["chain","generate"]}'
    stopped = decoding({"stop_seqs": [SECRET]}, {})
    assert stopped is not None
    assert stopped != decoding({"stop_seqs": ["other"]}, {})
    assert SECRET not in stopped


def test_a_judge_version_follows_scorer_options_and_task(tmp_path: Path) -> None:
    def versions(task_version: int, *options: Row) -> list[Any]:
        scorers = [{"name": "match", "options": one} for one in options]
        names = ["match", "match1"][: len(options)]
        sample = _sample(scores={name: {"value": 1} for name in names})
        spec = _spec(scorers=scorers, task_version=task_version)
        _, sink = _read(tmp_path, _log([sample], eval=spec))
        assert [judge for (judge,) in sink.results("judge")] == names
        return [version for (version,) in sink.results("judge_version")]

    first, second = versions(1, {"a": 1, "b": 2}, {"a": 2})
    assert first != second
    assert versions(1, {"b": 2, "a": 1}) == [first]
    assert versions(2, {"a": 1, "b": 2}) != [first]


def test_old_logs_have_less(tmp_path: Path) -> None:
    """0.3.63: no eval_id, scorers, uuids, times of samples or counts of scored samples."""
    spec = _spec(eval_id=..., scorers=..., model_generate_config=...)
    sample = _sample(uuid=..., started_at=..., completed_at=..., error=None)
    report, sink = _read(tmp_path, _archive([sample], method=DEFLATED, eval=spec))
    assert (report.runs, report.faults, report.is_complete) == ({"T1": 1}, [], True)
    assert sink.results("judge", "judge_version", "attempted_at", "score") == [
        ("hit", None, None, 1.0)
    ]


def test_the_end_stands_in_for_a_start_that_is_missing(tmp_path: Path) -> None:
    _, sink = _read(tmp_path, _log([_sample(started_at="")]))
    assert sink.results("attempted_at")[0] == (datetime(2026, 3, 1, 9, 0, 2),)


def test_a_killed_run_keeps_what_was_written(tmp_path: Path) -> None:
    document = _log([_sample()], status="started", stats={"completed_at": ""})
    for content in (document, _archive([_sample()], finished=False)):
        report, sink = _read(tmp_path, content)
        (run,) = sink.rows("scanner_runs")
        assert (run["status"], run["is_complete"], run["completed_at"]) == ("started", False, None)
        assert (report.is_complete, report.runs) == (False, {"T1": 1})
        assert not sink.rows("scanner_figures")
    report, sink = _read(tmp_path, _archive([], finished=False))
    assert (report.is_complete, report.runs) == (False, {"T1": 0})


@pytest.mark.parametrize("status", ["error", "cancelled", None])
def test_only_success_is_complete(tmp_path: Path, status: str | None) -> None:
    report, sink = _read(tmp_path, _log([_sample()], status=status))
    assert not report.is_complete
    assert sink.rows("scanner_runs")[0]["status"] == status


def test_a_log_without_its_samples_is_not_complete(tmp_path: Path) -> None:
    for samples in (None, [], [_sample()]):
        report, _ = _read(tmp_path, _log(samples, results=_figures(completed_samples=2)))
        assert not report.is_complete
        assert report.runs == {"T1": len(samples or [])}


def test_of_repeated_samples_the_last_with_a_score_stands(tmp_path: Path) -> None:
    failed = _sample(scores={}, error={"message": "down"})
    for samples, value in (
        ([_sample(value="C"), _sample(value="I")], 0.0),
        ([_sample(value="C"), failed], 1.0),
        ([failed, _sample(value="C"), failed], 1.0),
    ):
        for content in (_log(samples), _archive(samples)):
            report, sink = _read(tmp_path, content)
            assert sink.results("attempt_id", "judge", "score")[0] == ("a_epoch_1", "hit", value)
            assert (report.runs, report.run_lines) == ({"T1": 1}, {"T1": len(samples)})
            assert report.rows_read == len(samples)
            assert report.schema_note is not None


def test_of_repeated_samples_without_a_score_the_last_stands(tmp_path: Path) -> None:
    samples = [_sample(scores={}), _sample(scores={}, error={"message": "down"})]
    _, sink = _read(tmp_path, _log(samples))
    assert set(sink.results("record_path", "verdict")) == {("samples[1]", "error")}


def test_numbers_and_texts_are_the_same_sample_id(tmp_path: Path) -> None:
    report, _ = _read(tmp_path, _log([_sample(1), _sample("1")]))
    assert report.runs == {"T1": 1}


def test_a_lone_surrogate_is_a_fault_of_its_sample(tmp_path: Path) -> None:
    broken = _sample("b", output={"completion": "half a character: \ud83d"})
    log = {"status": "success", "eval": _spec(), "samples": [_sample("a"), broken, _sample("c")]}
    report, _ = _read(tmp_path, log)
    assert _faults(report) == [("samples[1]", Reason.LONE_SURROGATE, None)]
    assert report.runs == {"T1": 2}
    report, _ = _read(tmp_path, _archive([_sample("a"), broken, _sample("c")]))
    assert ("samples/b_epoch_1.json", Reason.LONE_SURROGATE, None) in _faults(report)
    assert report.runs == {"T1": 2}


def test_a_summary_speaks_for_a_sample_that_has_no_member(tmp_path: Path) -> None:
    samples = [_sample("a"), _sample("b", 1, "I"), _sample("b", 2), _sample("c")]
    kept = {"samples/a_epoch_1.json": samples[0], "samples/b_epoch_1.json": samples[1]}
    cut = [{**one, "input": "cut"} for one in samples]
    parts = {"header.json": _log(None), **kept, "summaries.json": cut}
    members = [Zipped(name, json.dumps(part).encode()) for name, part in parts.items()]
    report, sink = _read(tmp_path, _zip(members))
    assert (report.rows_read, report.runs) == (4, {"T1": 4})
    rows = [row for row in sink.rows("scanner_results") if row["judge"] == "hit"]
    assert [row["record_path"] for row in rows] == [*kept, "summaries.json[2]", "summaries.json[3]"]
    assert rows[1]["prompt_id"] == rows[2]["prompt_id"] != rows[3]["prompt_id"]


def test_run_ids_in_their_order(tmp_path: Path) -> None:
    for given, expected in (
        ({}, "T1"),
        ({"task_id": ""}, "E1"),
        ({"task_id": None, "eval_id": ...}, "R1"),
    ):
        report, _ = _read(tmp_path, _log([_sample()], eval=_spec(**given)))
        assert list(report.runs) == [expected]
        assert not report.row_prints


def test_a_run_without_an_id_is_known_by_its_rows(tmp_path: Path) -> None:
    nobody = {"task_id": ..., "eval_id": ..., "run_id": ...}
    samples = [_sample("a"), _sample("b", value="I")]
    first, _ = _read(tmp_path, _log(samples, eval=_spec(**nobody)))
    (run_id,) = first.runs
    assert run_id.startswith("rows-")
    assert first.unnamed_runs == {run_id}
    assert len(set(first.row_prints[run_id])) == 2
    assert all(0 <= number < 2**63 for number in first.row_prints[run_id])
    again, _ = _read(tmp_path, _archive(samples[::-1], eval=_spec(**nobody)))
    assert again.row_prints == first.row_prints
    cut, _ = _read(tmp_path, _log(samples[:1], eval=_spec(**nobody)))
    (rest,) = cut.row_prints.values()
    assert set(rest) < set(first.row_prints[run_id])
    for changed in (
        _log([_sample("a"), _sample("b", value="C")], eval=_spec(**nobody)),
        _log(samples, eval=_spec(**nobody, created="2026-03-02T10:00:00+01:00")),
    ):
        other, _ = _read(tmp_path, changed)
        assert other.row_prints != first.row_prints


@pytest.mark.parametrize(
    ("change", "reason", "column"),
    [
        ({"epoch": ...}, Reason.MISSING_KEY, "epoch"),
        ({"id": ...}, Reason.MISSING_KEY, "id"),
        ({"id": ""}, Reason.MISSING_VALUE, "id"),
        ({"id": "a\0b"}, Reason.NUL_BYTE, "id"),
        ({"id": 2**64}, Reason.NUMBER_RANGE, "id"),
        ({"epoch": -1}, Reason.NEGATIVE_NUMBER, "epoch"),
        ({"epoch": "1"}, Reason.WRONG_TYPE, "epoch"),
        ({"input": 3}, Reason.WRONG_TYPE, "input"),
        ({"scores": ["C"]}, Reason.WRONG_TYPE, "scores"),
        ({"scores": {"": {"value": 1}}}, Reason.MISSING_VALUE, "scores"),
        ({"scores": {"a\0": {"value": 1}}}, Reason.NUL_BYTE, "scores"),
        ({"scores": {str(n): {"value": 1} for n in range(1001)}}, Reason.TOO_LARGE, "scores"),
        (
            {"scores": {"a": {"value": {str(n): 1 for n in range(1001)}}}},
            Reason.TOO_LARGE,
            "scores",
        ),
        ({"started_at": "yesterday"}, Reason.BAD_TIMESTAMP, "started_at"),
        ({"completed_at": "2026-02-30"}, Reason.BAD_TIMESTAMP, "completed_at"),
    ],
)
def test_a_broken_sample_is_one_fault_and_the_rest_lands(
    tmp_path: Path, change: Row, reason: Reason, column: str
) -> None:
    broken = _sample("b", **change)
    report, sink = _read(tmp_path, _log([_sample("a"), broken, _sample("c")]))
    assert _faults(report) == [("samples[1]", reason, column)]
    assert (report.rows_read, report.runs) == (3, {"T1": 2})

    parts: list[tuple[str, object]] = [("header.json", _log(None))]
    parts += [("samples/a_epoch_1.json", _sample("a")), ("samples/b_epoch_1.json", broken)]
    members = [Zipped(name, json.dumps(part).encode()) for name, part in parts]
    report, sink = _read(tmp_path, _zip(members))
    assert _faults(report) == [("samples/b_epoch_1.json", reason, column)]
    assert {path for (path,) in sink.results("record_path")} == {"samples/a_epoch_1.json"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", Reason.NOT_JSON),
        (b"{", Reason.NOT_JSON),
        (b"[]", Reason.NOT_OBJECT),
        (b"\xff", Reason.BAD_UTF8),
        (b"[" * 100, Reason.TOO_DEEP),
        (b'{"id": "b", "epoch": 1, "input": "", "store": "\xff"}', Reason.BAD_UTF8),
        (
            b'{"id": "b", "epoch": 1, "input": "", "store": ' + b"[" * 64 + b"]" * 64 + b"}",
            Reason.TOO_DEEP,
        ),
        (b'{"id": "\\ud800", "epoch": 1, "input": ""}', Reason.LONE_SURROGATE),
        (b'{"id": "b", "epoch": 1, "input": ""} {}', Reason.TRAILING_TEXT),
        (b'{"id": "b", "epoch": 1, "input": "NaN: [NaN', Reason.NOT_JSON),
    ],
)
def test_a_member_that_is_no_json_is_one_fault(tmp_path: Path, text: bytes, reason: Reason) -> None:
    parts = [("header.json", json.dumps(_log(None)).encode()), ("samples/b_epoch_1.json", text)]
    parts.append(("samples/c_epoch_1.json", json.dumps(_sample("c")).encode()))
    report, _ = _read(tmp_path, _zip([Zipped(*part) for part in parts]))
    assert _faults(report) == [("samples/b_epoch_1.json", reason, None)]
    assert (report.rows_read, report.runs) == (2, {"T1": 1})


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", Reason.NOT_JSON),
        (b"{}", Reason.MISSING_KEY),
        (b"[]", Reason.WRONG_TYPE),
        (b'{"eval": {"task": "t"}}', Reason.MISSING_KEY),
        (b'{"eval": {"task": "", "model": "m"}}', Reason.MISSING_VALUE),
        (b'{"eval": {"task": "t", "model": "a\\u0000"}}', Reason.NUL_BYTE),
        (b'{"eval": {"task": "t", "model": 1}}', Reason.WRONG_TYPE),
        (b'{"eval": {"task": "t", "model": "m"}, "samples": {}}', Reason.WRONG_TYPE),
        (b'{"eval": {"task": "t", "model": "m"}, "samples": [', Reason.NOT_JSON),
        (b'{"a": ' + b"[" * 70 + b"]" * 70 + b"}", Reason.TOO_DEEP),
        (b'{"a": "\xff"}', Reason.BAD_UTF8),
    ],
)
def test_a_document_that_is_no_log_is_unreadable(
    tmp_path: Path, content: bytes, reason: Reason
) -> None:
    assert _refused(tmp_path, content, "log.json") is reason
    archived = _zip([Zipped("header.json", content)])
    assert _refused(tmp_path, archived) is reason


def test_broken_parts_of_a_header_do_not_take_the_samples_along(tmp_path: Path) -> None:
    spec = _spec(created="soon", scorers={"a": 1}, model_generate_config=[])
    log = _log([_sample()], eval=spec, plan={"steps": [{}]}, stats=[], results={"scores": [{}]})
    report, sink = _read(tmp_path, log)
    assert sorted(_faults(report), key=repr) == [
        (None, Reason.BAD_TIMESTAMP, "eval.created"),
        (None, Reason.MISSING_KEY, "plan.steps[0].solver"),
        (None, Reason.MISSING_KEY, "results.scores[0].name"),
        (None, Reason.WRONG_TYPE, "eval.model_generate_config"),
        (None, Reason.WRONG_TYPE, "eval.scorers"),
        (None, Reason.WRONG_TYPE, "stats"),
    ]
    assert sink.results("judge", "score") == [("hit", 1.0)]
    assert sink.rows("scanner_runs")[0]["started_at"] is None


def test_a_damaged_header_leaves_the_start(tmp_path: Path) -> None:
    start = {"eval": _spec(), "plan": {}}
    members = [
        Zipped("_journal/start.json", json.dumps(start).encode()),
        Zipped("samples/a_epoch_1.json", json.dumps(_sample()).encode()),
        Zipped("header.json", json.dumps(_log(None)).encode(), crc=1),
    ]
    report, sink = _read(tmp_path, _zip(members))
    assert _faults(report) == [(None, Reason.UNREADABLE_FILE, "header.json")]
    assert (report.is_complete, report.runs) == (False, {"T1": 1})
    assert sink.rows("scanner_runs")[0]["status"] is None
    assert _refused(tmp_path, _zip(members[1:])) is Reason.UNREADABLE_FILE
    assert _refused(tmp_path, _zip(members[1:2])) is Reason.UNREADABLE_FILE


def _with(tmp_path: Path, *members: Zipped) -> ReadReport:
    """Read an archive with one honest sample and ``members``: the control is that it lands."""
    honest = Zipped("samples/honest_epoch_1.json", json.dumps(_sample("honest")).encode())
    header = Zipped("header.json", json.dumps(_log(None)).encode(), ZSTANDARD)
    report, _ = _read(tmp_path, _zip([header, *members, honest]))
    assert report.runs == {"T1": 1}
    assert report.rows_read == 1 + len(report.faults)
    return report


SAMPLE = json.dumps(_sample("b")).encode()


@pytest.mark.parametrize(
    ("member", "reason"),
    [
        (Zipped("", SAMPLE, crc=7), Reason.UNREADABLE_FILE),
        (Zipped("", SAMPLE, size=len(SAMPLE) + 1), Reason.UNREADABLE_FILE),
        (Zipped("", SAMPLE, size=len(SAMPLE) - 1), Reason.UNREADABLE_FILE),
        (Zipped("", SAMPLE, ZSTANDARD, size=10), Reason.UNREADABLE_FILE),
        (Zipped("", SAMPLE, packed=_pack(SAMPLE, DEFLATED)[:-9]), Reason.UNREADABLE_FILE),
        (Zipped("", SAMPLE, packed=_pack(SAMPLE, DEFLATED) + b"x"), Reason.UNREADABLE_FILE),
        (Zipped("", SAMPLE, ZSTANDARD, packed=_pack(SAMPLE, 93)[:-9]), Reason.UNREADABLE_FILE),
        (Zipped("", SAMPLE, ZSTANDARD, packed=b"junk" * 9), Reason.UNREADABLE_FILE),
        (Zipped("", SAMPLE, packed=b"\xff" * 40), Reason.UNREADABLE_FILE),
        (Zipped("", SAMPLE, STORED, packed=SAMPLE[:-5]), Reason.UNREADABLE_FILE),
        (Zipped("", SAMPLE, flags=0x801), Reason.UNREADABLE_FILE),
        (Zipped("", SAMPLE, method=14, packed=SAMPLE), Reason.UNREADABLE_FILE),
        (Zipped("", SAMPLE, local_name="samples/c_epoch_1.json"), Reason.UNREADABLE_FILE),
        (Zipped("", SAMPLE, size=2**31 - 1), Reason.TOO_LARGE),
        (Zipped("", b" " * (20 << 20), ZSTANDARD), Reason.TOO_LARGE),
    ],
)
def test_a_member_that_lies_is_one_fault(tmp_path: Path, member: Zipped, reason: Reason) -> None:
    member.name = "samples/b_epoch_1.json"
    report = _with(tmp_path, member)
    assert _faults(report) == [("samples/b_epoch_1.json", reason, None)]


def test_a_member_does_not_borrow_the_bytes_of_the_next(tmp_path: Path) -> None:
    name = "samples/b_epoch_1.json"
    behind = Zipped("samples/c_epoch_1.json", SAMPLE, STORED)
    to_next = len(SAMPLE) + 30 + len(behind.name)
    borrowing = Zipped(name, SAMPLE, STORED, packed=b" " * len(SAMPLE), skip=to_next)
    header = Zipped("header.json", json.dumps(_log(None)).encode())
    report, sink = _read(tmp_path, _zip([header, borrowing, behind]))
    assert _faults(report) == [(name, Reason.UNREADABLE_FILE, None)]
    assert {path for (path,) in sink.results("record_path")} == {behind.name}


def test_what_unpacks_to_more_than_it_says_is_left_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unpacked = 0

    def counted(packed: bytes) -> Iterator[bytes]:
        nonlocal unpacked
        for part in unpack(packed):
            unpacked += len(part)
            yield part

    unpack = archives._UNPACK[ZSTANDARD]
    monkeypatch.setitem(archives._UNPACK, ZSTANDARD, counted)
    bomb = Zipped("samples/b_epoch_1.json", b" " * (32 << 20), ZSTANDARD, size=3 << 20)
    report = _with(tmp_path, bomb)
    assert _faults(report) == [("samples/b_epoch_1.json", Reason.UNREADABLE_FILE, None)]
    assert 3 << 20 < unpacked < 6 << 20


def test_a_word_repeated_a_thousandfold_is_honest(tmp_path: Path) -> None:
    """What packs well but is small is read: outputs that repeat a word are a known attack."""
    content = json.dumps(_sample("b", output={"completion": "poem " * 600_000})).encode()
    assert len(content) > 1000 * len(_pack(content, ZSTANDARD))
    report, _ = _read(tmp_path, _archive([json.loads(content)]))
    assert (report.runs, report.faults) == ({"T1": 1}, [])


@pytest.mark.parametrize("name", ["samples/../b.json", "samples/x/..\\b.json"])
def test_names_that_lead_out_are_refused(tmp_path: Path, name: str) -> None:
    report = _with(tmp_path, Zipped(name, SAMPLE))
    assert _faults(report) == [(name, Reason.BAD_NAME, None)]


def test_names_outside_the_samples_are_not_read(tmp_path: Path) -> None:
    names = ["/samples/b_epoch_1.json", "../samples/b_epoch_1.json", "x/samples/b.json"]
    names += ["samples/", "_journal/summaries/1.json", "samples/b.txt"]
    report = _with(tmp_path, *(Zipped(name, SAMPLE) for name in names))
    assert report.faults == []


def test_a_hostile_name_is_made_visible(tmp_path: Path) -> None:
    report = _with(tmp_path, Zipped("samples/\x1b[31m\u202e.json", b"{}"))
    assert report.faults[0].record_path == "samples/\\u{1b}[31m\\u{202e}.json"


def test_archives_that_are_none(tmp_path: Path) -> None:
    whole = _archive([_sample()])
    wide = _zip([Zipped("header.json", json.dumps(_log(None)).encode())], wide=True)
    assert _read(tmp_path, wide)[0].rows_read == 0
    damaged = {
        "cut": whole[:-30],
        "headless": whole[40:],
        "no zip": b"PK" + b"x" * 500,
        "end only": whole[-22:],
        "tail": whole + b"x",
        "more members than listed": whole[:-14] + struct.pack("<2H", 9, 9) + whole[-10:],
        "fewer members than listed": whole[:-14] + struct.pack("<2H", 1, 1) + whole[-10:],
        "two disks": whole[:-18] + b"\1" + whole[-17:],
        "wide and elsewhere": wide[:-50] + b"\xff" * 8 + wide[-42:],
        "wide without a locator": whole[:-14] + b"\xff" * 12 + whole[-2:],
    }
    for name, content in damaged.items():
        assert _refused(tmp_path, content, "x.eval") is Reason.UNREADABLE_FILE, name
    assert _refused(tmp_path, b"", "x.eval") is Reason.UNREADABLE_FILE
    assert _refused(tmp_path, json.dumps(_log([])).encode(), "x.eval") is Reason.UNREADABLE_FILE


def test_members_that_share_bytes_are_refused(tmp_path: Path) -> None:
    whole = _archive([_sample("a"), _sample("b")])
    entry = whole.index(b"samples/b", whole.index(b"PK\x01\x02")) - 46
    to_first = whole[: entry + 42] + b"\0\0\0\0" + whole[entry + 46 :]
    assert _refused(tmp_path, to_first) is Reason.UNREADABLE_FILE


def test_too_many_members_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = _archive([_sample(number) for number in range(20)])  # and four others
    monkeypatch.setattr(archives, "MAX_MEMBERS", 24)
    assert _read(tmp_path, content)[0].rows_read == 20
    monkeypatch.setattr(archives, "MAX_MEMBERS", 23)
    assert _refused(tmp_path, content) is Reason.TOO_LARGE
    monkeypatch.setattr(archives, "MAX_MEMBERS", 24)
    monkeypatch.setattr(archives, "MAX_DIRECTORY_BYTES", 100)
    assert _refused(tmp_path, content) is Reason.TOO_LARGE


def test_limits_of_a_file_hold_for_the_whole_archive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    samples = [_sample(number) for number in range(20)]
    content = _archive(samples)
    total = sum(member.size for member in _members(tmp_path, content))
    monkeypatch.setenv("AISM_MAX_FILE_BYTES", str(total))
    assert _read(tmp_path, content)[0].rows_read == 20
    monkeypatch.setenv("AISM_MAX_FILE_BYTES", str(total - 1))
    assert _refused(tmp_path, content) is Reason.TOO_LARGE


def test_the_limit_of_a_document_holds_for_each_member(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = _sample("long", output={"completion": "x" * 9_000})
    content = _archive([_sample("a"), long])
    size = len(json.dumps(long))
    monkeypatch.setenv("AISM_MAX_DOCUMENT_BYTES", str(size * 2))
    assert _read(tmp_path, content)[0].runs == {"T1": 2}
    monkeypatch.setenv("AISM_MAX_DOCUMENT_BYTES", str(size - 1))
    report, _ = _read(tmp_path, content)
    assert report.runs == {"T1": 1}
    assert ("samples/long_epoch_1.json", Reason.TOO_LARGE, None) in _faults(report)
    assert _refused(tmp_path, _log([_sample("a"), long])) is Reason.TOO_LARGE


def test_many_small_bombs_are_one_large_one(tmp_path: Path) -> None:
    """Each member is under the limit of its own; what they unpack to together is not."""
    blank = b" " * (15 << 20)
    packed = _pack(blank, ZSTANDARD)
    bombs = [
        Zipped(f"samples/{number}_epoch_1.json", b"", ZSTANDARD, 0x800, len(blank), 1, packed)
        for number in range(4)
    ]
    header = Zipped("header.json", json.dumps(_log(None)).encode())
    assert _refused(tmp_path, _zip([header, *bombs])) is Reason.TOO_LARGE
    report, _ = _read(tmp_path, _zip([header, bombs[0]]))
    assert _faults(report) == [("samples/0_epoch_1.json", Reason.UNREADABLE_FILE, None)]


def _members(tmp_path: Path, content: bytes) -> list[archives.Member]:
    path = tmp_path / "members.eval"
    path.write_bytes(content)
    with archives.Archive(path) as opened:
        return opened.members


def _mutate(chance: random.Random, data: bytes) -> bytes:
    damaged = bytearray(data)
    for _ in range(chance.randrange(1, 8)):
        at = chance.randrange(len(damaged))
        match chance.randrange(5):
            case 0:
                damaged[at] ^= 1 << chance.randrange(8)
            case 1:
                del damaged[at : at + chance.randrange(40)]
            case 2:
                damaged[at:at] = damaged[max(0, at - 60) : at]
            case 3:
                damaged[at:at] = bytes(chance.choices(b'\0\xff"{[]},:', k=3))
            case _:
                damaged[at : at + 4] = b"\xff\xff\xff\xff"
        damaged = damaged or bytearray(b"x")
    return bytes(damaged)


@pytest.mark.parametrize("form", ["document", "stored", "deflated", "zstandard"])
def test_damage_never_escapes_and_is_accounted_for(tmp_path: Path, form: str) -> None:
    chance = random.Random(f"inspect {form}")
    samples = [
        _sample("a", value={"refused": 1, "x": float("nan")}),
        _sample("b", error={"message": "x"}, scores={}),
        _sample("c", metadata={"category": 1}),
    ]
    method = {"stored": STORED, "deflated": DEFLATED, "zstandard": ZSTANDARD}.get(form)
    if method is None:
        whole = json.dumps(_log(samples, results=_figures())).encode()
    else:
        whole = _archive(samples, method=method, results=_figures())
    outcomes: Counter[str] = Counter()
    for _ in range(250):
        content = _mutate(chance, whole)
        try:
            report, sink = _read(tmp_path, content, "x.json" if method is None else "x.eval")
        except UnreadableFileError:
            outcomes["unreadable"] += 1
            continue
        held_back = sum(fault.record_path is not None for fault in report.faults)
        assert report.rows_read == sum(report.run_lines.values()) + held_back
        attempts = {attempt for (attempt,) in sink.results("attempt_id")}
        assert len(attempts) == sum(report.runs.values())
        outcomes["held back" if held_back else "read"] += 1
    assert outcomes["unreadable"] > 20
    assert outcomes["read"] + outcomes["held back"] > 5


def test_files_of_one_task_count_once(ground: Any) -> None:
    """Killed, resumed, converted: one run, and the most complete file holds it."""
    samples = [_sample(number, value="I") for number in range(3)]
    resumed = _spec(eval_id="E2", created="2026-03-01T11:00:00+00:00")
    broken = [*samples[:2], {"id": "x"}]
    ground.put("inspect/2026-03-01_killed.eval", _archive(samples[:2], finished=False))
    ground.put("inspect/2026-03-01_whole.eval", _archive(samples, eval=resumed))
    ground.put("inspect/2026-03-01_copy.json.gz", _gzip(_log(broken)))
    ground.put("inspect/2026-03-02_late.json", json.dumps(_log(samples[:1], status="cancelled")))
    ground.put("inspect/other.eval", _archive(samples, eval=_spec(task_id="T2")))
    ground.put("inspect/cut.eval", _archive(samples)[:-40])
    ground.put("inspect/bomb.eval", b"PK")
    ground.land()
    assert ground.reconciles()
    assert ground.counts() == {
        "inspect/2026-03-01_killed.eval": (2, 0, 2, 0),
        "inspect/2026-03-01_whole.eval": (3, 3, 0, 0),
        "inspect/2026-03-01_copy.json.gz": (3, 0, 2, 1),
        "inspect/2026-03-02_late.json": (1, 0, 1, 0),
        "inspect/other.eval": (3, 3, 0, 0),
        "inspect/cut.eval": (0, 0, 0, 0),
        "inspect/bomb.eval": (0, 0, 0, 0),
    }
    standing = ground.ask("standing_runs", "run_id, file_name, attempts", "order by run_id")
    assert standing == [
        ("T1", "inspect/2026-03-01_whole.eval", 3),
        ("T2", "inspect/other.eval", 3),
    ]
    everything = b"".join(
        path.read_bytes() for path in ground.home.rglob("*") if path.suffix == ".json"
    )
    assert SECRET.encode() not in everything


def _gzip(log: Row) -> bytes:
    return gzip.compress(json.dumps(log).encode(), mtime=0)


def _shared_data() -> Path | None:
    beside = Path(__file__).resolve().parents[3].parent / "shared" / "data"
    folder = Path(os.environ.get("AISM_SHARED_DATA", beside)) / "scanners"
    return folder if (folder / "numbers.json").is_file() else None


def _reduced(values: list[float], reducer: str) -> float:
    """Reduce the epochs of one sample as Inspect's reducers do."""
    hits = sum(values)
    if reducer == "mean":
        return mean(values)
    if reducer == "max":
        return max(values)
    if reducer == "mode":
        return multimode(values)[0]
    name, _, k = reducer.rpartition("_")
    if name == "at_least":
        return float(hits >= int(k))
    assert name == "pass_at"
    misses = len(values) - hits
    return 1.0 - math.comb(int(misses), int(k)) / math.comb(len(values), int(k))


@pytest.mark.skipif(_shared_data() is None, reason="real scanner files are not here")
def test_every_figure_of_the_real_files_can_be_counted_again() -> None:
    folder = _shared_data()
    assert folder is not None
    numbers = json.loads((folder / "numbers.json").read_text())
    recounted: Counter[str] = Counter()
    files = sorted(path for path in (folder / "inspect").iterdir())
    assert len(files) == 10
    for path in files:
        expected = numbers[f"inspect/{path.name}"]
        sink = MemorySink()
        report = read_inspect(LandedFile(path, path.name, "inspect", SHA256, 0), sink)
        assert not report.faults
        assert report.rows_read == expected["sample_rows"]
        assert report.runs == {expected["task_id"]: expected["sample_rows"]}
        (run,) = sink.rows("scanner_runs")
        assert (run["status"], run["tool_version"]) == (expected["status"], expected["inspect_ai"])
        assert report.is_complete == (expected["status"] == "success")
        assert report.targets == {expected["model"]}

        rows = sink.rows("scanner_results")
        level = expected["sample_level_asr"]
        ours = [row for row in rows if row["judge"] == level["scorer"]]
        assert len(ours) == expected["sample_rows"]
        assert Counter(row["verdict"] for row in ours) == Counter(
            scored=level["C"] + level["I"],
            no_answer=level["N"],
            error=expected["sample_rows_with_error"],
        )
        assert sum(row["score"] or 0 for row in ours) == level["C"]

        figures = {
            (row["judge"], row["figure"]): (row["value"], row["counted"])
            for row in sink.rows("scanner_figures")
        }
        if "total_samples" not in expected:
            assert not figures
            continue
        for figure in ("total_samples", "completed_samples"):
            assert figures.pop((None, figure)) == (expected[figure], None)
        for score in expected["scores"]:
            key = "" if score["name"] == score["scorer"] else f".{score['name']}"
            judge = score["scorer"] + key
            by_sample: dict[str, list[float]] = defaultdict(list)
            of_category: dict[str, set[str]] = defaultdict(set)
            for row in rows:
                if row["judge"] == judge and row["score"] is not None:
                    by_sample[row["prompt_id"]].append(row["score"])
                    of_category[row["category"]].add(row["prompt_id"])
            reduced = {
                sample: _reduced(values, score["reducer"]) for sample, values in by_sample.items()
            }
            for metric, value in score["metrics"].items():
                figure = f"{metric}/{score['reducer']}"
                assert figures.pop((judge, figure)) == (value, score["scored_samples"])
                among = of_category.get(metric) or set(reduced)
                if metric in ("accuracy", "mean", "all") or metric in of_category:
                    again = mean(reduced[sample] for sample in among)
                    assert again == pytest.approx(value, abs=1e-9), (path.name, judge, figure)
                    recounted[metric if metric not in of_category else "category"] += 1
        assert not figures
    assert recounted["accuracy"] == 13
    assert recounted["category"] > 20
