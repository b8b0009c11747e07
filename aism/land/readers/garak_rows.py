"""Attempts of a garak report on their way to the sink: what was left open is filled in."""

from __future__ import annotations

from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from aism.land.schemas import TABLES


@dataclass(slots=True)
class Waiting:
    """The rows of a piece, handed on in as few batches as their order allows."""

    lines_before: int
    batch: pa.RecordBatch | None
    runs: list[tuple[str, int]] = field(default_factory=list)
    """The runs of the next rows, and how many rows of each follow each other."""
    _taken: int = 0

    def take(self, sha256: str) -> pa.RecordBatch | None:
        """Give the rows of ``runs`` with all columns, None if there are none."""
        counts = [count for _, count in self.runs]
        if self.batch is None or not any(counts):
            return None
        rows = self.batch.slice(self._taken, sum(counts))
        self._taken += rows.num_rows
        columns = dict(zip(rows.schema.names, rows.columns, strict=True))
        columns["file_sha256"] = pa.repeat(sha256, rows.num_rows)
        columns["run_id"] = pa.concat_arrays([pa.repeat(*run) for run in self.runs])
        columns["line_number"] = pc.add(columns["line_number"], self.lines_before)
        self.runs.clear()
        schema = TABLES["garak_attempts"]
        return pa.record_batch([columns[name] for name in schema.names], schema=schema)
