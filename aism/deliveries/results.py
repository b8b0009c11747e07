"""Results of the checks, and the file of the ledger that keeps them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from aism.land.lake import write_table
from aism.land.ledger import DELIVERY_CHECKS

_JUDGED_BY: Final = b"aism.judged_by"


class Status(StrEnum):
    """What became of a check."""

    PASSED = "passed"
    WARNED = "warned"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True)
class DeliveryCheck:
    """One check of one file, or of a whole source where ``file_name`` is None."""

    source: str
    file_name: str | None
    check_name: str
    observed: str | None
    expected: str | None
    status: Status
    severity: str
    checked_as_of: dt.date


class ResultsFile:
    """The results in the lake. Landing empties it whenever it changes the lake."""

    def __init__(self, lake: Path) -> None:
        self._path = lake / "ledger" / "delivery_checks.parquet"

    def judged_by(self) -> str | None:
        """Name what these results were judged by; None for a file that landing left."""
        try:
            metadata = pq.read_schema(self._path).metadata or {}
        except (OSError, pa.ArrowException):
            return None
        known = metadata.get(_JUDGED_BY)
        return None if known is None else known.decode()

    def write(self, checks: Sequence[DeliveryCheck], judged_by: str) -> None:
        """Replace the results in one step."""
        table = pa.Table.from_pylist([asdict(check) for check in checks], schema=DELIVERY_CHECKS)
        write_table(self._path, table.replace_schema_metadata({_JUDGED_BY: judged_by}))
