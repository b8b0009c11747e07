"""Bounded reading of zip archives whose members are deflated or compressed with Zstandard.

``zipfile`` of Python 3.11 does not know Zstandard (method 93) and takes a directory of any length
into memory, so the few records that are needed are read here (APPNOTE.TXT of the zip format,
4.3.7 local header, 4.3.12 directory, 4.3.14 to 4.3.16 its end). Nothing is written to disk and
member names are never paths.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

import pyarrow as pa

from aism.land.json_lines import LineFault
from aism.land.model import Reason, UnreadableFileError
from aism.land.streams import MAX_LINE_BYTES, Limits, open_regular

MAX_MEMBERS = 250_000
MAX_DIRECTORY_BYTES = 64 * 1024**2
_STORED, _DEFLATED, _ZSTANDARD = 0, 8, 93
_CHUNK = 1 << 20
_ENCRYPTED, _UTF8 = 0x1, 0x800
_END = struct.Struct("<4s4H2LH")
_MAX_COMMENT = 65_535
_LOCATOR = struct.Struct("<4sLQL")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_FULL_16, _FULL_32 = 0xFFFF, 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Member:
    """A file of the archive as its directory describes it; sizes in bytes."""

    name: str
    raw_name: bytes
    method: int
    crc: int
    packed_size: int
    size: int
    offset: int
    refusal: Reason | None
    """Why it will not be read: a name that leads out, encrypted, a method or a size too much."""


class Archive:
    """An open archive; its directory is checked as a whole, its members as they are read.

    Raises:
        UnreadableFileError: ``unreadable_file`` for anything that is no sound archive (cut, several
            disks, members that share bytes), ``too_large`` for too many members or for more
            unpacked bytes than the limits of a file allow.

    """

    def __init__(self, path: Path) -> None:
        self._limits = Limits.from_environment()
        descriptor = open_regular(path)
        self._file = os.fdopen(descriptor, "rb")
        try:
            self._size = os.fstat(descriptor).st_size
            directory = self._directory()
            self._ends_at = directory.offset
            self.members = list(self._members_of(directory))
            self._refuse_overlaps()
            self._refuse_bomb()
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def read(self, member: Member) -> bytes:
        """Unpack one member into memory and check its length and CRC.

        Raises:
            LineFault: ``too_large`` over a limit, ``bad_name`` for a name that would lead out of a
                folder, ``unreadable_file`` for a damaged or encrypted member.

        """
        if member.refusal is not None:
            raise LineFault(member.refusal)
        packed = self._packed(member)
        parts: list[bytes] = []
        room = member.size
        try:
            for part in _UNPACK[member.method](packed):
                room -= len(part)
                if room < 0:
                    break
                parts.append(part)
        except (zlib.error, OSError, pa.ArrowException):
            raise LineFault(Reason.UNREADABLE_FILE) from None
        data = b"".join(parts)
        if room or zlib.crc32(data) != member.crc:
            raise LineFault(Reason.UNREADABLE_FILE)
        return data

    def _packed(self, member: Member) -> bytes:
        head = self._at(member.offset, _LOCAL.size)
        if len(head) < _LOCAL.size:
            raise LineFault(Reason.UNREADABLE_FILE)
        signature, _, _, method, *_, name_length, extra_length = _LOCAL.unpack(head)
        name = self._file.read(name_length)
        if (signature, method, name) != (b"PK\x03\x04", member.method, member.raw_name):
            raise LineFault(Reason.UNREADABLE_FILE)
        start = member.offset + _LOCAL.size + name_length + extra_length
        if start + member.packed_size > self._ends[member.offset]:
            raise LineFault(Reason.UNREADABLE_FILE)
        return self._at(start, member.packed_size)

    def _at(self, offset: int, length: int) -> bytes:
        try:
            self._file.seek(offset)
            return self._file.read(length)
        except OSError as error:
            raise UnreadableFileError(Reason.UNREADABLE_FILE, error.strerror or "") from None

    def _directory(self) -> _Directory:
        tail_at = max(0, self._size - _END.size - _MAX_COMMENT)
        tail = self._at(tail_at, _END.size + _MAX_COMMENT)
        found = len(tail)
        while (found := tail.rfind(b"PK\x05\x06", 0, found)) >= 0:
            if len(tail) - found >= _END.size:
                end = _END.unpack_from(tail, found)
                if found + _END.size + end[-1] == len(tail):
                    break
        else:
            raise _damaged("no end of a directory")
        ends_at = tail_at + found
        _, disk, first_disk, here, entries, size, offset, _ = end
        if _FULL_16 in (here, entries) or _FULL_32 in (size, offset):
            disk, first_disk, here, entries, size, offset, ends_at = self._end_64(ends_at)
        if (disk, first_disk, here) != (0, 0, entries) or offset + size > ends_at:
            raise _damaged("the directory is not where it should be")
        if entries > MAX_MEMBERS or size > MAX_DIRECTORY_BYTES:
            raise UnreadableFileError(Reason.TOO_LARGE, "too many members")
        return _Directory(entries, size, offset)

    def _end_64(self, end_at: int) -> tuple[int, int, int, int, int, int, int]:
        if end_at < _LOCATOR.size:
            raise _damaged("no locator of the 64-bit directory")
        signature, _, at, _ = _LOCATOR.unpack(self._at(end_at - _LOCATOR.size, _LOCATOR.size))
        if signature != b"PK\x06\x07" or at + _END_64.size > end_at:
            raise _damaged("no locator of the 64-bit directory")
        signature, _, _, _, disk, first_disk, here, entries, size, offset = _END_64.unpack(
            self._at(at, _END_64.size)
        )
        if signature != b"PK\x06\x06":
            raise _damaged("no end of the 64-bit directory")
        return disk, first_disk, here, entries, size, offset, at

    def _members_of(self, directory: _Directory) -> Iterator[Member]:
        data = self._at(directory.offset, directory.size)
        at = 0
        for _ in range(directory.entries):
            if at + _ENTRY.size > len(data):
                raise _damaged("the directory is cut")
            entry = _ENTRY.unpack_from(data, at)
            signature, _, _, flags, method, _, _, crc, packed_size, size = entry[:10]
            name_length, extra_length, comment_length, disk, _, _, offset = entry[10:]
            at += _ENTRY.size
            raw_name = data[at : at + name_length]
            extra = data[at + name_length : at + name_length + extra_length]
            at += name_length + extra_length + comment_length
            if signature != b"PK\x01\x02" or at > len(data) or disk:
                raise _damaged("the directory is broken")
            size, packed_size, offset = _wide(extra, size, packed_size, offset)
            name = raw_name.decode("utf-8" if flags & _UTF8 else "cp437", "backslashreplace")
            if ".." in name.replace("\\", "/").split("/"):
                refusal: Reason | None = Reason.BAD_NAME
            elif flags & _ENCRYPTED or method not in _UNPACK:
                refusal = Reason.UNREADABLE_FILE
            elif max(size, packed_size) > self._limits.document_bytes or self._is_bomb(
                size, packed_size
            ):
                refusal = Reason.TOO_LARGE
            else:
                refusal = None
            yield Member(name, raw_name, method, crc, packed_size, size, offset, refusal)
        if at != len(data):
            raise _damaged("the directory is longer than its members")

    def _is_bomb(self, size: int, packed_size: int) -> bool:
        """Small text of one repeated word may honestly pack a thousandfold: it does no harm."""
        return size > max(MAX_LINE_BYTES, self._limits.gzip_ratio * packed_size)

    def _refuse_overlaps(self) -> None:
        """Members that share bytes are how a small archive unpacks to a huge one."""
        self._ends: dict[int, int] = {}
        following = self._ends_at
        for member in sorted(self.members, key=lambda member: member.offset, reverse=True):
            least = _LOCAL.size + len(member.raw_name) + member.packed_size
            if member.offset + least > following:
                raise _damaged("members overlap")
            self._ends[member.offset] = following
            following = member.offset

    def _refuse_bomb(self) -> None:
        total = sum(member.size for member in self.members if member.refusal is None)
        if total > self._limits.decompressed_bytes or self._is_bomb(total, self._size):
            raise UnreadableFileError(Reason.TOO_LARGE, "unpacked size over the limit")


class _Directory(NamedTuple):
    entries: int
    size: int
    offset: int


def _wide(extra: bytes, size: int, packed_size: int, offset: int) -> tuple[int, int, int]:
    """Take from the 64-bit field what does not fit into 32 bits."""
    numbers = [size, packed_size, offset]
    if _FULL_32 not in numbers:
        return size, packed_size, offset
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        at += 4
        if kind == 1:
            wide = [place for place, number in enumerate(numbers) if number == _FULL_32]
            if length < 8 * len(wide) or at + 8 * len(wide) > len(extra):
                break
            for place in wide:
                (numbers[place],) = struct.unpack_from("<Q", extra, at)
                at += 8
            return numbers[0], numbers[1], numbers[2]
        at += length
    raise _damaged("a 64-bit size is missing")


def _damaged(detail: str) -> UnreadableFileError:
    return UnreadableFileError(Reason.UNREADABLE_FILE, detail)


def _stored(packed: bytes) -> Iterator[bytes]:
    yield packed


def _inflated(packed: bytes) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(-15)
    while data := unpacker.decompress(packed, _CHUNK):
        yield data
        packed = unpacker.unconsumed_tail
    if not unpacker.eof or unpacker.unused_data:
        raise zlib.error("the stream ends early or goes on")


def _from_zstandard(packed: bytes) -> Iterator[bytes]:
    """Unpack all frames: Inspect begins a new one every 200 MiB."""
    with pa.CompressedInputStream(pa.BufferReader(packed), "zstd") as stream:
        while data := stream.read(_CHUNK):
            yield data


_UNPACK = {_STORED: _stored, _DEFLATED: _inflated, _ZSTANDARD: _from_zstandard}
