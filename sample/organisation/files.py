"""How rows become files: one header order, Unix line ends, the same bytes on every machine."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

Row = Mapping[str, str]


def csv_text(columns: Sequence[str], rows: Iterable[Row]) -> str:
    """Return a CSV with the columns in the given order; a key that is no column is an error."""
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, fieldnames=columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue()


def jsonl_text(rows: Iterable[Mapping[str, object]]) -> str:
    """Return one JSON object a line; empty cells are left out."""
    lines = (json.dumps({key: value for key, value in row.items() if value != ""}) for row in rows)
    return "".join(line + "\n" for line in lines)


def json_text(value: object) -> str:
    """Return JSON laid out for reading, one key or element a line."""
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"


def write_text(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def write_gzip(path: Path, text: str) -> None:
    """Write gzip without a time stamp.

    Compressed bytes depend on the zlib at hand, so a file that already holds this text stays.
    """
    content = text.encode("utf-8")
    if path.exists() and gzip.decompress(path.read_bytes()) == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(content, mtime=0))
