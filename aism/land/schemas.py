"""Arrow schemas of the scanner tables of the lake (docs/lake.md); registers.py has the others."""

from __future__ import annotations

import pyarrow as pa

TEXT: pa.DataType = pa.string()
TIMESTAMP: pa.DataType = pa.timestamp("us")

TABLES: dict[str, pa.Schema] = {
    "attempts": pa.schema(
        {
            "file_sha256": TEXT,
            "line_number": pa.int64(),
            "run_id": TEXT,
            "target_name": TEXT,
            "target_version": TEXT,
            "configuration": TEXT,
            "attack": TEXT,
            "outcome": TEXT,
            "attempted_at": TIMESTAMP,
            "is_control": pa.bool_(),
            "prompt_id": TEXT,
            "technique_id": TEXT,
            "vulnerability_class": TEXT,
            "judge": TEXT,
            "tool": TEXT,
        }
    ),
    "garak_runs": pa.schema(
        {
            "file_sha256": TEXT,
            "run_id": TEXT,
            "garak_version": TEXT,
            "target_type": TEXT,
            "target_name": TEXT,
            "started_at": TIMESTAMP,
            "completed_at": TIMESTAMP,
            "generations": pa.int64(),
            "seed": TEXT,
            "is_complete": pa.bool_(),
        }
    ),
    "garak_attempts": pa.schema(
        {
            "file_sha256": TEXT,
            "run_id": TEXT,
            "line_number": pa.int64(),
            "attempt_id": TEXT,
            "seq": pa.int64(),
            "status": pa.int64(),
            "attack": TEXT,
            "judge": TEXT,
            "prompt_id": TEXT,
            "score": pa.float64(),
            "outputs": pa.int64(),
        }
    ),
    "garak_evals": pa.schema(
        {
            "file_sha256": TEXT,
            "run_id": TEXT,
            "line_number": pa.int64(),
            "attack": TEXT,
            "judge": TEXT,
            "passed": pa.int64(),
            "fails": pa.int64(),
            "nones": pa.int64(),
            "confidence_method": TEXT,
            "confidence_lower": pa.float64(),
            "confidence_upper": pa.float64(),
        }
    ),
    "garak_probes": pa.schema(
        {
            "file_sha256": TEXT,
            "run_id": TEXT,
            "attack": TEXT,
            "primary_detector": TEXT,
        }
    ),
    "garak_hits": pa.schema(
        {
            "file_sha256": TEXT,
            "run_id": TEXT,
            "attack": TEXT,
            "judge": TEXT,
            "hits": pa.int64(),
            "min_score": pa.float64(),
        }
    ),
    "scanner_runs": pa.schema(
        {
            "file_sha256": TEXT,
            "run_id": TEXT,
            "tool_version": TEXT,
            "suite": TEXT,
            "decoding": TEXT,
            "started_at": TIMESTAMP,
            "completed_at": TIMESTAMP,
            "status": TEXT,
            "is_complete": pa.bool_(),
        }
    ),
    "scanner_results": pa.schema(
        {
            "file_sha256": TEXT,
            "run_id": TEXT,
            "line_number": pa.int64(),
            "record_path": TEXT,
            "attempt_id": TEXT,
            "target_name": TEXT,
            "target_version": TEXT,
            "attempted_at": TIMESTAMP,
            "attack": TEXT,
            "strategy": TEXT,
            "category": TEXT,
            "technique_id": TEXT,
            "prompt_id": TEXT,
            "judge": TEXT,
            "judge_version": TEXT,
            "is_test_verdict": pa.bool_(),
            "verdict": TEXT,
            "score": pa.float64(),
            "reason": TEXT,
        }
    ),
    "scanner_figures": pa.schema(
        {
            "file_sha256": TEXT,
            "run_id": TEXT,
            "target_name": TEXT,
            "attack": TEXT,
            "judge": TEXT,
            "figure": TEXT,
            "value": pa.float64(),
            "counted": pa.float64(),
        }
    ),
    "tracker_items": pa.schema(
        {
            "file_sha256": TEXT,
            "record_path": TEXT,
            "item_id": TEXT,
            "item_key": TEXT,
            "project": TEXT,
            "title": TEXT,
            "created_at": TIMESTAMP,
            "discovered_on": pa.date32(),
            "updated_at": TIMESTAMP,
            "status_at": TIMESTAMP,
            "closed_at": TIMESTAMP,
            "has_history": pa.bool_(),
        }
    ),
    "tracker_values": pa.schema(
        {
            "file_sha256": TEXT,
            "item_id": TEXT,
            "field": TEXT,
            "value_id": TEXT,
            "value": TEXT,
        }
    ),
    "tracker_changes": pa.schema(
        {
            "file_sha256": TEXT,
            "record_path": TEXT,
            "item_id": TEXT,
            "change_id": TEXT,
            "changed_at": TIMESTAMP,
            "field": TEXT,
            "from_id": TEXT,
            "from_value": TEXT,
            "to_id": TEXT,
            "to_value": TEXT,
        }
    ),
    "tracker_links": pa.schema(
        {
            "file_sha256": TEXT,
            "item_id": TEXT,
            "link": TEXT,
            "target_id": TEXT,
            "target_key": TEXT,
        }
    ),
    "tracker_objects": pa.schema(
        {
            "file_sha256": TEXT,
            "kind": TEXT,
            "object_id": TEXT,
            "name": TEXT,
            "parent_kind": TEXT,
            "parent_id": TEXT,
            "category": TEXT,
        }
    ),
    "tracker_pages": pa.schema(
        {
            "file_sha256": TEXT,
            "document": TEXT,
            "items": pa.int64(),
            "stated_total": pa.int64(),
        }
    ),
}
