"""Changes each formula in every small way it could be wrong; tells what no unit test notices.

    python -m scripts.mutate                      all metric files and what goes with them
    python -m scripts.mutate --file throughput    only the files whose path has this text
    python -m scripts.mutate --list               also every mutant with what became of it

Fails when fewer than 90 % of the mutants of the metric files are killed, or when a survivor is not
explained in docs/mutants.md. Mutants that are no valid SQL are counted apart, in no rate.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

from scripts.mutate import project
from scripts.mutate.explained import DOCUMENT, Survivor, as_row, explained, survivor
from scripts.mutate.trial import Outcome, Trial

REQUIRED_RATE = 0.9


def main(arguments: list[str]) -> int:
    options = _options(arguments)
    files = project.mutated_files(options.file)
    trials = project.trials(files)
    for trial in trials:
        trial.run()
    print(table(trials))
    if options.list:
        print("\n" + "\n".join(line for trial in trials for line in listing(trial, set(Outcome))))
    survivors = [line for trial in trials for line in listing(trial, {Outcome.SURVIVED})]
    print("\nSurvivors:\n" + "\n".join(survivors or ["none"]))
    problems = list(complaints(trials, explained(DOCUMENT.read_text(encoding="utf-8"))))
    print("\n".join(["", *problems]))
    return 1 if problems else 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="mutate", description="Mutation test of the models.")
    parser.add_argument("--file", action="append", default=[], help="only paths with this text")
    parser.add_argument("--list", action="store_true", help="show every mutant")
    return parser.parse_args(arguments)


def rate(trials: list[Trial]) -> float:
    """Return the share of the valid mutants that a unit test noticed; 1 where there are none."""
    counts = _counts(trials)
    judged = counts[Outcome.KILLED] + counts[Outcome.SURVIVED]
    return counts[Outcome.KILLED] / judged if judged else 1.0


def _counts(trials: list[Trial]) -> Counter[Outcome]:
    return Counter(outcome for trial in trials for outcome in trial.outcomes.values())


def table(trials: list[Trial]) -> str:
    metrics = [trial for trial in trials if trial.file.startswith(project.METRICS)]
    others = [trial for trial in trials if trial not in metrics]
    named = [(trial.file, [trial]) for trial in trials]
    sums = [("metric files", metrics), ("other models", others), ("all", trials)]
    rows: list[tuple[str, ...]] = [("file", "mutants", "killed", "survived", "invalid", "killed %")]
    for name, group in named + sums:
        counts = _counts(group)
        outcomes = [str(counts[outcome]) for outcome in Outcome]
        rows.append((name, str(counts.total()), *outcomes, f"{100 * rate(group):.1f}"))
    width = max(len(row[0]) for row in rows)
    return "\n".join(f"{row[0]:<{width}}" + "".join(f"{c:>10}" for c in row[1:]) for row in rows)


def listing(trial: Trial, wanted: set[Outcome]) -> list[str]:
    return [
        f"{trial.file}:{mutant.line} {outcome} {mutant.operator}, in {mutant.block}\n"
        f"    before: {mutant.before}\n    after:  {mutant.after}"
        for mutant, outcome in trial.outcomes.items()
        if outcome in wanted
    ]


def complaints(trials: list[Trial], known: set[Survivor]) -> list[str]:
    """Return what is wrong: a low rate, survivors without reason, reasons without survivor."""
    found = []
    metrics = [trial for trial in trials if trial.file.startswith(project.METRICS)]
    if rate(metrics) < REQUIRED_RATE:
        found.append(
            f"Fewer than {REQUIRED_RATE:.0%} of the mutants of the metric files are killed."
        )
    found += [f"{trial.file} has no unit test." for trial in trials if not trial.tests]
    survivors = {
        survivor(trial.file, mutant)
        for trial in trials
        for mutant, outcome in trial.outcomes.items()
        if outcome is Outcome.SURVIVED
    }
    models = {Path(trial.file).stem for trial in trials}
    rows = [as_row(entry) for entry in sorted(survivors - known)]
    if rows:
        found += [
            f"Not explained in {DOCUMENT}; add a test that fails, or these rows with a reason:",
            *rows,
        ]
    gone = sorted(entry for entry in known - survivors if entry.model in models)
    if gone:
        found += [f"Explained in {DOCUMENT}, but killed or gone:", *map(as_row, gone)]
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
