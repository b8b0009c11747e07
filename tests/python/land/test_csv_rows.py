"""CSV records: RFC 4180 and physical lines; a broken record costs one line."""

from __future__ import annotations

import io

import pytest

from aism.land.csv_rows import CsvRow, is_sound_utf8, read_csv
from aism.land.model import Reason
from aism.land.streams import MAX_LINE_BYTES


def rows_of(data: bytes) -> tuple[list[str], list[CsvRow]]:
    header, rows = read_csv(io.BytesIO(data))
    return header, list(rows)


def cells_of(data: bytes) -> list[tuple[int, list[str]]]:
    return [(row.line_number, row.cells) for row in rows_of(b"a,b\n" + data)[1]]


def test_bom_crlf_and_blank_lines() -> None:
    header, rows = rows_of(b"\xef\xbb\xbfa,b\r\n\r\n1,2\r\n\n3, 4 \n")
    assert header == ["a", "b"]
    assert [(row.line_number, row.cells) for row in rows] == [(3, ["1", "2"]), (5, ["3", " 4 "])]


def test_quoted_newlines_keep_their_bytes_and_physical_lines() -> None:
    assert cells_of(b'1,"x\r\ny\n\nz"\n2,"say ""hi"", all"\n3,4') == [
        (2, ["1", "x\r\ny\n\nz"]),
        (6, ["2", 'say "hi", all']),
        (7, ["3", "4"]),
    ]


def test_empty_cells_and_quoted_empty_cells() -> None:
    assert cells_of(b',\n"",""\n') == [(2, ["", ""]), (3, ["", ""])]


@pytest.mark.parametrize(
    "broken",
    [b'1,"open', b'1,a"b', b'1,"a"b', b'"1" ,2', b"1,a\rb", b'1,""a"'],
)
def test_broken_quoting_costs_its_first_line_only(broken: bytes) -> None:
    _, rows = rows_of(b"a,b\n" + broken + b'\n2,"sound"\n3,"so\nund"\n')
    assert [(row.line_number, row.fault) for row in rows] == [
        (2, Reason.RAGGED_ROW),
        (3, None),
        (4, None),
    ]
    assert rows[2].cells == ["3", "so\nund"]
    assert rows[0].raw_text == broken.decode()


def test_an_open_quote_at_the_end_of_the_file() -> None:
    _, rows = rows_of(b'a,b\n1,2\n3,"open\n5,6\n')
    assert [(row.line_number, row.fault) for row in rows] == [
        (2, None),
        (3, Reason.RAGGED_ROW),
        (4, None),
    ]


def test_bytes_that_are_not_utf8_are_told_by_cell() -> None:
    _, (row,) = rows_of(b"a,b\nsound,\xff\xfe\n")
    assert not row.is_utf8
    assert [is_sound_utf8(cell) for cell in row.cells] == [True, False]


def test_encoded_surrogates_are_not_utf8() -> None:
    _, (row,) = rows_of(b"a,b\n1,\xed\xa0\x80\n")
    assert not row.is_utf8


def test_a_line_over_the_limit_is_a_fault_and_reading_goes_on() -> None:
    long = b"x" * (MAX_LINE_BYTES + 1)
    _, rows = rows_of(b"a,b\n1," + long + b"\n2,3\n" + b'4,"' + long + b'"\n5,6\n')
    assert [(row.line_number, row.fault) for row in rows] == [
        (2, Reason.LINE_TOO_LONG),
        (3, None),
        (4, Reason.LINE_TOO_LONG),
        (5, None),
    ]


def test_a_line_at_the_limit_is_sound() -> None:
    for ending in (b"\n", b"\r\n", b""):
        _, rows = rows_of(b"a\n" + b"x" * MAX_LINE_BYTES + ending)
        assert [(row.fault, len(row.cells[0])) for row in rows] == [(None, MAX_LINE_BYTES)]


def test_no_header() -> None:
    assert rows_of(b"") == ([], [])
    assert rows_of(b'"a,b\n1,2\n')[0] == []
