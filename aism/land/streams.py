"""Bounded reading of landed files: gzip is opened as it streams, and bombs stop early."""

from __future__ import annotations

import io
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

from aism.land.model import Reason, UnreadableFileError

MAX_LINE_BYTES = 16 * 1024 * 1024
_CHUNK = 1 << 18
_BOM = b"\xef\xbb\xbf"


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

    def __init__(self, raw: BinaryIO, is_gzip: bool, limits: Limits) -> None:
        self._raw = raw
        self._limits = limits
        self._consumed = 0
        self._produced = 0
        self._member = zlib.decompressobj(31) if is_gzip else None
        self._packed = b""
        self._member_is_fresh = True

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self._raw.close()
        super().close()

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        data = self._unpack(len(buffer)) if self._member else self._raw.read(len(buffer))
        self._produced += len(data)
        self._check()
        buffer[: len(data)] = data
        return len(data)

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


def open_stream(path: Path, limits: Limits | None = None) -> io.BufferedReader:
    """Open the bytes of ``path``; a name that ends in ``.gz`` (any case) is unpacked as it is read.

    Raises:
        UnreadableFileError: on opening or while reading: ``unreadable_file`` (the system refuses),
            ``bad_gzip`` (damaged or cut), ``too_large`` (limits).

    """
    limits = limits or Limits.from_environment()
    try:
        # O_NOFOLLOW: the name may have become a link since the folder was listed.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    except OSError as error:
        raise UnreadableFileError(Reason.UNREADABLE_FILE, error.strerror or "") from None
    raw = os.fdopen(descriptor, "rb", buffering=0)
    is_gzip = path.name.lower().endswith(".gz")
    return io.BufferedReader(_BoundedStream(raw, is_gzip, limits), _CHUNK)


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
        ending = b"\r\n" if chunk.endswith(b"\r\n") else b"\n" if chunk.endswith(b"\n") else b""
        if len(chunk) - len(ending) > MAX_LINE_BYTES:
            while not ending and (rest := stream.readline(MAX_LINE_BYTES)):
                ending = b"\n" if rest.endswith(b"\n") else b""
            yield Line(number, None, ending)
            continue
        if number == 1:
            chunk = chunk.removeprefix(_BOM)
        yield Line(number, chunk[: -len(ending)] if ending else chunk, ending)


def open_lines(path: Path, limits: Limits | None = None) -> Iterator[Line]:
    """Yield the physical lines of a plain or gzipped file, streamed; errors as ``open_stream``."""
    with open_stream(path, limits) as stream:
        yield from lines_of(stream)
