"""The policy file of deliveries, typed."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from aism.errors import UsageError

POLICY_FILE: Final = Path("tests", "expectations", "deliveries.yml")
"""Where the policy is, from the project's folder."""


class Expectation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One check: what Great Expectations tests, and how a result reads."""

    check_name: str
    description: str
    type: str
    kwargs: dict[str, Any]
    severity: Literal["critical", "warning", "info"]
    observed: str
    """Format string over the figures."""
    expected: str
    """Format string over the figures and the arguments."""


class ColumnsInUse(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a column counts as in use."""

    filled_share: float
    from_rows: int


class SourcePolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is expected of one source."""

    table: str | None = None
    dated_by: str | None = None
    every_days: int | None = None
    labels: tuple[str, ...] = ()


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole policy."""

    files: tuple[Expectation, ...]
    sources: tuple[Expectation, ...]
    columns_in_use: ColumnsInUse
    by_source: dict[str, SourcePolicy]


def read_policy(file: Path) -> Policy:
    """Return the policy.

    Raises:
        UsageError: there is none, or it says something that is not understood.
    """
    try:
        return msgspec.yaml.decode(file.read_bytes(), type=Policy)
    except (OSError, msgspec.MsgspecError) as error:
        raise UsageError(f"The policy {file} cannot be read: {error}") from error
