"""The policy file of deliveries, typed."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, Literal, TypeVar

import msgspec

from aism.errors import UsageError
from aism.land.files import PROGRAM

_Decoded = TypeVar("_Decoded")

POLICY_FILE: Final = Path("tests", "expectations", "deliveries.yml")
"""Where the policy is, from the project's folder."""
PROJECT_FILE: Final = Path("dbt_project.yml")
"""Where the key dates of registers are, for dbt and for the policy."""


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


class _Vars(msgspec.Struct, frozen=True):
    key_dates: dict[str, str]


class _Project(msgspec.Struct, frozen=True):
    vars: _Vars


def read_policy(project: Path) -> Policy:
    """Return the policy of a project; a register is dated by its key date.

    Raises:
        UsageError: there is none, or it says something that is not understood.
    """
    policy = _decode(project / POLICY_FILE, Policy)
    by_source = dict(policy.by_source)
    for register, key_date in _decode(project / PROJECT_FILE, _Project).vars.key_dates.items():
        source = f"{PROGRAM}{register}"
        said = by_source.get(source, SourcePolicy())
        by_source[source] = msgspec.structs.replace(said, dated_by=key_date)
    return msgspec.structs.replace(policy, by_source=by_source)


def _decode(file: Path, kind: type[_Decoded]) -> _Decoded:
    try:
        return msgspec.yaml.decode(file.read_bytes(), type=kind)
    except (OSError, msgspec.MsgspecError) as error:
        raise UsageError(f"The policy {file} cannot be read: {error}") from error
