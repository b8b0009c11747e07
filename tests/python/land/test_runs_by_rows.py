"""Runs that no file names are known by their rows: the same rows are the same run."""

from __future__ import annotations

from pathlib import Path

import pytest

from aism.land.lake import Reading
from aism.land.model import Fault, LandedFile, ReadReport, Reason
from aism.land.resolve import Landed, resolve_runs


def landed(
    name: str,
    run_id: str,
    rows: str,
    *,
    named: bool = True,
    is_complete: bool = True,
    source: str = "promptfoo",
) -> Landed:
    """Make a file with one run; each letter of ``rows`` is a row."""
    report = ReadReport(
        rows_read=len(rows),
        is_complete=is_complete,
        runs={run_id: len(rows)},
        run_lines={run_id: len(rows)},
        row_prints={run_id: [ord(row) for row in rows]},
        unnamed_runs=set() if named else {run_id},
    )
    return Landed(LandedFile(Path(name), name, source, f"sha {name}", 1), "key", Reading(report))


def unnamed(name: str, rows: str, *, is_complete: bool = True) -> Landed:
    return landed(name, f"rows-{name}", rows, named=False, is_complete=is_complete)


def standing(*files: Landed) -> dict[str, tuple[str, str, int]]:
    """Run id -> the file that stands, the id of its rows in the lake, and how many they are."""
    chosen = resolve_runs(files).to_pylist()
    assert sum(f.superseded for f in files) + sum(row["attempts"] for row in chosen) == sum(
        f.reading.report.rows_read for f in files
    )
    return {
        row["run_id"]: (row["file_name"], row["landed_run_id"], row["attempts"]) for row in chosen
    }


def test_equal_rows_in_any_order_are_the_named_run() -> None:
    whole, lines = landed("a.json", "eval-1", "abcc"), unnamed("z.jsonl", "ccba")
    assert standing(lines, whole) == {"eval-1": ("a.json", "eval-1", 4)}
    assert (whole.superseded, lines.superseded) == (0, 4)


def test_a_cut_file_holds_a_part_of_the_run() -> None:
    whole, cut = landed("a.json", "eval-1", "abcd"), unnamed("z.jsonl", "ab", is_complete=False)
    assert standing(cut, whole) == {"eval-1": ("a.json", "eval-1", 4)}


def test_a_row_more_often_than_in_the_other_run_is_another_run() -> None:
    assert len(standing(landed("a.json", "eval-1", "abc"), unnamed("z.jsonl", "aa"))) == 2
    assert len(standing(landed("a.json", "eval-1", "abc"), unnamed("z.jsonl", "abd"))) == 2


def test_two_named_runs_are_never_one() -> None:
    small, large = landed("a.json", "eval-1", "ab"), landed("b.json", "eval-2", "abc")
    assert set(standing(small, large)) == {"eval-1", "eval-2"}
    lines = unnamed("c.jsonl", "ab")
    assert set(standing(small, large, lines)) == {"eval-1", "eval-2"}
    between = unnamed("d.jsonl", "abc")
    assert set(standing(landed("a.json", "eval-1", "ab"), between, large)) == {"eval-1", "eval-2"}


def test_a_named_run_gives_its_name_to_a_larger_one_without() -> None:
    stale = landed("a.json", "eval-1", "ab", is_complete=False)
    lines = unnamed("b.jsonl", "abcd")
    assert standing(stale, lines) == {"eval-1": ("b.jsonl", "rows-b.jsonl", 4)}
    assert (stale.superseded, lines.superseded) == (2, 0)
    cut = unnamed("c.jsonl", "abc", is_complete=False)
    assert standing(
        landed("a.json", "eval-1", "ab", is_complete=False), cut, unnamed("b.jsonl", "abcd")
    ) == {"eval-1": ("b.jsonl", "rows-b.jsonl", 4)}


def test_unnamed_runs_are_one_when_one_holds_the_other() -> None:
    small, large = unnamed("z.jsonl", "ab"), unnamed("a.jsonl", "abc")
    assert standing(small, large) == {"rows-a.jsonl": ("a.jsonl", "rows-a.jsonl", 3)}


@pytest.mark.parametrize("is_complete", [True, False])
def test_of_equal_rows_the_file_that_names_its_run_stands(is_complete: bool) -> None:
    """It says when the run began, and whether it came to its end."""
    whole = landed("a.json", "eval-1", "abc", is_complete=is_complete)
    assert standing(whole, unnamed("z.jsonl", "abc"))["eval-1"][0] == "a.json"


def test_of_unnamed_files_with_equal_rows_the_whole_one_stands() -> None:
    whole, cut = unnamed("a.jsonl", "abc"), unnamed("z.jsonl", "abc", is_complete=False)
    (found,) = standing(whole, cut).values()
    assert found[0] == "a.jsonl"


def test_runs_of_one_file_that_are_one_run_count_once() -> None:
    file = landed("a.json", "rows-1", "ab", named=False)
    report = file.reading.report
    report.runs["rows-2"] = report.run_lines["rows-2"] = 3
    report.row_prints["rows-2"] = [ord(row) for row in "abc"]
    report.unnamed_runs.add("rows-2")
    report.rows_read = 5
    assert standing(file) == {"rows-2": ("a.json", "rows-2", 3)}
    assert file.superseded == 2


def test_rows_are_compared_within_one_tool_and_among_readable_files() -> None:
    other = landed("b.json", "p-1", "abc", source="pyrit")
    assert len(standing(unnamed("a.jsonl", "abc"), other)) == 2
    broken = landed("c.json", "eval-1", "abc")
    broken.reading.report.faults.append(Fault(Reason.BAD_HEADER))
    chosen = resolve_runs([unnamed("a.jsonl", "abc"), broken]).to_pylist()
    assert [row["run_id"] for row in chosen] == ["rows-a.jsonl"]


def test_a_run_without_rows_is_no_part_of_another() -> None:
    empty, whole = landed("a.json", "eval-1", ""), unnamed("b.jsonl", "ab")
    assert set(standing(empty, whole)) == {"eval-1", "rows-b.jsonl"}
