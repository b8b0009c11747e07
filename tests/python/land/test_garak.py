"""garak reports and hit logs: every version's shape, hostile lines, and garak's own counts."""

from __future__ import annotations

import gzip
import json
import os
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from aism.land import workers
from aism.land.json_lines import read_line
from aism.land.lake import LakeError
from aism.land.model import LandedFile, ReadReport, Reason
from aism.land.readers import garak, garak_attempts
from aism.land.readers.garak import read_hitlog, read_report
from aism.land.schemas import TABLES
from aism.land.streams import blocks_of, open_lines

RUN = "11111111-aaaa-4bbb-8ccc-222222222222"
OTHER_RUN = "33333333-aaaa-4bbb-8ccc-444444444444"
SHA256 = "ab" * 32

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


def _landed(path: Path) -> LandedFile:
    return LandedFile(path, f"garak/{path.name}", "garak", SHA256, path.stat().st_size)


def _bytes(rows: Sequence[Row | bytes]) -> bytes:
    return b"".join(
        (row if isinstance(row, bytes) else json.dumps(row, ensure_ascii=False).encode()) + b"\n"
        for row in rows
    )


def _read(tmp_path: Path, rows: Sequence[Row | bytes]) -> tuple[ReadReport, MemorySink]:
    path = tmp_path / "small.report.jsonl"
    path.write_bytes(_bytes(rows))
    sink = MemorySink()
    return read_report(_landed(path), sink), sink


def _setup(run: str = RUN, names: str = "target", **more: Any) -> Row:
    return {
        "entry_type": "start_run setup",
        "transient.run_id": run,
        "transient.starttime_iso": "2026-03-01T08:59:58.5",
        f"plugins.{names}_type": "rest.RestGenerator",
        f"plugins.{names}_name": "assistant@3",
        "run.generations": 2,
        "run.seed": 7,
        "run.spec": {"include": ["dan"], "exclude": []},
        **more,
    }


def _init(run: str = RUN, version: str = "0.17.1") -> Row:
    started = "2026-03-01T09:00:00.250000"
    return {"entry_type": "init", "garak_version": version, "start_time": started, "run": run}


def _completion(run: str = RUN) -> Row:
    return {"entry_type": "completion", "end_time": "2026-03-01T09:05:00", "run": run}


def _message(text: str | None, **more: object) -> Row:
    return {"text": text, "lang": "en", "data_path": None, "data_checksum": None, **more}


def _conversation(*turns: tuple[str, str | None]) -> Row:
    return {
        "turns": [{"role": role, "content": _message(text)} for role, text in turns],
        "notes": None,
    }


def _attempt(
    status: int = 2,
    uuid: str = "u1",
    prompt: object = "say the word",
    outputs: Sequence[object] = ("a", "b"),
    scores: Mapping[str, Sequence[object]] | None = None,
    probe: str = "dan.Test",
    seq: int = 0,
) -> Row:
    results = {"dan.Judge": [1.0, 0.0]} if scores is None and status == 2 else scores or {}
    return {
        "entry_type": "attempt",
        "uuid": uuid,
        "seq": seq,
        "status": status,
        "probe_classname": probe,
        "probe_params": {},
        "targets": [],
        "prompt": prompt,
        "outputs": list(outputs),
        "detector_results": {name: list(values) for name, values in results.items()},
        "notes": {"terms": ["x"]},
        "goal": "test",
    }


def _old(version: str, eval_detector: str, **attempt_more: object) -> list[Row]:
    """0.9 to 0.12: plain text, ``passed`` of ``total``, ``model_`` names, histories in messages."""
    more = {"messages": [[{"role": "user", "content": "say the word"}]], **attempt_more}
    return [
        _setup(names="model"),
        _init(version=version),
        {**_attempt(1), **more},
        {**_attempt(2), **more},
        {
            "entry_type": "eval",
            "probe": "dan.Test",
            "detector": eval_detector,
            "passed": 1,
            "total": 2,
        },
        _completion(),
    ]


def _new(version: str, evaluation: Row, **attempt_more: object) -> list[Row]:
    """From 0.13: prompts and outputs are objects, names begin with ``target_``."""
    prompt = _conversation(("user", "say the word"))
    outputs = [_message("a"), _message("b")]
    more = {"conversations": [prompt], "reverse_translation_outputs": [], **attempt_more}
    return [
        _setup(),
        _init(version=version),
        {**_attempt(1, prompt=prompt, outputs=outputs), **more},
        {**_attempt(2, prompt=prompt, outputs=outputs), **more},
        {"entry_type": "eval", "probe": "dan.Test", "detector": "dan.Judge", **evaluation},
        _completion(),
    ]


_COUNTS = {"passed": 1, "fails": 1, "nones": 0, "total_evaluated": 2, "total_processed": 2}
_INTERVAL = {
    "confidence_method": "bootstrap",
    "confidence": "0.95",
    "confidence_lower": 0.1,
    "confidence_upper": 0.9,
}
_CACHE = {
    "entry_type": "plugin_cache",
    "run": RUN,
    "plugin_cache": {
        "probes": {
            "probes.dan.Test": {"primary_detector": "dan.Judge", "tags": ["owasp:llm01"]},
            "probes.base.Probe": {"primary_detector": None},
        },
        "detectors": {"detectors.dan.Judge": {"active": True}},
    },
}
_DIGEST = {"entry_type": "digest", "meta": {"run_uuid": RUN}, "eval": {"dan": {"_summary": {}}}}
_SUMMARY = {"entry_type": "probe_summary", "probe": "dan.Test", "inference_counts": {"nones": 0}}
_PAYLOAD = {"entry_type": "payload_init", "payload_name": "default", "entries": 5}

VERSIONS: dict[str, list[Row]] = {
    "0.9.0.16": _old("0.9.0.16", "detector.dan.Judge"),
    "0.10.3.1": [*_old("0.10.3.1", "detector.dan.Judge"), _PAYLOAD],
    "0.11.0": _old("0.11.0", "dan.Judge"),
    "0.12.0": [*_old("0.12.0", "dan.Judge", lang="en", reverse_translation_outputs=[]), _DIGEST],
    "0.13.3": [*_new("0.13.3", {"passed": 1, "nones": 0, "total": 2}), _DIGEST],
    "0.14.1": [*_new("0.14.1", {**_COUNTS, **_INTERVAL}), _DIGEST],
    "0.15.1": [*_new("0.15.1", {**_COUNTS, **_INTERVAL}), _CACHE, _DIGEST],
    "0.16.0": [
        *_new("0.16.0", {**_COUNTS, **_INTERVAL, "intents": {"T009ignore": {}}}, intent="T009"),
        _CACHE,
        _SUMMARY,
        _DIGEST,
    ],
    "0.17.1": [
        *_new("0.17.1", {**_COUNTS, **_INTERVAL, "hit_at_k": {"1": {"score": 0.5}}}, intent="T"),
        _CACHE,
        _SUMMARY,
        _DIGEST,
    ],
}


@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_gives_the_same_facts(tmp_path: Path, version: str) -> None:
    rows = VERSIONS[version]
    report, sink = _read(tmp_path, rows)
    assert not report.faults
    assert report.is_complete
    assert report.rows_read == len(rows)
    assert report.runs == {RUN: 1}
    assert report.run_lines == {RUN: len(rows)}
    assert report.targets == {"assistant@3"}
    assert report.schema_note is None

    [run] = sink.rows("garak_runs")
    assert run == {
        "file_sha256": SHA256,
        "run_id": RUN,
        "garak_version": version,
        "target_type": "rest.RestGenerator",
        "target_name": "assistant@3",
        "started_at": datetime(2026, 3, 1, 9, 0, 0, 250000),
        "completed_at": datetime(2026, 3, 1, 9, 5),
        "generations": 2,
        "seed": "7",
        "is_complete": True,
    }
    attempts = [
        (
            row["line_number"],
            row["status"],
            row["attack"],
            row["judge"],
            row["score"],
            row["outputs"],
        )
        for row in sink.rows("garak_attempts")
    ]
    assert attempts == [
        (3, 1, "dan.Test", None, None, 2),
        (4, 2, "dan.Test", "dan.Judge", 1.0, 1),
        (4, 2, "dan.Test", "dan.Judge", 0.0, 1),
    ]
    [evaluation] = sink.rows("garak_evals")
    assert (evaluation["judge"], evaluation["passed"], evaluation["fails"]) == ("dan.Judge", 1, 1)
    has_nones = version >= "0.13" and version != "0.9.0.16"
    assert evaluation["nones"] == (0 if has_nones else None)
    if _CACHE in rows:
        assert [(row["attack"], row["primary_detector"]) for row in sink.rows("garak_probes")] == [
            ("dan.Test", "dan.Judge")
        ]


def test_a_prompt_keeps_its_id_across_versions(tmp_path: Path) -> None:
    ids = set()
    for rows in VERSIONS.values():
        _, sink = _read(tmp_path, rows)
        ids |= {row["prompt_id"] for row in sink.rows("garak_attempts")}
    assert len(ids) == 1
    assert len(ids.pop()) == 32


def test_prompts_are_told_apart_by_text_role_and_file(tmp_path: Path) -> None:
    prompts: list[object] = [
        "a",
        "b",
        _conversation(("system", "a"), ("user", "b")),
        _conversation(("user", "a"), ("user", "b")),
        _message("look", data_checksum="c1"),
        _message("look", data_checksum="c2"),
        None,
        _message(None),
        _conversation(),
        "",
    ]
    rows = [_attempt(1, uuid=f"u{n}", prompt=prompt) for n, prompt in enumerate(prompts)]
    same = [_attempt(1, uuid="x", prompt=_message("a")), _attempt(1, uuid="y", prompt="a")]
    _, sink = _read(tmp_path, [_init(), *rows, *same])
    ids = [row["prompt_id"] for row in sink.rows("garak_attempts")]
    assert len(set(ids[: len(prompts)])) == len(prompts)
    # An empty text was said, nothing said is something else.
    assert len(ids[len(prompts) - 1]) == 32
    assert ids[6:9] == ["u6", "u7", "u8"]  # without any content an attempt stands for itself
    assert ids[-1] == ids[-2] == ids[0]


def test_texts_never_reach_the_lake(tmp_path: Path) -> None:
    secret = "the-secret-canary"
    rows: list[Row | bytes] = [
        _setup(),
        _init(),
        _attempt(1, prompt=secret, outputs=[secret]),
        _attempt(2, prompt=_conversation(("user", secret)), outputs=[_message(secret)] * 2),
        b'{"entry_type": "attempt", "prompt": "' + secret.encode(),
    ]
    report, sink = _read(tmp_path, rows)
    assert secret not in repr(sink.tables) + repr(report)


def test_scores_are_counted_by_value(tmp_path: Path) -> None:
    scores: dict[str, list[object]] = {
        "probes.odd.Name": [0.5, None, 1, 0.5, 1.0],
        "detector.b.B": [None] * 5,
        "c.C": [0],
    }
    _, sink = _read(tmp_path, [_init(), _attempt(outputs=["x"] * 5, scores=scores)])
    counts = {(row["judge"], row["score"]): row["outputs"] for row in sink.rows("garak_attempts")}
    assert counts == {
        ("odd.Name", 0.5): 2,
        ("odd.Name", None): 1,
        ("odd.Name", 1.0): 2,
        ("b.B", None): 5,
        ("c.C", 0.0): 1,
        ("c.C", None): 4,  # an old garak leaves out the outputs it could not judge
    }


def test_null_outputs_count_as_outputs(tmp_path: Path) -> None:
    outputs = [None, _message(None), _message("a")]
    _, sink = _read(
        tmp_path,
        [
            _init(),
            _attempt(1, outputs=outputs),
            _attempt(2, outputs=outputs, scores={"a.A": [None, None, 0.2]}),
        ],
    )
    assert [(row["score"], row["outputs"]) for row in sink.rows("garak_attempts")] == [
        (None, 3),
        (None, 2),
        (0.2, 1),
    ]


def test_several_runs_in_one_file(tmp_path: Path) -> None:
    first = [_setup(), _init(), _attempt(), _completion(), _DIGEST]
    second = [_setup(OTHER_RUN), _init(OTHER_RUN), _attempt(1, uuid="v"), _attempt(uuid="v")]
    report, sink = _read(tmp_path, [*first, *second])
    assert report.runs == {RUN: 1, OTHER_RUN: 1}
    assert report.run_lines == {RUN: 5, OTHER_RUN: 4}
    assert report.is_complete  # one of its runs is
    assert [(row["run_id"], row["is_complete"]) for row in sink.rows("garak_runs")] == [
        (RUN, True),
        (OTHER_RUN, False),
    ]


def test_attempts_before_any_run_belong_to_the_file(tmp_path: Path) -> None:
    report, sink = _read(tmp_path, [_PAYLOAD, _attempt(), _setup(), _init(), _attempt()])
    orphan = f"file-{SHA256[:32]}"
    assert report.runs == {orphan: 1, RUN: 1}
    assert report.run_lines == {orphan: 2, RUN: 3}
    assert [row["target_name"] for row in sink.rows("garak_runs")] == [None, "assistant@3"]


def test_a_setup_without_run_id_waits_for_init(tmp_path: Path) -> None:
    setup = {key: value for key, value in _setup().items() if key != "transient.run_id"}
    report, sink = _read(tmp_path, [setup, _PAYLOAD, _init(), _attempt(), _completion()])
    assert report.run_lines == {RUN: 5}
    assert sink.rows("garak_runs")[0]["target_name"] == "assistant@3"


def test_a_target_without_a_name_is_known_by_its_type(tmp_path: Path) -> None:
    setup = _setup() | {"plugins.target_name": None}
    report, _ = _read(tmp_path, [setup, _init(), _attempt(), _completion()])
    assert report.targets == {"rest.RestGenerator"}


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [_PAYLOAD],
        [_setup(), _init(), _completion()],
        [_setup(), _init(), _attempt(1), _attempt(2)],
    ],
    ids=["empty", "nothing known", "no attempt", "no completion"],
)
def test_a_report_that_is_not_complete(tmp_path: Path, rows: list[Row]) -> None:
    report, _ = _read(tmp_path, rows)
    assert not report.faults
    assert not report.is_complete
    assert sum(report.run_lines.values()) == len(rows)


def test_a_cut_report_is_not_complete(tmp_path: Path) -> None:
    path = tmp_path / "cut.report.jsonl"
    path.write_bytes(_bytes(VERSIONS["0.17.1"])[:-20])
    report = read_report(_landed(path), MemorySink())
    assert [fault.reason for fault in report.faults] == [Reason.NOT_JSON]
    assert not report.is_complete


def test_gzip_reads_the_same(tmp_path: Path) -> None:
    plain, packed = tmp_path / "a.report.jsonl", tmp_path / "a.report.jsonl.gz"
    plain.write_bytes(_bytes(VERSIONS["0.17.1"]))
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    sinks = MemorySink(), MemorySink()
    reports = [
        read_report(_landed(path), sink) for path, sink in zip((plain, packed), sinks, strict=True)
    ]
    assert reports[0] == reports[1]
    assert sinks[0].tables == sinks[1].tables


def test_unknown_entry_types_load_and_are_named(tmp_path: Path) -> None:
    odd = [{"entry_type": f"kind {n}\u202e"} for n in range(12)]
    report, _ = _read(tmp_path, [*VERSIONS["0.17.1"], *odd, odd[0]])
    assert not report.faults
    assert report.run_lines == {RUN: len(VERSIONS["0.17.1"]) + 13}
    assert report.schema_note is not None
    assert report.schema_note.startswith("unknown entry types: kind 0\\u{202e}, ")
    assert report.schema_note.endswith("kind 9\\u{202e} and more")


def _without(row: Row, *keys: str) -> Row:
    return {key: value for key, value in row.items() if key not in keys}


_EVAL = VERSIONS["0.17.1"][4]

HOSTILE: list[tuple[Row | bytes, Reason, str | None]] = [
    (b'{"entry_type": "attempt", "uuid": "\xff"}', Reason.BAD_UTF8, None),
    (_bytes([_attempt(prompt="PROMPT")])[:-1].replace(b"PROMPT", b"\xc3"), Reason.BAD_UTF8, None),
    (b"Traceback (most recent call last):", Reason.NOT_JSON, None),
    (b'{"entry_type": "attempt",', Reason.NOT_JSON, None),
    (b'{"entry_type": "digest"}{"entry_type": "digest"}', Reason.TRAILING_TEXT, None),
    (b'{"entry_type": "digest"}]', Reason.TRAILING_TEXT, None),
    (b"[1, 2]", Reason.NOT_OBJECT, None),
    (b"3", Reason.NOT_OBJECT, None),
    (
        _bytes([_attempt(scores={"a.A": ["NAN", 0]})])[:-1].replace(b'"NAN"', b"NaN"),
        Reason.NAN_OR_INFINITY,
        None,
    ),
    (b'{"entry_type": "digest", "x": Infinity}', Reason.NAN_OR_INFINITY, None),
    (
        _bytes([_attempt(scores={"a.A": ["BIG", 0]})])[:-1].replace(b'"BIG"', b"1e400"),
        Reason.NUMBER_RANGE,
        None,
    ),
    (_attempt(seq=2**63), Reason.NUMBER_RANGE, "seq"),
    ({**_EVAL, "passed": 10**30}, Reason.NUMBER_RANGE, "passed"),
    (b'{"entry_type": "digest", "x": ' + b"[" * 70 + b"]" * 70 + b"}", Reason.TOO_DEEP, None),
    (b'{"entry_type": "attempt", "x": ' + b'{"a":' * 9000, Reason.TOO_DEEP, None),
    (b'{"entry_type": "di\x00gest"}', Reason.NUL_BYTE, None),
    (_attempt(uuid="a\0b"), Reason.NUL_BYTE, "uuid"),
    (_attempt(scores={"a\0b": [0, 0]}), Reason.NUL_BYTE, "detector_results"),
    (_setup() | {"plugins.target_name": "x\0"}, Reason.NUL_BYTE, "plugins.target_name"),
    (b'{"entry_type": "digest", "x": "\\udfff"}', Reason.LONE_SURROGATE, None),
    (b'{"entry_type": "attempt", "uuid": "\\ud83d\\u0041"}', Reason.LONE_SURROGATE, None),
    ({"uuid": "a"}, Reason.MISSING_KEY, "entry_type"),
    (_without(_attempt(), "uuid"), Reason.MISSING_KEY, "uuid"),
    (_without(_attempt(), "detector_results"), Reason.MISSING_KEY, "detector_results"),
    (_without(_EVAL, "fails", "total_evaluated"), Reason.MISSING_KEY, "fails"),
    (_without(_CACHE, "plugin_cache"), Reason.MISSING_KEY, "plugin_cache"),
    ({"entry_type": 7}, Reason.WRONG_TYPE, "entry_type"),
    (_attempt() | {"status": "2"}, Reason.WRONG_TYPE, "status"),
    (_attempt() | {"outputs": "a"}, Reason.WRONG_TYPE, "outputs"),
    (_attempt(scores={"a.A": ["1"]}), Reason.WRONG_TYPE, "detector_results[...][0]"),
    (_attempt(prompt=5), Reason.WRONG_TYPE, "prompt"),
    (_attempt(status=3), Reason.UNKNOWN_VALUE, "status"),
    (_attempt(status=-1), Reason.UNKNOWN_VALUE, "status"),
    (_attempt(uuid=""), Reason.MISSING_VALUE, "uuid"),
    (_attempt(probe=""), Reason.MISSING_VALUE, "probe_classname"),
    ({**_EVAL, "passed": -1}, Reason.NEGATIVE_NUMBER, "passed"),
    (_without(_EVAL, "fails") | {"passed": 5}, Reason.NEGATIVE_NUMBER, "fails"),
    (_init() | {"start_time": "yesterday"}, Reason.BAD_TIMESTAMP, "start_time"),
    (_completion() | {"end_time": "2026-02-30"}, Reason.BAD_TIMESTAMP, "end_time"),
]


@pytest.mark.parametrize(("line", "reason", "column"), HOSTILE)
def test_a_hostile_line_is_one_fault_and_nothing_else(
    tmp_path: Path, line: Row | bytes, reason: Reason, column: str | None
) -> None:
    sound = VERSIONS["0.17.1"]
    expected_report, expected = _read(tmp_path, sound)
    report, sink = _read(tmp_path, [*sound, line])
    faults = [(fault.line_number, fault.reason, fault.column_name) for fault in report.faults]
    assert faults == [(len(sound) + 1, reason, column)]
    assert report.rows_read == len(sound) + 1
    assert report.run_lines == expected_report.run_lines
    assert sink.tables == expected.tables


def test_mutated_reports_never_raise_and_always_add_up(tmp_path: Path) -> None:
    source = random.Random(20260301)
    sound = _bytes(VERSIONS["0.17.1"])
    for _ in range(500):
        content = bytearray(sound)
        for _ in range(source.randint(1, 6)):
            place = source.randrange(len(content))
            match source.randrange(3):
                case 0:
                    content[place] = source.randrange(256)
                case 1:
                    del content[place : place + source.randint(1, 40)]
                case _:
                    content[place:place] = bytes(source.randrange(256) for _ in range(3))
        path = tmp_path / "mutated.report.jsonl"
        path.write_bytes(content)
        report = read_report(_landed(path), MemorySink())
        assert report.rows_read == sum(report.run_lines.values()) + len(report.faults)
        lines = [line for line in bytes(content).split(b"\n") if line.strip()]
        assert report.rows_read == len(lines)


def _at_once(
    path: Path, monkeypatch: pytest.MonkeyPatch, count: int
) -> tuple[ReadReport, dict[str, list[Row]]]:
    """Read in ``count`` processes and ranges of 3 kB, as a file of many GB is read."""
    monkeypatch.setenv("AISM_LAND_PROCESSES", str(count))
    monkeypatch.setattr(garak_attempts, "_WORTH_PROCESSES", 0)
    monkeypatch.setattr(garak_attempts, "_RANGE", 3000)
    sink = MemorySink()
    return read_report(_landed(path), sink), sink.tables


def _long_report() -> bytes:
    """Two runs and what comes before them, in several ranges, with faults and odd lines."""
    lines: list[Row | bytes] = [_attempt(1, uuid="early"), _PAYLOAD]
    for run in (RUN, OTHER_RUN):
        lines += [_setup(run), _init(run)]
        for number in range(40):
            uuid = f"{run[:4]}-{number}"
            scores: dict[str, list[object]] = {"a.A": [number % 3 / 2, 0], "b.B": [None, 1]}
            lines.append(_attempt(1, uuid=uuid, prompt=f"p{number}"))
            lines.append(_attempt(2, uuid=uuid, prompt=f"p{number}", scores=scores, seq=number))
            if number % 9 == 7:
                few: dict[str, list[object]] = {"c.C": [0.25], "d.D": [], "e.E": [-0.0, 0.0, 1]}
                lines.append(_attempt(uuid=uuid, scores=few, prompt=_message("look " * 2000)))
                lines.append(_attempt(0, uuid=uuid, scores={"": [1]}, prompt=None, outputs=[]))
            if number % 9 == 4:
                lines += [b"", b"{oops", _EVAL, {"entry_type": "new"}, _attempt(uuid="")]
                lines.append(_attempt(uuid="caf\u00e9", prompt="\u00e9"))
                lines.append(_bytes([_attempt(uuid="P")])[:-1].replace(b"P", b"\xff"))
        lines.append(_completion(run))
    return _bytes(lines)[:-1] + b'\r\n{"entry_type": "att'


def test_several_processes_read_what_one_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "long.report.jsonl"
    path.write_bytes(_long_report())
    alone = _at_once(path, monkeypatch, 1)
    report, tables = alone
    assert [len(report.faults), report.is_complete] == [25, False]
    assert report.runs == {f"file-{SHA256[:32]}": 0, RUN: 48, OTHER_RUN: 48}
    assert report.rows_read == sum(report.run_lines.values()) + len(report.faults)
    numbers = [row["line_number"] for row in tables["garak_attempts"]]
    assert numbers == sorted(numbers)
    text = path.read_bytes().split(b"\n")
    for row in tables["garak_attempts"]:
        assert json.loads(text[row["line_number"] - 1])["uuid"] == row["attempt_id"]
    assert _at_once(path, monkeypatch, 2) == alone


def test_a_line_means_the_same_among_many_and_alone(tmp_path: Path) -> None:
    """Attempts are taken many at a time, other lines by a strict path: both must say the same."""
    path = tmp_path / "long.report.jsonl"
    path.write_bytes(_long_report())
    many = MemorySink()
    report = read_report(_landed(path), many)

    strict, tables = _line_by_line(path)
    assert tables == many.tables
    assert strict == report


def _line_by_line(path: Path) -> tuple[ReadReport, dict[str, list[Row]]]:
    """Read every line by the strict path alone, with what a whole report is told by."""
    sink = MemorySink()
    reader = garak._ReportReader(_landed(path), sink)
    report = ReadReport()
    for line in open_lines(path):
        read_line(line, report, reader.take)
    reader.close()
    return reader.finish(report), sink.tables


# Each has its counterpart in what a fast path may get wrong: where lines end, what is looked at.
_ODDITIES: list[bytes] = [
    b"",
    b" \t",
    b"{}",
    _bytes([_attempt()])[:-1] + b"\r",
    b" " + _bytes([_attempt(uuid="blanks")])[:-1] + b" \t",
    _bytes([_attempt(uuid="one"), _attempt(uuid="two")])[:-1].replace(b"\n", b" "),
    _bytes([_attempt()])[:-1].replace(b", ", b",\n", 3),
    b"\xef\xbb\xbf" + _bytes([_attempt()])[:-1],
    _bytes([_attempt()])[:-1].replace(b'"seq"', b'"seq": "x", "seq"'),
    _bytes([_attempt()])[:-1].replace(b'"prompt"', b'"prompt": 5, "prompt"'),
    _bytes([_attempt()])[:-1].replace(b'"status"', rb'"st\u0061tus"'),
    _bytes([_attempt()])[:-1].replace(b"1.0", b"NaN"),
    _bytes([_attempt()])[:-1].replace(b"1.0", b"1e999"),
    _bytes([_attempt(scores={"a.A": [True, 0]})])[:-1],
    _bytes([_attempt(scores={"a.A": [], "b.B": [None, 0.5, -0.0, 0.0]})])[:-1],
    _bytes([_attempt(outputs=[], scores={"a.A": [], "b.B": [1]})])[:-1],
    _bytes([_attempt(status=1, scores={"a\0": [1]})])[:-1],
    _bytes([_attempt(uuid="a\0", status=0)])[:-1],
    _bytes([_attempt(probe="probes.")])[:-1],
    _bytes([_attempt(prompt=_conversation(("user", None)))])[:-1],
    _bytes([_attempt(prompt={"turns": [{"content": "x"}, {}]})])[:-1],
    _bytes([_attempt(prompt={"turns": [{"content": 7}]})])[:-1],
    _bytes([_attempt() | {"notes": {"x": [[]] * 99}}])[:-1],
    _bytes([_attempt() | {"notes": "[" * 99}])[:-1],
    _bytes([_attempt()])[:-1].replace(b'["x"]', b"[" * 70 + b"]" * 70),
    _bytes([_attempt()])[:-1].replace(b'["x"]', b'["]", ' * 70 + b"1" + b"]" * 70),
    _bytes([_attempt()])[:-1].replace(b"say", b"\xc3("),
    _bytes([_attempt()])[:-1].replace(b"say", rb"\ud800"),
    _bytes([_attempt()])[:-1].replace(b"say", b"s\x01y"),
]


def test_mutated_reports_read_the_same_fast_and_line_by_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Odd lines anywhere, and damaged bytes: blocks of any size say what the strict path says."""
    source = random.Random(7)
    sound = _long_report().split(b"\n")
    path = tmp_path / "mutated.report.jsonl"
    for number in range(120):
        lines = list(sound)
        for _ in range(source.randint(0, 8)):
            lines.insert(source.randrange(len(lines)), source.choice(_ODDITIES))
        content = bytearray(b"\n".join(lines))
        for _ in range(source.randint(0, 8)):
            place = source.randrange(len(content))
            content[place : place + source.randint(0, 3)] = source.randbytes(source.randint(0, 2))
        path.write_bytes(content)
        size = source.choice([100, 3000, 1 << 16])
        monkeypatch.setattr(garak_attempts, "blocks_of", partial(blocks_of, size=size))
        many = MemorySink()
        report = read_report(_landed(path), many)
        strict, tables = _line_by_line(path)
        assert many.tables == tables, number
        assert report == strict, number


def test_a_killed_process_is_an_error_and_no_loss(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "long.report.jsonl"
    path.write_bytes(_long_report())
    monkeypatch.setattr(workers, "_START", "import os; os.kill(os.getpid(), 9)")
    with pytest.raises(LakeError, match="code -9"):
        _at_once(path, monkeypatch, 2)


@pytest.mark.parametrize("setting", ["0", "-1", "two", "1.5"])
def test_the_number_of_processes_is_a_whole_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    path = tmp_path / "long.report.jsonl"
    path.write_bytes(_long_report())
    monkeypatch.setenv("AISM_LAND_PROCESSES", setting)
    with pytest.raises(LakeError, match="AISM_LAND_PROCESSES"):
        read_report(_landed(path), MemorySink())


def _hit(score: object = 1.0, **more: object) -> Row:
    return {
        "goal": "test",
        "prompt": "p",
        "output": "o",
        "trigger": None,
        "score": score,
        "run_id": RUN,
        "attempt_id": "u1",
        "attempt_seq": 0,
        "attempt_idx": 1,
        "generator": "rest.RestGenerator assistant@3",
        "probe": "dan.Test",
        "detector": "detector.dan.Judge",
        **more,
    }


def _read_hits(tmp_path: Path, rows: Sequence[Row | bytes]) -> tuple[ReadReport, list[Row]]:
    path = tmp_path / "small.hitlog.jsonl"
    path.write_bytes(_bytes(rows))
    sink = MemorySink()
    return read_hitlog(_landed(path), sink), sink.rows("garak_hits")


def test_hits_are_added_up(tmp_path: Path) -> None:
    rows = [
        _hit(),
        _hit(0.8),
        _hit(0.9),
        _hit(detector="dan.Other", prompt=_conversation(("user", "p")), triggers=[]),
        _hit(run_id=OTHER_RUN, score=None),
    ]
    report, hits = _read_hits(tmp_path, rows)
    assert not report.faults
    assert report.runs == report.run_lines == {RUN: 4, OTHER_RUN: 1}
    assert [
        (row["run_id"], row["attack"], row["judge"], row["hits"], row["min_score"]) for row in hits
    ] == [
        (RUN, "dan.Test", "dan.Judge", 3, 0.8),
        (RUN, "dan.Test", "dan.Other", 1, 1.0),
        (OTHER_RUN, "dan.Test", "dan.Judge", 1, None),
    ]


@pytest.mark.parametrize(
    ("line", "reason", "column"),
    [
        (_without(_hit(), "run_id"), Reason.MISSING_KEY, "run_id"),
        (_hit(probe=None), Reason.WRONG_TYPE, "probe"),
        (_hit(score="high"), Reason.WRONG_TYPE, "score"),
        (_hit(detector=""), Reason.MISSING_VALUE, "detector"),
        (_hit(run_id="a\0"), Reason.NUL_BYTE, "run_id"),
        (b"{", Reason.NOT_JSON, None),
    ],
)
def test_hostile_hits(
    tmp_path: Path, line: Row | bytes, reason: Reason, column: str | None
) -> None:
    report, hits = _read_hits(tmp_path, [_hit(), line, _hit()])
    assert [(fault.line_number, fault.reason, fault.column_name) for fault in report.faults] == [
        (2, reason, column)
    ]
    assert [row["hits"] for row in hits] == [2]


def _shared_data() -> Path | None:
    beside = Path(__file__).resolve().parents[3].parent / "shared" / "data"
    folder = Path(os.environ.get("AISM_SHARED_DATA", beside)) / "scanners"
    return folder if (folder / "numbers.json").is_file() else None


def _threshold(rows: list[Row], hits: dict[tuple[str, str], float], tool: Row) -> float:
    """0.5, or where that differs from the tool: the lowest score in the hit log."""
    key = (tool["probe"], tool["detector"])
    at_half = sum(row["outputs"] for row in rows if row["score"] is not None and row["score"] < 0.5)
    return 0.5 if at_half == tool["passed"] else hits[key]


@pytest.mark.skipif(_shared_data() is None, reason="real scanner files are not here")
def test_counts_equal_garaks_own_in_every_real_file() -> None:
    folder = _shared_data()
    assert folder is not None
    numbers = json.loads((folder / "numbers.json").read_text())
    judged = 0
    other_thresholds = set()
    for path in sorted((folder / "garak").glob("*.report.jsonl*")):
        sink = MemorySink()
        report = read_report(_landed(path), sink)
        assert not report.faults
        expected = numbers[f"garak/{path.name}"]
        assert report.rows_read == sum(expected["rows"].values())
        assert sum(report.runs.values()) == expected["rows"].get("attempt:status2", 0)

        hit_sink = MemorySink()
        hitlog = path.with_name(path.name.split(".report")[0] + ".hitlog.jsonl")
        read_hitlog(_landed(hitlog), hit_sink)
        hits = {(row["attack"], row["judge"]): row for row in hit_sink.rows("garak_hits")}
        lowest = {key: row["min_score"] for key, row in hits.items()}

        evals = {(row["attack"], row["judge"]): row for row in sink.rows("garak_evals")}
        assert len(evals) == len(expected["evals"])
        for tool in expected["evals"]:
            key = (tool["probe"], tool["detector"])
            ours = [
                row for row in sink.rows("garak_attempts") if (row["attack"], row["judge"]) == key
            ]
            threshold = _threshold(ours, lowest, tool)
            if threshold != 0.5:
                other_thresholds.add((path.name.split(".report")[0], key[0]))
            counts: Counter[str] = Counter()
            for row in ours:
                score = row["score"]
                verdict = "nones" if score is None else "passed" if score < threshold else "failed"
                counts[verdict] += row["outputs"]
            assert counts["passed"] == tool["passed"] == evals[key]["passed"]
            assert counts["failed"] == tool["failed"] == evals[key]["fails"]
            assert counts["nones"] == (tool["nones"] or 0) == (evals[key]["nones"] or 0)
            assert counts["failed"] == (hits[key]["hits"] if key in hits else 0)
            judged += 1
    assert judged > 100
    assert other_thresholds == {("code-copilot_1.0_run1", "encoding.InjectMorse")}
