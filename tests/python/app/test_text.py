"""Untrusted text stays text: in markdown and in spreadsheets."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pandas as pd
import pytest

from app.components.text import csv_file, plain, visible

APP = Path(__file__).resolve().parents[3] / "app"

HOSTILE = [
    "![](http://example.com/x.png)",
    "[click](javascript:alert(1))",
    "<img src=x onerror=alert(1)>",
    "<!-- --><script>alert(1)</script>",
    "$\\href{http://example.com}{x}$ and $$y$$",
    ":material/home: :smile: :streamlit: :red[x] :red-badge[y]",
    "http://example.com www.example.com a@example.com <http://example.com>",
    "# heading",
    "- item\n1. item\n> quote\n---",
    "`code` **bold** _it_ ~~no~~ | a | b |",
    "[^1] &lt; &#x3c; \\* \\",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_plain_leaves_no_punctuation_unescaped(text: str) -> None:
    escaped = plain(text)
    assert "\n" not in escaped
    assert not re.search(r"[!-/:-@\[-`{-~]", re.sub(r"\\[!-/:-@\[-`{-~]", "", escaped))


@pytest.mark.parametrize("text", HOSTILE)
def test_plain_reads_the_same(text: str) -> None:
    unescaped = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", plain(text)).replace("\u200b", "")
    assert unescaped == " ".join(text.split())


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        (":material/home:", r":material_\w+:"),
        (":smile:", r":\w+:"),
        (":streamlit:", ":streamlit:"),
        ("http://example.com", r"https?://"),
        ("WWW.example.com", r"(?i)www\."),
        ("a@example.com", r"@\w"),
        ("a -> b <- c -- d", r"->|<-|--"),
    ],
)
def test_plain_breaks_what_is_looked_for_after_escapes(text: str, pattern: str) -> None:
    """Streamlit replaces these in the text that escapes have become."""
    looked_at = text.replace(":material/", ":material_")
    assert re.search(pattern, looked_at), "the payload must be one"
    shown = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", plain(text).replace(":material/", ":material_"))
    assert not re.search(pattern, shown)


def test_visible_shows_what_cannot_be_seen() -> None:
    assert visible("a\u202eb\u200bc\x1b") == "a\\u{202e}b\\u{200b}c\\u{1b}"
    assert visible("Zürich 東京") == "Zürich 東京"


def read(frame: pd.DataFrame) -> list[list[str]]:
    return list(csv.reader(io.StringIO(csv_file(frame).decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\tx",
        "\rx",
        "\nx",
        "\uff1d1",
        "\uff0b1",
        "\uff0d1",
        "\uff20x",
        "  =1",
        "\u200b=1",
    ],
)
def test_formulas_leave_as_text(cell: str) -> None:
    assert read(pd.DataFrame({"title": [cell]}))[1] == [f"'{cell}"]
    assert read(pd.DataFrame({cell: ["x"]}))[0] == [f"'{cell}"]


def test_everything_else_leaves_as_it_is() -> None:
    """Positive control: a neutraliser that prefixes everything would pass the test above."""
    frame = pd.DataFrame(
        {
            "title": ["a=b", "'quoted'", "", 'x,"y"'],
            "change": [-1.5, 0.0, 2.0, float("nan")],
            "on": pd.to_datetime(["2026-10-01"] * 4),
            "late": [True, False, True, False],
        }
    )
    assert read(frame) == [
        ["title", "change", "on", "late"],
        ["a=b", "-1.5", "2026-10-01", "True"],
        ["'quoted'", "0.0", "2026-10-01", "False"],
        ["", "2.0", "2026-10-01", "True"],
        ['x,"y"', "", "2026-10-01", "False"],
    ]


def test_only_data_speaks_sql() -> None:
    for file in APP.rglob("*.py"):
        if file.parent.name != "data":
            source = file.read_text(encoding="utf-8")
            assert not re.search(r"\bfrom (marts|core)\.|\bselect\b.+\bfrom\b", source), file


def test_pages_read_marts_only() -> None:
    statements = "".join(file.read_text(encoding="utf-8") for file in (APP / "data").glob("*.py"))
    assert "marts.metric_values" in statements, "or this test shows nothing"
    assert not re.search(r"\bcore\s*\.", statements)
    tables = set(re.findall(r"\b(?:from|join)\s+([a-z]\w*)\.[a-z]\w*", statements))
    assert tables <= {"marts", "app", "aism", "collections", "streamlit"}
