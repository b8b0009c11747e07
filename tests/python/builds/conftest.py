"""Whole builds of landing folders, each into a warehouse of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.python.whole import build_warehouse

Build = Callable[..., Path]


@pytest.fixture
def build(tmp_path_factory: pytest.TempPathFactory, state: Path) -> Build:
    return lambda landing, as_of: build_warehouse(
        landing, state, tmp_path_factory.mktemp("warehouse"), as_of, "--no-check"
    )
