"""R6. Mutated files of every format: all rows accounted for, each fault named, others unharmed."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from aism.land import land
from tests.trust import lakes
from tests.trust.conftest import Control, Measure
from tests.trust.figures import figure
from tests.trust.mutations import mutate

PARTS = 4
NOT_MUTATED = ("as_of",)


def source_of(name: str) -> str:
    """Return the folder of a file: registers judge each other, runs and items of a tool too."""
    return name.split("/", 1)[0]


def files_of_the_lake(home: Path) -> dict[str, bytes]:
    return {
        file.relative_to(home).as_posix(): file.read_bytes()
        for folder in (home / "lake").iterdir()
        if folder.is_dir() and folder.name not in ("ledger", "registers")
        for file in folder.rglob("*.parquet")
    }


@pytest.mark.parametrize("part", range(PARTS))
def test_damage_is_accounted_for(tmp_path: Path, measure: Measure, part: int) -> None:
    landing, home = tmp_path / "landing", tmp_path / "home"
    names = [name for name in lakes.small_sample(landing) if name not in NOT_MUTATED]
    land(landing, home)
    assert lakes.unbalanced(home) == []
    whole, parsed = lakes.counts(home), files_of_the_lake(home)
    shas: dict[str, str] = dict(lakes.ask(home, "select file_name, file_sha256 from {files}"))

    wrong: list[str] = []
    faulty = unreadable = harmless = 0
    done = range(part, figure(100, 1_000), PARTS)
    for seed in done:
        chance = random.Random(seed)
        name = chance.choice(names)
        file = landing / name
        before = file.read_bytes()
        kind, damaged = mutate(chance, name, before)
        told = f"seed {seed}, {name}, {kind}"
        file.write_bytes(damaged)
        try:
            with lakes.reader_failures() as failures:
                result = land(landing, home)
        except Exception as error:
            wrong.append(f"{told}: landing ended: {error!r}")
            continue
        finally:
            file.write_bytes(before)
        wrong += [f"{told}: {failure}" for failure in failures]
        wrong += [f"{told}: {line}" for line in lakes.unbalanced(home)]

        after = lakes.counts(home)
        wrong += [
            f"{told}: {other} was {whole[other]} and is {after.get(other)}"
            for other in names
            if source_of(other) != source_of(name) and source_of(name) != "program"
            if after.get(other) != whole[other]
        ]
        now = files_of_the_lake(home)
        wrong += [
            f"{told}: rows of another file are gone or changed: {path}"
            for path, content in parsed.items()
            if shas[name] not in path and now.get(path) != content
        ]

        ((is_readable,),) = lakes.ask(
            home, f"select is_readable from {{files}} where file_name = '{name}'"
        )
        (_, _, _, quarantined, _) = after[name]
        if not is_readable or quarantined > whole[name][3]:
            is_named = any(note.startswith(name) for note in result.notes)
            wrong += [] if is_named or len(result.notes) > 50 else [f"{told}: no note names it"]
        unreadable += not is_readable
        faulty += bool(is_readable and quarantined > whole[name][3])
        harmless += bool(is_readable and quarantined <= whole[name][3])

    land(landing, home)
    assert lakes.counts(home) == whole
    assert wrong == []
    measure(
        "R6",
        mutations=len(done),
        files_refused=unreadable,
        files_with_rows_in_quarantine=faulty,
        no_fault_to_find=harmless,
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
