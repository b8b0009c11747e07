"""The release gate: what the marts say of one version of a system, and the exit code of that.

Meaning is SQL (``marts.release_gates``, ``marts.release_gate_comparisons``); here rows are chosen,
the worst one decides, and all of it is told in words and as one line of JSON.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb
from rich.text import Text

from aism.duck import open_published
from aism.errors import UsageError
from aism.report import NOT_MEASURED, printable

EXIT_CODES: Final = {"pass": 0, "insufficient": 3, "fail": 1}
"""Verdicts with the exit code of each, the best one first. 2 is kept for wrong usage."""
STYLES: Final = {"pass": "green", "insufficient": "yellow", "fail": "red"}
COMPARISON_REASONS: Final = {
    "pass": "no worse than {} by more than the margin",
    "insufficient": "the margin lies between the bounds of the change against {}",
    "fail": "worse than {} by more than the margin",
}
NAMES_SHOWN: Final = 20
NAME_LENGTH: Final = 100

Row = dict[str, Any]
"""A row of a mart by column name. Rates, bounds and limits are percent, changes points."""


@dataclass(frozen=True, slots=True)
class Question:
    """Whose gate: names as people typed them. Without a configuration all of them count."""

    system_id: str
    system_version: str
    baseline_version: str | None = None
    configuration: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict on a version, and the rows of the marts behind it."""

    question: Question
    generation: int
    as_of: dt.date
    verdict: str
    reason: str
    gates: Sequence[Row]
    comparisons: Sequence[Row]

    @property
    def exit_code(self) -> int:
        """0 pass, 1 fail, 3 insufficient."""
        return EXIT_CODES[self.verdict]


def read_decision(file: Path, question: Question) -> Decision:
    """Return the verdict that a generation file gives.

    Raises:
        UsageError: the generation has no gates, or does not know a name that was asked for.
    """
    with open_published(file) as connection:
        generation, as_of = connection.execute(
            "select generation, as_of from marts.build_generation"
        ).fetchall()[0]
        try:
            gates, comparisons = _read_rows(connection, question)
        except duckdb.CatalogException as error:
            raise UsageError(
                f"Generation {generation} has no release gates: run `aism build`."
            ) from error
    chosen = _choose(question, gates)
    pairs = [(gate, _against(question, gate, gates, comparisons)) for gate in chosen]
    verdict, reason = decide(question, pairs)
    shown = [row for _, rows in pairs for row in rows]
    return Decision(question, generation, as_of, verdict, reason, chosen, shown)


def _read_rows(
    connection: duckdb.DuckDBPyConnection, question: Question
) -> tuple[list[Row], list[Row]]:
    """Return all gates of the system, and all comparisons of it."""
    systems = [
        name
        for (name,) in connection.execute(
            "select system_id from core.dim_systems where system_id <> 'unknown' order by system_id"
        ).fetchall()
    ]
    # Names meet in Python: what a shell passes need not be text that a database takes.
    if question.system_id not in systems:
        raise UsageError(f"No system {shown_name(question.system_id)}. {known('Systems', systems)}")
    gates = _rows(
        connection,
        "select * from marts.release_gates where system_id = ? "
        "order by first_attempt_on nulls first, system_version, configuration",
        question.system_id,
    )
    comparisons = _rows(
        connection,
        "select * from marts.release_gate_comparisons where system_id = ? "
        "order by system_version, configuration, baseline_version, baseline_configuration",
        question.system_id,
    )
    return gates, comparisons


def _rows(connection: duckdb.DuckDBPyConnection, sql: str, system_id: str) -> list[Row]:
    result = connection.execute(sql, [system_id])
    columns = [column[0] for column in result.description or []]
    return [dict(zip(columns, row, strict=True)) for row in result.fetchall()]


def _choose(question: Question, gates: Sequence[Row]) -> list[Row]:
    """Return the gates asked for, at least one.

    Raises:
        UsageError: a version, configuration or baseline that is not in the marts.
    """
    system = shown_name(question.system_id)
    versions = list(dict.fromkeys(gate["system_version"] for gate in gates))
    for what, version in (
        ("version", question.system_version),
        ("baseline", question.baseline_version),
    ):
        if version is not None and version not in versions:
            raise UsageError(
                f"No attempts on {system} {shown_name(version)} ({what}), and no deployment "
                f"of it. {known('Versions', versions)}"
            )
    if question.baseline_version == question.system_version:
        raise UsageError("A version is no baseline of itself.")
    of_version = [gate for gate in gates if gate["system_version"] == question.system_version]
    chosen = [
        gate
        for gate in of_version
        if question.configuration is None or gate["configuration"] == question.configuration
    ]
    if not chosen:
        raise UsageError(
            f"{system} {shown_name(question.system_version)} was not tried in the configuration "
            f"{shown_name(question.configuration)}. "
            f"{known('Configurations', [gate['configuration'] for gate in of_version])}"
        )
    return chosen


def _against(
    question: Question, gate: Row, gates: Sequence[Row], comparisons: Sequence[Row]
) -> list[Row]:
    """Return the comparisons of a gate with the baseline asked for, else with the version before.

    Like stands beside like: a baseline that was tried in the same configuration is compared in it
    alone, another one in every configuration it was tried in.
    """
    baseline = question.baseline_version or gate["baseline_version"]
    rows = [
        row
        for row in comparisons
        if row["baseline_version"] == baseline
        and all(row[name] == gate[name] for name in ("system_version", "configuration"))
    ]
    is_tried_alike = any(
        other["system_version"] == baseline
        and other["configuration"] == gate["configuration"]
        and other["attempts"] > 0
        for other in gates
    )
    if is_tried_alike:
        return [row for row in rows if row["baseline_configuration"] == gate["configuration"]]
    return rows


def decide(question: Question, pairs: Iterable[tuple[Row, Sequence[Row]]]) -> tuple[str, str]:
    """Return the worst verdict of gates and their comparisons, and every reason for it.

    Comparisons count only if a baseline was asked for; a gate without any is then insufficient.
    """
    found: list[tuple[str, str]] = []
    for gate, comparisons in pairs:
        found.append((gate["verdict"], gate["reason"]))
        if question.baseline_version is None:
            continue
        if not comparisons:
            words = f"nothing was measured alike on {question.baseline_version}"
            found.append(("insufficient", words))
        for row in comparisons:
            words = COMPARISON_REASONS[row["verdict"]].format(question.baseline_version)
            found.append((row["verdict"], words))
    worst = max((verdict for verdict, _ in found), key=list(EXIT_CODES).index)
    reasons = dict.fromkeys(reason for verdict, reason in found if verdict == worst)
    return worst, "; ".join(reasons)


def as_json(decision: Decision, *, is_sample: bool) -> str:
    """Return the decision as one line of ASCII; the keys are columns of the marts, and theirs."""
    question = decision.question
    facts = {
        "system_id": question.system_id,
        "system_version": question.system_version,
        "configuration": question.configuration,
        "baseline_version": question.baseline_version,
        "verdict": decision.verdict,
        "reason": decision.reason,
        "exit_code": decision.exit_code,
        "generation": decision.generation,
        "as_of": decision.as_of,
        "is_sample": is_sample,
        "release_gates": decision.gates,
        "release_gate_comparisons": decision.comparisons,
    }
    line = json.dumps(facts, default=dt.date.isoformat, allow_nan=False)
    return line.replace("\x7f", "\\u007f")  # the one control that JSON lets through


def as_words(decision: Decision) -> Iterator[Text]:
    """Yield the lines for people, safe for a terminal."""
    question = decision.question
    yield (
        printable(f"{question.system_id} {question.system_version}: ")
        + Text(decision.verdict, STYLES[decision.verdict])
        + printable(f", {decision.reason}")
    )
    for gate in decision.gates:
        yield printable(
            f"Configuration {gate['configuration']}, risk tier {gate['risk_tier']}: "
            f"{gate['verdict']}, {gate['reason']}"
        )
        compared = [
            row for row in decision.comparisons if row["configuration"] == gate["configuration"]
        ]
        for line in (*_tried(gate), *_baseline(question, gate, compared), *_caution(gate)):
            yield printable(f"  {line}")
    yield Text(f"Generation {decision.generation}, as of {decision.as_of.isoformat()}")


def _tried(gate: Row) -> Iterator[str]:
    if gate["attempts"] == 0:
        yield f"tried: nothing; the limit is {gate['attack_success_limit']:g} %"
    else:
        yield (
            f"tried: {counted(gate['attempts'], 'attempt')} on {counted(gate['prompts'], 'prompt')}"
            f", worth {counted(gate['independent_prompts'], 'independent prompt')}"
        )
        judged = gate["successes"] + gate["resisted"]
        rate = gate["attack_success_rate"]
        yield (
            f"got through: {gate['successes']:,} of {judged:,} judged attempts, "
            f"{NOT_MEASURED if rate is None else f'{rate:.1f} %'}; "
            f"{gate['undetermined']:,} undetermined, {counted(gate['errors'], 'error')}"
        )
        limit = gate["attack_success_limit"]
        if gate["upper_bound"] is None:
            yield f"bounds: {NOT_MEASURED}; the limit is {limit:g} %"
        else:
            whole = counted(gate["independent_prompts"], "independent prompt")
            yield (
                f"bounds of {gate['broken_prompts']:,} in {whole}: "
                f"{beside(gate['lower_bound'], limit)} to "
                f"{beside(gate['upper_bound'], limit)} %, exact, 95 % confidence each; "
                f"the limit is {limit:g} %"
            )
    if gate["verdict"] == "insufficient":
        more = counted(gate["further_prompts_needed"], "more independent prompt")
        yield f"needed: {more}, if nothing gets through"
        if gate["errors"] > 0 and (gate["prompts"] == 0 or "errors" in gate["reason"]):
            yield "        or fewer: the same run landed again without its errors"


def _baseline(question: Question, gate: Row, comparisons: Sequence[Row]) -> Iterator[str]:
    baseline = question.baseline_version or gate["baseline_version"]
    if baseline is None:
        yield "baseline: none was tried before it in this configuration"
        return
    is_asked = question.baseline_version is not None
    whose = f"baseline {baseline}" if is_asked else f"baseline {baseline}, the version before"
    if not comparisons:
        yield f"{whose}: nothing was measured alike"
    for row in comparisons:
        other = row["baseline_configuration"]
        where = "" if other == gate["configuration"] else f" (configuration {other})"
        margin = row["regression_margin"]
        if row["upper_bound"] is None:
            yield f"{whose}{where}: {NOT_MEASURED} on both sides, the margin is {margin:g} points"
            continue
        yield (
            f"{whose}{where}: {row['delta']:+.1f} points on "
            f"{counted(row['comparable_attacks'], 'comparable attack')}, "
            f"upper bound {beside(row['upper_bound'], margin)}, margin {margin:g}: {row['verdict']}"
            f"{'' if is_asked else ' (not asked, decides nothing)'}"
        )
        if row["prompts_needed"] is not None:
            yield f"needed: {row['prompts_needed']:,} prompts on each side, at these rates"
        elif row["verdict"] == "insufficient":
            yield "needed: at these rates no number of prompts would pass"


def _caution(gate: Row) -> Iterator[str]:
    rate = gate["over_refusal_rate"]
    if rate is not None:
        yield f"benign requests refused: {rate:.1f} % of {gate['controls']:,}"
    if gate["caution"] is not None:
        yield f"caution: {gate['caution']}"


def beside(value: float, limit: float) -> str:
    """Return a number with as many decimals, two at least, as its side of ``limit`` takes."""
    for decimals in range(2, 9):
        text = f"{value:.{decimals}f}"
        if (float(text) > limit) == (value > limit) and (float(text) < limit) == (value < limit):
            return text
    return f"{limit:.2f}"


def counted(count: int, thing: str) -> str:
    """Return a number of things: 1 prompt, 1,204 prompts."""
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def known(what: str, names: Sequence[str]) -> str:
    """Return a sentence with the first names of a list."""
    if not names:
        return f"{what}: none are known."
    more = f" and {len(names) - NAMES_SHOWN:,} more" if len(names) > NAMES_SHOWN else ""
    return f"{what}: {', '.join(shown_name(name) for name in names[:NAMES_SHOWN])}{more}."


def shown_name(name: object) -> str:
    """Return a name, whoever chose it, safe for a terminal and not without end."""
    text = printable(name).plain
    return text if len(text) <= NAME_LENGTH else f"{text[:NAME_LENGTH]}..."
