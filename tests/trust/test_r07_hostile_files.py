"""R7. Hostile files made by hand: exactly these rows are loaded, and each fault has its reason."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from aism.land import land
from tests.trust import lakes
from tests.trust.conftest import Control, Measure
from tests.trust.corpus import Case, cases

SYSTEMS = "system_id,system_name,risk_tier,provider\nS1,One,high,internal\n"


def outcomes(landing: Path, home: Path) -> dict[str, Case]:
    """Land and return what became of each file, in the form of the corpus."""
    with lakes.reader_failures() as failures:
        land(landing, home)
    assert failures == []
    reasons: dict[str, list[str]] = defaultdict(list)
    for name, reason in lakes.ask(
        home,
        "select file_name, reason from {quarantine} order by line_number, record_path, reason",
    ):
        reasons[name].append(reason)
    readable: dict[str, bool] = dict(lakes.ask(home, "select file_name, is_readable from {files}"))
    return {
        name: Case(name, b"", loaded, tuple(reasons[name]), readable[name])
        for name, (_, loaded, _, _, _) in lakes.counts(home).items()
    }


@pytest.fixture
def landing(tmp_path: Path) -> Path:
    folder = tmp_path / "landing"
    (folder / "program").mkdir(parents=True)
    (folder / "program" / "systems.csv").write_text(SYSTEMS)
    return folder


def put(landing: Path, case: Case) -> None:
    file = landing / case.name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(case.data)


def test_every_file_of_the_corpus(tmp_path: Path, landing: Path, measure: Measure) -> None:
    corpus = list(cases())
    assert len({case.name for case in corpus}) == len(corpus) >= 60
    for case in corpus:
        put(landing, case)
    found = outcomes(landing, tmp_path / "home")
    assert lakes.unbalanced(tmp_path / "home") == []
    wrong = [
        f"{case.name}: {case[2:]} expected, {found[case.name][2:]} found"
        for case in corpus
        if found[case.name][2:] != case[2:]
    ]
    assert wrong == []
    measure(
        "R7",
        files=len(corpus),
        reasons=len({reason for case in corpus for reason in case.reasons}),
    )


def test_another_outcome_would_be_noticed(tmp_path: Path, landing: Path, control: Control) -> None:
    case = next(case for case in cases() if case.reasons)
    put(landing, case._replace(data=case.data.replace(b",2026-02-01\n", b",2026-02-01,1,manual\n")))
    found = outcomes(landing, tmp_path / "home")[case.name]
    control("a mended file gives another outcome", found[2:] != case[2:])
