"""Charts leave as pictures: of the specification that is drawn, made when asked, inert."""

from __future__ import annotations

import datetime as dt
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pandas as pd
import pyarrow as pa
import pytest
import streamlit as st

from app.components import maps, pictures, plots, specs
from app.components.pictures import Chart
from app.components.sheet import Sheet
from tests.python.app.conftest import PROJECT, OpenPage

pytest.importorskip("vl_convert")

SIGNATURE = b"\x89PNG\r\n\x1a\n"
HOSTILE = "<script>alert(1)</script> & ![x](http://example.com/x.png)"


def bars(name: str = "a") -> Chart:
    frame = pd.DataFrame({"name": [name, "b"], "value": [1.0, 2.0], "low": [0.5, 1.0]})
    return specs.intervals(
        frame.assign(high=3.0, words="x"), f"Rates: {name}", title="%", names=[name, "b"]
    )


def test_a_picture_is_a_png() -> None:
    assert pictures.png_of(bars()).startswith(SIGNATURE)


def test_two_charts_are_two_pictures() -> None:
    """Positive control: a renderer that lost the data would draw the same twice."""
    assert pictures.png_of(bars("a")) != pictures.png_of(bars("c"))
    assert bars("a").key != bars("c").key
    assert bars("a").key == bars("a").key


def test_the_picture_is_of_the_chart_that_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[tuple[pa.Table, dict[str, Any]]] = []
    offered: list[Callable[[], bytes]] = []
    pictured: list[Chart] = []
    monkeypatch.setattr(st, "vega_lite_chart", lambda rows, spec, **_: drawn.append((rows, spec)))
    monkeypatch.setattr(st, "download_button", lambda _, data, **__: offered.append(data))

    def picture(chart: Chart) -> bytes:
        pictured.append(chart)
        return b""

    monkeypatch.setattr(plots, "png_of", picture)
    chart = bars()
    sheet = Sheet()
    plots.show_chart(sheet, chart)
    sheet.draw()
    sheet.draw()
    assert pictured == [], "nothing is drawn before somebody asks"
    offered[0]()
    (rows, spec), again = drawn
    assert again[0] is rows, "made ready once"
    frame = chart.frame
    pd.testing.assert_frame_equal(rows.to_pandas(), frame)
    assert pictured[0].frame is frame
    assert pictured[0].spec is spec
    whole = pictures.whole_spec(pictured[0], 300)
    assert {name: whole[name] for name in spec} == spec
    assert whole["data"] == {"values": json.loads(frame.to_json(orient="records"))}


def test_text_in_a_picture_stays_text() -> None:
    svg = pictures.svg_of(bars(HOSTILE))
    root = ET.fromstring(svg)  # made a line above
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert tags <= {"svg", "g", "path", "text", "line", "rect", "defs", "clipPath", "tspan", "a"}
    assert "script" not in tags
    assert not any(name.endswith("href") for element in root.iter() for name in element.attrib)
    shown = "".join(root.itertext())
    assert HOSTILE[:20] in shown, "positive control: the text is in the picture"
    assert "/" not in bars(HOSTILE).file_name
    assert "." not in bars(HOSTILE).file_name


def test_missing_cells_are_null_and_days_are_utc() -> None:
    frame = pd.DataFrame(
        {
            "value": [1.5, float("nan")],
            "day": [dt.date(2026, 10, 1), None],
            "at": [pd.Timestamp("2026-10-01 12:30"), pd.NaT],
            "late": [True, False],
        }
    )
    assert pictures.values_of(frame) == [
        {"value": 1.5, "day": "2026-10-01T00:00:00Z", "at": "2026-10-01T12:30:00Z", "late": True},
        {"value": None, "day": None, "at": None, "late": False},
    ]


ONE_PICTURE = """
import pandas as pd
from app.components import pictures, trend_specs
starts = pd.to_datetime(["2026-09-01", "2026-10-01", "2026-11-01"])
frame = pd.DataFrame({"period_start": starts, "value": [1.0, 2.0, 3.0], "words": "x"})
frame = frame.assign(
    interval_low=None, interval_high=None, target_low=None, target_high=None,
    is_partial_period=False, sample_size=3,
)
chart = trend_specs.trend(frame, "Trend", title="%", selected="2026-10-01", joined=True)
print(pictures.svg_of(chart))
"""


def test_a_picture_is_the_same_in_every_time_zone() -> None:
    svgs = [
        subprocess.run(
            [sys.executable, "-c", ONE_PICTURE],
            cwd=PROJECT,
            env=os.environ | {"TZ": zone, "PYTHONPATH": str(PROJECT)},
            capture_output=True,
            check=True,
        ).stdout
        for zone in ("Pacific/Auckland", "America/Los_Angeles")
    ]
    assert svgs[0] == svgs[1]
    assert b"2026" in svgs[0] or b"Oct" in svgs[0]


def test_a_picture_needs_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert "url" not in json.dumps(pictures.whole_spec(bars(), 300))
    assert pictures.png_of(bars()).startswith(SIGNATURE)


@pytest.mark.parametrize(
    ("module", "charts"), [("overview", 4), ("engineering", 2), ("attacks", 3), ("explorer", 1)]
)
def test_charts_with_axes_have_their_button(open_page: OpenPage, module: str, charts: int) -> None:
    page = open_page(page_module=module)
    assert not page.exception
    labels = [element.proto.label for element in page.get("download_button")]
    assert labels.count("PNG") >= charts


def test_without_the_renderer_there_is_no_button(
    open_page: OpenPage, alarmed_warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plots, "can_render", lambda: False)
    page = open_page(folder=alarmed_warehouse)  # of which no sheet is kept
    assert not page.exception
    assert "PNG" not in [element.proto.label for element in page.get("download_button")]


def test_the_map_is_a_chart_as_well() -> None:
    cells = pd.DataFrame(
        {
            "technique_id": ["AML.T0051"],
            "technique_name": ["Injection"],
            "system_id": ["s"],
            "system_name": [HOSTILE],
            "state": ["tested"],
            "attack_success_rate": [12.0],
            "interval_low": [None],
            "attempts": [20],
            "prompts": [10],
        }
    )
    assert pictures.png_of(maps.technique_chart(cells, "Map")).startswith(SIGNATURE)
