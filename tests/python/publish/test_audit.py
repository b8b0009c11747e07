"""What the audit refuses, each beside the build that it lets pass."""

from __future__ import annotations

from typing import Any

import pytest

from aism.errors import AuditError
from tests.python.publish.bench import Bench

BAD_RUNS: dict[str, tuple[dict[str, Any], str]] = {
    "failed test": ({"statuses": ("pass", "fail")}, "test_1"),
    "error": ({"statuses": ("error",)}, "did not pass"),
    "skipped": ({"statuses": ("skipped",)}, "did not pass"),
    "only run": ({"which": "run"}, "dbt run"),
    "selected": ({"select": ["metric_values"]}, "part of the project"),
    "excluded": ({"exclude": ["metric_values"]}, "part of the project"),
    "selector": ({"selector": "some"}, "part of the project"),
    "no tests": ({"exclude_resource_types": ["test"]}, "part of the project"),
    "models only": ({"resource_types": ["model"]}, "part of the project"),
    "empty": ({"empty": True}, "part of the project"),
    "another run": ({"invocation_id": "run-2"}, "not of the last dbt run"),
}
GOOD_RUNS: dict[str, dict[str, Any]] = {
    "warnings": {"statuses": ("warn",)},
    "no unit tests": {"exclude_resource_types": ["unit_test"]},
    "not to be run": {"statuses": ("no-op",)},
}
BAD_FILES: dict[str, tuple[str, str]] = {
    "dropped row": (
        "update marts.landing_files set rows_loaded = 7 where file_name = 'findings.csv'",
        "findings.csv .10 rows read, 9 accounted for",
    ),
    "unknown count": (
        "update marts.landing_files set rows_loaded = null where file_name = 'run.jsonl'",
        "run.jsonl",
    ),
    "unlisted quarantine": (
        "delete from marts.quarantined_rows where file_name = 'run.jsonl'",
        "run.jsonl .1 rows quarantined, 0 listed",
    ),
    "listed twice": (
        "insert into marts.quarantined_rows values ('noise.bin', 1, null, 'not_json')",
        "noise.bin",
    ),
    "unknown file": (
        "insert into marts.quarantined_rows values ('ghost.csv', 1, null, 'not_json')",
        "ghost.csv",
    ),
    "no ledger": ("drop table marts.landing_files", "incomplete"),
    "no generation": ("drop table marts.build_generation", "incomplete"),
    "two generations": (
        "insert into marts.build_generation from marts.build_generation",
        "not of the last dbt run",
    ),
}


@pytest.fixture
def published(bench: Bench) -> Bench:
    bench.build(1.0)
    bench.publish()
    return bench


@pytest.mark.parametrize("case", BAD_RUNS)
def test_refuses_a_run(published: Bench, case: str) -> None:
    run, words = BAD_RUNS[case]
    published.build(2.0, **run)
    with pytest.raises(AuditError, match=words):
        published.publish()
    assert published.generation() == (1, 1.0)
    published.write_good_run()  # control: the same file with a good record
    published.publish()
    assert published.generation() == (2, 2.0)


@pytest.mark.parametrize("case", GOOD_RUNS)
def test_accepts_a_run(published: Bench, case: str) -> None:
    published.build(2.0, **GOOD_RUNS[case])
    published.publish()
    assert published.generation() == (2, 2.0)


@pytest.mark.parametrize("case", BAD_FILES)
def test_refuses_a_file(published: Bench, case: str) -> None:
    change, words = BAD_FILES[case]
    published.build(2.0, change_sql=change)
    with pytest.raises(AuditError, match=words):
        published.publish()
    assert published.generation() == (1, 1.0)
    published.build(2.0)  # control: without the change
    published.publish()
    assert published.generation() == (2, 2.0)


def test_names_some_files_and_counts_the_rest(bench: Bench) -> None:
    many = """
        insert into marts.landing_files
        select 'f' || i, '', '', 1, 0, 0, 0, true from range(9) as t (i)
    """
    bench.build(change_sql=many)
    with pytest.raises(AuditError, match=r"f0 .* and 4 more"):
        bench.publish()


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"metadata": {}, "args": {}, "results": [1]}']
)
def test_refuses_a_record_it_cannot_read(bench: Bench, content: str) -> None:
    bench.build()
    bench.run_results.write_text(content)
    with pytest.raises(AuditError, match="build again"):
        bench.publish()


def test_refuses_when_nothing_was_built(bench: Bench) -> None:
    with pytest.raises(AuditError, match="aism build"):
        bench.publish()
    assert not bench.warehouse.exists()
