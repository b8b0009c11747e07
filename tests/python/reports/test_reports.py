"""What every report holds: the numbers of the marts, the same bytes, nothing alive in it."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import duckdb
import pytest

from app import data
from app.components.formatting import NOT_MEASURED, with_unit
from app.reports.html import as_html
from app.reports.make import make, parse_period, period_key
from app.reports.pdf import as_pdf
from app.view import MONTH, QUARTER, TRAILING_YEAR
from tests.python.reports.conftest import ASSESSMENT, HOSTILE, TEAM, Make

pytest.importorskip("vl_convert")

KINDS = ("executive", "board", "team", "assessment")
SHOWN = {
    "executive": (
        ("open_findings", "title"),
        ("open_findings", "system_name"),
        ("open_findings", "owner_team"),
        ("untested_deployments", "system_name"),
        ("emerging_threats", "threat_id"),
        ("assessment_pipeline", "system_name"),
        ("landing_files", "file_name"),
        ("metric_catalog", "question"),
        ("annotations", "text"),
        ("annotations", "author"),
        ("metric_catalog", "name"),
    ),
    "board": (("year_over_year", "metric_name"), ("compliance_coverage", "edition")),
    "team": (
        ("open_findings", "title"),
        ("remediation_guidance", "guidance"),
        ("remediation_guidance", "mitigation_names"),
        ("system_scorecards", "system_name"),
        ("system_scorecards", "gate_version"),
        ("system_scorecards", "gate_caution"),
        ("technique_coverage_matrix", "technique_name"),
        ("assessment_summaries", "system_version"),
    ),
    "assessment": (
        ("assessment_summaries", "system_name"),
        ("assessment_summaries", "owner_team"),
        ("open_findings", "title"),
        ("technique_coverage_matrix", "technique_name"),
        ("attack_success_by_run", "attack"),
    ),
}
"""Texts from the landing folder that each report shows."""

LATEST_REMARKS = """
    update marts.annotations
    set metric_id = 'fix_effectiveness_rate', period_start = (
        select max(period_start) from marts.metric_values
        where period_grain = 'month' and not is_partial_period
    )
"""


class Page(HTMLParser):
    """The elements and texts of a page as a browser would see them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.texts).split())


def cards_of(html: str) -> dict[str, str]:
    """Return the text of each card by metric, its parts on lines of their own."""
    found = re.findall(r'<article class="card" data-metric="(\w+)">(.*?)</article>', html, re.S)
    return dict(found)


def part(card: str, name: str) -> str:
    found = re.search(rf'<p class="{name}">(.*?)</p>', card, re.S)
    return "" if found is None else " ".join(Page(found[1]).text.split())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("form", ["html", "md"])
def test_the_same_generation_gives_the_same_bytes(text_of: Make, kind: str, form: str) -> None:
    assert text_of(kind, form) == text_of(kind, form)


@pytest.mark.parametrize(("kind", "grain"), [("executive", MONTH), ("board", QUARTER)])
def test_every_card_says_what_metric_values_says(
    text_of: Make,
    marts: duckdb.DuckDBPyConnection,
    generation: data.Generation,
    kind: str,
    grain: str,
) -> None:
    for period in [period for period in data.periods(generation, grain) if not period.is_partial][
        :2
    ]:
        cards = cards_of(text_of(kind, "html", period=period_key(period)))
        assert len(cards) >= 5
        for metric_id, card in cards.items():
            numerator, denominator, value, size, low, high, unit, *bounds, status = marts.execute(
                "select numerator, denominator, value, sample_size, interval_low, interval_high, "
                "unit, target_low, target_high, target_status from metric_values "
                "where metric_id = $metric and period_grain = $grain and period_start = $start "
                "and segment_dimension = 'all'",
                {"metric": metric_id, "grain": grain, "start": period.start},
            ).fetchall()[0]
            headline, text = part(card, "value"), Page(card).text
            if value is None:
                assert headline == NOT_MEASURED
                continue
            if metric_id == "critical_high_finding_rate":
                assert headline == f"{numerator:,.0f}"
            else:
                assert headline == with_unit(value, unit, size, bounds).replace("\u00a0", " ")
            assert f"n = {size:,}" in text
            sums = [
                f"{side:,.0f}" if side == int(side) else f"{side:,.1f}"
                for side in (numerator, denominator)
            ]
            assert re.search(rf"{re.escape(sums[0])} (of|/) {re.escape(sums[1])} ·", text)
            if low is not None:
                assert "95 % interval" in text
                assert with_unit(high, unit, size).replace("\u00a0", " ") in text
            if status in ("met", "missed"):
                assert status.capitalize() in part(card, "status")
            assert part(card, "with").startswith(("Read with", "Its companions")) or not [
                name
                for (name,) in marts.execute(
                    "select companion_metric_ids from metric_catalog where metric_id = ?",
                    [metric_id],
                ).fetchall()
                if name
            ]


def test_another_period_is_another_report(text_of: Make, generation: data.Generation) -> None:
    """Positive control: a report that ignored its period would pass if all months were alike."""
    months = [period_key(period) for period in data.periods(generation, MONTH)]
    assert text_of("executive", "md", period=months[1]) != text_of(
        "executive", "md", period=months[2]
    )


@pytest.mark.parametrize("kind", KINDS)
def test_html_is_self_contained_and_can_be_read_aloud(text_of: Make, kind: str) -> None:
    html = text_of(kind, "html")
    page = Page(html)
    names = [tag for tag, _ in page.tags]
    assert not {"script", "img", "link", "iframe", "object", "image", "use"} & set(names)
    assert not [
        attributes
        for _, attributes in page.tags
        if {"src", "href", "xlink:href", "style"} & attributes.keys()
        or any(name.startswith("on") for name in attributes)
    ]
    addresses = set(re.findall(r"https?://[^\s\"'<]+", html))
    assert addresses <= {"http://www.w3.org/2000/svg"}
    assert names.count("h1") == names.count("main") == names.count("header") == 1
    assert all("scope" in attributes for tag, attributes in page.tags if tag == "th")
    assert all(attributes["aria-label"] for tag, attributes in page.tags if tag == "figure")
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert ids
    assert set(re.findall(r"url\(#([^)]+)\)", html)) <= set(ids)
    assert not re.search(r">[^<]*\b(nan|NaT|None|inf)\b", html.partition("<body>")[2])
    assert re.search(r"Generation \d+ as of \d{4}-\d\d-\d\d", page.text)


@pytest.mark.parametrize("kind", KINDS)
def test_text_from_outside_stays_text(
    text_of: Make, changed_warehouse: Callable[..., Path], kind: str
) -> None:
    for table, column in SHOWN[kind]:
        folder = changed_warehouse(
            *([LATEST_REMARKS] if table == "annotations" else []),
            f"update marts.{table} set {column} = $text",
        )
        html = text_of(kind, "html", folder)
        page = Page(html)
        assert "alert(1)" in page.text, f"positive control: {kind} shows {table}.{column}"
        assert "example.com/x.png" in page.text
        assert not {"script", "b", "img", "a"} & {tag for tag, _ in page.tags}
        assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e\u200b\u2066-\u2069]", html)
        markdown = text_of(kind, "md", folder)
        assert "alert" in markdown, "positive control"
        assert not re.search(r"(?<!\\)[<>`]|(?<!\\)!\[|(?<!\\)\]\(", markdown)
        assert not re.search(r"https?://|www\.", markdown)
        assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069]", markdown)
        cells = [line for line in markdown.splitlines() if "alert" in line and line[0] == "|"]
        heads = {line.count("|") for line in cells}
        assert all("\\|" in line for line in cells)
        assert all(count >= 3 for count in heads)


def test_charts_in_a_report_are_sound(text_of: Make) -> None:
    svgs = re.findall(r"<svg.*?</svg>", text_of("executive", "html"), re.S)
    assert len(svgs) >= 7
    for svg in svgs:
        ET.fromstring(svg)  # made by the report itself


def test_not_measured_is_not_zero(text_of: Make, changed_warehouse: Callable[..., Path]) -> None:
    folder = changed_warehouse(
        "update marts.metric_values set value = null, numerator = null, denominator = 0 "
        "where metric_id = 'system_test_coverage_rate'",
        "update marts.assessment_summaries set findings = null, input_vectors_tested = null",
        "delete from marts.metric_observations where metric_id = 'technique_coverage_rate'",
    )
    card = cards_of(text_of("executive", "html", folder))["system_test_coverage_rate"]
    assert part(card, "value") == NOT_MEASURED
    assert "0 %" not in Page(card).text.partition("Read with")[0]
    report = text_of("assessment", "md", folder)
    assert report.count(NOT_MEASURED) >= 3


def test_restatements_since_the_last_report_are_named(
    text_of: Make, changed_warehouse: Callable[..., Path], generation: data.Generation
) -> None:
    quarter = parse_period(generation, None, QUARTER)
    folder = changed_warehouse(
        *(
            f"""
            insert into marts.metric_restatements by name
            select
                'fix_effectiveness_rate' as metric_id, 'quarter' as period_grain,
                date '2025-01-01' as period_start, date '2025-04-01' as period_end,
                'all' as segment_dimension, 'all' as segment_value, 1 as from_generation,
                2 as to_generation, 11.0 as published_value, {new}.0 as new_value,
                timestamp '2025-05-01' as first_published_at,
                {moment} as changed_at, 'late data' as cause
            """
            for new, moment in (
                (77, f"timestamp '{quarter.start}'"),
                (66, f"timestamp '{quarter.start}' - interval 1 second"),
            )
        )
    )
    report = text_of("board", "html", folder)
    assert "77 %" in Page(report).text.replace("\u00a0", " ")
    assert "66 %" not in Page(report).text.partition("Restated")[2].partition("incomplete")[0]
    assert "late data" in report
    assert "No published number" in text_of("board", "html")


def test_board_shows_what_was_not_assessed(text_of: Make, marts: duckdb.DuckDBPyConnection) -> None:
    text = Page(text_of("board", "html")).text
    for not_assessed, controls in marts.execute(
        "select min(framework_not_assessed), min(framework_controls) "
        "from compliance_coverage group by framework"
    ).fetchall():
        assert f"{not_assessed:,}{controls:,}" in text.replace(" ", "")
    assert "Not assessed" in text


def test_team_names_what_is_still_needed_and_only_its_systems(
    text_of: Make, marts: duckdb.DuckDBPyConnection
) -> None:
    text = Page(text_of("team", "html")).text
    systems = marts.execute(
        "select system_name, owner_team = 'digital-channels' from system_scorecards"
    ).fetchall()
    for name, is_own in systems:
        assert (f"{name}: release gate" in text) == is_own
    assert text.count("What is still needed") == sum(is_own for _, is_own in systems)
    titles = marts.execute(
        "select title from open_findings where owner_team = 'digital-channels'"
    ).fetchall()
    assert titles
    assert all(" ".join(title.split()) in text for (title,) in titles)


def test_team_is_made_of_its_own_file(
    text_of: Make, warehouse: Path, changed_warehouse: Callable[..., Path]
) -> None:
    folder = changed_warehouse("update marts.open_findings set title = 'Title of the whole'")
    assert "Title of the whole" in text_of("team", "md", folder), "control: without its file"
    name = (warehouse / "CURRENT").read_text(encoding="ascii").strip()
    record = (warehouse / name).with_suffix(".json")
    file = json.loads(record.read_text(encoding="utf-8"))["teams"][TEAM]
    for path in (record, warehouse / file):
        shutil.copy(path, folder / path.name)
    assert text_of("team", "md", folder) == text_of("team", "md")


def test_assessment_says_of_each_open_finding_since_when_until_when_and_what_to_do(
    text_of: Make, marts: duckdb.DuckDBPyConnection
) -> None:
    text = Page(text_of("assessment", "html")).text
    findings = marts.execute(
        "select f.title, f.reported_at, f.due_at, f.state, g.guidance from open_findings f "
        "left join remediation_guidance g using (vulnerability_class, technique_id) "
        "where assessment_id = ?",
        [ASSESSMENT],
    ).fetchall()
    assert findings
    for title, reported, due, state, guidance in findings:
        row = text.partition(" ".join(title.split()))[2][:700]
        for day in (reported, due):
            assert day is None or f"{day.day} {day:%b} {day.year}" in row.replace("\u00a0", " "), (
                row
            )
        assert state in row
        assert guidance is None or " ".join(guidance.split()) in row


@pytest.mark.parametrize("grain", [MONTH, QUARTER, TRAILING_YEAR])
def test_a_period_reads_as_it_is_written(generation: data.Generation, grain: str) -> None:
    for period in data.periods(generation, grain):
        assert parse_period(generation, period_key(period), MONTH) == period


def test_a_pdf_fetches_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    weasyprint = pytest.importorskip("weasyprint")
    opened: list[object] = []

    def refuse(_: object, request: object, *__: object, **___: object) -> None:
        opened.append(request)
        raise OSError("a test opens nothing")

    monkeypatch.setattr("urllib.request.OpenerDirector.open", refuse)
    file = (tmp_path / "style.css").as_uri()
    html = f"<link rel=stylesheet href='{file}'><h1>x</h1><img src='http://example.com/x.png'>"
    assert as_pdf(html).startswith(b"%PDF-")
    assert opened == []
    weasyprint.HTML(string=html).write_pdf()
    assert len(opened) == 2, "positive control: both would have been opened"


def test_an_unfed_warehouse_says_so(
    changed_warehouse: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = changed_warehouse(
        "delete from marts.metric_values",
        "delete from marts.system_scorecards",
        "delete from marts.assessment_summaries",
        "delete from marts.assessment_pipeline",
    )
    monkeypatch.setenv("AISM_WAREHOUSE_DIR", str(folder))
    for kind in KINDS:
        with pytest.raises(Exception, match=r"Nothing has been measured|program/"):
            make(kind, "md", period=None, team_name=None, assessment_id=None)


def test_html_escapes_what_a_document_holds() -> None:
    from app.reports.document import Report, Section, columns, said
    from app.reports.parts import listed_table

    table = listed_table(HOSTILE, columns(HOSTILE, "b"), [(HOSTILE, HOSTILE)])
    html = as_html(
        Report(HOSTILE, HOSTILE, (), (Section(HOSTILE, (said(HOSTILE), table)),), (HOSTILE,))
    )
    assert Page(html).text.count("alert(1)") >= 8
    assert not {"script", "b", "img"} & {tag for tag, _ in Page(html).tags}
