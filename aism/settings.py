"""Where things are: the project, the landing folder, the working state, the warehouse."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aism.errors import UsageError


@dataclass(frozen=True, slots=True)
class Settings:
    """Absolute paths of one run."""

    project: Path
    landing: Path
    home: Path
    warehouse: Path

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read AISM_LANDING_DIR, AISM_HOME and AISM_WAREHOUSE_DIR.

        A relative path counts from the current directory; a default lies in the project.

        Raises:
            UsageError: no dbt project, neither around the package nor in the current directory.
        """
        environ = os.environ if environ is None else environ
        project = find_project()

        def folder(variable: str, default: str) -> Path:
            given = environ.get(variable, "")
            # Not resolved: a folder given as a link stays the address people know.
            return Path(given).expanduser().absolute() if given else project / default

        return cls(
            project=project,
            landing=folder("AISM_LANDING_DIR", "sample/landing"),
            home=folder("AISM_HOME", ".aism"),
            warehouse=folder("AISM_WAREHOUSE_DIR", "warehouse"),
        )

    @property
    def is_sample(self) -> bool:
        """Whether the landing folder is the synthetic one that comes with the project."""
        return self.landing.resolve() == (self.project / "sample" / "landing").resolve()

    @property
    def environment(self) -> dict[str, str]:
        """The same settings as environment variables, absolute, for dbt and the app."""
        return {
            "AISM_LANDING_DIR": str(self.landing),
            "AISM_HOME": str(self.home),
            "AISM_WAREHOUSE_DIR": str(self.warehouse),
        }


def find_project() -> Path:
    """Return the folder with dbt_project.yml: around the package (editable install), else here."""
    for folder in (Path(__file__).resolve().parent.parent, Path.cwd()):
        if (folder / "dbt_project.yml").is_file():
            return folder
    raise UsageError(
        "No dbt_project.yml here. Run aism in the project's folder, or install the project "
        "from it (make setup)."
    )


def parse_as_of(text: str) -> dt.date:
    """Return the day that ``text`` (YYYY-MM-DD) names.

    Raises:
        UsageError: any other text.
    """
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:
        raise UsageError(f"--as-of takes a date such as 2026-06-30, not {text!r}.")
    return day
