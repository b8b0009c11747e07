"""Sentences of the pages, without their markup; and Markdown in which nothing lives."""

from __future__ import annotations

import pytest

from app.components.text import plain
from app.reports.document import Run
from app.reports.markdown import escaped, sparkline
from app.reports.words import shown, spoken
from tests.python.app.test_text import HOSTILE


@pytest.mark.parametrize(
    ("markdown", "runs"),
    [
        ("a", (Run("a"),)),
        (":green[✓ **Met**] · b", (Run("✓ ", "green"), Run("Met", "green", True), Run(" · b"))),
        ("**82 %**, was 80", (Run("82 %", "", True), Run(", was 80"))),
        ("fed by `program/x.csv`.", (Run("fed by program/x.csv."),)),
        (r"\:red\[x\] \*\*y\*\*", (Run(":red[x] **y**"),)),
        (":orange[a :red[b] c]", (Run("a ", "orange"), Run("b", "red"), Run(" c", "orange"))),
        ("n] x", (Run("n] x"),)),
        ("", ()),
    ],
)
def test_markup_of_the_pages_becomes_looks(markdown: str, runs: tuple[Run, ...]) -> None:
    assert spoken(markdown) == runs


@pytest.mark.parametrize("text", HOSTILE)
def test_text_that_a_page_escapes_comes_out_as_it_was(text: str) -> None:
    said = spoken(plain(text))
    assert "".join(run.text for run in said) == " ".join(text.split())
    assert {(run.color, run.is_strong) for run in said} == {("", False)}


def test_what_cannot_be_seen_is_spelled_out() -> None:
    assert shown("a\u202eb\n c\x1b") == "a\\u{202e}b c\\u{1b}"


def test_a_sparkline_keeps_gaps_and_starts_at_zero() -> None:
    assert sparkline([None, 0.0, 5.0, 10.0]) == "·▁▅█"
    assert sparkline([None, None]) == ""
    assert sparkline([0.0, 0.0]) == "▁▁"


def test_markdown_escapes_are_undone_to_the_same_text() -> None:
    text = "a_b|c <b> ![x](http://e.com) *z* `q` # h www.e.com a@e.com"
    told = escaped(text)
    assert "".join(told.replace("\u200b", "").split("\\")) == text
    assert "://" not in told
    assert "www." not in told
