"""What the lake holds of one landed file, in a few figures. No row is kept in memory."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from aism.deliveries.policy import SourcePolicy
from aism.errors import UsageError
from aism.land.files import PROGRAM, known_extension

_KEY: Final = re.compile(r"(?P<sha256>[0-9a-f]{64})-(?P<extension>[a-z-]*)\d+-[^/]*\.parquet")
_NOT_DELIVERED: Final = frozenset({"file_sha256", "line_number", "raw_text"})
"""Columns that landing adds."""


@dataclass(frozen=True, slots=True)
class Contents:
    """The sound rows of one file, whatever replaced them later."""

    rows: int
    filled: dict[str, int]
    """Rows that have a value, by column."""
    newest_on: dt.date | None
    """Of the rows that are not dated after the day of the check."""
    labels: dict[str, Counter[str]]
    """Values and their rows, by watched column."""


class LakeContents:
    """Finds and measures the rows of the files of one source."""

    def __init__(self, lake: Path, source: str, policy: SourcePolicy, as_of: dt.date) -> None:
        register = f"parsed/{source.removeprefix(PROGRAM)}" if source.startswith(PROGRAM) else None
        table = policy.table or register
        self._policy = policy
        self._as_of = as_of
        self._files: dict[tuple[str, str], Path] = {}
        for path in (lake / table).glob("*.parquet") if table else ():
            if key := _KEY.fullmatch(path.name):
                self._files[key["sha256"], key["extension"]] = path

    def of(self, file_name: str, file_sha256: str | None) -> Contents | None:
        """Measure one file; None when it has no sound rows, or its rows are not known here."""
        extension = known_extension(file_name).strip(".").replace(".", "-")
        path = self._files.get((file_sha256 or "", extension))
        return None if path is None else self._measure(path)

    def _measure(self, path: Path) -> Contents:
        dated_by, watched = self._policy.dated_by, self._policy.labels
        newest_on: dt.date | None = None
        labels: dict[str, Counter[str]] = {name: Counter() for name in watched}
        with pq.ParquetFile(path) as file:
            wanted = [*watched, *([dated_by] if dated_by else [])]
            unknown = [name for name in wanted if name not in file.schema_arrow.names]
            if unknown:
                raise UsageError(f"The policy names columns that {path.parent} has not: {unknown}")
            for batch in file.iter_batches(columns=wanted) if wanted else ():
                for name in watched:
                    labels[name].update(map(str, batch.column(name).drop_null().to_pylist()))
                if dated_by:
                    newest_on = max(
                        filter(None, (newest_on, self._newest(batch.column(dated_by)))),
                        default=None,
                    )
            return Contents(file.metadata.num_rows, _filled(file.metadata), newest_on, labels)

    def _newest(self, moments: pa.Array[Any]) -> dt.date | None:
        days = moments.cast(pa.timestamp("us")).cast(pa.date32(), safe=False)
        known = days.filter(pc.less_equal(days, pa.scalar(self._as_of)))
        newest: dt.date | None = pc.max(known).as_py()
        return newest


def _filled(metadata: pq.FileMetaData) -> dict[str, int]:
    filled: Counter[str] = Counter()
    for group in map(metadata.row_group, range(metadata.num_row_groups)):
        for column in map(group.column, range(group.num_columns)):
            name, statistics = column.path_in_schema, column.statistics
            if statistics and name not in _NOT_DELIVERED:
                filled[name] += statistics.num_values
    return dict(filled)
