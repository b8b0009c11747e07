"""Streams: gzip as it comes, bombs and damage named, nothing held in memory."""

from __future__ import annotations

import gzip
import os
import tracemalloc
from collections.abc import Iterable
from pathlib import Path

import pytest

from aism.land.model import Reason, UnreadableFileError
from aism.land.streams import (
    MAX_LINE_BYTES,
    Block,
    Limits,
    Line,
    blocks_of,
    blocks_of_range,
    open_lines,
    open_stream,
    ranges_of,
)


def read_reason(path: Path, limits: Limits | None = None) -> Reason:
    with pytest.raises(UnreadableFileError) as caught:
        list(open_lines(path, limits))
    return caught.value.reason


def test_plain_and_gzip_give_the_same_lines(tmp_path: Path) -> None:
    data = b"\xef\xbb\xbfone\r\ntwo\n\nlast"
    (tmp_path / "a.jsonl").write_bytes(data)
    (tmp_path / "b.jsonl.GZ").write_bytes(gzip.compress(data))
    plain = list(open_lines(tmp_path / "a.jsonl"))
    assert plain == list(open_lines(tmp_path / "b.jsonl.GZ"))
    assert plain == [(1, b"one", b"\r\n"), (2, b"two", b"\n"), (3, b"", b"\n"), (4, b"last", b"")]


def test_several_members_and_padding(tmp_path: Path) -> None:
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(b"one\n") + gzip.compress(b"two\n") + b"\0" * 512)
    with open_stream(path) as stream:
        assert stream.read() == b"one\ntwo\n"


@pytest.mark.parametrize(
    "damage",
    [
        lambda packed: packed[:-4],
        lambda packed: packed[: len(packed) // 2],
        lambda packed: b"not gzip at all",
        lambda packed: packed + b"trailing rubbish",
        lambda packed: packed[:-8] + b"\1\2\3\4" + packed[-4:],
        lambda packed: b"",
    ],
)
def test_damaged_gzip(tmp_path: Path, damage) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "a.gz"
    path.write_bytes(damage(gzip.compress(os.urandom(5000))))
    assert read_reason(path) is Reason.BAD_GZIP


def test_a_gzip_bomb_stops_early(tmp_path: Path) -> None:
    path = tmp_path / "bomb.jsonl.gz"
    with gzip.open(path, "wb") as stream:
        for _ in range(100):
            stream.write(bytes(1 << 20))
    tracemalloc.start()
    assert read_reason(path) is Reason.TOO_LARGE
    assert tracemalloc.get_traced_memory()[1] < 20 << 20
    tracemalloc.stop()


def test_decompressed_size_is_limited_for_plain_files_too(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 101)
    assert read_reason(tmp_path / "a", Limits(decompressed_bytes=100)) is Reason.TOO_LARGE
    assert list(open_lines(tmp_path / "a", Limits(decompressed_bytes=101)))


def test_links_and_missing_files_are_unreadable(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    (tmp_path / "link").symlink_to(tmp_path / "a")
    assert read_reason(tmp_path / "link") is Reason.UNREADABLE_FILE
    assert read_reason(tmp_path / "none") is Reason.UNREADABLE_FILE


LONG = b"x" * (MAX_LINE_BYTES + 1)
TEXTS = {
    "empty": b"",
    "one line": b"a\n",
    "no ending": b"a\nb",
    "all endings": b"a\r\n\nb\r\r\nc\rd\n",
    "a cr ends the file": b"a\r",
    "blank at the end": b"a\n\n",
    "bom": b"\xef\xbb\xbfa\n\xef\xbb\xbfb\nc\n",
    "bom alone": b"\xef\xbb\xbf",
    "long alone": LONG,
    "long at the end": b"a\nb\n" + LONG,
    "long in between": b"a\n" + LONG + b"\r\nb\n" + LONG + LONG + b"\nc",
    "as long as may be": b"a\n" + LONG[1:] + b"\r\nb\n" + LONG[1:],
}


@pytest.mark.parametrize("size", [1, 2, 3, 5, 1 << 18])
@pytest.mark.parametrize("text", TEXTS)
def test_blocks_and_ranges_hold_the_same_lines(tmp_path: Path, text: str, size: int) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(TEXTS[text])
    expected = list(open_lines(path))

    with open_stream(path) as stream:
        blocks = list(blocks_of(stream, size))
    assert _lines(blocks) == expected
    assert sum(block.lines for block in blocks) == len(expected)

    stitched: list[Line] = []
    for part in ranges_of(path, size):
        before = len(stitched)
        stitched += [
            line._replace(number=before + line.number)
            for line in _lines(blocks_of_range(path, part))
        ]
    assert stitched == expected


def _lines(blocks: Iterable[Block]) -> list[Line]:
    return [
        block.line(number, data)
        for block in blocks
        for number, data in enumerate([None] if block.data is None else block.split(), block.number)
    ]


def test_the_limit_of_size_holds_for_ranges(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").write_bytes(b"x\n" * 51)
    monkeypatch.setenv("AISM_MAX_FILE_BYTES", "101")
    with pytest.raises(UnreadableFileError) as caught:
        list(ranges_of(tmp_path / "a", 10))
    assert caught.value.reason is Reason.TOO_LARGE
