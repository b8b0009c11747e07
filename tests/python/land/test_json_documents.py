"""One JSON document per file: unreadable frames, faulty records, and nothing that raises."""

from __future__ import annotations

import gzip
from pathlib import Path

import msgspec
import pytest

from aism.land.json_documents import decode_document, decode_part, read_document, take_records
from aism.land.json_lines import MAX_DEPTH, Int64, LineFault
from aism.land.model import Fault, ReadReport, Reason, UnreadableFileError


class _Frame(msgspec.Struct):
    name: str
    rows: list[msgspec.Raw] = []


class _Row(msgspec.Struct):
    name: str
    size: Int64 = 0


_decode_frame = msgspec.json.Decoder(_Frame).decode
_decode_row = msgspec.json.Decoder(_Row).decode


@pytest.mark.parametrize("name", ["a.json", "a.json.gz", "A.JSON.GZ"])
def test_a_document_is_read_whole_and_without_bom(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    content = b'\xef\xbb\xbf{"name": "a"}'
    path.write_bytes(gzip.compress(content) if name.lower().endswith("gz") else content)
    assert read_document(path) == b'{"name": "a"}'


def test_the_limit_holds_for_what_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AISM_MAX_DOCUMENT_BYTES", "20")
    path = tmp_path / "a.json.gz"
    path.write_bytes(gzip.compress(b"x" * 20))
    assert read_document(path) == b"x" * 20
    path.write_bytes(gzip.compress(b"x" * 21))
    with pytest.raises(UnreadableFileError) as raised:
        read_document(path)
    assert raised.value.reason is Reason.TOO_LARGE


def test_a_file_that_is_not_there_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError) as raised:
        read_document(tmp_path / "none.json")
    assert raised.value.reason is Reason.UNREADABLE_FILE


def _nested(depth: int) -> bytes:
    """Make a document of this many levels, the frame and its array among them."""
    inner = b"[" * (depth - 2) + b"]" * (depth - 2)
    return b'{"name": "a", "rows": [' + inner + b"]}"


def test_records_stay_undecoded() -> None:
    frame = decode_document(b'{"name": "a", "rows": [{"size": "x"}, 1, null]}', _decode_frame)
    assert [bytes(raw) for raw in frame.rows] == [b'{"size": "x"}', b"1", b"null"]
    assert len(decode_document(_nested(MAX_DEPTH), _decode_frame).rows) == 1


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", Reason.NOT_JSON),
        (b'{"name": "a", "rows": [{}', Reason.NOT_JSON),
        (b'{"name": "a", "rows": [{"x": tru}]}', Reason.NOT_JSON),
        (b'{"name": "a"} {"name": "b"}', Reason.TRAILING_TEXT),
        (b'{"name": "a", "rows": ["\xff"]}', Reason.BAD_UTF8),
        (b'{"name": "a\x00"}', Reason.NUL_BYTE),
        (b'"name"', Reason.NOT_OBJECT),
        (b"[1]", Reason.WRONG_TYPE),
        (b'{"name": 1}', Reason.WRONG_TYPE),
        (b'{"rows": []}', Reason.MISSING_KEY),
        (_nested(MAX_DEPTH + 1), Reason.TOO_DEEP),
        (b"[" * 100_000, Reason.TOO_DEEP),
    ],
    ids=lambda value: value.value if isinstance(value, Reason) else "",
)
def test_a_frame_that_is_not_sound_makes_the_file_unreadable(data: bytes, reason: Reason) -> None:
    with pytest.raises(UnreadableFileError) as raised:
        decode_document(data, _decode_frame)
    assert raised.value.reason is reason


def test_a_part_of_the_frame_fails_like_the_frame() -> None:
    with pytest.raises(UnreadableFileError) as raised:
        decode_part(msgspec.Raw(b'{"size": 1}'), _decode_row)
    assert raised.value.reason is Reason.MISSING_KEY


@pytest.mark.parametrize(
    ("text", "is_half"),
    [
        (rb"\ud83d", True),
        (rb"\uDE00", True),
        (rb"\ude00\ud83d", True),
        (rb"\ud83d\ud83d\ude00", True),
        (rb"\\\ud83d", True),
        (rb"\ud83d\ude00", False),
        (rb"\\ud83d", False),
        (rb"\ufffd", False),
    ],
)
def test_half_a_character_is_a_fault_of_its_record_alone(text: bytes, is_half: bool) -> None:
    data = (
        b'{"name": "\\ud800 frame", "rows": [{"name": "a"}, {"name": "b", "x": "' + text + b'"}]}'
    )
    frame = decode_document(data, _decode_frame)
    assert frame.name == "\ufffd frame"
    report = ReadReport()
    kept: list[str] = []
    take_records(frame.rows, "rows", report, lambda _, raw: kept.append(_decode_row(raw).name))
    assert kept == (["a"] if is_half else ["a", "b"])
    assert [(fault.reason, fault.record_path) for fault in report.faults] == (
        [(Reason.LONE_SURROGATE, "rows[1]")] if is_half else []
    )


def test_each_faulty_record_is_one_fault_and_the_rest_lands() -> None:
    rows = [
        (b'{"name": "a", "size": 1}', None),
        (b'{"name": 1}', (Reason.WRONG_TYPE, "name")),
        (b'{"size": 1}', (Reason.MISSING_KEY, "name")),
        (b'{"name": "a", "size": 9223372036854775808}', (Reason.NUMBER_RANGE, "size")),
        (b'{"name": "\\ud83d"}', (Reason.LONE_SURROGATE, None)),
        (b"[]", (Reason.NOT_OBJECT, None)),
        (b'{"name": "refused"}', (Reason.UNKNOWN_VALUE, "name")),
        (b'{"name": "b"}', None),
    ]
    data = b'{"name": "f", "rows": [' + b", ".join(row for row, _ in rows) + b"]}"
    report = ReadReport()
    kept: list[tuple[str, str]] = []

    def take(record_path: str, raw: msgspec.Raw) -> None:
        row = _decode_row(raw)
        if row.name == "refused":
            raise LineFault(Reason.UNKNOWN_VALUE, "name")
        kept.append((record_path, row.name))

    take_records(decode_document(data, _decode_frame).rows, "rows", report, take)
    assert kept == [("rows[0]", "a"), ("rows[7]", "b")]
    assert report.rows_read == len(rows)
    assert report.faults == [
        Fault(found[0], record_path=f"rows[{index}]", column_name=found[1])
        for index, (_, found) in enumerate(rows)
        if found
    ]
    assert report.is_complete


def test_a_recursion_error_of_a_reader_is_a_fault() -> None:
    report = ReadReport()

    def take(_: str, __: msgspec.Raw) -> None:
        raise RecursionError

    take_records([msgspec.Raw(b"{}")], "rows", report, take)
    assert [fault.reason for fault in report.faults] == [Reason.TOO_DEEP]
