"""Reads the survivors that docs/mutants.md explains, and writes the rows for those it does not."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from scripts.mutate.operators import Mutant

DOCUMENT = Path("docs/mutants.md")


class Survivor(NamedTuple):
    model: str
    block: str
    before: str
    after: str


def survivor(file: str, mutant: Mutant) -> Survivor:
    return Survivor(Path(file).stem, mutant.block, mutant.before, mutant.after)


def explained(text: str) -> set[Survivor]:
    """Return the survivors of the table whose last cell, the reason, is filled."""
    found = set()
    for line in text.splitlines():
        cells = [_bare(cell) for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if len(cells) == 5 and cells[4]:
            found.add(Survivor(*cells[:4]))
    return found


def _bare(cell: str) -> str:
    return cell.strip().strip("`").replace("\\|", "|").strip()


def as_row(entry: Survivor) -> str:
    """Return the row of the table, its reason still to be written."""
    before, after = (
        f"`{text.replace('|', chr(92) + '|')}`" for text in (entry.before, entry.after)
    )
    return f"| {entry.model} | {entry.block} | {before} | {after} | |"
