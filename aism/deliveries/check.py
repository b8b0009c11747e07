"""Judge what landed, if that was not done yet."""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
from typing import Final

from aism.deliveries.figures import measure
from aism.deliveries.policy import POLICY_FILE, PROJECT_FILE, read_policy
from aism.deliveries.results import DeliveryCheck, ResultsFile
from aism.settings import Settings

JUDGE_VERSION: Final = 1
"""Raise it when the same lake, day and policy must give other results."""

_log = logging.getLogger(__name__)


def check_deliveries(
    settings: Settings, as_of: dt.date, *, data_docs: bool = False
) -> list[DeliveryCheck]:
    """Judge everything in the lake as seen on the day ``as_of``, and keep the results there.

    The caller holds the lock and has landed.

    Raises:
        UsageError: the policy says something that is not understood.
        JudgeError: the policy asks for what cannot be tested.
    """
    lake = settings.home / "lake"
    policy = read_policy(settings.project)
    figures = measure(lake, policy, as_of)

    from aism.deliveries.judge import judge  # takes seconds

    checks = judge(figures, policy, as_of, settings.home / "data_docs" if data_docs else None)
    ResultsFile(lake).write(checks, _judged_by(settings, as_of))
    return checks


def check_if_due(settings: Settings, as_of: dt.date) -> None:
    """Judge what landed, unless this very lake was judged by the same day and policy before.

    Nothing here blocks: where the checks fail themselves, a warning is logged and the results stay.
    """
    try:
        if ResultsFile(settings.home / "lake").is_due(_judged_by(settings, as_of)):
            check_deliveries(settings, as_of)
    except Exception as error:
        _log.warning("The deliveries were not checked: %s", error)


def _judged_by(settings: Settings, as_of: dt.date) -> str:
    """Name what decides the results, besides the lake."""
    policy = hashlib.sha256()
    for file in (POLICY_FILE, PROJECT_FILE):
        policy.update((settings.project / file).read_bytes())
    return f"{JUDGE_VERSION} {as_of.isoformat()} {policy.hexdigest()}"
