"""S6. Names and links in the landing folder: nothing outside is opened, everything is counted."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from tests.python.land.conftest import SYSTEMS, Ground
from tests.trust.conftest import Control, Measure

OUTSIDE: Final = "CANARY-OUTSIDE"
NAMES: Final = {
    "dotfile": ".systems.csv",
    "two dots in front": "..systems.csv",
    "an option": "-rf.csv",
    "newline": "a\nb.csv",
    "carriage return": "a\rb.csv",
    "tab": "a\tb.csv",
    "escape": "a\x1b[31mb.csv",
    "a terminal's title": "a\x1b]0;x\x07b.csv",
    "delete": "a\x7fb.csv",
    "backslash": "..\\..\\outside.csv",
    "drive": "C:outside.csv",
    "star": "*.csv",
    "question mark": "?.csv",
    "brackets": "[a-z].csv",
    "braces": "{a,b}.csv",
    "quotes": "a'b.csv",
    "double quotes": 'a"b.csv',
    "shell": "$(id).csv",
    "pipe": "a|b.csv",
    "statement": "a;drop table x.csv",
    "turned around": "a\u202evsc.exe.csv",
    "zero width": "a\u200bb.csv",
    "not UTF-8": "a\udcffb.csv",
    "255 bytes": "x" * 251 + ".csv",
}
"""Bad names of files, each put beside the registers with a register's content."""


def link_to_a_file(place: Path, outside: Path) -> None:
    place.symlink_to(outside)


def relative_link(place: Path, outside: Path) -> None:
    place.symlink_to(os.path.relpath(outside, place.parent))


def link_to_a_folder(place: Path, outside: Path) -> None:
    place.symlink_to(outside.parent)


def pipe(place: Path, outside: Path) -> None:
    os.mkfifo(place)


def socket_file(place: Path, outside: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        here = Path.cwd()
        os.chdir(place.parent)  # the address of a socket is short
        try:
            listener.bind(place.name)
        finally:
            os.chdir(here)


def device(place: Path, outside: Path) -> None:
    place.symlink_to("/dev/zero")


OTHERS: Final = (
    link_to_a_file,
    relative_link,
    link_to_a_folder,
    pipe,
    socket_file,
    device,
)
assert len(NAMES) + len(OTHERS) == 30


def check_nothing_got_in(ground: Ground) -> None:
    """Fail where a row came from elsewhere, or the good register beside did not come in."""
    ground.land()
    assert ground.ask("registers/systems", "system_id") == [("S1",)]
    assert ground.reconciles()
    lake = b"".join(f.read_bytes() for f in ground.home.rglob("*") if f.is_file())
    assert OUTSIDE.encode() not in lake


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_a_bad_name_is_counted_and_not_opened(
    with_systems: Ground, name: str, measure: Measure
) -> None:
    (with_systems.landing / "program" / name).write_text(f"{SYSTEMS}{OUTSIDE},x,low,internal\n")
    check_nothing_got_in(with_systems)
    ((listed, _, _, reason),) = with_systems.quarantine()
    assert reason == "bad_name"
    assert listed.isprintable()
    measure("S6", names=1, opened=0)


@pytest.mark.parametrize("put", OTHERS, ids=lambda put: str(put.__name__))
def test_what_is_no_file_of_the_folder_is_counted_and_not_opened(
    with_systems: Ground,
    tmp_path: Path,
    put: Callable[[Path, Path], None],
    measure: Measure,
) -> None:
    outside = tmp_path / "outside" / "systems-outside.csv"
    outside.parent.mkdir()
    outside.write_text(f"{SYSTEMS}{OUTSIDE},x,low,internal\n")
    put(with_systems.landing / "program" / "systems-2.csv", outside)
    check_nothing_got_in(with_systems)
    ((listed, _, _, reason),) = with_systems.quarantine()
    assert listed == "program/systems-2.csv"
    assert reason in ("symlink", "unreadable_file")
    measure("S6", names=1, opened=0)


def test_what_got_in_would_be_noticed(with_systems: Ground, control: Control) -> None:
    with_systems.put("program/systems-2.csv", f"{SYSTEMS}{OUTSIDE},x,low,internal\n")
    with pytest.raises(AssertionError):
        check_nothing_got_in(with_systems)
    control("a file that is opened is noticed", True)
