"""Write the parts of the documentation that other files already say.

    python scripts/docs.py                                   write what is stale
    python scripts/docs.py --check                           fail, by name, where something is stale
    python scripts/docs.py --warehouse warehouse/current.duckdb   also run each query shown

A generated part stands between `<!-- generated: NAME -->` and `<!-- end: NAME -->`. Its words come
from the YAML beside each metric, the targets, the declarations of the registers and the reasons of
quarantine, so that nobody types them twice. A ```sql block that a ```text block follows is a query
with its result; `--warehouse` (a published build of the sample) runs it again.
"""

from __future__ import annotations

import argparse
import csv
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from aism.land.landing import _reader
from aism.land.model import Reason
from aism.land.readers import attempts_contract
from aism.land.registers import REGISTERS, Column, Kind, Register
from aism.land.sources import SOURCES
from scripts.yaml_files import read_yaml

ROOT: Final = Path(__file__).resolve().parent.parent

DIMENSIONS: Final = ("coverage", "effectiveness", "efficiency", "impact")
UNITS: Final = {
    "percent": "percent",
    "days": "days",
    "per_fte_quarter": "per full-time tester and quarter",
    "per_system_quarter": "per system and quarter",
    "currency": "reporting currency",
    "count": "count",
}
UNIT_MARKS: Final = {"percent": " %", "days": " days"}
DIRECTIONS: Final = {
    "up": "higher is better",
    "down": "lower is better",
    "band": "best inside a band",
    "none": "neither way is better",
}
MEASURES: Final = {
    "flow": "flow: things dated inside the period",
    "stock": "stock: the state at the end of the period; a quarter's is that of its last month",
}
INTERVALS: Final = {
    None: "none: every case is counted, or the unit is not a share",
    "wilson": "95 % Wilson",
    "wilson_clustered": "95 % Wilson on the effective number of independent prompts",
}

KINDS: Final = {
    Kind.TEXT: "text",
    Kind.TIMESTAMP: "timestamp",
    Kind.DATE: "date",
    Kind.FIRST_DAY: "date, first of a month",
    Kind.NUMBER: "number",
    Kind.AMOUNT_OF_WORK: "number, not negative",
    Kind.INTEGER: "integer",
    Kind.BOOLEAN: "`true` or `false`",
}

REGISTER_PURPOSE: Final = {
    "systems": "The inventory. Every metric needs it.",
    "system_aliases": "How scanners and trackers spell the names of systems.",
    "deployments": "What went live, and when.",
    "input_vectors": "The ways by which untrusted input reaches a system.",
    "assessments": "Each assessment, from request to delivered report.",
    "assessment_techniques": "Which techniques an assessment had to test, and which it did.",
    "assessment_input_vectors": "Which input vectors an assessment tested.",
    "findings": "Each weakness that was reported.",
    "finding_events": "What became of a finding: verdicts, claims, retests.",
    "assessment_runs": "The scanner runs that belong to an assessment.",
    "regression_tests": "Tests that keep a fixed finding fixed.",
    "scans": "Automated scans, one row per start.",
    "team_capacity": "Testers and hours of each month.",
    "effort": "Hours of testing work.",
    "costs": "What the program spent.",
    "incidents": "What happened in production.",
    "annotations": "Remarks of people on a metric and period.",
    "benchmarks": "Public figures to stand beside one's own.",
    "control_evidence": "Evidence for the controls of a framework.",
    "finding_state_map": "What values of tracker fields mean for the life of a finding; goes before"
    " [the shipped lines](../seeds/policy/finding_state_map.csv).",
    "finding_field_map": "Which field of a tracker tells which attribute of a finding; goes before"
    " [the shipped lines](../seeds/policy/finding_field_map.csv).",
    "finding_close_policy": "Whether closing an item claims a fix or verifies it; goes before"
    " [the shipped lines](../seeds/policy/finding_close_policy.csv).",
    "system_of_record": "Which source is believed first about what; goes before"
    " [the shipped lines](../seeds/policy/system_of_record.csv).",
    "team_members": "Who may [sign in to the app](access.md), as what; goes before"
    " [the seed](../seeds/policy/team_members.csv), which is empty.",
}

PROJECT_NOTE: Final = "DefectDojo product, Jira project key or `owner/name`; `*` for all"

COLUMN_NOTES: Final = {
    ("systems", "in_production_from"): "without it never in production",
    ("system_aliases", "external_name"): "a regular expression when `match` is `pattern`",
    ("system_aliases", "configuration"): "which guardrail or mitigation was on",
    ("system_aliases", "match"): "empty means `exact`",
    ("assessment_techniques", "technique_id"): "ATLAS id",
    ("assessment_input_vectors", "tested_at"): "empty: when the report was delivered",
    ("findings", "severity"): "as reported",
    ("findings", "vulnerability_class"): "the organisation's own weakness code",
    ("findings", "reported_at"): "delivery of the report that held it",
    ("findings", "owasp_id"): "such as `LLM01:2025`",
    ("findings", "source_run_id"): "the run that found it",
    ("finding_events", "reason"): "of a dispute",
    ("finding_events", "run_id"): "the run of a retest",
    ("finding_events", "expires_at"): "of a risk acceptance; may lie in the future",
    ("assessments", "planned_start_at"): "may lie in the future",
    ("costs", "currency"): "needs a rate in `seeds/policy/exchange_rates.csv` on that day",
    ("finding_state_map", "project"): PROJECT_NOTE,
    ("finding_state_map", "field"): "a field of [the lake](lake.md), `closing` or `link`",
    ("finding_state_map", "value"): "id or name; `x*` for all that begin so, `*` for any",
    ("finding_state_map", "on_enter"): "empty: nothing, and nobody asks for it",
    ("finding_state_map", "on_leave"): "that the field loses the value; empty: nothing",
    ("finding_state_map", "reason"): "of a dispute",
    ("finding_field_map", "project"): PROJECT_NOTE,
    ("finding_field_map", "field"): "a field of [the lake](lake.md)",
    ("finding_field_map", "value"): "as in `finding_state_map`; of `class:*` what follows counts",
    ("finding_field_map", "attribute_value"): "empty: the value itself",
    ("finding_field_map", "precedence"): "of several fields the lowest number counts; empty: 100",
    ("finding_close_policy", "project"): PROJECT_NOTE,
    ("system_of_record", "precedence"): "the lowest number that has an answer is believed",
    ("team_members", "email"): "as the sign-in provider has it; in no published table",
    ("team_members", "team"): "of the role `product` only: the `owner_team` whose file is read",
}

ATTEMPT_NOTES: Final = {
    "run_id": "one run; a later file that names it again replaces it",
    "target_name": "resolved by `system_aliases` with source `attempts`",
    "attack": "probe, plugin or method",
    "outcome": "the attacker's: `success` broke through, `resisted` was withstood",
    "attempted_at": "empty: the earliest of its run",
    "target_version": "version of the system that was attacked",
    "configuration": "which guardrail or mitigation was on",
    "is_control": "a benign prompt, in no attack rate; `success` then means that it was refused",
    "prompt_id": "a repeated prompt has the same id",
    "technique_id": "ATLAS id",
    "vulnerability_class": "the organisation's own weakness code",
    "judge": "detector or scorer",
    "tool": "scanner or harness",
}

REASONS: Final = {
    Reason.BAD_HEADER: "A required column is missing, or a known one stands twice; the whole file"
    " counts as absent.",
    Reason.RAGGED_ROW: "Too many or too few cells, or quotes that do not close.",
    Reason.BAD_UTF8: "Bytes that are not UTF-8.",
    Reason.BAD_TIMESTAMP: "No ISO date or time, or a day that does not exist.",
    Reason.BAD_NUMBER: "Text where a number must be; for integers also a fraction or over 32 bits.",
    Reason.BAD_BOOLEAN: "Something other than `true` or `false`.",
    Reason.NAN_OR_INFINITY: "NaN, infinity, or a number too large for a double.",
    Reason.NEGATIVE_NUMBER: "Hours, capacity, testers or counts below zero.",
    Reason.NOT_FIRST_DAY: "A month that is not given as its first day.",
    Reason.MISSING_VALUE: "A required value is empty.",
    Reason.UNKNOWN_VALUE: "A word outside the closed list, or a pattern that is no regular"
    " expression.",
    Reason.DANGLING_REFERENCE: "A reference to a row that is not there, or is itself held back.",
    Reason.EVENT_BEFORE_REPORT: "An event earlier than the report of its finding.",
    Reason.DELIVERED_BEFORE_REQUEST: "A report delivered before it was requested.",
    Reason.NO_EXCHANGE_RATE: "An amount in a currency that has no rate on that day.",
    Reason.UNREADABLE_FILE: "The file cannot be opened, or is not of the format its name says.",
    Reason.BAD_GZIP: "The gzip stream is damaged or cut.",
    Reason.TOO_LARGE: "Unpacks to more than the limits allow.",
    Reason.BAD_NAME: "A file or folder name with characters that are not allowed, or over 200.",
    Reason.SYMLINK: "A link; links are never followed.",
    Reason.NOT_JSON: "A line that is not JSON, or is cut off.",
    Reason.TRAILING_TEXT: "Text after the JSON value of a line.",
    Reason.NOT_OBJECT: "JSON, but not an object.",
    Reason.NUMBER_RANGE: "A number that does not fit 64 bits, or a double.",
    Reason.TOO_DEEP: "Nested more than 64 levels deep.",
    Reason.LINE_TOO_LONG: "A line over 16 MB.",
    Reason.NUL_BYTE: "A NUL character in a text.",
    Reason.LONE_SURROGATE: "Half of a surrogate pair in a JSON string.",
    Reason.MISSING_KEY: "A required key is absent.",
    Reason.WRONG_TYPE: "A value of another type than the key takes.",
}


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric as the YAML beside its SQL defines it; ``sql`` is relative to the project."""

    metric_id: str
    sql: str
    meta: dict[str, object]

    def words(self, key: str) -> str:
        """Return a text of the definition on one line."""
        return " ".join(str(self.meta[key]).split())

    def listed(self, key: str) -> list[str]:
        """Return a list of the definition."""
        value = self.meta.get(key) or []
        assert isinstance(value, list)
        return [str(item) for item in value]

    @property
    def companions(self) -> dict[str, str]:
        """Metrics that keep this one honest, each with the reason."""
        value = self.meta.get("companions") or {}
        assert isinstance(value, dict)
        return {str(name): " ".join(str(why).split()) for name, why in value.items()}


def read_metrics(root: Path) -> list[Metric]:
    """Return all metrics, in the order of the union and, where it does not know one, by name."""
    listed = re.findall(r"'(\w+)',", (root / "macros/metrics/union.sql").read_text("utf-8"))
    place = {metric_id: number for number, metric_id in reversed(list(enumerate(listed)))}
    metrics = []
    for file in (root / "models/metrics").rglob("metric_*.yml"):
        for model in read_yaml(file)["models"]:
            meta = model["config"]["meta"]["metric"]
            sql = file.with_name(f"{model['name']}.sql").relative_to(root).as_posix()
            metrics.append(Metric(model["name"].removeprefix("metric_"), sql, meta))
    metrics.sort(key=lambda metric: (place.get(metric.metric_id, len(place)), metric.metric_id))
    return metrics


def read_targets(root: Path, metrics: Sequence[Metric]) -> dict[str, str]:
    """Return the targets of each metric in words."""
    units = {metric.metric_id: metric.words("unit") for metric in metrics}
    targets: dict[str, list[str]] = {metric_id: [] for metric_id in units}
    with (root / "seeds/policy/metric_targets.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if row["metric_id"] in units:
                where = "" if row["segment_dimension"] == "all" else f"{row['segment_value']}: "
                words = where + target_words(row) + UNIT_MARKS.get(units[row["metric_id"]], "")
                targets[row["metric_id"]].append(words)
    return {metric_id: "; ".join(words) or "no target" for metric_id, words in targets.items()}


def target_words(row: dict[str, str]) -> str:
    """Spell one target, without its unit."""
    low, high = row["target_low"], row["target_high"]
    at_least = f"{'over' if row['low_is_strict'] == 'true' else 'at least'} {low}"
    at_most = f"{'under' if row['high_is_strict'] == 'true' else 'at most'} {high}"
    if not high:
        return at_least
    if not low:
        return at_most
    is_band = "true" not in (row["low_is_strict"], row["high_is_strict"])
    return f"{low} to {high}" if is_band else f"{at_least}, {at_most}"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""

    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"

    return "\n".join([line(header), "|" + "---|" * len(header), *map(line, rows)])


def metric_table(root: Path) -> str:
    """Return one line per metric, as the README shows them."""
    metrics = read_metrics(root)
    targets = read_targets(root, metrics)
    return table(
        ("metric", "question", "counted as", "target"),
        (
            (
                f"[`{metric.metric_id}`](docs/metrics.md#{metric.metric_id})"
                + (" (core)" if metric.meta["is_core"] else ""),
                metric.words("question"),
                metric.words("formula"),
                targets[metric.metric_id],
            )
            for metric in metrics
        ),
    )


def metric_sections(root: Path) -> str:
    """Return one section per metric, by dimension."""
    metrics = read_metrics(root)
    targets = read_targets(root, metrics)
    known = {metric.metric_id for metric in metrics}
    blocks = []
    for dimension in DIMENSIONS:
        blocks.append(f"## {dimension.capitalize()}")
        blocks.extend(
            metric_section(metric, targets[metric.metric_id], known)
            for metric in metrics
            if metric.meta["dimension"] == dimension
        )
    return "\n\n".join(blocks)


def metric_section(metric: Metric, target: str, known: set[str]) -> str:
    """Return what a metric means, and how it can be gamed."""
    interval = metric.meta.get("interval")
    assert interval is None or isinstance(interval, str)
    standing = "supporting metric" if metric.meta.get("is_supporting") else "framework metric"
    if metric.meta["is_core"]:
        standing += ", on the headline cards"
    facts = {
        "formula": metric.words("formula"),
        "numerator": metric.words("numerator"),
        "denominator": metric.words("denominator"),
        "unit": f"{UNITS[metric.words('unit')]}; {DIRECTIONS[metric.words('direction')]}",
        "dated as": MEASURES[metric.words("measures")],
        "target": target,
        "interval": INTERVALS[interval],
        "needs": ", ".join(f"`{name}`" for name in metric.listed("needs")),
        "segments": ", ".join(f"`{name}`" for name in metric.listed("segments"))
        or "none: published for `all` only",
        "standing": f"{standing}; {metric.meta['indicator']}",
        "source": metric.words("source"),
        "SQL": f"[`{metric.sql}`](../{metric.sql})",
    }
    companions = [
        f"- {f'[`{name}`](#{name})' if name in known else f'`{name}`'}: {why}"
        for name, why in metric.companions.items()
    ]
    return "\n\n".join(
        [
            f'<a id="{metric.metric_id}"></a>',
            f"### {metric.words('name')}\n\n`{metric.metric_id}`: {metric.words('question')}",
            table(("", ""), facts.items()),
            f"**Mind, and how it can be gamed.** {metric.words('considerations')}",
            *(["**Kept honest by**", "\n".join(companions)] if companions else []),
        ]
    )


def mart_table(root: Path) -> str:
    """Return what one row of each mart is, from the YAML of the marts."""
    described = [
        (f"`{model['name']}`", " ".join(model["description"].split()))
        for file in sorted((root / "models/marts").rglob("*.yml"))
        for model in read_yaml(file).get("models", ())
    ]
    return table(("mart", "content"), sorted(described))


def register_sections(_: Path) -> str:
    """Return the columns of each register, from their declaration."""
    return "\n\n".join(map(register_section, REGISTERS.values()))


def register_section(register: Register) -> str:
    """Return one register: what it is for, its key and its columns."""
    key = ", ".join(f"`{name}`" for name in register.key)
    rules = [
        f"`{order.column}` is not before `{order.not_before}`"
        + (f" of its `{order.of_reference}`" if order.of_reference else "")
        for order in register.orders
    ]
    return "\n\n".join(
        [
            f"#### `program/{register.name}.csv`",
            " ".join(
                [REGISTER_PURPOSE[register.name], f"Key: {key}.", *(f"{rule}." for rule in rules)]
            ),
            table(
                ("column", "type", "required", "notes"),
                (
                    (
                        f"`{column.name}`",
                        KINDS[column.kind],
                        "yes" if column.is_required else "",
                        column_notes(register, column),
                    )
                    for column in register.columns
                ),
            ),
        ]
    )


def column_notes(register: Register, column: Column) -> str:
    """Return what a column may hold."""
    notes = []
    if column.values:
        notes.append("one of " + ", ".join(f"`{value}`" for value in column.values))
    if column.references:
        notes.append(f"a row of `{column.references}`")
    if note := COLUMN_NOTES.get((register.name, column.name)):
        notes.append(note)
    return "; ".join(notes)


def attempt_columns(_: Path) -> str:
    """Return the columns of generic attempts."""
    kinds = {"attempted_at": Kind.TIMESTAMP, "is_control": Kind.BOOLEAN}
    return table(
        ("column", "type", "required", "notes"),
        (
            (
                f"`{column}`",
                KINDS[kinds.get(column, Kind.TEXT)],
                "yes" if column in attempts_contract.REQUIRED else "",
                (
                    f"one of {', '.join(f'`{value}`' for value in attempts_contract.OUTCOMES)}; "
                    if column == "outcome"
                    else ""
                )
                + ATTEMPT_NOTES[column],
            )
            for column in attempts_contract.COLUMNS
        ),
    )


def source_table(_: Path) -> str:
    """Return the folders of tools, the names of their files and whether these are read yet."""
    return table(
        ("folder", "file names end with", "read"),
        (
            (
                f"`{folder}/`",
                ", ".join(
                    f"`{ending}`"
                    for source in SOURCES
                    if source.folder == folder
                    for ending in source.endings
                ),
                "yes" if _reader(folder)[1] else "not yet: listed with a note",
            )
            for folder in dict.fromkeys(source.folder for source in SOURCES)
        ),
    )


def reason_table(_: Path) -> str:
    """Return every reason of quarantine with its meaning."""
    return table(("reason", "what it says"), ((f"`{r}`", REASONS[r]) for r in Reason))


def one_metric(root: Path) -> str:
    """Return the SQL of the metric that the README shows, as it stands."""
    sql = (root / "models/metrics/effectiveness/metric_finding_acceptance_rate.sql").read_text(
        "utf-8"
    )
    return f"```sql\n{sql.strip()}\n```"


PARTS: Final[dict[str, dict[str, Callable[[Path], str]]]] = {
    "README.md": {"one metric": one_metric, "metrics": metric_table},
    "docs/metrics.md": {"metrics": metric_sections},
    "docs/querying.md": {"marts": mart_table},
    "docs/landing-your-data.md": {
        "sources": source_table,
        "registers": register_sections,
        "attempts": attempt_columns,
        "reasons": reason_table,
    },
}


def generated(root: Path, page: str) -> str:
    """Return the text of a page with its generated parts as they should be.

    Raises:
        ValueError: the page lacks the marks of a part.
    """
    text = (root / page).read_text("utf-8")
    for name, render in PARTS[page].items():
        begin, end = f"<!-- generated: {name} -->", f"<!-- end: {name} -->"
        head, found_begin, rest = text.partition(begin)
        _, found_end, tail = rest.partition(end)
        if not (found_begin and found_end):
            raise ValueError(f"{page} lacks {begin} and {end}")
        text = f"{head}{begin}\n\n{render(root)}\n\n{end}{tail}"
    return text


_SHOWN_QUERY: Final = re.compile(
    r"(?P<query>^```sql\n(?P<sql>(?:(?!```).*\n)+)```\n)\n```text\n(?:(?!```).*\n)*```$",
    re.MULTILINE,
)


def with_results(text: str, connection: duckdb.DuckDBPyConnection) -> str:
    """Return the text with the result of every query it shows."""

    def run(match: re.Match[str]) -> str:
        return f"{match['query']}\n```text\n{run_query(connection, match['sql'])}\n```"

    return _SHOWN_QUERY.sub(run, text)


def spelt(value: object) -> str:
    """Spell a value as SQL would."""
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)


def run_query(connection: duckdb.DuckDBPyConnection, sql: str) -> str:
    """Return the rows of a query as aligned text."""
    result = connection.execute(sql)
    header = [str(column[0]) for column in result.description]
    rows = result.fetchall()
    cells = [[spelt(value) for value in row] for row in rows]
    is_number = [
        any(isinstance(row[at], int | float) for row in rows)
        and all(row[at] is None or type(row[at]) in (int, float) for row in rows)
        for at in range(len(header))
    ]
    widths = [max(map(len, column)) for column in zip(header, *cells, strict=True)]

    def line(values: Sequence[str]) -> str:
        padded = (
            value.rjust(width) if right else value.ljust(width)
            for value, width, right in zip(values, widths, is_number, strict=True)
        )
        return "  ".join(padded).rstrip()

    return "\n".join([line(header), line(["-" * width for width in widths]), *map(line, cells)])


def stale_pages(root: Path, warehouse: Path | None = None) -> dict[str, str]:
    """Return the pages whose text is not what it should be, with the text that should be."""
    pages = {page: generated(root, page) for page in PARTS}
    if warehouse is not None:
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            for file in [root / "README.md", *sorted((root / "docs").rglob("*.md"))]:
                page = file.relative_to(root).as_posix()
                pages[page] = with_results(pages.get(page) or file.read_text("utf-8"), connection)
    return {page: text for page, text in pages.items() if (root / page).read_text("utf-8") != text}


def main(arguments: Sequence[str] | None = None) -> int:
    """Write stale pages, or name them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if stale")
    parser.add_argument(
        "--warehouse", type=Path, metavar="FILE", help="run the queries shown on this database"
    )
    options = parser.parse_args(arguments)
    stale = stale_pages(ROOT, options.warehouse)
    for page, text in stale.items():
        if options.check:
            print(f"stale: {page} (run python scripts/docs.py)", file=sys.stderr)
        else:
            (ROOT / page).write_text(text, encoding="utf-8", newline="\n")
            print(f"wrote {page}")
    return int(options.check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
