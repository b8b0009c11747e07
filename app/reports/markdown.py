"""A report as Markdown: sentences and tables; text from outside shows as it is."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Sequence
from typing import Final

from app.components.text import visible
from app.reports.document import (
    Block,
    Cards,
    Line,
    MetricCard,
    Paragraph,
    Picture,
    Report,
    Table,
)

_PUNCTUATION: Final = re.compile(f"([{re.escape(string.punctuation)}])")
# Renderers link bare addresses even where each of their characters is escaped.
_ADDRESSES: Final = re.compile(r"(?i)(?<=[:@])(?=\S)|(?<=www)(?=\\?\.)")
_BARS: Final = "▁▂▃▄▅▆▇█"
_GAP: Final = "·"


def as_markdown(report: Report) -> str:
    """Return the report as Markdown without images, links and HTML."""
    parts = [f"# {escaped(report.title)}", escaped(report.about)]
    parts += [_line(fact) for fact in report.facts]
    for section in report.sections:
        parts.append(f"## {escaped(section.title)}")
        for block in section.blocks:
            parts += list(_block(block))
    parts += ["---", *(escaped(words) for words in report.stamp)]
    return "\n\n".join(part for part in parts if part) + "\n"


def escaped(text: str) -> str:
    """Return Markdown that shows ``text`` as it is, on one line."""
    one_line = " ".join(visible(text).splitlines())
    joined = _ADDRESSES.sub("\u200b", one_line)
    return _PUNCTUATION.sub(r"\\\1", joined)


def sparkline(values: Sequence[float | None]) -> str:
    """Return bars of characters from 0 up, a dot where nothing was measured."""
    measured = [value for value in values if value is not None]
    most = max([*measured, 0])
    if not measured:
        return ""
    return "".join(
        _GAP
        if value is None
        else _BARS[round((len(_BARS) - 1) * max(value, 0) / most) if most else 0]
        for value in values
    )


def _line(line: Line) -> str:
    return "".join(
        f"**{escaped(run.text)}**" if run.is_strong and run.text.strip() else escaped(run.text)
        for run in line
    )


def _block(block: Block) -> Iterator[str]:
    match block:
        case Paragraph():
            yield _line(block.line)
        case Table():
            yield _table(block)
        case Picture():
            yield escaped(block.chart.alt)
        case Cards():
            for card in block.cards:
                yield f"### {escaped(card.name)}"
                yield _card(card)


def _card(card: MetricCard) -> str:
    lines = [f"**{escaped(card.headline)}**"]
    if card.change:
        lines[0] += f" ({_line(card.change)})"
    bars = sparkline(card.values)
    if bars:
        lines[0] += f" {bars}"
    lines.append(escaped(card.question))
    if card.basis:
        lines.append(escaped(card.basis))
    lines += [_line(line) for line in (card.status, *card.notes, card.companions) if line]
    return "\n".join(f"- {line}" for line in lines)


def _table(table: Table) -> str:
    marks = ["---:" if column.is_number else "---" for column in table.columns]
    rows = [[column.label for column in table.columns], *table.rows]
    cells = ["| " + " | ".join(escaped(cell) for cell in row) + " |" for row in rows]
    cells.insert(1, "| " + " | ".join(marks) + " |")
    return f"{escaped(table.caption)}\n\n" + "\n".join(cells)
