"""A page as a reader sees it: its cards and charts taken apart, and numbers as they are written.

Nothing here asks the app how it formats: what is written is compared with what the mart holds, and
may differ by half of the last digit shown.
"""

from __future__ import annotations

import io
import json
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pandas as pd
import pyarrow as pa
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block, Element, Node

NUMBER: Final = r"(?:[<>] )?[+-]?\d[\d,]*(?:\.\d+)?"
UNIT: Final = r"(?: (?:%|days|per FTE-quarter|per system-quarter))?"
_DIRECTIVE: Final = re.compile(r":[a-z-]+\[")
_CARD: Final = re.compile(r"-card-(\w+)$")


@dataclass(frozen=True, slots=True)
class Drawn:
    """A chart: what it says to who cannot see it, its specification, its rows."""

    alt: str
    spec: dict[str, Any]
    rows: pd.DataFrame


@dataclass(slots=True)
class Card:
    """A card: the metric of its key, its headline, its lines of text, its chart, its button."""

    metric_id: str
    name: str = ""
    headline: str = ""
    change: str = ""
    lines: list[str] = field(default_factory=list)
    chart: Drawn | None = None
    button: str = ""


def words(markdown: str) -> str:
    """Return what markdown shows: no directives, no escapes, plain spaces."""
    text = re.sub(r"\\([^\w\s])", "\x00\\1", markdown)  # an escaped bracket closes nothing
    text = _DIRECTIVE.sub("", text).replace("**", "").replace("`", "")
    text = re.sub(r"(?<!\x00)\]", "", text).replace("\x00", "").replace("\u200b", "")
    return " ".join(text.replace("\u00a0", " ").split())


def drawn(element: Element) -> Drawn:
    """Return a chart as it is sent to the browser."""
    proto = element.proto
    rows = pa.ipc.open_stream(io.BytesIO(proto.data.data)).read_pandas()
    return Drawn(words(proto.alt), json.loads(proto.spec), rows)


def _elements(node: Block, keys: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Element]]:
    child: Node
    for child in node.children.values():
        if isinstance(child, Block):
            yield from _elements(child, (*keys, str(getattr(child.proto, "id", ""))))
        elif isinstance(child, Element):
            yield keys, child


def taken_apart(page: AppTest) -> tuple[list[Card], list[Drawn]]:
    """Return the cards of a page, and the charts that stand outside of them."""
    cards: dict[str, Card] = {}
    charts: list[Drawn] = []
    for keys, element in _elements(page.main):
        found = next((hit[1] for key in keys if (hit := _CARD.search(key))), None)
        if found is None:
            if element.type == "vega_lite_chart":
                charts.append(drawn(element))
            continue
        card = cards.setdefault(found, Card(found))
        match element.type:
            case "metric":
                card.name = words(element.label)
                card.headline = words(element.value)
                card.change = words(element.delta)
            case "markdown":
                card.lines += [words(line) for line in element.value.split("  \n")]
            case "button":
                card.button = words(element.label)
            case "vega_lite_chart":
                card.chart = drawn(element)
            case "space":
                pass
            case other:
                raise AssertionError(f"A card of {found} holds what nobody compares: {other}")
    return list(cards.values()), charts


def is_written(text: str, value: float | None, unit: str = "") -> bool:
    """Whether ``text`` is ``value`` to half of the last digit that it shows.

    Money above 10,000 is written with two digits that matter.
    """
    if value is None or not math.isfinite(value):
        return False
    figure = text.replace(",", "").replace("+", "").strip()
    if figure[:1] in "<>":
        bound = float(figure[1:])
        return 0 < value < bound if figure[0] == "<" else bound < value < 100
    decimals = len(figure.partition(".")[2])
    step = 10.0**-decimals
    if unit == "currency" and abs(value) > 10_000:
        step = 10.0 ** (math.floor(math.log10(abs(value))) - 1)
    return abs(float(figure) - value) <= step / 2 + 1e-9


def numbers(text: str) -> list[str]:
    """Return the numbers of a text; digits inside of names such as AML.T0051 are none."""
    found = re.findall(rf"(?<![\w.])({NUMBER})(?![\w]|\.\d)", text)
    return [str(number) for number in found]


def unexplained(text: str, values: Sequence[float | None], unit: str = "") -> list[str]:
    """Return the numbers of a text that none of ``values`` is."""
    return [
        number
        for number in numbers(text)
        if not any(is_written(number, value, unit) for value in values if value is not None)
    ]
