"""A report as one HTML file: styles and charts inside, no script, no address."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from app.components.pictures import Chart, svg_of
from app.components.text import visible
from app.reports.document import Cards, Paragraph, Picture, Report, Table

SPARK_WIDTH: Final = 250
CHART_WIDTH: Final = 520

_ID: Final = re.compile(r'(?<=\bid=")[^"]+(?=")')
_ROOT: Final = re.compile(r"<svg\b[^>]*?\bviewBox=\"(?P<box>[^\"]+)\"[^>]*>")
_INK: Final = re.compile(r'(fill|stroke)="(#566370|#dbe1e8|#8a97a5)"')
_INK_NAMES: Final = {"#566370": "c-ink", "#dbe1e8": "c-grid", "#8a97a5": "c-target"}


def as_html(report: Report) -> str:
    """Return the report as a self-contained page. The same report gives the same bytes.

    Raises:
        UsageError: the renderer of charts is not installed.
    """
    drawn = 0

    def svg(chart: Chart, width: int = CHART_WIDTH) -> Markup:
        nonlocal drawn
        drawn += 1
        return inline_svg(chart, width, f"c{drawn}")

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_seen,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    template = environment.get_template("report.html.jinja")
    kinds = {
        "is_paragraph": lambda block: isinstance(block, Paragraph),
        "is_table": lambda block: isinstance(block, Table),
        "is_picture": lambda block: isinstance(block, Picture),
        "is_cards": lambda block: isinstance(block, Cards),
    }
    styles = Markup((Path(__file__).parent / "report.css").read_text(encoding="utf-8"))  # noqa: S704
    html = template.render(report=report, svg=svg, styles=styles, spark_width=SPARK_WIDTH, **kinds)
    return html.strip() + "\n"


def _seen(value: object) -> object:
    """Spell out what cannot be seen, once more where all text passes."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def inline_svg(chart: Chart, width: int, prefix: str) -> Markup:
    """Return a chart to be placed in a page: names of its own, colours that follow the theme.

    Vega writes text as escaped text, and its specifications name no address, so this is markup.
    """
    svg = svg_of(chart, width)
    names: dict[str, str] = {}
    for name in _ID.findall(svg):
        names.setdefault(name, f"{prefix}-{len(names)}")
    for name, own in names.items():
        svg = svg.replace(f'id="{name}"', f'id="{own}"').replace(f"url(#{name})", f"url(#{own})")
    # A class beside the colour: where styles reach the chart, it follows light and dark.
    svg = _INK.sub(lambda match: f'{match[0]} class="{_INK_NAMES[match[2]]}-{match[1]}"', svg)
    svg = _ROOT.sub(
        lambda match: (
            '<svg xmlns="http://www.w3.org/2000/svg" aria-hidden="true" '
            f'viewBox="{match["box"]}" width="100%">'
        ),
        svg,
        count=1,
    )
    return Markup(svg)  # noqa: S704
