"""The comparison itself: what it takes for equal, and what it names."""

from __future__ import annotations

import pytest

from tests.python.engines.compare import Row, Table, differences


def table(*rows: Row) -> dict[str, Table]:
    return {"core.t": Table(["id", "value", "word"], frozenset({"value"}), rows)}


OURS = table(("a", 1.0, None), ("a", None, None), ("b", 0.1, "x"))


def test_order_and_rounding_make_no_difference() -> None:
    theirs = table(("b", 0.1 + 1e-12, "x"), ("a", None, None), ("a", 1, None))
    assert differences(OURS, theirs) == []


@pytest.mark.parametrize(
    ("theirs", "named"),
    [
        (table(("a", 1.0, None), ("a", None, None)), "1 missing: id=b, word=x"),
        (table(*OURS["core.t"].rows, ("c", 1.0, "x")), "1 too many: id=c, word=x"),
        (
            table(("a", 1.0, None), ("a", None, None), ("b", 0.1 + 1e-8, "x")),
            "value (True, 0.1) is (True, 0.10000001): id=b, word=x",
        ),
        (
            table(("a", 1.0, None), ("a", 0.0, None), ("b", 0.1, "x")),
            "value (False, 0.0) is (True, 0.0): id=a, word=None",
        ),
        (
            table(("a", float("nan"), None), ("a", None, None), ("b", 0.1, "x")),
            "value (True, 1.0) is (True, nan): id=a, word=None",
        ),
    ],
    ids=["a lost row", "a row more", "a number off", "null is not zero", "no number"],
)
def test_what_differs_is_named(theirs: dict[str, Table], named: str) -> None:
    assert differences(OURS, theirs) == [f"core.t: {named}"]


def test_a_changed_word_is_a_lost_row_and_a_row_more() -> None:
    theirs = table(("a", 1.0, None), ("a", None, None), ("b", 0.1, "y"))
    assert differences(OURS, theirs) == [
        "core.t: 1 missing: id=b, word=x",
        "core.t: 1 too many: id=b, word=y",
    ]


def test_tables_and_columns_must_be_the_same() -> None:
    other = {"core.t": Table(["id", "value"], frozenset({"value"}), [])}
    assert differences(OURS, {}) == ["core.t: not there"]
    assert differences({}, OURS) == ["core.t: not expected"]
    assert differences(OURS, other) == [
        "core.t: columns ['id', 'value', 'word'] are ['id', 'value']"
    ]
