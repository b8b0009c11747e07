"""What pages keep between reruns: the same page as drawn anew, of the file that is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block, Node

from app import data
from app.components import sheet
from app.components.sheet import MOST_KEPT, Sheet, kept, remembered
from app.navigation import PAGES
from tests.python.app.conftest import OpenPage

MODULES = [module for module, _, _ in PAGES]


def sent(page: AppTest) -> list[bytes]:
    """Return what the browser is sent, element by element."""

    def of(node: Node) -> Iterator[bytes]:
        proto = getattr(node, "proto", None)
        if proto is not None:
            if hasattr(proto, "deferred_file_id"):
                proto.deferred_file_id = ""  # drawn by lot
            yield proto.SerializeToString(deterministic=True)
        if isinstance(node, Block):
            for child in node.children.values():
                yield from of(child)

    return list(of(page.main))


@pytest.mark.parametrize("module", MODULES)
def test_a_page_drawn_from_what_is_kept_is_the_page(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    sheet.forget()
    anew = sent(open_page(page_module=module))
    asked: list[str] = []
    table = data.table

    def noted(generation: data.Generation, name: str, **values: object) -> pd.DataFrame:
        asked.append(name)
        return table(generation, name, **values)

    monkeypatch.setattr(data, "table", noted)
    again = open_page(page_module=module)
    assert not again.exception
    assert sent(again) == anew
    assert asked == [], "these tables are made ready on every rerun"
    sheet.forget()
    open_page(page_module=module)
    assert asked, "positive control: a page that keeps nothing asks"


def test_another_file_has_other_sheets(
    open_page: OpenPage, warehouse: Path, alarmed_warehouse: Path, unfed_warehouse: Path
) -> None:
    pages = [
        sent(open_page(folder=folder))
        for folder in (warehouse, alarmed_warehouse, unfed_warehouse, warehouse)
    ]
    assert pages[0] == pages[3]
    assert pages[0] != pages[1]
    assert len(pages[2]) < len(pages[0])


def test_only_so_much_is_kept() -> None:
    asked: list[int] = []

    @remembered
    def answer(number: int) -> int:
        asked.append(number)
        return number

    for number in [*range(MOST_KEPT + 1), MOST_KEPT, 0]:
        assert answer(number) == number
    assert asked == [*range(MOST_KEPT + 1), 0]


def test_what_fails_is_not_kept() -> None:
    runs: list[int] = []

    @kept
    def show(sheet: Sheet, number: int) -> None:
        runs.append(number)
        if len(runs) == 1:
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        show(1)
    show(1)
    show(1)
    assert runs == [1, 1]


def test_boxes_hold_what_is_put_into_them() -> None:
    def script() -> None:
        import streamlit as st

        from app.components.sheet import Sheet

        page = Sheet()
        left, right = page.columns([1, 2])
        with right, page.panel():
            page.note("in the right one")
        with left:
            page.heading("in the left one")
        page.put(st.info, "below")
        page.draw()

    page = AppTest.from_function(script).run()
    assert not page.exception
    assert [[text.value for text in column.markdown] for column in page.columns] == [
        ["##### in the left one"],
        [":small[in the right one]"],
    ]
    assert [info.value for info in page.info] == ["below"]
