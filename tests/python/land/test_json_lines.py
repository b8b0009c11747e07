"""The strict JSON line layer: every reason, and no bytes that make it raise."""

from __future__ import annotations

import random
from pathlib import Path

import msgspec
import pytest

from aism.land.json_lines import (
    MAX_DEPTH,
    Int64,
    LineFault,
    check_text,
    classify,
    is_plain,
    read_lines,
)
from aism.land.model import ReadReport, Reason
from aism.land.streams import MAX_LINE_BYTES


class _Inner(msgspec.Struct):
    size: Int64


class _Row(msgspec.Struct):
    name: str
    score: float = 0.0
    inner: _Inner | None = None


_decode = msgspec.json.Decoder(_Row).decode


def _read(path: Path, content: bytes) -> tuple[ReadReport, list[tuple[int, _Row]]]:
    file = path / "rows.jsonl"
    file.write_bytes(content)
    report = ReadReport()
    rows: list[tuple[int, _Row]] = []
    read_lines(file, report, lambda number, line: rows.append((number, _decode(line))))
    return report, rows


def _nested(depth: int) -> bytes:
    return b'{"name": "a", "x": ' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


UNSOUND = [
    (b'{"name": "a\xff"}', Reason.BAD_UTF8),
    (b'{"name": "a", "skipped": "\xc3\x28"}', Reason.BAD_UTF8),
    (b'{"name": "\xed\xa0\x80"}', Reason.BAD_UTF8),
    (b"hello", Reason.NOT_JSON),
    (b'{"name": "a"', Reason.NOT_JSON),
    (b'{"name": "a", }', Reason.NOT_JSON),
    (b"{'name': 'a'}", Reason.NOT_JSON),
    (b'{"name": "a", "x": "\\q"}', Reason.NOT_JSON),
    (b'{"name": "a\x1bb"}', Reason.NOT_JSON),
    (b'{"name": "a", "x": 01}', Reason.NOT_JSON),
    (b'{"name": "a"} {"name": "b"}', Reason.TRAILING_TEXT),
    (b'{"name": "a"};', Reason.TRAILING_TEXT),
    (b'["a"]', Reason.NOT_OBJECT),
    (b"null", Reason.NOT_OBJECT),
    (b'"name"', Reason.NOT_OBJECT),
    (b'{"name": "a", "score": NaN}', Reason.NAN_OR_INFINITY),
    (b'{"name": "a", "x": -Infinity}', Reason.NAN_OR_INFINITY),
    (b'{"name": "a", "score": 1e400}', Reason.NUMBER_RANGE),
    (b'{"name": "a", "score": -1e999}', Reason.NUMBER_RANGE),
    (_nested(MAX_DEPTH + 1), Reason.TOO_DEEP),
    (_nested(100_000), Reason.TOO_DEEP),
    (b'{"a":' * 5000, Reason.TOO_DEEP),
    (b'{"name": "a\x00b"}', Reason.NUL_BYTE),
    (b"\x00\x00\x00", Reason.NUL_BYTE),
    (b'{"name": "\\ud800"}', Reason.LONE_SURROGATE),
    (b'{"name": "a", "\\udc00": 1}', Reason.LONE_SURROGATE),
    (b'{"name": "a", "x": [{"y": "\\ude00 tail"}]}', Reason.LONE_SURROGATE),
]


@pytest.mark.parametrize(("line", "reason"), UNSOUND)
def test_an_unsound_line_has_its_reason_and_its_neighbours_stand(
    tmp_path: Path, line: bytes, reason: Reason
) -> None:
    report, rows = _read(tmp_path, b'{"name": "one"}\n' + line + b'\n{"name": "three"}\n')
    assert [(fault.line_number, fault.reason) for fault in report.faults] == [(2, reason)]
    assert [(number, row.name) for number, row in rows] == [(1, "one"), (3, "three")]
    assert report.rows_read == 3
    assert report.is_complete
    assert classify(line) is reason


MISTYPED = [
    (b"{}", Reason.MISSING_KEY, "name"),
    (b'{"name": "a", "inner": {"sise": 1}}', Reason.MISSING_KEY, "inner.size"),
    (b'{"name": 1}', Reason.WRONG_TYPE, "name"),
    (b'{"name": "a", "inner": {"size": "1"}}', Reason.WRONG_TYPE, "inner.size"),
    (b'{"name": "a", "inner": []}', Reason.WRONG_TYPE, "inner"),
    (b'{"name": "a", "inner": {"size": 9223372036854775808}}', Reason.NUMBER_RANGE, "inner.size"),
    (b'{"name": "a", "inner": {"size": -' + b"9" * 30 + b"}}", Reason.NUMBER_RANGE, "inner.size"),
]


@pytest.mark.parametrize(("line", "reason", "key"), MISTYPED)
def test_a_mistyped_line_names_the_key(
    tmp_path: Path, line: bytes, reason: Reason, key: str
) -> None:
    report, rows = _read(tmp_path, line + b'\n{"name": "two"}\n')
    assert [(fault.reason, fault.column_name) for fault in report.faults] == [(reason, key)]
    assert [row.name for _, row in rows] == ["two"]
    assert classify(line) is None


def test_brackets_inside_strings_are_no_nesting(tmp_path: Path) -> None:
    text = b"[" * 500 + b'\\"' + b"{" * 500
    report, rows = _read(tmp_path, b'{"name": "' + text + b'"}\n' + _nested(MAX_DEPTH) + b"\n")
    assert not report.faults
    assert len(rows) == 2


def test_brackets_inside_strings_hide_no_nesting(tmp_path: Path) -> None:
    nests = [b'["]", ', rb'["\"]", ', rb'["\\", "]", ']
    deep = [nest * 200 + b"1" + b"]" * 200 for nest in nests]
    lines = [b'{"name": "a", "x": ' + text + b"}" for text in deep]
    report, rows = _read(tmp_path, b"\n".join(lines))
    assert [fault.reason for fault in report.faults] == [Reason.TOO_DEEP] * 3
    assert not rows
    assert not any(map(is_plain, lines))
    shallow = b'["]", 1], ["[", 2], {"\\"{": "}"}' + b', ["a"]' * 100
    assert is_plain(b'{"name": "a", "x": [' + shallow + b"]}")


def test_many_flat_objects_are_not_deep(tmp_path: Path) -> None:
    many = b",".join([b'{"a": [{"b": {}}]}'] * 1000)
    report, rows = _read(tmp_path, b'{"name": "a", "x": [' + many + b"]}\n")
    assert not report.faults
    assert len(rows) == 1


def test_blank_lines_are_no_rows_but_keep_their_number(tmp_path: Path) -> None:
    report, rows = _read(tmp_path, b'\n  \r\n\t\n{"name": "a"}\r\n\n')
    assert [number for number, _ in rows] == [4]
    assert report.rows_read == 1


def test_a_bom_is_accepted_at_the_start_only(tmp_path: Path) -> None:
    report, rows = _read(tmp_path, b'\xef\xbb\xbf{"name": "a"}\n\xef\xbb\xbf{"name": "b"}\n')
    assert [row.name for _, row in rows] == ["a"]
    assert [(fault.line_number, fault.reason) for fault in report.faults] == [(2, Reason.NOT_JSON)]


@pytest.mark.parametrize("cut", [b'{"name": "b', b'{"name": "b\xc3', b"{", b'{"name": "\\ud8'])
def test_a_cut_last_line_makes_the_file_incomplete(tmp_path: Path, cut: bytes) -> None:
    report, rows = _read(tmp_path, b'{"name": "a"}\n' + cut)
    assert [(fault.line_number, fault.reason) for fault in report.faults] == [(2, Reason.NOT_JSON)]
    assert not report.is_complete
    assert len(rows) == 1


def test_a_whole_last_line_needs_no_newline(tmp_path: Path) -> None:
    report, rows = _read(tmp_path, b'{"name": "a"}\n{"name": "b"}')
    assert report.is_complete
    assert len(rows) == 2


def test_an_overlong_line_is_passed_over(tmp_path: Path) -> None:
    long = b'{"name": "' + b"a" * MAX_LINE_BYTES + b'"}'
    report, rows = _read(tmp_path, long + b'\n{"name": "two"}\n' + long)
    assert [(fault.line_number, fault.reason) for fault in report.faults] == [
        (1, Reason.LINE_TOO_LONG),
        (3, Reason.LINE_TOO_LONG),
    ]
    assert [row.name for _, row in rows] == ["two"]
    assert not report.is_complete


def test_a_reader_may_fault_a_line_itself(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_bytes(b"{}\n")
    report = ReadReport()

    def refuse(_: int, __: bytes) -> None:
        raise LineFault(Reason.UNKNOWN_VALUE, "name")

    read_lines(file, report, refuse)
    assert report.faults[0].reason is Reason.UNKNOWN_VALUE
    assert report.faults[0].column_name == "name"


def test_no_bytes_make_classify_raise() -> None:
    source = random.Random(7)
    sound = b'{"name": "a\\u00e9\\ud83d\\ude00", "score": [1.5e3, null, {"x": true}]}'
    for _ in range(2000):
        line = bytearray(sound)
        for _ in range(source.randint(1, 4)):
            line[source.randrange(len(line))] = source.randrange(256)
        assert classify(bytes(line)) in {None, *Reason}


def test_what_is_plain_is_never_refused() -> None:
    sound = [b'{"name": "a"}', b'{"name": "\xc3\xa9"}', _nested(MAX_DEPTH)]
    assert is_plain(b"\n".join(sound * 50))
    refused = [b'{"name": "\xff"}', b'{"name": "\xc3"}', _nested(MAX_DEPTH + 1)]
    for line in refused:
        with pytest.raises(LineFault):
            check_text(line)
        assert not is_plain(b"\n".join([*sound, line, *sound]))
    assert not is_plain(b'"\xc3\n\xa9"')
