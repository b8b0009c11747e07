"""What `python -m benchmarks` writes into its page, and what it leaves as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.__main__ import BENCHMARKS
from benchmarks.results import PAGE, Goal, Report, write

BEFORE = """# Page

<!-- measured: goals -->

| | goal | measured | at most | met | why, or what to know |
|---|---|---|---|---|---|
| P2 | old | 3.00 x | 10 x | yes |  |
| P10 | last | 1.00 x | 2 x | yes |  |

<!-- end: goals -->

Words of a person.

<!-- measured: one -->
<!-- end: one -->

<!-- measured: two -->

kept

<!-- end: two -->
"""


@pytest.fixture
def page(tmp_path: Path) -> Path:
    file = tmp_path / "benchmarks.md"
    file.write_text(BEFORE, encoding="utf-8")
    return file


def test_a_report_replaces_its_own_part_and_the_rows_of_its_own_goals(page: Path) -> None:
    goals = [Goal("P2", "new", 12.0, 10, why="large"), Goal("P2b", "added", 0.5, 0.5)]

    write("one", Report(tables=["| a |"], goals=goals), "Measured today.", page)

    text = page.read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| P")]
    assert rows == [
        "| P2 | new | 12.0 x | 10 x | no, 1.2 times the goal | large |",
        "| P2b | added | 0.50 x | 0.5 x | yes |  |",
        "| P10 | last | 1.00 x | 2 x | yes |  |",
    ]
    part = "<!-- measured: one -->\n\nMeasured today.\n\n| a |\n\n<!-- end: one -->"
    assert part in text
    assert "Words of a person." in text
    assert "\n\nkept\n\n" in text


def test_a_second_report_leaves_nothing_of_the_first(page: Path) -> None:
    write("one", Report(tables=["first"]), "Yesterday.", page)
    write("one", Report(tables=["second"]), "Today.", page)

    text = page.read_text(encoding="utf-8")
    assert "first" not in text
    assert "second" in text


def test_a_page_without_the_part_is_an_error_that_names_it(page: Path) -> None:
    with pytest.raises(SystemExit, match="measured: three"):
        write("three", Report(), "Today.", page)


def test_the_page_has_a_part_for_every_benchmark() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for name in [*BENCHMARKS, "goals"]:
        assert f"<!-- measured: {name} -->" in text, name
        assert f"<!-- end: {name} -->" in text, name
