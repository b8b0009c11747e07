"""Great Expectations judges the figures. Its import takes seconds: only `check` imports this."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import great_expectations as gx
import pandas as pd
from great_expectations.checkpoint import Checkpoint, UpdateDataDocsAction
from great_expectations.core import ExpectationSuite, ValidationDefinition
from great_expectations.data_context import AbstractDataContext
from great_expectations.data_context.types.base import (
    DataContextConfig,
    InMemoryStoreBackendDefaults,
    ProgressBarsConfig,
)

from aism.deliveries.figures import Figures, FileFigures, SourceFigures
from aism.deliveries.policy import Expectation, Policy
from aism.deliveries.results import DeliveryCheck, Status
from aism.errors import AismError

_COLUMN_ARGUMENTS: Final = ("column", "column_A", "column_B")


class JudgeError(AismError):
    """An expectation could not be tested."""


def judge(
    figures: Figures, policy: Policy, as_of: dt.date, data_docs: Path | None = None
) -> list[DeliveryCheck]:
    """Return a result for every check of every file and source; describe them in ``data_docs``.

    Raises:
        JudgeError: the policy asks for what cannot be tested.
    """
    context = _context(data_docs)
    checks = [
        *_judge(context, "files", figures.files, policy.files, as_of),
        *_judge(context, "sources", figures.sources, policy.sources, as_of),
    ]
    return sorted(checks, key=lambda check: (check.source, check.file_name or "", check.check_name))


def _context(data_docs: Path | None) -> AbstractDataContext:
    sites = {}
    if data_docs is not None:
        shutil.rmtree(data_docs, ignore_errors=True)
        sites["deliveries"] = {
            "class_name": "SiteBuilder",
            "store_backend": {
                "class_name": "TupleFilesystemStoreBackend",
                "base_directory": str(data_docs),
            },
            "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
        }
    return gx.get_context(
        mode="ephemeral",
        project_config=DataContextConfig(
            store_backend_defaults=InMemoryStoreBackendDefaults(),
            data_docs_sites=sites,
            progress_bars=ProgressBarsConfig(globally=False),
            analytics_enabled=False,
        ),
    )


def _judge(
    context: AbstractDataContext,
    name: str,
    figures: Sequence[FileFigures] | Sequence[SourceFigures],
    expectations: Sequence[Expectation],
    as_of: dt.date,
) -> list[DeliveryCheck]:
    if not figures:
        return []
    rows = [asdict(row) for row in figures]
    unexpected = _validate(context, name, pd.DataFrame(rows), expectations)
    return [
        _result(expectation, row, number in unexpected[expectation.check_name], as_of)
        for expectation in expectations
        for number, row in enumerate(rows)
    ]


def _validate(
    context: AbstractDataContext,
    name: str,
    frame: pd.DataFrame,
    expectations: Sequence[Expectation],
) -> dict[str, set[int]]:
    """Return the numbers of the rows that are not as expected, by check."""
    asset = context.data_sources.add_or_update_pandas(f"landed_{name}").add_dataframe_asset(name)
    suite = context.suites.add(
        ExpectationSuite(
            name=name,
            expectations=[
                {
                    "type": expectation.type,
                    "kwargs": expectation.kwargs,
                    "severity": expectation.severity,
                    "description": expectation.description.strip(),
                    "meta": {"check_name": expectation.check_name},
                }
                for expectation in expectations
            ],
        )
    )
    definition = context.validation_definitions.add(
        ValidationDefinition(
            name=name, data=asset.add_batch_definition_whole_dataframe("all"), suite=suite
        )
    )
    checkpoint = context.checkpoints.add(
        Checkpoint(
            name=name,
            validation_definitions=[definition],
            actions=[UpdateDataDocsAction(name="data_docs")],
            result_format="COMPLETE",
        )
    )
    (outcome,) = checkpoint.run({"dataframe": frame}).run_results.values()
    unexpected = {}
    for result in outcome.results:
        check_name = result.expectation_config.meta["check_name"]
        if "element_count" not in result.result:
            raise JudgeError(f"The check {check_name} cannot be tested: {result.exception_info}")
        unexpected[check_name] = set(result.result.get("unexpected_index_list") or ())
    return unexpected


def _result(
    expectation: Expectation, row: dict[str, Any], is_unexpected: bool, as_of: dt.date
) -> DeliveryCheck:
    judged = [expectation.kwargs.get(argument) for argument in _COLUMN_ARGUMENTS]
    is_applicable = all(row[column] is not None for column in judged if column)
    words = expectation.kwargs | row
    status = Status.WARNED if is_unexpected else Status.PASSED
    return DeliveryCheck(
        source=row["source"],
        file_name=row["file_name"],
        check_name=expectation.check_name,
        observed=expectation.observed.format_map(words) if is_applicable else None,
        expected=expectation.expected.format_map(words) if is_applicable else None,
        status=status if is_applicable else Status.NOT_APPLICABLE,
        severity=expectation.severity,
        checked_as_of=as_of,
    )
