"""One run counts once, and target names find their systems."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aism.land.lake import Reading
from aism.land.model import Fault, LandedFile, ReadReport, Reason
from aism.land.resolve import Landed, resolve_runs, resolve_targets


def landed(
    name: str,
    runs: dict[str, int],
    *,
    source: str = "garak",
    is_complete: bool = True,
    targets: set[str] | None = None,
) -> Landed:
    report = ReadReport(
        rows_read=sum(runs.values()),
        is_complete=is_complete,
        runs=runs,
        run_lines={run: lines + 3 for run, lines in runs.items()},
        targets=targets or set(),
    )
    return Landed(LandedFile(Path(name), name, source, f"sha {name}", 1), "key", Reading(report))


def standing(*files: Landed) -> dict[tuple[str, str], str]:
    rows = resolve_runs(files).to_pylist()
    return {(row["source"], row["run_id"]): row["file_name"] for row in rows}


def test_the_complete_run_stands_whatever_its_name() -> None:
    cut = landed("garak/z.report.jsonl", {"r": 90}, is_complete=False)
    whole = landed("garak/a.report.jsonl", {"r": 10})
    assert standing(cut, whole) == {("garak", "r"): "garak/a.report.jsonl"}
    assert (cut.superseded, whole.superseded) == (93, 0)


def test_then_more_attempts_then_the_greater_name() -> None:
    few, many = landed("garak/z.jsonl", {"r": 5}), landed("garak/a.jsonl", {"r": 6})
    assert standing(few, many) == {("garak", "r"): "garak/a.jsonl"}
    first, last = landed("garak/a.jsonl", {"r": 5}), landed("garak/b.jsonl", {"r": 5})
    assert standing(last, first) == {("garak", "r"): "garak/b.jsonl"}


def test_of_generic_attempts_the_last_delivery_with_a_valid_row_stands() -> None:
    first = landed("attempts/1.csv", {"r": 50, "s": 1}, source="attempts")
    second = landed("attempts/2.csv", {"r": 2, "s": 0}, source="attempts")
    third = landed("attempts/3.csv", {"r": 0, "t": 0}, source="attempts")
    assert standing(third, first, second) == {
        ("attempts", "r"): "attempts/2.csv",
        ("attempts", "s"): "attempts/1.csv",
    }
    assert first.superseded == 53


def test_equal_run_ids_of_different_tools_are_different_runs() -> None:
    rows = standing(landed("garak/a", {"r": 1}), landed("attempts/a", {"r": 1}, source="attempts"))
    assert len(rows) == 2


def test_an_unreadable_file_holds_no_run() -> None:
    bad = landed("attempts/9.csv", {"r": 1}, source="attempts")
    bad.reading.report.faults.append(Fault(Reason.BAD_HEADER, 2))
    good = landed("attempts/1.csv", {"r": 1}, source="attempts")
    assert standing(bad, good) == {("attempts", "r"): "attempts/1.csv"}


def alias(
    external_name: str, system_id: str, match: str | None = None, **more: str
) -> dict[str, Any]:
    return {
        "source": "garak",
        "external_name": external_name,
        "system_id": system_id,
        "system_version": more.get("system_version"),
        "configuration": more.get("configuration"),
        "match": match,
    }


ALIASES = [
    alias("bot", "BOT", system_version="7", configuration="guard"),
    alias("bot@special", "SPECIAL", "exact"),
    alias(r"rag-(?P<version>[0-9.]+)", "RAG", "pattern"),
    alias(r"rag-.*", "ANY", "pattern", system_version="9"),
    alias("a@b", "AB"),
]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("bot", ("BOT", "7", "guard", "exact")),
        ("bot@2.1", ("BOT", "2.1", "guard", "split")),
        ("bot@special", ("SPECIAL", None, None, "exact")),
        ("a@b@3", ("AB", "3", None, "split")),
        ("rag-1.2", ("RAG", "1.2", None, "pattern")),
        ("rag-x", ("ANY", "9", None, "pattern")),
        ("my rag-1.2", (None, None, None, "none")),
        ("rag-.*", ("ANY", "9", None, "pattern")),
        ("Bot", (None, None, None, "none")),
        ("other@1", (None, None, None, "none")),
        ("S-1@4", ("S-1", "4", None, "split")),
        ("S-1@", ("S-1", None, None, "split")),
        ("S-1", (None, None, None, "none")),
    ],
)
def test_targets(name: str, found: tuple[str | None, ...]) -> None:
    (row,) = resolve_targets([landed("garak/a", {}, targets={name})], ALIASES, {"S-1"}).to_pylist()
    assert (
        tuple(row[key] for key in ("system_id", "system_version", "configuration", "match"))
        == found
    )


def test_aliases_are_of_one_source() -> None:
    (row,) = resolve_targets(
        [landed("attempts/a.csv", {}, source="attempts", targets={"bot"})], ALIASES, {"bot"}
    ).to_pylist()
    assert (row["source"], row["match"]) == ("attempts", "none")
