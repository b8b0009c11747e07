"""The page for AI product teams, as a reader gets it."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from app import data
from app.components import formatting
from app.components.scorecard import still_needed
from app.components.scorecard_panels import summary
from app.components.text import plain
from tests.python.app.conftest import OpenPage
from tests.python.app.test_pages import prose

TEAM = "digital-channels"
SYSTEM = "support-bot"
GUARDED = "payments"


def words(page: object) -> str:
    return prose(page).replace(formatting.SPACE, " ")  # type: ignore[arg-type]


@pytest.fixture
def team_warehouse(warehouse: Path, tmp_path: Path) -> Path:
    """Return a warehouse of one team: no other system, no number of the whole program."""
    name = (warehouse / "CURRENT").read_text(encoding="ascii").strip()
    shutil.copy(warehouse / name, tmp_path / name)
    (tmp_path / name).chmod(0o644)
    (tmp_path / "CURRENT").write_text(name, encoding="ascii")
    with duckdb.connect(str(tmp_path / name)) as connection:
        own = "(select system_id from marts.system_scorecards where owner_team = ?)"
        connection.execute(
            "delete from marts.metric_values where segment_dimension <> 'system' "
            f"or segment_value not in {own}",
            [TEAM],
        )
        for (table,) in connection.execute(
            "select table_name from duckdb_columns() where schema_name = 'marts' "
            "and column_name = 'system_id' and table_name <> 'system_scorecards'"
        ).fetchall():
            connection.execute(f'delete from marts."{table}" where system_id not in {own}', [TEAM])
        connection.execute("delete from marts.system_scorecards where owner_team <> ?", [TEAM])
    return tmp_path


def test_every_team_can_be_picked_and_has_its_systems(
    open_page: OpenPage, marts: duckdb.DuckDBPyConnection
) -> None:
    options = open_page(page_module="product").selectbox(key="picker_team").options
    systems = marts.execute("select owner_team, system_name from system_scorecards").fetchall()
    assert set(options) == {team for team, _ in systems}
    own = {name for team, name in systems if team == TEAM}
    shown = {
        element.value.removeprefix("#### ")
        for element in open_page(page_module="product", team=TEAM).markdown
        if element.value.startswith("#### ")
    }
    assert len(own) > 1
    assert shown == {plain(name) for name in own}


def test_picking_another_team_forgets_the_system(open_page: OpenPage) -> None:
    page = open_page(page_module="product", team=TEAM, system=SYSTEM)
    assert [text.value for text in page.markdown if text.value.startswith("#### ")] == [
        "#### Customer Support Bot"
    ]
    page.selectbox(key="picker_team").set_value(GUARDED).run()
    assert "system" not in page.query_params
    assert not page.info


def test_a_scorecard_says_what_the_marts_say(
    open_page: OpenPage, marts: duckdb.DuckDBPyConnection
) -> None:
    text = words(open_page(page_module="product", team=TEAM, system=SYSTEM))
    found = marts.execute(
        "select open_findings, open_overdue, technique_coverage_rate_numerator, "
        "technique_coverage_rate_denominator, input_vector_coverage_rate_numerator, "
        "input_vector_coverage_rate_denominator, pre_deployment_test_rate_numerator, "
        "pre_deployment_test_rate_denominator, gate_version, gate_upper_bound "
        "from system_scorecards where system_id = ?",
        [SYSTEM],
    ).fetchall()[0]
    findings, overdue, tried, techniques, ways_tried, ways, in_time, launches = found[:8]
    assert f"**{findings}**: " in text
    assert f"**{overdue} overdue**" in text
    assert f"of the techniques: {tried:.0f} of {techniques:.0f}" in text
    assert f"of the ways in: {ways_tried:.0f} of {ways:.0f}" in text
    assert f"{in_time:.0f} of {launches:.0f} launches tested in time" in text
    assert f"version {plain(found[8])}" in text
    assert f"to {found[9]:.0f} %, limit" in text


def test_the_first_findings_are_the_worst_and_carry_their_guidance(
    open_page: OpenPage, marts: duckdb.DuckDBPyConnection
) -> None:
    page = open_page(page_module="product", team=TEAM, system=SYSTEM)
    first = next(b.key for b in page.button if str(b.key).startswith("finding-"))
    severity, is_overdue, guidance, mitigations = marts.execute(
        "select current_severity, is_overdue, guidance, mitigation_names from open_findings "
        "left join remediation_guidance using (vulnerability_class, technique_id) "
        "where finding_id = ?",
        [str(first).removeprefix("finding-")],
    ).fetchall()[0]
    worst = marts.execute(
        "select max(current_severity = 'critical'), max(current_severity = 'high'), "
        "max(current_severity = 'medium') from open_findings where system_id = ?",
        [SYSTEM],
    ).fetchall()[0]
    names = ("critical", "high", "medium", "low")
    assert severity == next(n for n, there in zip(names, (*worst, True), strict=True) if there)
    assert is_overdue
    assert plain(guidance) in prose(page)
    assert plain(mitigations) in prose(page)


@pytest.mark.parametrize(
    ("button", "mart"),
    [
        ("findings_with_guidance", "open_findings"),
        ("assessment_summaries", "assessment_summaries"),
        ("residual_risks", "residual_risk"),
        ("gates", "release_gates"),
        ("technique_cells", "technique_coverage_matrix"),
    ],
)
def test_a_number_opens_its_rows_in_one_click(
    open_page: OpenPage,
    marts: duckdb.DuckDBPyConnection,
    button: str,
    mart: str,
) -> None:
    page = open_page(page_module="product", team=TEAM)
    page.button(key=f"open-{button}-{SYSTEM}").click().run()
    assert not page.exception
    count = marts.execute(f"select count(*) from {mart} where system_id = ?", [SYSTEM]).fetchall()[
        0
    ][0]
    assert count > 1
    assert len(page.dataframe[0].value) == count
    page.button(key="close_rows").click().run()
    assert page.selectbox(key="picker_team").value == TEAM


@pytest.mark.parametrize(
    ("rows", "metric_id"),
    [
        ("techniques_counted", "technique_coverage_rate"),
        ("input_vectors_counted", "input_vector_coverage_rate"),
        ("launches_counted", "pre_deployment_test_rate"),
    ],
)
def test_what_a_coverage_counts_adds_up_to_it(
    generation: data.Generation, marts: duckdb.DuckDBPyConnection, rows: str, metric_id: str
) -> None:
    checked = 0
    for system, numerator, denominator in marts.execute(
        f"select system_id, {metric_id}_numerator, {metric_id}_denominator "
        f"from system_scorecards where {metric_id}_denominator > 0"
    ).fetchall():
        found = data.table(generation, rows, of=system)
        assert len(found) == denominator
        assert (found["state"] == "tested").sum() == numerator
        checked += 1
    assert checked > 5


def test_attack_success_stands_with_n_and_its_interval(
    generation: data.Generation, marts: duckdb.DuckDBPyConnection
) -> None:
    found = data.table(generation, "system_techniques", system=SYSTEM)
    known = marts.execute(
        "select technique_id, attack_success_rate, interval_low, interval_high, prompts "
        "from technique_coverage_matrix where system_id = ? and prompts > 0",
        [SYSTEM],
    ).fetchall()
    assert known
    columns = ["technique_id", "attack_success_rate", "interval_low", "interval_high", "prompts"]
    assert {tuple(row) for row in found[columns].itertuples(index=False)} == set(known)
    assert found["interval_high"].is_monotonic_decreasing


def test_residual_risk_counts_a_finding_once(
    open_page: OpenPage, marts: duckdb.DuckDBPyConnection
) -> None:
    text = words(open_page(page_module="product", team=GUARDED))
    whole, measured, rows = marts.execute(
        "select count(distinct finding_id), "
        "count(distinct case when upper_bound is not null then finding_id end), count(*) "
        "from residual_risk where system_id = 'card-dispute-agent'"
    ).fetchall()[0]
    assert rows > whole, "or this test shows nothing"
    assert f"**{measured} of {whole} open findings** with a measured bound" in text
    bound = marts.execute(
        "select upper_bound from residual_risk where system_id = 'card-dispute-agent' "
        "and is_latest_version order by upper_bound desc"
    ).fetchall()[0][0]
    assert f"At most **{bound:.0f} %** a try" in text


def test_what_a_gate_still_needs_is_said_in_words() -> None:
    row = {"gate_verdict": "insufficient", "gate_limit": 5.0, "gate_further_prompts_needed": 59.0}
    assert still_needed(row).replace(formatting.SPACE, " ") == (
        "59 more independent prompts, if nothing gets through"
    )
    assert still_needed(row | {"gate_verdict": "pass"}) == "nothing"
    assert "more often than 5 %" in still_needed(row | {"gate_verdict": "fail"}).replace(
        formatting.SPACE, " "
    )


def report(**columns: object) -> str:
    empty: dict[str, object] = dict.fromkeys(
        (
            *("findings", "critical_findings", "high_findings", "medium_findings"),
            *("low_findings", "open_findings", "fixed_findings", "techniques_tested"),
            *("techniques_applicable", "input_vectors_tested", "system_version"),
        )
    )
    return summary(pd.Series(empty | columns)).replace(formatting.SPACE, " ")


def test_a_report_sums_itself_up_and_does_not_invent_what_nobody_recorded() -> None:
    none = {f"{name}_findings": 0 for name in ("critical", "high", "medium", "low", "open")}
    assert report() == "Findings are not recorded."
    assert report(findings=0, **none, fixed_findings=0) == "Nothing found."
    counts = none | {"findings": 3, "high_findings": 1, "low_findings": 2, "open_findings": 1}
    assert (
        report(
            **counts,
            fixed_findings=2,
            techniques_tested=4,
            techniques_applicable=9,
            input_vectors_tested=1,
            system_version="2.1",
        )
        == "Version 2\\.1. 4 of 9 techniques tried and 1 way in; **3 findings** (1 high, 2 low), "
        "1 open, 2 fixed."
    )


def test_a_file_of_one_team_is_enough(open_page: OpenPage, team_warehouse: Path) -> None:
    page = open_page(team_warehouse, "product")
    assert not page.exception
    assert not page.error
    assert page.selectbox(key="picker_team").options == [TEAM]
    whole = open_page(page_module="product", team=TEAM)
    assert words(page) == words(whole)
    page.button(key=f"open-launches_counted-{SYSTEM}").click().run()
    assert not page.exception
    assert len(page.dataframe[0].value)


def test_systems_without_anything_say_which_files_are_missing(open_page: OpenPage) -> None:
    text = prose(open_page(page_module="product", team="workplace-it"))
    for file in ("assessments", "assessment_techniques", "system_aliases"):
        assert f"`program/{file}.csv`" in text
