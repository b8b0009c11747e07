"""Folders whose tests share an expensive build stay on one worker when tests run in parallel."""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent
SHARE_A_BUILD = {"alarms", "app", "builds", "deliveries"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        folder = item.path.relative_to(HERE).parts[0]
        if folder in SHARE_A_BUILD:
            # Whole builds share no more than dbt's parse: their modules may part.
            group = item.path.stem if folder == "builds" else folder
            item.add_marker(pytest.mark.xdist_group(group))
