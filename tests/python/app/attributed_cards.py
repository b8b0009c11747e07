"""Cards, line by line: a number is the mart's under the card's key, or nothing attributes it."""

from __future__ import annotations

import math
import re

from tests.python.app.attributed import (
    LEADS_WITH_COUNT,
    SYSTEMS,
    Key,
    Marts,
    Row,
    assert_same,
    records,
    rows_of,
    value_of,
)
from tests.python.app.seen import NUMBER, UNIT, Card, Drawn, is_written, numbers, words


class Reader:
    """Reads a card line by line; what no rule attributes stays, and fails."""

    def __init__(self, marts: Marts, card: Card, key: Key) -> None:
        self.marts, self.card, self.key = marts, card, key
        self.metric = records(
            marts, "select * from metric_catalog where metric_id = ?", card.metric_id
        )[0]
        self.unit: str = self.metric["unit"]
        self.row = value_of(marts, card.metric_id, key)
        self.behind = rows_of(marts, card.metric_id, key)

    def check(self, figure: str, value: float | None, what: str, unit: str | None = None) -> None:
        assert is_written(figure, value, self.unit if unit is None else unit), (
            f"{self.card.metric_id} at {self.key}: {what} says {figure}, the mart {value}"
        )

    def read(self) -> None:
        card, row = self.card, self.row
        assert card.name == " ".join(self.metric["name"].split())
        if row is None or row["value"] is None:
            assert card.headline == "–"  # noqa: RUF001
            assert not numbers(card.change)
        else:
            self._read_headline(row)
        for line in card.lines:
            self._read_line(line, row or {})
        if card.chart is not None:
            self._read_sparkline(card.chart)
        if card.button:
            self.check(numbers(card.button)[0], self.behind["rows"], "the button", "")
        else:
            assert not self.behind["rows"] or row is None

    def _read_headline(self, row: Row) -> None:
        figure = numbers(self.card.headline)
        assert len(figure) == 1, self.card.headline
        value = row["numerator" if self.card.metric_id == LEADS_WITH_COUNT else "value"]
        self.check(figure[0], value, "the headline")
        for bound in (row["target_low"], row["target_high"]):
            if bound is not None and value == row["value"] and figure[0][0] not in "<>":
                shown = float(figure[0].replace(",", ""))
                assert (shown > bound) == (value > bound) or math.isclose(value, bound), (
                    f"{self.card.metric_id}: {shown} lies on the other side of {bound}"
                )
        before = numbers(self.card.change)
        if row["change"]:
            assert len(before) == 1, self.card.change
            self.check(before[0], row["previous_value"], "the change")
            assert ("up from" in self.card.change) == (row["change"] > 0), self.card.change
        else:
            assert [text for text in before if text != "12"] == [], self.card.change

    def _read_line(self, line: str, row: Row) -> None:
        rest = line
        for rule in (
            self._basis,
            self._parts_with_targets,
            self._target,
            self._undecided,
            self._trend,
            self._severities,
            self._systems,
            self._companions,
            self._remarks,
        ):
            rest = rule(rest, row)
        assert not numbers(rest), (
            f"{self.card.metric_id} at {self.key}: nothing attributes {numbers(rest)} of: {line}"
        )

    def _basis(self, line: str, row: Row) -> str:
        found = re.match(
            rf"({NUMBER}) (?:of|/) ({NUMBER}|–)"  # noqa: RUF001
            rf"(?: · rate ({NUMBER}){UNIT})? · n = ({NUMBER})"
            rf"(?: · 95 % interval ({NUMBER}) to ({NUMBER}){UNIT})?"
            rf"(?: · median ({NUMBER}){UNIT} · 9 of 10 within ({NUMBER}){UNIT})?$",
            line,
        )
        if found is None:
            return line
        columns = (
            *("numerator", "denominator", "value", "sample_size"),
            *("interval_low", "interval_high", "median", "p90"),
        )
        for figure, column in zip(found.groups(), columns, strict=True):
            if figure == "–":  # noqa: RUF001
                assert row[column] is None
            elif figure is not None:
                unit = "" if column in ("numerator", "denominator", "sample_size") else None
                self.check(figure, row[column], column, unit)
        for column, place in (("interval_low", 4), ("median", 6)):
            assert (row[column] is None) == (found.groups()[place] is None), f"{column}: {line}"
        return ""

    def _bounds(self, text: str, low: float | None, high: float | None) -> None:
        bounds = [bound for bound in (low, high) if bound is not None]
        shown = numbers(text)
        assert len(shown) == (2 if low is not None and high is not None else 1), text
        for figure, bound in zip(shown, bounds, strict=False):
            self.check(figure, bound, "the target")

    def _parts_with_targets(self, line: str, row: Row) -> str:
        pattern = re.compile(
            rf": (\w+)(?: risk)? ({NUMBER}){UNIT}, target ((?:at least |at most )?[^,]+), "
            rf"n = ({NUMBER})(?:: too few to tell)?"
        )
        found = pattern.search(line)
        if found is None:
            return line
        parts = records(
            self.marts,
            "select * from metric_values where metric_id = ? and period_grain = ? "
            "and period_start = ? and segment_dimension <> 'all' and value is not null "
            "and (target_low is not null or target_high is not null)",
            *(self.card.metric_id, self.key.grain, self.key.start),
        )
        part = next(part for part in parts if part["segment_value"] == found[1])
        self.check(found[2], part["value"], f"the part {found[1]}")
        self._bounds(found[3], part["target_low"], part["target_high"])
        self.check(found[4], part["sample_size"], "its n", "")
        rest = line[: found.start()] + line[found.end() :]
        tail = re.search(rf"({NUMBER}) of ({NUMBER}) targets (missed|met)", rest)
        if tail is None:
            return rest
        reached = sum(part["target_status"] == tail[3] for part in parts)
        self.check(tail[1], reached, "the targets reached", "")
        self.check(tail[2], len(parts), "the targets", "")
        return rest.replace(tail[0], "")

    def _target(self, line: str, row: Row) -> str:
        found = re.search(
            rf"target ((?:at least |at most )?{NUMBER}(?: to {NUMBER})?{UNIT})(?= ·|$)", line
        )
        if found is None:
            return line
        self._bounds(found[1], row["target_low"], row["target_high"])
        return line.replace(found[0], "")

    def _undecided(self, line: str, row: Row) -> str:
        found = re.search(rf"({NUMBER}) (?:finding|row)s? (?:is|are) not yet", line)
        if found is None:
            return line
        self.check(found[1], self.behind["undecided"], "what is undecided", "")
        return line.replace(found[0], "")

    def _trend(self, line: str, row: Row) -> str:
        found = re.fullmatch(rf"(?:Better|Worse|Rising|Falling) over ({NUMBER}) (\w+?)s?", line)
        if found is None:
            return line
        points = self.marts.execute(
            "select trend_points from metric_status where metric_id = ? and period_grain = ? "
            "and period_start = ? and segment_dimension = ? and segment_value = ?",
            [
                *(self.card.metric_id, self.key.grain, self.key.start),
                *(self.key.dimension, self.key.segment),
            ],
        ).fetchall()
        self.check(found[1], points[0][0], "the trend", "")
        return ""

    def _severities(self, line: str, row: Row) -> str:
        parts = line.split(" · ")
        if not re.match(r"critical (none|\d)", parts[0]):
            return line
        for part in parts:
            severity, _, text = part.partition(" ")
            found = self._of_segment("severity", severity)
            if text == "none":
                assert found is None or found["value"] is None, part
                continue
            assert found is not None, part
            shown = re.fullmatch(rf"({NUMBER}){UNIT} \(n = ({NUMBER})\)", text)
            assert shown is not None, part
            self.check(shown[1], found["value"], severity)
            self.check(shown[2], found["sample_size"], f"n of {severity}", "")
        return ""

    def _of_segment(self, dimension: str, segment: str) -> Row | None:
        key = Key(self.key.grain, self.key.start, self.key.end, dimension, segment)
        return value_of(self.marts, self.card.metric_id, key)

    def _systems(self, line: str, row: Row) -> str:
        worst = re.fullmatch(
            rf"Worst upper bound: (.+?) ({NUMBER}){UNIT}"
            rf"(?: \(({NUMBER}) to ({NUMBER}){UNIT}\))?, n = ({NUMBER})",
            line,
        )
        counts = re.fullmatch(
            rf"({NUMBER}) systems?: ({NUMBER}) worse, ({NUMBER}) better, "
            rf"({NUMBER}) unchanged, ({NUMBER}) not comparable",
            line,
        )
        if worst is None and counts is None:
            return line
        found = records(
            self.marts,
            "select v.*, coalesce(s.system_name, v.segment_value) as system_name "
            f"from metric_values v left join {SYSTEMS} on v.segment_value = s.system_id "
            "where v.metric_id = ? and period_grain = ? and period_start = ? "
            "and segment_dimension = 'system' and v.value is not null "
            "order by coalesce(v.interval_high, v.value) desc, segment_value",
            *(self.card.metric_id, self.key.grain, self.key.start),
        )
        if worst is not None:
            assert worst[1] == " ".join(found[0]["system_name"].split())
            for number, column in enumerate(("value", "interval_low", "interval_high"), 2):
                self.check(worst[number], found[0][column], f"the worst system's {column}")
            self.check(worst[5], found[0]["sample_size"], "the worst system's n", "")
        if counts is not None:
            changes = [item["change"] for item in found]
            moved = (
                len(changes),
                sum(change is not None and change > 0 for change in changes),
                sum(change is not None and change < 0 for change in changes),
                sum(change == 0 for change in changes),
                sum(change is None for change in changes),
            )
            for figure, count in zip(counts.groups(), moved, strict=True):
                self.check(figure, count, "the systems compared", "")
        return ""

    def _companions(self, line: str, row: Row) -> str:
        if not line.startswith("Read with "):
            return line
        rest = line
        for metric_id in re.findall(r"\w+", self.metric["companion_metric_ids"] or ""):
            known = records(
                self.marts, "select name, unit from metric_catalog where metric_id = ?", metric_id
            )
            if not known:
                continue
            found = re.search(
                rf"{re.escape(known[0]['name'])} (?:not measured|({NUMBER}){UNIT})(?: so far)?",
                rest,
            )
            assert found is not None, f"{metric_id} is missing in: {line}"
            value = value_of(self.marts, metric_id, self.key)
            if found[1] is None:
                assert value is None or value["value"] is None, f"{metric_id} is measured"
            else:
                assert value is not None, f"{metric_id} is not measured"
                self.check(found[1], value["value"], metric_id, known[0]["unit"])
            rest = rest.replace(found[0], "", 1)
        launches = re.search(rf"Untested launches ({NUMBER})", rest)
        if launches is None:
            return rest
        signal = records(
            self.marts,
            "select untested_deployments as n from companion_signals "
            "where period_grain = ? and period_start = ?",
            *(self.key.grain, self.key.start),
        )
        self.check(launches[1], signal[0]["n"], "untested launches", "count")
        return rest.replace(launches[0], "")

    def _remarks(self, line: str, row: Row) -> str:
        written = records(
            self.marts,
            "select text, coalesce(author, 'no author') as author, period_start from annotations "
            "where metric_id = ? and period_start >= ? and period_start < ?",
            *(self.card.metric_id, self.key.start, self.key.end),
        )
        for remark in written:
            day = remark["period_start"]
            source = f"{remark['author']}, on what begins {day.day} {day:%b} {day.year}"
            if line in (f"✎ {' '.join(remark['text'].split())}", source):
                return ""
        return line

    def _read_sparkline(self, chart: Drawn) -> None:
        months = records(
            self.marts,
            """
            with months as (
                select distinct period_start, period_end from metric_values
                where period_grain = 'month' and metric_id = $1
            )
            select m.period_start, v.* exclude (period_start) from months m
            left join metric_values v
                on v.metric_id = $1 and v.period_grain = 'month'
                and v.period_start = m.period_start
                and v.segment_dimension = $2 and v.segment_value = $3
            where m.period_end <= $4 and m.period_end > $4::date - interval 12 months
            order by 1
            """,
            *(self.card.metric_id, self.key.dimension, self.key.segment, self.key.end),
        )
        assert [row["month"] for _, row in chart.rows.iterrows()] == [
            f"{month['period_start']:%Y-%m-%d}" for month in months
        ]
        for (_, point), month in zip(chart.rows.iterrows(), months, strict=True):
            for column, field in (
                *(("shown", "value"), ("low", "interval_low"), ("high", "interval_high")),
                ("n", "sample_size"),
            ):
                assert_same(point[column], month[field] or (0 if column == "n" else month[field]))
            shown = numbers(words(point["Value"]))
            assert len(shown) == (month["value"] is not None), point["Value"]
            for figure in shown:
                self.check(figure, month["value"], point["Month"])
        said = chart.alt.removeprefix(f"{self.card.name}, 12 months: ").split("; ")
        for text, (_, point) in zip(said, chart.rows.iterrows(), strict=True):
            assert text.startswith(f"{point['Month']} {words(point['Value'])}"), text
        drawn = [
            layer["encoding"]["y"]["datum"]
            for layer in chart.spec["layer"]
            if "datum" in layer.get("encoding", {}).get("y", {})
        ]
        row = self.row or {"target_low": None, "target_high": None}
        assert drawn == [
            bound for bound in (row["target_low"], row["target_high"]) if bound is not None
        ]
