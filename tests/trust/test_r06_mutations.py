"""R6. Mutated files of every format: all rows accounted for, each fault named, others unharmed."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from aism.land import land
from aism.land.files import known_extension
from tests.trust import lakes
from tests.trust.conftest import Control, Measure
from tests.trust.figures import figure
from tests.trust.mutations import mutate

PARTS = 4
AT_ONCE = 5
"""Files that are damaged for one landing, which costs as much for one as for five."""
NOT_MUTATED = ("as_of",)
TRACKERS = {"defectdojo", "jira", "github"}


def source_of(name: str) -> str:
    """Return the folder of a file: registers judge each other, runs and items of a tool too."""
    return name.split("/", 1)[0]


def ending_of(name: str) -> str:
    """Return the format of a file as its folder and the end of its name tell it."""
    return f"{source_of(name)} {known_extension(name)}"


def files_of_the_lake(home: Path) -> dict[str, bytes]:
    return {
        file.relative_to(home).as_posix(): file.read_bytes()
        for folder in (home / "lake").iterdir()
        if folder.is_dir() and folder.name not in ("ledger", "registers")
        for file in folder.rglob("*.parquet")
    }


@dataclass(frozen=True)
class Before:
    """A folder as it lands unharmed: counts and hashes by file, the lake's files as they are."""

    landing: Path
    home: Path
    counts: dict[str, tuple[int, ...]]
    shas: dict[str, str]
    parsed: dict[str, bytes]


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Before:
    root = tmp_path_factory.mktemp("before")
    landing, home = root / "landing", root / "home"
    lakes.small_sample(landing)
    land(landing, home)
    assert lakes.unbalanced(home) == []
    shas: dict[str, str] = dict(lakes.ask(home, "select file_name, file_sha256 from {files}"))
    return Before(landing, home, lakes.counts(home), shas, files_of_the_lake(home))


def damage(before: Before, seeds: Sequence[int]) -> dict[str, str]:
    """Damage one file for each seed, each of another source; return what was done to it, by name.

    The kind of damage is drawn first, so that a format with one file gets as much as others.
    """
    done: dict[str, str] = {}
    names = [name for name in before.counts if name not in NOT_MUTATED]
    for seed in seeds:
        chance = random.Random(seed)
        taken = {source_of(name) for name in done}
        ending = chance.choice(sorted({ending_of(n) for n in names if source_of(n) not in taken}))
        name = chance.choice(
            [n for n in names if ending_of(n) == ending and source_of(n) not in taken]
        )
        file = before.landing / name
        kind, damaged = mutate(chance, name, file.read_bytes())
        file.write_bytes(damaged)
        done[name] = f"seed {seed}, {name}, {kind}"
    return done


def faults_of_a_landing(before: Before, done: dict[str, str]) -> tuple[list[str], Counter[str]]:
    """Land what was damaged; return all that is wrong with it, and what became of the files."""
    told = "; ".join(done.values())
    try:
        with lakes.reader_failures() as failures:
            result = land(before.landing, before.home)
    except Exception as error:
        return [f"{told}: landing ended: {error!r}"], Counter()
    wrong = [f"{told}: {failure}" for failure in failures]
    wrong += [f"{told}: {line}" for line in lakes.unbalanced(before.home)]

    sources = {source_of(name) for name in done}
    if sources & TRACKERS:
        sources.add("program")  # registers refer to findings that trackers know
    after = lakes.counts(before.home)
    wrong += [
        f"{told}: {name} was {count} and is {after.get(name)}"
        for name, count in before.counts.items()
        if source_of(name) not in sources
        if not any(source_of(damaged) == "program" for damaged in done)
        if after.get(name) != count
    ]
    now = files_of_the_lake(before.home)
    wrong += [
        f"{told}: rows of another file are gone or changed: {path}"
        for path, content in before.parsed.items()
        if not any(before.shas[name] in path for name in done) and now.get(path) != content
    ]
    became: Counter[str] = Counter()
    readable: dict[str, bool] = dict(
        lakes.ask(before.home, "select file_name, is_readable from {files}")
    )
    for name, how in done.items():
        is_held = after[name][3] > before.counts[name][3]
        became["refused" if not readable[name] else "held" if is_held else "harmless"] += 1
        if (is_held or not readable[name]) and len(result.notes) <= 50:
            is_named = any(note.startswith(name) for note in result.notes)
            wrong += [] if is_named else [f"{how}: no note names it"]
    return wrong, became


@pytest.mark.parametrize("part", range(PARTS))
def test_damage_is_accounted_for(before: Before, measure: Measure, part: int) -> None:
    count = figure(120, 1_000) // PARTS
    unharmed = {name: (before.landing / name).read_bytes() for name in before.counts}
    wrong: list[str] = []
    became: Counter[str] = Counter()
    for first in range(part * count, (part + 1) * count, AT_ONCE):
        done = damage(before, range(first, min(first + AT_ONCE, (part + 1) * count)))
        found, outcome = faults_of_a_landing(before, done)
        wrong += found
        became += outcome
        for name in done:
            (before.landing / name).write_bytes(unharmed[name])
    land(before.landing, before.home)
    assert lakes.counts(before.home) == before.counts
    assert wrong == []
    measure(
        "R6",
        mutations=became.total(),
        files_refused=became["refused"],
        files_with_rows_in_quarantine=became["held"],
        no_fault_to_find=became["harmless"],
    )


def test_a_dropped_row_would_be_noticed(tmp_path: Path, control: Control) -> None:
    landing, home = tmp_path / "landing", tmp_path / "home"
    lakes.small_sample(landing)
    land(landing, home)
    held = home / "lake" / "ledger" / "files.parquet"
    changed = home / "changed.parquet"
    lakes.ask(
        home,
        "copy (from {files} select * replace (rows_loaded - (source = 'jira')::int as rows_loaded))"
        f" to '{changed}'",
    )
    changed.replace(held)
    control("a dropped row is noticed", len(lakes.unbalanced(home)) == 1)


def test_what_a_reader_did_not_foresee_would_be_noticed(
    tmp_path: Path, control: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    from aism.land.readers import jira

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    landing = tmp_path / "landing"
    lakes.small_sample(landing)
    monkeypatch.setattr(jira, "read_jira", fail)
    with lakes.reader_failures() as failures:
        land(landing, tmp_path / "home")
    control("a traceback of a reader is noticed", len(failures) == 1)
