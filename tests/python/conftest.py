"""What is expensive is made once, and what takes longest starts first.

Under pytest-xdist every worker has session fixtures of its own, so tests that share one stay on
one worker. The groups of its `loadgroup` would do that, but pytest-xdist 3.8 writes them into a
private attribute that pytest 9.2 no longer reads: a scheduler of our own depends on neither.
"""

from __future__ import annotations

import datetime as dt
import logging
from pathlib import Path
from typing import Final

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from tests.python.compiled import CompiledModels, compile_models
from tests.python.whole import SAMPLE, SAMPLE_AS_OF, build_warehouse

# Pages are imported where no server runs, which Streamlit would tell of each of their questions.
logging.getLogger("streamlit.runtime.caching.cache_data_api").addFilter(
    lambda record: record.levelno >= logging.ERROR
)

SHARES: Final = (
    ("builds/test_against_reference.py", "reference"),
    ("builds/test_restatements.py", "restatements"),
    ("builds/test_sample_stories.py", "sample"),
    ("app/", "sample"),
    ("semantic/", "sample"),
    ("access/", "sample"),
    ("reports/", "sample"),
    ("builds/test_month_ends.py", "compiled"),
    ("builds/test_sample_trackers.py", "compiled"),
    ("alarms/", "compiled"),
    ("replay/", "compiled"),
    ("gates/test_build.py", "gates"),
    ("deliveries/", "deliveries"),
)
"""Tests by where they stand, and what they share: the longest first. All others share nothing."""


def rank_of(nodeid: str) -> int:
    """Return the place of a test's share; behind the last where it shares nothing."""
    place = nodeid.removeprefix("tests/python/")
    ranks = (rank for rank, (prefix, _) in enumerate(SHARES) if place.startswith(prefix))
    return next(ranks, len(SHARES))


def share_of(nodeid: str) -> str:
    """Return the name of what a test shares with others, else its own."""
    rank = rank_of(nodeid)
    return SHARES[rank][1] if rank < len(SHARES) else nodeid


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: rank_of(item.nodeid))


class SharesStayTogether(LoadScopeScheduling):  # type: ignore[misc]  # it has no types
    """Hands out one share after the other, in the order of collection."""

    def _split_scope(self, nodeid: str) -> str:
        return share_of(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> SharesStayTogether:
    config.option.loadscopereorder = False
    return SharesStayTogether(config, log)


@pytest.fixture(scope="session")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One working state for all whole builds of a worker, so that dbt parses the project once."""
    return tmp_path_factory.mktemp("state")


@pytest.fixture(scope="session")
def sample_warehouse(state: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a warehouse of the sample, its deliveries judged."""
    warehouse = tmp_path_factory.mktemp("sample")
    build_warehouse(SAMPLE, state, warehouse, SAMPLE_AS_OF)
    return warehouse


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> CompiledModels:
    """All marts that tests run as compiled. No organisation of theirs is older than the history."""
    return compile_models(
        tmp_path_factory.mktemp("compiled"),
        dt.date(2025, 6, 30),
        dt.date(2023, 1, 1),
        [
            "metric_restatements",
            "metric_companion_alerts",
            "companion_signals",
            "metric_status",
            "fct_findings",
            "fct_finding_events",
        ],
    )
