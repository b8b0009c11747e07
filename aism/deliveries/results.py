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

    def is_due(self, judged_by: str) -> bool:
        """Tell whether landing left a file that nothing, or something else, was judged by."""
        try:
            metadata = pq.read_schema(self._path).metadata or {}
        except FileNotFoundError:
            return False
        return metadata.get(_JUDGED_BY) != judged_by.encode()

    def write(self, checks: Sequence[DeliveryCheck], judged_by: str) -> None:
        """Replace the results in one step, and name what they were judged by."""
        table = pa.Table.from_pylist([asdict(check) for check in checks], schema=DELIVERY_CHECKS)
        write_table(self._path, table.replace_schema_metadata({_JUDGED_BY: judged_by}))
