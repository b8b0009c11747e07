"""The command ``aism report``: the pages' numbers as a file for the mail."""

from __future__ import annotations

import logging
import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from aism.errors import UsageError
from aism.settings import Settings

EPILOG: Final = """
html and pdf draw their charts with the extra `report`; md needs nothing more. The same published
generation gives the same bytes of html and md.

Exit codes: 0 done; 2 wrong usage, an unknown period, team or assessment, nothing published, or a
library is missing.
"""


class Kind(StrEnum):
    """Who reads it."""

    EXECUTIVE = "executive"
    BOARD = "board"
    TEAM = "team"
    ASSESSMENT = "assessment"


class Form(StrEnum):
    """What it is written as."""

    HTML = "html"
    PDF = "pdf"
    MD = "md"


def report(
    kind: Annotated[Kind, typer.Argument(help="Who reads it.")],
    form: Annotated[Form, typer.Option("--format", help="What it is written as.")] = Form.HTML,
    output: Annotated[
        Path | None,
        typer.Option("--output", metavar="FILE", help="File to write. Default: standard output."),
    ] = None,
    period: Annotated[
        str | None,
        typer.Option(
            metavar="2026-10|2026-Q3|12m-to-2026-10",
            help="Period of executive and board. Default: the latest complete month, or quarter.",
        ),
    ] = None,
    team: Annotated[str | None, typer.Option(help="Team, as the inventory spells it.")] = None,
    assessment: Annotated[str | None, typer.Option(help="Id of an assessment.")] = None,
) -> None:
    """Write a report of the published generation, one file with its charts inside."""
    settings = Settings.from_environment()
    if output is not None and not output.parent.is_dir():
        raise UsageError(f"No folder {output.parent} to write {output.name} in.")
    if output is None and form is Form.PDF and sys.stdout.isatty():
        raise UsageError("A PDF is not for a terminal: name a file with --output.")
    if not (settings.project / "app" / "reports").is_dir():
        raise UsageError(f"No {settings.project / 'app'}: run aism from a checkout of the project.")
    if str(settings.project) not in sys.path:
        sys.path.insert(0, str(settings.project))
    _quiet_streamlit()
    from app.reports.make import make

    content = make(kind, form, period=period, team_name=team, assessment_id=assessment)
    if output is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    draft = output.with_name(f".{output.name}.{os.getpid()}")
    try:
        draft.write_bytes(content)
        draft.replace(output)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise UsageError(f"{output} cannot be written: {error.strerror}.") from None


def _quiet_streamlit() -> None:
    """Keep it from telling that no page is open: the pages' data layer serves reports, too."""
    from streamlit.logger import get_logger

    # A level would not last: Streamlit sets those of its loggers anew as it reads its settings.
    get_logger("streamlit.runtime.caching.cache_data_api").addFilter(
        lambda record: record.levelno >= logging.ERROR
    )
