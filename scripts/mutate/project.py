"""Takes the unit tests of the models from dbt: one build in this process, which runs them."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any
from unittest import mock

from dbt.cli.main import dbtRunner
from dbt.clients.jinja import get_rendered
from dbt.context.providers import generate_runtime_unit_test_context
from dbt.task.test import TestRunner

from scripts.mutate.trial import Trial, UnitTest

MUTATED = (
    "models/metrics/**/*.sql",
    "models/core/fct_*.sql",
    "models/core/dim_periods.sql",
    "models/intermediate/int_finding_states.sql",
    "models/intermediate/int_finding_milestones.sql",
    "models/intermediate/int_systems_in_production.sql",
    "models/intermediate/int_period_months.sql",
    "models/intermediate/int_months.sql",
    "models/intermediate/int_garak_results.sql",
    "models/intermediate/int_incomplete_metrics.sql",
    "models/intermediate/int_metric_*.sql",
    "models/marts/inventory_gaps.sql",
    "models/marts/metric_restatements.sql",
    "models/marts/metric_status.sql",
    "models/marts/metric_values.sql",
    "models/marts/program_context.sql",
    "models/marts/source_freshness.sql",
    "models/marts/unmapped_values.sql",
    "models/marts/attack_success_by_run.sql",
)
NOT_MUTATED = {"models/intermediate/int_metric_needs_listed.sql"}
"""Lists that restate YAML: no formula to get wrong."""
METRICS = "models/metrics/"
SEPARATOR = "\n--- next mutant ---\n"


def mutated_files(only: list[str]) -> list[str]:
    """Return the model files to mutate, those of a name where names are given."""
    files = {str(path) for pattern in MUTATED for path in Path().glob(pattern)}
    wanted = sorted(files - NOT_MUTATED)
    return [file for file in wanted if not only or any(name in file for name in only)]


def trials(files: list[str]) -> list[Trial]:
    """Build the models once, without rows; return each file with the unit tests of its model."""
    tests: dict[str, list[UnitTest]] = defaultdict(list)
    run_test = TestRunner.execute_unit_test

    def run_and_keep(runner: Any, definition: Any, manifest: Any) -> Any:
        result = run_test(runner, definition, manifest)
        model = manifest.nodes[definition.depends_on.nodes[0]]
        if model.original_file_path in files:
            tests[model.original_file_path].append(_unit_test(runner, definition, manifest))
        return result

    with mock.patch.object(TestRunner, "execute_unit_test", run_and_keep):
        models = " ".join(f"+{Path(file).stem}" for file in files)
        options = ["--empty", "--exclude-resource-type", "test", "--select", models]
        result = dbtRunner().invoke(["--quiet", "build", *options])
    if not result.success:
        raise SystemExit("the models do not build, or a unit test fails: see `make test`")
    return [Trial(file, Path(file).read_text(encoding="utf-8"), tests[file]) for file in files]


def _unit_test(runner: Any, definition: Any, manifest: Any) -> UnitTest:
    own_manifest = runner.build_unit_test_manifest_from_test(definition, manifest)
    node = own_manifest.nodes[definition.unique_id]
    expected_rows = node.config.expected_rows
    node = runner.compiler.compile_node(node, own_manifest, {}, write=False)
    context = generate_runtime_unit_test_context(node, runner.config, own_manifest)
    inputs = dict(_named_query(cte.sql) for cte in node.extra_ctes)
    cache: dict[str, str] = {}

    def render(sources: list[str]) -> list[str]:
        new = [source for source in sources if source not in cache]
        if not new:
            return [cache[source] for source in sources]
        rendered = get_rendered(SEPARATOR.join(new), context, node).split(SEPARATOR.strip())
        cache.update(zip(new, rendered, strict=True))
        return [cache[source] for source in sources]

    return UnitTest(definition.name, inputs, expected_rows, render)


def _named_query(cte: str) -> tuple[str, str]:
    """Split `name as (query)`."""
    name, query = cte.strip().split(" as (", 1)
    return name, query.removesuffix(")")
