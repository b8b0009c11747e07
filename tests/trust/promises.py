"""What the trust suites must reach: a promise for each row of the plan, with figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True)
class Promise:
    """What is tried, and how often at least: by the name that `measure` gives a count, (CI, full).

    ``never`` names counts that must stay 0.
    """

    title: str
    asked: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    never: tuple[str, ...] = ()

    def figures(self, figures: str) -> dict[str, int]:
        """Return what a run with these figures, "ci" or "full", must count."""
        return {name: pair[figures == "full"] for name, pair in self.asked.items()}


PROMISES: Final[dict[str, Promise]] = {
    "R1": Promise(
        "Killed while building and publishing",
        {"kills": (6, 30), "kills of real builds": (1, 1)},
        never=("mixed",),
    ),
    "R2": Promise("Killed at every named fault point", {"kills": (14, 70)}),
    "R3": Promise(
        "Readers while builds publish",
        {"readers": (4, 16), "builds": (5, 20), "reads": (40, 2_000)},
        never=("mixed", "going back"),
    ),
    "R4": Promise("No disk, no files, no memory, no rights", {"shortages": (3, 13)}),
    "R5": Promise(
        "Stopped by signals; two builders at once",
        {"pairs of builders": (3, 10), "builders stopped": (3, 3), "apps stopped": (3, 3)},
    ),
    "R6": Promise("Mutated landing files", {"mutations": (100, 1_000)}),
    "R7": Promise("Hostile files made by hand", {"files": (60, 60)}),
    "R8": Promise("Deliveries in any order", {"orders": (20, 200)}),
    "R9": Promise(
        "Landed bit by bit or at once; rows kept or made anew",
        {
            **{"landed bit by bit": (5, 50), "full builds compared": (2, 4)},
            **{"incremental models": (7, 7), "incremental builds compared": (4, 50)},
        },
    ),
    "R13": Promise("Time zones, locales and special days", {"cases": (12, 36)}),
    "R15": Promise("Restore and rollback", {"restores": (1, 1), "rollbacks": (2, 2)}),
    "R16": Promise("Soak", {"generations": (40, 300)}),
    "S1": Promise(
        "Hostile text in the browser",
        {"payloads": (15, 60)},
        never=("dialogs", "scripts", "beacon hits"),
    ),
    "S2": Promise("Exports that a spreadsheet opens", {"cells": (40, 40)}, never=("formulas",)),
    "S3": Promise("One team, another team's rows", {"cases": (120, 600)}, never=("foreign names",)),
    "S4": Promise("Hostile text in filters and addresses", {"strings": (100, 100)}, ("errors",)),
    "S5": Promise("The engine's sandbox", {"statements": (30, 30)}),
    "S6": Promise("File names and links", {"names": (30, 30)}, never=("opened",)),
    "S7": Promise("Bombs", {"bombs": (4, 6)}),
    "S8": Promise("Terminal and logs", {"payloads": (25, 25)}),
    "S9": Promise("Secrets", {"checks": (30, 30)}, never=("hits",)),
    "S10": Promise("Supply chain", {"checks": (6, 6)}, ("calls of a build", "calls of pages")),
    "S11": Promise("Headers and settings of the app", {"checks": (10, 10)}),
    "S12": Promise("The app's source", {"modules": (1, 1)}, never=("findings",)),
}
"""By row of the plan, in its order."""

BESIDE: Final = {
    "accessibility": "Pages as axe-core judges them",
    "journeys": "What people do with the app, in a browser",
}
"""Modules of tests that are no row of the plan, by what follows `test_` in their names."""
