"""The command line as people and schedulers meet it: words and exit codes."""

from __future__ import annotations

import datetime as dt
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from aism.duck import HARDENED, open_published
from aism.report import age_text, printable, with_unit
from aism.settings import Settings
from tests.python.publish.bench import PROJECT, Bench

Call = Callable[..., "subprocess.CompletedProcess[str]"]


def test_build_then_nothing_changed_then_force(bench: Bench) -> None:
    first = bench.aism("build")
    assert first.returncode == 0, first.stderr
    assert "As of 2026-06-30 (the date this landing folder carries)" in first.stdout
    assert "Published generation 1" in first.stdout
    assert "2 tests passed, 1 with warnings" in first.stdout
    assert "3 of 4 checks of deliveries warned" in first.stdout

    again = bench.aism("build")
    assert "Nothing changed: generation 1" in again.stdout
    assert "3 of 4 checks of deliveries warned" in again.stdout
    assert "Published generation 2" in bench.aism("build", "--force").stdout
    assert "Published generation 3" in bench.aism("build", FAKE_MARKER="2").stdout
    another_day = bench.aism("build", "--as-of", "2026-05-31", FAKE_MARKER="2")
    assert "As of 2026-05-31 (as asked)" in another_day.stdout
    assert "Published generation 4" in another_day.stdout


def test_failed_build_exits_1_and_keeps_the_old_generation(bench: Bench) -> None:
    bench.build(1.0)
    bench.publish()
    failed = bench.aism("build", FAKE_MARKER="2", FAKE_DBT="fail")
    assert failed.returncode == 1
    assert "1 of 8 dbt nodes failed" in failed.stderr
    assert "\x1b" not in failed.stderr
    assert bench.generation() == (1, 1.0)


def test_unforeseen_errors_are_one_line_and_a_log(bench: Bench) -> None:
    failed = bench.aism("build", FAKE_DBT="raise")
    assert failed.returncode == 1
    assert len(failed.stderr.splitlines()) == 1
    log = re.search(r"details: (.*)\)", failed.stderr)
    assert log is not None
    assert "Traceback" in Path(log[1]).read_text()


def test_interrupt_exits_130_without_a_word_too_many(bench: Bench) -> None:
    stopped = bench.aism("build", FAKE_DBT="interrupt")
    assert stopped.returncode == 130
    assert "Traceback" not in stopped.stderr


def test_publish_exits_1_when_the_audit_fails(bench: Bench, call: Call) -> None:
    bench.build(statuses=("fail",))
    refused = call("publish")
    assert refused.returncode == 1
    assert "did not pass" in refused.stderr
    bench.write_good_run()
    assert call("publish").returncode == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("build", "--nonsense"),
        ("build", "--as-of", "30.06.2026"),
        ("build", "--as-of", "2026-06-31"),
        ("build", "--as-of", "20260630"),
        ("status",),
        ("headline",),
        ("app",),
        (),
    ],
)
def test_wrong_usage_exits_2(call: Call, arguments: tuple[str, ...]) -> None:
    refused = call(*arguments)
    assert refused.returncode == 2
    assert "Traceback" not in refused.stderr


def test_help_names_exit_codes_and_settings(call: Call) -> None:
    told = call("--help")
    assert told.returncode == 0
    for word in ("AISM_LANDING_DIR", "AISM_HOME", "AISM_WAREHOUSE_DIR", "75", "publish"):
        assert word in told.stdout


def test_status_tells_generation_sources_and_what_was_held_back(bench: Bench, call: Call) -> None:
    bench.build()
    bench.publish()
    told = call("status")
    assert told.returncode == 0, told.stderr
    assert "Generation 1, as of 2026-06-30" in told.stdout
    assert re.search(r"program/findings +1 +8 +1 +0", told.stdout)
    assert "Incomplete: run.jsonl" in told.stdout
    assert "3 of 4 checks of deliveries warned (2 critical, 1 info)" in told.stdout


def test_headline_prints_core_metrics_of_the_latest_complete_month(
    bench: Bench, call: Call
) -> None:
    bench.build(82.44)
    bench.publish()
    told = call("headline").stdout
    assert "May 2026" in told
    acceptance = r"Finding acceptance rate +82\.4 % +n = 41 +1\.0 +\+0\.5 +at least 80\.0: met"
    assert re.search(acceptance, told)
    assert re.search(r"Mean time to remediate +6\.4 days", told)
    assert re.search(r"Never measured +not measured", told)
    assert "Not core" not in told


def test_sample_says_that_it_is_synthetic(bench: Bench, call: Call) -> None:
    bench.build()
    bench.publish()
    sample = {"AISM_LANDING_DIR": str(PROJECT / "sample" / "landing")}
    assert "Sample data (synthetic), as of 2026-06-30" in call("status", **sample).stdout
    assert "Sample data" not in call("status").stdout


def test_settings_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = Settings.from_environment({"AISM_HOME": "state", "AISM_WAREHOUSE_DIR": ""})
    assert settings.home == tmp_path / "state"
    assert settings.warehouse == PROJECT / "warehouse"
    assert settings.landing == PROJECT / "sample" / "landing"
    assert settings.is_sample


@pytest.mark.parametrize(
    "statement",
    [
        "create table marts.mine (a int)",
        "copy (select 1) to '{folder}/out.csv'",
        "select * from read_text('{folder}/landing')",
        "attach '{folder}/other.duckdb'",
        "set enable_external_access = true",
        "set memory_limit = '8GB'",
    ],
)
def test_published_connections_are_shut_in(bench: Bench, statement: str) -> None:
    bench.build()
    file = bench.publish().file
    sql = statement.format(folder=bench.warehouse.parent)
    with open_published(file) as connection:
        assert connection.execute("select count(*) from marts.metric_catalog").fetchall() == [(4,)]
        with pytest.raises(duckdb.Error):
            connection.execute(sql)
    assert HARDENED["lock_configuration"]


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("plain ü", "plain ü"),
        ("\x1b[31mred", "\\u{1b}[31mred"),
        ("a\u202eb", "a\\u{202e}b"),
        ("[bold]no markup[/bold]", "[bold]no markup[/bold]"),
    ],
)
def test_printable(text: str, safe: str) -> None:
    assert printable(text).plain == safe


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (82.4449, "percent", "82.4 %"),
        (6.44, "days", "6.4 days"),
        (12340.4, "currency", "12,340"),
        (3.0, "count", "3"),
        (-0.01, "percent", "0.0 %"),
        (1.234, "per_fte_quarter", "1.23 per FTE-quarter"),
        (None, "percent", "not measured"),
    ],
)
def test_with_unit(value: float | None, unit: str, text: str) -> None:
    assert with_unit(value, unit).plain == text


def test_age_text() -> None:
    assert age_text(dt.timedelta(days=2, hours=3)) == "2 days"
    assert age_text(dt.timedelta(hours=1, minutes=59)) == "1 hour"
    assert age_text(dt.timedelta(seconds=5)) == "less than a minute"
