"""The sample, with hostile text wherever somebody may write what they like."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.python.whole import SAMPLE

FREE_TEXT: Final = {
    "annotations.csv": ("text", "author"),
    "assessment_techniques.csv": ("not_applicable_reason",),
    "benchmarks.csv": ("source", "population", "comparability_note"),
    "deployments.csv": ("system_version",),
    "finding_events.csv": ("note",),
    "findings-2025-12.csv": ("title", "tool", "attack"),
    "findings-2026-06.csv": ("title", "tool", "attack"),
    "findings-2026-11.csv": ("title", "tool", "attack"),
    "incidents.csv": ("title",),
    "scans-2026.csv": ("tool",),
    "systems.csv": ("system_name", "owner_team", "business_unit"),
}
"""Columns of registers in which any text is allowed."""

SECRETS: Final = tuple(f"CANARY-{kind}-5f1d0c7e" for kind in ("PROMPT", "OUTPUT", "SYSTEM"))
"""What prompts and outputs say: none of it may be anywhere but in the landed file."""


def write_hostile(folder: Path, payloads: Sequence[str], *, is_named_so: bool = True) -> Path:
    """Write the landing folder; the same value of a column becomes the same text.

    File names are hostile, too, where ``is_named_so``.
    """
    shutil.copytree(SAMPLE, folder)
    for file, columns in FREE_TEXT.items():
        _replace(folder / "program" / file, columns, payloads)
    _write_attempts(folder / "attempts" / "hostile.jsonl", payloads)
    _retitle(folder / "jira" / "sec-search.json", payloads)
    for number, payload in enumerate(payloads if is_named_so else ()):
        name = payload.replace("/", "∕")  # noqa: RUF001  # no name can hold the slash itself
        if "\x00" not in name:
            (folder / "program" / f"{name[:60]}{number}.csv").write_text("a\n1\n", encoding="utf-8")
    return folder


def _replace(file: Path, columns: Sequence[str], payloads: Sequence[str]) -> None:
    with file.open(encoding="utf-8", newline="") as stream:
        reader = csv.reader(stream)
        header = next(reader)
        rows = list(reader)
    for turn, column in enumerate(columns):
        place = header.index(column)
        seen: dict[str, str] = {"": ""}
        for row in rows:
            if len(row) == len(header):  # a broken row of the sample stays as it is
                value = row[place]
                text = payloads[(len(seen) + turn) % len(payloads)]
                row[place] = seen.setdefault(value, text)
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows([header, *rows])


def _write_attempts(file: Path, payloads: Sequence[str]) -> None:
    prompt, output, system = SECRETS
    lines = [
        json.dumps(
            {
                "run_id": f"hostile {payload}",
                "target_name": f"hostile {number} {payload}",
                "target_version": payload,
                "configuration": payload,
                "attack": payload,
                "outcome": "success",
                "attempted_at": "2026-11-10T02:36:00Z",
                "prompt_id": payload,
                "judge": payload,
                "tool": payload,
                "prompt": prompt,
                "output": output,
                "system_prompt": system,
            }
        )
        for number, payload in enumerate(payloads)
    ]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _retitle(file: Path, payloads: Sequence[str]) -> None:
    search = json.loads(file.read_text(encoding="utf-8"))
    for number, issue in enumerate(search["issues"]):
        fields = issue["fields"]
        payload = payloads[number % len(payloads)]
        fields["summary"] = payload
        fields["labels"].append(f"needs {payload}")
        fields["description"] = SECRETS[0]
    file.write_text(json.dumps(search), encoding="utf-8")
