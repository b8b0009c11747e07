"""Generic attempts: the same contract as CSV, JSON lines and Parquet."""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from aism.land.model import LandedFile, ReadReport, Reason, UnreadableFileError
from aism.land.readers.attempts import read_attempts
from aism.land.schemas import TABLES

Row = dict[str, Any]

SHA256 = "cd" * 32
ROW: Row = {"run_id": "r1", "target_name": "bot@2", "attack": "dan", "outcome": "success"}
FULL: Row = {
    **ROW,
    "attempted_at": "2026-03-01T10:00:00+02:00",
    "target_version": "2",
    "configuration": "guardrail on",
    "is_control": "TRUE",
    "prompt_id": "p1",
    "technique_id": "AML.T0054",
    "vulnerability_class": "llm01.direct",
    "judge": "keyword",
    "tool": "own",
}


class MemorySink:
    """Keeps what a reader writes, typed as the lake would."""

    def __init__(self) -> None:
        self.rows: list[Row] = []

    def write(self, table: str, columns: Mapping[str, Sequence[object]]) -> None:
        assert table == "attempts"
        schema = TABLES[table]
        arrays = [pa.array(columns[field.name], field.type) for field in schema]
        self.rows.extend(pa.table(arrays, schema=schema).to_pylist())


def _read(path: Path) -> tuple[ReadReport, list[Row]]:
    sink = MemorySink()
    file = LandedFile(path, f"attempts/{path.name}", "attempts", SHA256, path.stat().st_size)
    return read_attempts(file, sink), sink.rows


def _put(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def _csv(path: Path, rows: Sequence[Mapping[str, object]]) -> Path:
    text = io.StringIO()
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return _put(path / "a.csv", text.getvalue())


def _jsonl(path: Path, rows: Sequence[Mapping[str, object] | bytes]) -> Path:
    lines = (row if isinstance(row, bytes) else json.dumps(row).encode() for row in rows)
    return _put(path / "a.jsonl", b"".join(line + b"\n" for line in lines))


def _parquet(path: Path, columns: Mapping[str, Any]) -> Path:
    pq.write_table(pa.table(dict(columns)), path / "a.parquet")
    return path / "a.parquet"


def _parquet_rows(path: Path, rows: Sequence[Mapping[str, object]]) -> Path:
    return _parquet(path, {name: [row.get(name) for row in rows] for name in FULL})


def _faults(report: ReadReport) -> list[tuple[int | None, Reason, str | None]]:
    return [(fault.line_number, fault.reason, fault.column_name) for fault in report.faults]


@pytest.mark.parametrize("write", [_csv, _jsonl, _parquet_rows])
def test_every_format_gives_the_same_rows(tmp_path: Path, write: Any) -> None:
    report, rows = _read(write(tmp_path, [FULL, ROW | {"outcome": "resisted"}]))
    assert not report.faults
    assert report.rows_read == 2
    assert report.runs == report.run_lines == {"r1": 2}
    assert report.targets == {"bot@2"}
    assert report.is_complete
    assert report.schema_note is None
    first_line = 2 if write is _csv else 1
    assert rows[0] == {
        **FULL,
        "file_sha256": SHA256,
        "line_number": first_line,
        "attempted_at": datetime(2026, 3, 1, 8),
        "is_control": True,
    }
    nothing = dict.fromkeys(FULL)
    assert rows[1] == {
        **nothing,
        **ROW,
        "file_sha256": SHA256,
        "line_number": first_line + 1,
        "outcome": "resisted",
        "is_control": False,
    }


def test_gzipped_lines_read_the_same(tmp_path: Path) -> None:
    plain = _jsonl(tmp_path, [FULL, ROW])
    packed = _put(tmp_path / "b.JSONL.gz", gzip.compress(plain.read_bytes()))
    assert _read(packed) == _read(plain)


def test_broken_gzip_is_unreadable(tmp_path: Path) -> None:
    packed = gzip.compress(_jsonl(tmp_path, [ROW] * 100).read_bytes())
    with pytest.raises(UnreadableFileError) as caught:
        _read(_put(tmp_path / "b.jsonl.gz", packed[:-9]))
    assert caught.value.reason is Reason.BAD_GZIP


VALUES: list[tuple[Row, Reason, str]] = [
    ({"run_id": ""}, Reason.MISSING_VALUE, "run_id"),
    ({"outcome": ""}, Reason.MISSING_VALUE, "outcome"),
    ({"outcome": "Success"}, Reason.UNKNOWN_VALUE, "outcome"),
    ({"outcome": " success"}, Reason.UNKNOWN_VALUE, "outcome"),
    ({"attempted_at": "01.02.2026"}, Reason.BAD_TIMESTAMP, "attempted_at"),
    ({"attempted_at": "2026-02-30"}, Reason.BAD_TIMESTAMP, "attempted_at"),
    ({"is_control": "yes"}, Reason.BAD_BOOLEAN, "is_control"),
    ({"is_control": "1"}, Reason.BAD_BOOLEAN, "is_control"),
    ({"attack": "a\0b"}, Reason.NUL_BYTE, "attack"),
    ({"judge": "\0"}, Reason.NUL_BYTE, "judge"),
    ({"target_name": "", "outcome": "?", "is_control": "x"}, Reason.MISSING_VALUE, "target_name"),
    ({"attempted_at": "x", "is_control": "x"}, Reason.BAD_TIMESTAMP, "attempted_at"),
]


@pytest.mark.parametrize("write", [_csv, _jsonl, _parquet_rows])
@pytest.mark.parametrize(("change", "reason", "column"), VALUES)
def test_a_bad_value_costs_its_row_only(
    tmp_path: Path, write: Any, change: Row, reason: Reason, column: str
) -> None:
    report, rows = _read(write(tmp_path, [FULL, FULL | change, FULL]))
    first_line = 2 if write is _csv else 1
    assert _faults(report) == [(first_line + 1, reason, column)]
    assert [row["line_number"] for row in rows] == [first_line, first_line + 2]
    assert report.rows_read == 3
    assert report.runs == {"r1": 2}
    assert report.faults[0].raw_text is None


LINES: list[tuple[Row | bytes, Reason, str | None]] = [
    ({}, Reason.MISSING_KEY, "run_id"),
    ({"run_id": "r", "attack": "a", "outcome": "x"}, Reason.MISSING_KEY, "target_name"),
    (ROW | {"attack": None}, Reason.MISSING_VALUE, "attack"),
    (ROW | {"attack": True}, Reason.WRONG_TYPE, "attack"),
    (ROW | {"prompt_id": ["p"]}, Reason.WRONG_TYPE, "prompt_id"),
    (ROW | {"configuration": {}}, Reason.WRONG_TYPE, "configuration"),
    (ROW | {"is_control": 1}, Reason.WRONG_TYPE, "is_control"),
    (ROW | {"is_control": []}, Reason.WRONG_TYPE, "is_control"),
    (ROW | {"attempted_at": 1_700_000_000}, Reason.WRONG_TYPE, "attempted_at"),
    (ROW | {"outcome": 1}, Reason.UNKNOWN_VALUE, "outcome"),
    (b'{"run_id": "r1"', Reason.NOT_JSON, None),
    (json.dumps(ROW).encode() + b" {}", Reason.TRAILING_TEXT, None),
    (b'["r1", "bot", "dan", "success"]', Reason.NOT_OBJECT, None),
    (b'{"other": "\xe4"}', Reason.BAD_UTF8, None),
    (b'{"other": "\\x"}', Reason.NOT_JSON, None),
    (b'{"other": "\\udead"}', Reason.LONE_SURROGATE, None),
    (b'{"other": NaN}', Reason.NAN_OR_INFINITY, None),
    (b'{"other": [1e400]}', Reason.NUMBER_RANGE, None),
    (b'{"other": ' + b"9" * 5000 + b"}", Reason.NUMBER_RANGE, None),
    (b'{"other": ' + b"[" * 70 + b"]" * 70 + b"}", Reason.TOO_DEEP, None),
    (b'{"other": "\x00"}', Reason.NUL_BYTE, None),
]


@pytest.mark.parametrize(("line", "reason", "column"), LINES)
def test_a_bad_line_costs_its_row_only(
    tmp_path: Path, line: Row | bytes, reason: Reason, column: str | None
) -> None:
    report, rows = _read(_jsonl(tmp_path, [ROW, line, ROW]))
    assert _faults(report) == [(2, reason, column)]
    assert [row["line_number"] for row in rows] == [1, 3]
    assert report.rows_read == 3


NUMBERS = [
    (7, "7"),
    (-(10**30), "-" + "1" + "0" * 30),
    (1.0, "1"),
    (-0.0, "0"),
    (1.5, "1.5"),
    (0.1, "0.1"),
    (1e22, "1e+22"),
    (2.5e-9, "2.5e-09"),
]


@pytest.mark.parametrize(("number", "text"), NUMBERS)
def test_a_number_in_a_text_column_becomes_text(
    tmp_path: Path, number: int | float, text: str
) -> None:
    report, rows = _read(_jsonl(tmp_path, [ROW | {"target_version": number}]))
    assert not report.faults
    assert rows[0]["target_version"] == text
    if isinstance(number, float):
        columns = {name: [value] for name, value in ROW.items()} | {"target_version": [number]}
        _, typed = _read(_parquet(tmp_path, columns))
        assert typed[0]["target_version"] == text


def test_other_keys_are_kept_out_and_named(tmp_path: Path) -> None:
    rows = [ROW | {"prompt": "secret", "x\u202ey": 1}, ROW | {f"k{n}": n for n in range(20)}]
    report, kept = _read(_jsonl(tmp_path, rows))
    assert report.schema_note == (
        "kept out: prompt, x\\u{202e}y, k0, k1, k2, k3, k4, k5, k6, k7 and more"
    )
    assert "secret" not in repr(kept)
    report, kept = _read(_csv(tmp_path, [ROW | {"output": "secret"}]))
    assert report.schema_note == "kept out: output"
    report, kept = _read(_parquet(tmp_path, {name: ["success"] for name in [*ROW, "output"]}))
    assert report.schema_note == "kept out: output"
    assert len(kept) == 1


def test_a_cut_last_line_makes_the_file_incomplete(tmp_path: Path) -> None:
    path = _jsonl(tmp_path, [ROW, ROW])
    _put(path, path.read_bytes()[:-10])
    report, rows = _read(path)
    assert _faults(report) == [(2, Reason.NOT_JSON, None)]
    assert not report.is_complete
    assert len(rows) == 1


@pytest.mark.parametrize(
    "header",
    [
        "run_id,target_name,attack",
        "run_id,run_id,target_name,attack,outcome",
        "run_id,target_name,attack,outcome,tool,tool",
        "Run_id,target_name,attack,outcome",
    ],
)
def test_a_bad_csv_header_costs_every_row(tmp_path: Path, header: str) -> None:
    report, rows = _read(_put(tmp_path / "a.csv", header + "\nr,b,a,success\n\nr,b\n"))
    assert _faults(report) == [(2, Reason.BAD_HEADER, None), (4, Reason.BAD_HEADER, None)]
    assert report.rows_read == 2
    assert not rows


@pytest.mark.parametrize("content", [b"", b"run_id,attack\n"])
def test_a_bad_header_without_rows_is_still_said(tmp_path: Path, content: bytes) -> None:
    report, _ = _read(_put(tmp_path / "a.csv", content))
    assert _faults(report) == [(None, Reason.BAD_HEADER, None)]
    assert report.rows_read == 0


def test_csv_rows_that_cannot_be_split(tmp_path: Path) -> None:
    lines = [
        b"run_id,target_name,attack,outcome,note,judge",
        b"r1,b,a,success,,",
        b"r1,b,a,success",
        b"r1,b,a,success,,,,",
        b'r1,"b"x,a,success,,',
        b"r1,\xff,a,success,,",
        b"r1,b,a,success,\xff,",
        b"r1,b,a,success,,\xff",
        b',b,a,"success","two\nlines",',
        b'r1,b,a,"success","two\nlines",j',
    ]
    report, rows = _read(_put(tmp_path / "a.csv", b"\n".join(lines) + b"\n"))
    assert _faults(report) == [
        (3, Reason.RAGGED_ROW, None),
        (4, Reason.RAGGED_ROW, None),
        (5, Reason.RAGGED_ROW, None),
        (6, Reason.BAD_UTF8, "target_name"),
        (7, Reason.BAD_UTF8, None),
        (8, Reason.BAD_UTF8, "judge"),
        (9, Reason.MISSING_VALUE, "run_id"),
    ]
    assert [row["line_number"] for row in rows] == [2, 11]
    assert report.rows_read == 9


def _typed(**more: Any) -> dict[str, Any]:
    return {name: pa.array([value] * 3) for name, value in ROW.items()} | more


def test_typed_parquet_columns(tmp_path: Path) -> None:
    berlin = timezone(timedelta(hours=1))
    moments = [datetime(2026, 3, 1, 1, tzinfo=berlin), None, datetime(2026, 3, 2, tzinfo=UTC)]
    path = _parquet(
        tmp_path,
        _typed(
            run_id=pa.array([1, 2, 2]),
            target_name=pa.array(["a", "b", "a"]).dictionary_encode(),
            attack=pa.array(["a", "b", "c"], pa.large_string()),
            outcome=pa.array([b"success", b"error", b"resisted"]),
            attempted_at=pa.array(moments, pa.timestamp("ns", "Europe/Berlin")),
            is_control=pa.array([True, False, None]),
            prompt_id=pa.array([7.0, None, 0.1], pa.float32()),
            judge=pa.nulls(3),
        ),
    )
    report, rows = _read(path)
    assert not report.faults
    assert [row["run_id"] for row in rows] == ["1", "2", "2"]
    assert [row["target_name"] for row in rows] == ["a", "b", "a"]
    assert [row["attempted_at"] for row in rows] == [
        datetime(2026, 3, 1),
        None,
        datetime(2026, 3, 2),
    ]
    assert [row["is_control"] for row in rows] == [True, False, False]
    assert [row["prompt_id"] for row in rows] == ["7", None, "0.1"]
    assert report.runs == {"1": 1, "2": 2}
    assert report.targets == {"a", "b"}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (pa.array([date(2026, 3, 1)] * 3), datetime(2026, 3, 1)),
        (pa.array([date(2026, 3, 1)] * 3, pa.date64()), datetime(2026, 3, 1)),
        (pa.array([datetime(2026, 3, 1, 5)] * 3, pa.timestamp("s")), datetime(2026, 3, 1, 5)),
        (pa.array(["2026-03-01 05:00Z"] * 3), datetime(2026, 3, 1, 5)),
    ],
)
def test_parquet_times(tmp_path: Path, values: pa.Array[Any], expected: datetime) -> None:
    report, rows = _read(_parquet(tmp_path, _typed(attempted_at=values)))
    assert not report.faults
    assert [row["attempted_at"] for row in rows] == [expected] * 3


TYPED: list[tuple[str, pa.Array[Any], Reason]] = [
    ("attack", pa.array(["a", None, "a"]), Reason.MISSING_VALUE),
    ("attack", pa.array([1.5, float("nan"), 2.0]), Reason.NAN_OR_INFINITY),
    ("judge", pa.array([1.5, float("inf"), None]), Reason.NAN_OR_INFINITY),
    ("judge", pa.array([None, True, None]), Reason.WRONG_TYPE),
    ("judge", pa.array([None, ["a"], None]), Reason.WRONG_TYPE),
    ("tool", pa.array([None, {"name": "a"}, None]), Reason.WRONG_TYPE),
    ("tool", pa.array([None, date(2026, 1, 1), None]), Reason.WRONG_TYPE),
    ("is_control", pa.array([None, 1, None]), Reason.WRONG_TYPE),
    ("attempted_at", pa.array([None, 1.0, None]), Reason.WRONG_TYPE),
    ("attempted_at", pa.array([0, 2**61, 0]).cast(pa.timestamp("ms")), Reason.BAD_TIMESTAMP),
    ("judge", pa.array([b"a", b"\xff", None]), Reason.BAD_UTF8),
    ("attempted_at", pa.array([b"2026-01-01", b"\xff", None]), Reason.BAD_UTF8),
]


@pytest.mark.parametrize(("column", "values", "reason"), TYPED)
def test_a_bad_parquet_value_costs_its_row_only(
    tmp_path: Path, column: str, values: pa.Array[Any], reason: Reason
) -> None:
    report, rows = _read(_parquet(tmp_path, _typed(**{column: values})))
    assert _faults(report) == [(2, reason, column)]
    assert report.faults[0].record_path == "row[2]"
    assert [row["line_number"] for row in rows] == [1, 3]


def test_parquet_rows_are_numbered_across_batches(tmp_path: Path) -> None:
    rows = 150_000
    outcomes = ["success"] * rows
    outcomes[140_000] = "?"
    columns = {name: [value] * rows for name, value in ROW.items()} | {"outcome": outcomes}
    report, kept = _read(_parquet(tmp_path, columns))
    assert _faults(report) == [(140_001, Reason.UNKNOWN_VALUE, "outcome")]
    assert kept[-1]["line_number"] == rows
    assert report.rows_read == len(kept) + 1 == rows


def test_a_parquet_file_that_lacks_a_column(tmp_path: Path) -> None:
    columns = {name: values for name, values in _typed().items() if name != "outcome"}
    report, rows = _read(_parquet(tmp_path, columns))
    assert _faults(report) == [(row, Reason.BAD_HEADER, None) for row in (1, 2, 3)]
    assert report.rows_read == 3
    assert not rows


def test_a_parquet_file_that_repeats_a_column(tmp_path: Path) -> None:
    names = [*ROW, "attack"]
    table = pa.Table.from_arrays([pa.array(["success"])] * len(names), names=names)
    pq.write_table(table, tmp_path / "a.parquet")
    report, _ = _read(tmp_path / "a.parquet")
    assert _faults(report) == [(1, Reason.BAD_HEADER, None)]


@pytest.mark.parametrize(
    "content", [b"", b"PAR1", b"run_id,attack\n", b"PAR1" + b"\0" * 40 + b"PAR1"]
)
def test_no_parquet_at_all(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(UnreadableFileError) as caught:
        _read(_put(tmp_path / "a.parquet", content))
    assert caught.value.reason is Reason.UNREADABLE_FILE


@pytest.mark.parametrize("write", [_csv, _jsonl])
def test_mutated_files_never_raise_and_always_add_up(tmp_path: Path, write: Any) -> None:
    source = random.Random(42)
    path = write(tmp_path, [FULL, ROW | {"extra": "x"}, FULL | {"run_id": "r2"}] * 3)
    sound = path.read_bytes()
    for _ in range(500):
        content = bytearray(sound)
        for _ in range(source.randint(1, 5)):
            place = source.randrange(len(content))
            match source.randrange(3):
                case 0:
                    content[place] = source.randrange(256)
                case 1:
                    del content[place : place + source.randint(1, 30)]
                case _:
                    content[place:place] = bytes(source.randrange(256) for _ in range(3))
        report, rows = _read(_put(path, bytes(content)))
        of_rows = [fault for fault in report.faults if fault.line_number is not None]
        assert report.rows_read == len(rows) + len(of_rows)
        assert sum(report.runs.values()) == len(rows)


def test_mutated_parquet_is_read_or_refused(tmp_path: Path) -> None:
    source = random.Random(43)
    path = _parquet_rows(tmp_path, [FULL, ROW] * 5)
    sound = path.read_bytes()
    for _ in range(200):
        content = bytearray(sound)
        for _ in range(source.randint(1, 3)):
            content[source.randrange(len(content))] = source.randrange(256)
        try:
            report, rows = _read(_put(path, bytes(content)))
        except UnreadableFileError:
            continue
        assert report.rows_read == len(rows) + len(report.faults)
