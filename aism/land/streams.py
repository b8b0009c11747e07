"""Bounded reading of landed files: gzip is opened as it streams, and bombs stop early."""

from __future__ import annotations

import io
import os
import stat
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol

from aism.land.model import Reason, UnreadableFileError

MAX_LINE_BYTES = 16 * 1024 * 1024
_CHUNK = 1 << 18
_BOM = b"\xef\xbb\xbf"
_OPEN = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may unpack to. ``decompressed_bytes`` holds for plain files too.

    ``document_bytes`` bounds what must be in memory whole: one JSON document, one archive member.
    """

    decompressed_bytes: int = 64 * 1024**3
    gzip_ratio: int = 1000
    document_bytes: int = 2 * 1024**3

    @classmethod
    def from_environment(cls) -> Limits:
        """Read ``AISM_MAX_FILE_BYTES``, ``AISM_MAX_GZIP_RATIO``, ``AISM_MAX_DOCUMENT_BYTES``."""
        default = cls()
        return cls(
            int(os.environ.get("AISM_MAX_FILE_BYTES", default.decompressed_bytes)),
            int(os.environ.get("AISM_MAX_GZIP_RATIO", default.gzip_ratio)),
            int(os.environ.get("AISM_MAX_DOCUMENT_BYTES", default.document_bytes)),
        )


class _BoundedStream(io.RawIOBase):
    """Reads a file, unpacking gzip (several members too), within limits."""

    def __init__(self, raw: io.FileIO, is_gzip: bool, limits: Limits) -> None:
        self._raw = raw
        self._limits = limits
        self._consumed = 0
        self._produced = 0
        self._member = zlib.decompressobj(31) if is_gzip else None
        self._packed = b""
        self._member_is_fresh = True

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self._member is None

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        if self._member is not None:
            raise io.UnsupportedOperation("a gzip stream is read once, from its start")
        return self._raw.seek(offset, whence)

    def close(self) -> None:
        self._raw.close()
        super().close()

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        if self._member is None:
            size = self._raw.readinto(buffer)
        else:
            data = self._unpack(len(buffer))
            size = len(data)
            buffer[:size] = data
        self._produced += size
        self._check()
        return size

    def _unpack(self, size: int) -> bytes:
        assert self._member is not None
        while True:
            if not self._packed:
                self._packed = self._raw.read(_CHUNK)
                self._consumed += len(self._packed)
                if not self._packed:
                    if self._member_is_fresh and self._consumed:
                        return b""
                    # An unfinished member, or no member at all.
                    raise UnreadableFileError(Reason.BAD_GZIP, "the stream ends early")
            try:
                data = self._member.decompress(self._packed, size)
            except zlib.error as error:
                raise UnreadableFileError(Reason.BAD_GZIP, str(error)) from None
            self._member_is_fresh = False
            if self._member.eof:
                # Padding with zeros after a member is common on tapes and in copies.
                self._packed = self._member.unused_data.lstrip(b"\0")
                self._member = zlib.decompressobj(31)
                self._member_is_fresh = True
            else:
                self._packed = self._member.unconsumed_tail
            if data:
                return data

    def _check(self) -> None:
        limits = self._limits
        if self._produced > limits.decompressed_bytes:
            raise UnreadableFileError(Reason.TOO_LARGE, "decompressed size over the limit")
        if self._member is not None and self._produced > limits.gzip_ratio * (
            self._consumed - len(self._packed)
        ):
            raise UnreadableFileError(Reason.TOO_LARGE, "gzip ratio over the limit")


def is_gzip(path: Path) -> bool:
    """Tell by its name whether a file is unpacked as it is read: ``.gz`` in any case."""
    return path.name.lower().endswith(".gz")


def open_regular(path: Path) -> int:
    """Open a regular file for reading; return its descriptor.

    The name may stand for something else since the folder was listed: no link is followed, no
    pipe waited for.

    Raises:
        UnreadableFileError: the system refuses, or it is no regular file.

    """
    try:
        descriptor = os.open(path, _OPEN)
    except OSError as error:
        raise UnreadableFileError(Reason.UNREADABLE_FILE, error.strerror or "") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise UnreadableFileError(Reason.UNREADABLE_FILE, "no regular file")
    return descriptor


def open_stream(path: Path, limits: Limits | None = None) -> io.BufferedReader:
    """Open the bytes of ``path``; a name that ends in ``.gz`` (any case) is unpacked as it is read.

    A plain file can be sought in; the limit of its size counts the bytes that are read.

    Raises:
        UnreadableFileError: on opening or while reading: ``unreadable_file`` (the system refuses),
            ``bad_gzip`` (damaged or cut), ``too_large`` (limits).

    """
    limits = limits or Limits.from_environment()
    raw = os.fdopen(open_regular(path), "rb", buffering=0)
    return io.BufferedReader(_BoundedStream(raw, is_gzip(path), limits), _CHUNK)


class Line(NamedTuple):
    """A physical line; ``data`` is without its ``ending`` and None when the line is over 16 MB."""

    number: int
    data: bytes | None
    ending: bytes
    """LF, CRLF, or nothing: an unterminated last line may be a cut one."""


def lines_of(stream: BinaryIO | io.BufferedReader) -> Iterator[Line]:
    """Yield the physical lines of ``stream`` from 1 without a BOM, never holding the file."""
    number = 0
    while chunk := stream.readline(MAX_LINE_BYTES + 2):
        number += 1
        ending = _ending_of(chunk)
        if len(chunk) - len(ending) > MAX_LINE_BYTES:
            while not ending and (rest := stream.readline(MAX_LINE_BYTES)):
                ending = b"\n" if rest.endswith(b"\n") else b""
            yield Line(number, None, ending)
            continue
        if number == 1:
            chunk = chunk.removeprefix(_BOM)
        yield Line(number, chunk[: -len(ending)] if ending else chunk, ending)


class Block(NamedTuple):
    """Whole lines in one piece; or one line, of which ``data`` is None, that is over 16 MB."""

    number: int
    """Of its first line, from 1 where reading began."""
    ends: list[int]
    """Where each line ends in ``data``, which may be at its end."""
    data: bytes | None
    """The lines with their endings; only the last line of a file may be without."""
    ending: bytes
    """Of the last line, as in ``Line``."""

    @property
    def lines(self) -> int:
        """How many."""
        return len(self.ends)

    def split(self) -> list[bytes]:
        """Give the lines without LF, but with the CR that may be part of their ending."""
        lines = (self.data or b"").split(b"\n")
        if self.ending:
            lines.pop()
        return lines

    def views(self) -> list[memoryview]:
        """Give what ``split`` gives without a copy of it."""
        whole, ends = memoryview(self.data or b""), self.ends
        starts = [0, *[end + 1 for end in ends]]
        return [whole[start:end] for start, end in zip(starts, ends, strict=False)]

    def line(self, number: int, data: bytes | None) -> Line:
        """Make what ``lines_of`` yields of one that ``split`` gave."""
        ending = self.ending if number == self.number + self.lines - 1 else b"\n"
        if data is not None and ending and data.endswith(b"\r"):
            return Line(number, data[:-1], b"\r\n")
        return Line(number, data, ending)


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...
    def readline(self, size: int, /) -> bytes: ...


def blocks_of(stream: _Readable, size: int = 1 << 16, *, is_start: bool = True) -> Iterator[Block]:
    """Yield the lines that ``lines_of`` yields, in blocks of about ``size`` bytes (at most 16 MB).

    ``is_start`` says that the stream stands at the start of the file, where a BOM may be.
    """
    number = 1
    while data := stream.read(size):
        tail = 0
        if not data.endswith(b"\n"):
            data += stream.readline(MAX_LINE_BYTES + 2)
            tail = data.rfind(b"\n", 0, -1) + 1
        ending = _ending_of(data)
        is_long = len(data) - tail - len(ending) > MAX_LINE_BYTES
        whole = data[:tail] if is_long else data
        if whole:
            if is_start and number == 1:
                whole = whole.removeprefix(_BOM)
            ends = _ends_of(whole)
            yield Block(number, ends, whole, _ending_of(whole))
            number += len(ends)
        if is_long:
            while not ending and (rest := stream.readline(MAX_LINE_BYTES)):
                ending = _ending_of(rest)
            yield Block(number, [0], None, ending[-1:])
            number += 1


class Range(NamedTuple):
    """Whole lines of a plain file: the bytes from ``start`` up to ``end``."""

    start: int
    end: int


def ranges_of(path: Path, size: int) -> Iterator[Range]:
    """Cut a plain file at line ends into ranges of about ``size`` bytes; errors as ``open_stream``.

    A range with a line that is longer holds all of that line.
    """
    limits = Limits.from_environment()
    with open_stream(path, limits) as stream:
        total = stream.seek(0, os.SEEK_END)
        if total > limits.decompressed_bytes:
            raise UnreadableFileError(Reason.TOO_LARGE, "size over the limit")
        start = 0
        while start < total:
            stream.seek(min(start + size, total))
            while (rest := stream.readline(_CHUNK)) and not rest.endswith(b"\n"):
                pass
            end = min(stream.tell(), total)
            yield Range(start, end)
            start = end


def blocks_of_range(path: Path, part: Range) -> Iterator[Block]:
    """Yield the lines of one range in blocks, numbered from 1; errors as ``open_stream``."""
    with open_stream(path) as stream:
        stream.seek(part.start)
        yield from blocks_of(_Part(stream, part.end - part.start), is_start=part.start == 0)


class _Part:
    """The next ``left`` bytes of a stream."""

    def __init__(self, stream: io.BufferedReader, left: int) -> None:
        self._stream = stream
        self._left = left

    def read(self, size: int, /) -> bytes:
        return self._taken(self._stream.read(min(size, self._left)))

    def readline(self, size: int, /) -> bytes:
        return self._taken(self._stream.readline(min(size, self._left)))

    def _taken(self, data: bytes) -> bytes:
        self._left -= len(data)
        return data


def _ends_of(data: bytes) -> list[int]:
    """Find the ends of lines: of a million long ones ten times faster than counting them."""
    ends = []
    find, end = data.find, -1
    while (end := find(b"\n", end + 1)) >= 0:
        ends.append(end)
    if not data.endswith(b"\n"):
        ends.append(len(data))
    return ends


def _ending_of(data: bytes) -> bytes:
    return b"\r\n" if data.endswith(b"\r\n") else b"\n" if data.endswith(b"\n") else b""


def open_lines(path: Path, limits: Limits | None = None) -> Iterator[Line]:
    """Yield the physical lines of a plain or gzipped file, streamed; errors as ``open_stream``."""
    with open_stream(path, limits) as stream:
        yield from lines_of(stream)
