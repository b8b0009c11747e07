"""A report before it has a format: text that is shown as it is, never as markup."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from app.components.pictures import Chart

NOTHING: Final = "–"  # noqa: RUF001


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of text of one look; ``color`` is a name of the theme, and only repeats words."""

    text: str
    color: str = ""
    is_strong: bool = False


Line = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A line of text."""

    line: Line
    is_muted: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table."""

    label: str
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a caption; the first column names the row."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart with axes; its words stand in for it where none is drawn."""

    chart: Chart


@dataclass(frozen=True, slots=True)
class MetricCard:
    """A metric as on its page. No number comes without status and companions."""

    metric_id: str
    name: str
    question: str
    headline: str
    change: Line
    basis: str
    status: Line
    notes: tuple[Line, ...]
    companions: Line
    chart: Chart | None
    values: tuple[float | None, ...]
    """The months of the chart, for a sparkline of characters."""


@dataclass(frozen=True, slots=True)
class Cards:
    """Cards side by side."""

    cards: tuple[MetricCard, ...]


Block = Paragraph | Table | Picture | Cards


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what stands below it; half sections stand side by side where there is room."""

    title: str
    blocks: tuple[Block, ...]
    is_half: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report."""

    title: str
    about: str
    facts: tuple[Line, ...]
    sections: tuple[Section, ...]
    stamp: tuple[str, ...] = field(default=())


def line(text: str, color: str = "", *, strong: bool = False) -> Line:
    """Return text of one look."""
    return (Run(text, color, strong),)


def said(text: str, *, muted: bool = False) -> Paragraph:
    """Return a paragraph of plain text."""
    return Paragraph(line(text), muted)


def columns(*labels: str, numbers: Sequence[str] = ()) -> tuple[Column, ...]:
    """Return columns by label, of which some hold numbers."""
    return tuple(Column(label, label in numbers) for label in labels)
