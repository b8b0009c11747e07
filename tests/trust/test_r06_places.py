"""R6. In the place of a file stands something else, or it goes or grows while it is read."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from aism.land import land
from aism.land.files import known_extension
from tests.trust import lakes
from tests.trust.conftest import Control, Measure
from tests.trust.figures import figure

Change = Callable[[Path], None]


def become_a_folder(file: Path) -> None:
    file.unlink()
    (file / "x.csv").mkdir(parents=True)


def become_a_link(file: Path) -> None:
    other = file.with_name("aside")
    file.rename(other)
    file.symlink_to(other)


def become_a_link_to_itself(file: Path) -> None:
    file.unlink()
    file.symlink_to(file.name)


def become_a_pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


def get_a_name_of_two_lines(file: Path) -> None:
    file.rename(file.with_name(f"a\n{file.name}"))


def get_a_name_of_bytes(file: Path) -> None:
    os.rename(file, os.fsencode(file.parent) + b"/\xff" + os.fsencode(file.name))  # noqa: PTH104


def get_a_long_name(file: Path) -> None:
    ending = known_extension(file.name)
    file.rename(file.with_name("x" * (255 - len(ending)) + ending))


def vanish(file: Path) -> None:
    file.unlink()


def grow(file: Path) -> None:
    with file.open("ab") as stream:
        stream.write(b"\n")


def shrink(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def be_replaced(file: Path) -> None:
    other = file.with_name("other")
    other.write_bytes(file.read_bytes())
    other.replace(file)


BEFORE: Final = (
    *(become_a_folder, become_a_link, become_a_link_to_itself, become_a_pipe),
    *(get_a_name_of_two_lines, get_a_name_of_bytes, get_a_long_name),
)
WHILE_READ: Final = (
    vanish,
    grow,
    shrink,
    be_replaced,
    become_a_link,
    become_a_folder,
    become_a_pipe,
)


def one_of_each_format(names: list[str]) -> list[str]:
    """Return a file of every format, the last of each."""
    return sorted({(n.split("/")[0], known_extension(n)): n for n in names if "/" in n}.values())


@pytest.fixture
def landing(tmp_path: Path) -> Path:
    return tmp_path / "landing"


@pytest.mark.parametrize("change", BEFORE[:: figure(2, 1)], ids=lambda change: str(change.__name__))
def test_something_else_in_its_place(landing: Path, change: Change, measure: Measure) -> None:
    home = landing.with_name("home")
    changed = one_of_each_format(lakes.small_sample(landing))
    assert len(changed) > 12
    for name in changed:
        change(landing / name)
    with lakes.reader_failures() as failures:
        land(landing, home)
    assert failures == []
    assert lakes.unbalanced(home) == []
    counts = lakes.counts(home)
    assert not [name for name in changed if counts.get(name, (0,))[0]], "it was read"
    held = lakes.ask(
        home, "select reason from {quarantine} where line_number is null and record_path is null"
    )
    assert len(held) == (0 if change is become_a_folder else len(changed))
    measure("R6", things_in_place_of_a_file=len(changed))


@pytest.mark.parametrize(
    "change", WHILE_READ[:: figure(3, 1)], ids=lambda change: str(change.__name__)
)
def test_it_changes_while_it_is_read(landing: Path, change: Change, measure: Measure) -> None:
    """After it was hashed: what is kept under the hash of other bytes would be a lie.

    A pipe that somebody waits for would hang the test.
    """
    home = landing.with_name("home")
    changed = set(one_of_each_format(lakes.small_sample(landing)))

    def meanwhile(name: str, *_: int) -> None:
        if name in changed:
            change(landing / name)

    with lakes.reader_failures() as failures:
        result = land(landing, home, meanwhile)
    assert failures == []
    assert lakes.unbalanced(home) == []
    assert not changed & lakes.counts(home).keys()
    assert {note.split(" changed while")[0] for note in result.notes} >= changed
    with lakes.reader_failures() as failures:
        land(landing, home)
    assert failures == []
    assert lakes.unbalanced(home) == []
    measure("R6", changes_while_read=len(changed))


def test_a_file_that_is_read_would_be_noticed(landing: Path, control: Control) -> None:
    changed = one_of_each_format(lakes.small_sample(landing))
    land(landing, landing.with_name("home"))
    read = [name for name in changed if lakes.counts(landing.with_name("home"))[name][0]]
    control("unchanged, every one of them is read", read == changed)
