"""PyRIT memory, 0.8 to 1.1: SQLite and DuckDB files, and JSON made of them.

What a file is, its first bytes say, not its name. Texts of prompts, answers and errors are hashed
or not read at all: none leaves the reader.
"""

from __future__ import annotations

from aism.land.model import LandedFile, ReadReport, Reason, Sink, UnreadableFileError
from aism.land.readers import pyrit_duckdb, pyrit_sqlite
from aism.land.readers.pyrit_attempts import Attempts
from aism.land.readers.pyrit_database import COLUMNS, NO_ATTEMPTS, read_database
from aism.land.readers.pyrit_json import read_json
from aism.land.streams import open_stream

VERSION = 2

_JSON_NAMES = (".json", ".json.gz")
_BOM = b"\xef\xbb\xbf"
_HEAD_BYTES = 1024


def read_pyrit(file: LandedFile, sink: Sink) -> ReadReport:
    """Read a memory file into scanner_runs and scanner_results; PyRIT records no figures.

    ``rows_read`` counts attempts: attack results, or replies where there are none (0.8).
    ``runs`` and ``run_lines`` both count the valid ones.

    Raises:
        UnreadableFileError: nothing of PyRIT, damaged, or it cannot be opened or unpacked.

    """
    report = ReadReport()
    attempts = Attempts(file, sink, report)
    with open_stream(file.path) as stream:
        head = stream.read(_HEAD_BYTES)
    if head.startswith(pyrit_sqlite.MAGIC):
        with pyrit_sqlite.open_sqlite(file.path, file.size_bytes) as sqlite_file:
            read_database(sqlite_file, report, attempts)
    elif head[pyrit_duckdb.MAGIC_AT :].startswith(pyrit_duckdb.MAGIC):
        with pyrit_duckdb.open_duckdb(file.path, file.size_bytes, COLUMNS) as duckdb_file:
            read_database(duckdb_file, report, attempts)
    elif head.removeprefix(_BOM).lstrip()[:1] in (b"[", b"{") or _is_called_json(file):
        read_json(file, report, attempts)
    else:
        raise UnreadableFileError(Reason.UNREADABLE_FILE, "no memory of PyRIT")
    attempts.close()
    if not report.rows_read:
        report.schema_note = report.schema_note or NO_ATTEMPTS
    return report


def _is_called_json(file: LandedFile) -> bool:
    return file.path.name.lower().endswith(_JSON_NAMES)
