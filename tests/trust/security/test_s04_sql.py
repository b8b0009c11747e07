"""S4. What a link or a picker says is a value, never a part of a statement."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from typing import Any, Final
from unittest import mock

import pytest

from app import data
from app.components import url
from app.data import connection, segments, tables
from app.reports.make import make
from app.view import ALL, DIMENSIONS, MONTH, Segment, View
from tests.python.published import published_in
from tests.trust.conftest import Control, Measure
from tests.trust.figures import figure
from tests.trust.security.conftest import Hostile

_STARTS: Final = ("'", '"', "')", '"))', "x'", "\\'", "''", "%27", "$$", "`")
_ENDS: Final = (
    " or '1'='1",
    "; drop table marts.metric_values; --",
    " union select * from core.dim_systems --",
    " /* ",
    "; attach 'x.duckdb' as y; --",
    " and read_text('pyproject.toml') is not null --",
    "; copy (select 1) to 'x.csv'; --",
    " || chr(39) || ",
    "$segment",
    "\x00; select 1",
)
STRINGS: Final = tuple(start + end for start in _STARTS for end in _ENDS)
assert len(set(STRINGS)) == 100

READ: Final = ("overview", "explorer", "attacks", "trust", "product")
"""Pages whose addresses say most."""
DATA: Final = sorted(set(tables.STATEMENTS))[:: figure(8, 1)]


@pytest.fixture
def generation(hostile: Hostile, monkeypatch: pytest.MonkeyPatch) -> data.Generation:
    return published_in(hostile.warehouse, monkeypatch)


@pytest.fixture
def spoken() -> Iterator[list[str]]:
    """Return the statements that reach the engine, as they are written."""
    statements: list[str] = []
    rows, frame = connection.rows, connection.frame

    def note(ask: Any) -> Any:
        def asked(generation: data.Generation, sql: str, parameters: dict[str, Any]) -> Any:
            statements.append(sql)
            return ask(generation, sql, parameters)

        return asked

    with mock.patch.object(tables, "frame", note(frame)):
        yield statements
    assert rows is connection.rows


PERIOD: Final = {"start": dt.date(2026, 1, 1), "end": dt.date(2026, 2, 1), "grain": "month"}
"""What no visitor types: pages take a period from a list."""


@pytest.mark.parametrize("name", DATA)
def test_a_list_takes_any_text_for_a_value(
    generation: data.Generation, spoken: list[str], name: str, measure: Measure
) -> None:
    names = set(tables._PARAMETER.findall(tables.STATEMENTS[name])) - PERIOD.keys()
    asked = 0
    nothing = len(data.table(generation, name, **PERIOD, **dict.fromkeys(names, "no such thing")))
    for text in STRINGS if names else ():
        found = data.table(generation, name, **PERIOD, **dict.fromkeys(names, text))
        assert len(found) == nothing, text
        asked += 1
    assert set(spoken) <= {tables.STATEMENTS[name]}
    measure("S4", questions=asked, errors=0)


@pytest.mark.parametrize("dimension", sorted(DIMENSIONS))
def test_a_segment_takes_any_text_for_a_value(
    generation: data.Generation, dimension: str, measure: Measure
) -> None:
    period = data.default_period(generation, MONTH)
    assert period is not None
    for text in STRINGS[:: figure(5, 1)]:
        view = View(period, Segment(dimension, text))
        if dimension != ALL:
            assert not data.is_known_segment(generation, dimension, text)
            nothing = View(period, Segment(dimension, "no such thing"))
            for metric in ("finding_acceptance_rate", "finding_count"):
                found = data.rows_behind(generation, metric, view)
                assert found.equals(data.rows_behind(generation, metric, nothing))
        if dimension in segments.SYSTEM_COLUMNS:
            assert data.oldest_findings(generation, view.segment) == []
            assert data.untested_launches(generation, view) == []
    measure("S4", questions=len(STRINGS[:: figure(5, 1)]))


def chosen(place: str, count: int) -> list[str]:
    """Return some of the strings, others for each place."""
    return random.Random(place).sample(STRINGS, count)


def test_a_dimension_is_one_of_a_list(generation: data.Generation, measure: Measure) -> None:
    for text in STRINGS:
        assert not data.is_known_segment(generation, text, "x")
    measure("S4", strings=len(STRINGS))


@pytest.mark.parametrize("key", sorted({*url.KEPT, url.GRAIN, url.PERIOD, url.DIMENSION}))
def test_a_link_takes_any_text(hostile: Hostile, key: str, measure: Measure) -> None:
    from streamlit.testing.v1 import AppTest

    for module in random.Random(key).sample(READ, figure(3, len(READ))):
        for text in chosen(f"{module} {key}", figure(1, 4)):
            with mock.patch.dict("os.environ", AISM_WAREHOUSE_DIR=str(hostile.warehouse)):
                page = AppTest.from_string(
                    f"from app.app_pages import {module}\n{module}.show()", default_timeout=60
                )
                page.query_params[key] = text
                page.run()
            assert not page.exception, (module, text)
            assert not page.error, (module, text)
            measure("S4", links=1)


def test_the_command_line_takes_any_text(hostile: Hostile, monkeypatch: pytest.MonkeyPatch) -> None:
    from aism.errors import UsageError

    monkeypatch.setenv("AISM_WAREHOUSE_DIR", str(hostile.warehouse))
    for text in STRINGS:
        for kind, what in (("team", "team_name"), ("assessment", "assessment_id")):
            asked = {"period": None, "team_name": None, "assessment_id": None, what: text}
            with pytest.raises(UsageError):
                make(kind, "md", **asked)


def test_text_that_becomes_a_part_of_a_statement_is_noticed(
    generation: data.Generation, control: Control
) -> None:
    import duckdb

    errors = wrong = 0
    for text in STRINGS:
        try:
            found = connection.rows(
                generation,
                f"select system_id from marts.system_scorecards where system_id = '{text}'",
                {},
            )
            wrong += bool(found)
        except (duckdb.Error, ValueError):
            errors += 1
    control("text put into a statement breaks it or finds what it should not", errors + wrong > 40)
