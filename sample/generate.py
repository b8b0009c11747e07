"""Write the sample landing folder of Northwind Bank: `python -m sample.generate`.

Deterministic: one seed, no clock. Running it again changes no byte. Real scanner output in
`landing/{garak,promptfoo,pyrit,inspect}` is left alone. All else is synthetic (see README.md).
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from sample.organisation import (
    assessments,
    attempts,
    defectdojo,
    findings,
    github,
    jira,
    lifecycles,
    operations,
    releases,
    systems,
    tracked,
)
from sample.organisation.calendar import AS_OF
from sample.organisation.contract import ATTEMPT_COLUMNS, COLUMNS
from sample.organisation.faults import with_faults
from sample.organisation.files import (
    Row,
    csv_text,
    json_text,
    jsonl_text,
    write_gzip,
    write_text,
)

LANDING = Path(__file__).parent / "landing"

# One quarter of attempts lands as gzipped JSONL, as another harness would write it.
GZIPPED_QUARTER = "suite-2026-q2"
PILOT_FILE = "branch-chat-pilot"


def register_files() -> dict[str, tuple[str, list[Row]]]:
    """Return, by file name without extension, the register and the rows of each file."""
    single = {
        "systems": systems.system_rows(),
        "system_aliases": systems.alias_rows(),
        "deployments": releases.deployment_rows(),
        "input_vectors": systems.input_vector_rows(),
        "assessments": assessments.assessment_rows(),
        "assessment_techniques": assessments.technique_rows(),
        "assessment_input_vectors": assessments.vector_rows(),
        "finding_events": lifecycles.event_rows(),
        "assessment_runs": operations.assessment_run_rows(),
        "regression_tests": lifecycles.regression_test_rows(),
        "team_capacity": operations.capacity_rows(),
        "effort": operations.effort_rows(),
        "costs": operations.cost_rows(),
        "incidents": operations.incident_rows(),
        "annotations": operations.annotation_rows(),
        "benchmarks": operations.benchmark_rows(),
        "control_evidence": operations.control_evidence_rows(),
        "finding_state_map": tracked.state_map_rows(),
        "finding_field_map": tracked.field_map_rows(),
    }
    files = {name: (name, rows) for name, rows in single.items()}
    files |= {name: ("findings", rows) for name, rows in findings.findings_deliveries().items()}
    files |= {name: ("scans", rows) for name, rows in operations.scan_files().items()}
    return files


def write_registers(landing: Path) -> None:
    for name, (register, rows) in register_files().items():
        file_name = f"program/{name}.csv"
        text = csv_text(COLUMNS[register], rows)
        write_text(landing / file_name, with_faults(file_name, text))


def write_attempts(landing: Path) -> None:
    folder = landing / "attempts"
    for name, rows in attempts.quarter_files().items():
        if name == GZIPPED_QUARTER:
            write_gzip(folder / f"{name}.jsonl.gz", jsonl_text(rows))
        else:
            write_text(folder / f"{name}.csv", csv_text(ATTEMPT_COLUMNS, rows))
    write_text(folder / f"{PILOT_FILE}.jsonl", jsonl_text(attempts.pilot_rows()))


def write_trackers(landing: Path) -> None:
    write_text(landing / "jira" / "sec-search.json", json_text(jira.search_page()))
    write_text(landing / "github" / "inbox-triage-issues.json", json_text(github.issues()))
    for name, page in defectdojo.deliveries().items():
        write_text(landing / "defectdojo" / f"{name}.json", json_text(page))


def main(arguments: Sequence[str] | None = None) -> None:
    """Write all synthetic files into the landing folder."""
    parser = argparse.ArgumentParser(description="Write the synthetic part of the sample landing.")
    parser.add_argument("--landing", type=Path, default=LANDING, help="folder to write into")
    landing: Path = parser.parse_args(arguments).landing
    write_text(landing / "as_of", f"{AS_OF.isoformat()}\n")
    write_registers(landing)
    write_attempts(landing)
    write_trackers(landing)


if __name__ == "__main__":
    main()
