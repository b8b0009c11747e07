"""Every format that lands beside the registers: where its files lie and who reads them."""

from __future__ import annotations

from dataclasses import dataclass

JSON = (".json", ".json.gz")


@dataclass(frozen=True, slots=True)
class Source:
    """A format: the folder of its files, how their names end, and its reader.

    ``reader`` is a module of ``aism.land.readers`` and a function in it, empty while there is none.
    """

    name: str
    folder: str
    endings: tuple[str, ...]
    reader: tuple[str, str] = ("", "")


SOURCES: tuple[Source, ...] = (
    Source("garak", "garak", (".report.jsonl", ".report.jsonl.gz"), ("garak", "read_report")),
    Source(
        "garak/hitlog", "garak", (".hitlog.jsonl", ".hitlog.jsonl.gz"), ("garak", "read_hitlog")
    ),
    Source(
        "promptfoo",
        "promptfoo",
        (*JSON, ".jsonl", ".jsonl.gz"),
        ("promptfoo", "read_promptfoo"),
    ),
    Source("pyrit", "pyrit", (*JSON, ".db", ".duckdb"), ("pyrit", "read_pyrit")),
    Source("inspect", "inspect", (*JSON, ".eval"), ("inspect", "read_inspect")),
    Source(
        "attempts",
        "attempts",
        (".csv", ".jsonl", ".jsonl.gz", ".parquet"),
        ("attempts", "read_attempts"),
    ),
    Source("defectdojo", "defectdojo", JSON, ("defectdojo", "read_defectdojo")),
    Source("jira", "jira", JSON, ("jira", "read_jira")),
    Source("github", "github", JSON, ("github", "read_github")),
)
