"""Two runs side by side, and the same attack week by week."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from app import data
from app.components import plots
from app.components.formatting import count_of, day, span, with_unit
from app.components.grid import show_grid
from app.components.marks import mark_column
from app.components.sheet import Sheet, kept, remembered
from app.components.text import plain, visible

KEY: Final = [
    *("system_id", "baseline_run_id", "run_id", "baseline_version", "system_version"),
    *("baseline_configuration", "configuration", "attack", "strategy", "judge"),
]
"""What a row of marts.attack_success_changes is about."""

POINTS: Final = "percentage points"
FILES: Final = (
    "`attempts/attempts.csv` or by reports of garak, promptfoo, PyRIT or Inspect in folders of "
    "these names"
)
NO_PAIRS: Final = (
    "No two runs were measured alike: the same attack, judge, tool version and prompts on "
    "the same system. Run the same suite again and it compares itself."
)
NO_SERIES: Final = (
    "Fewer than four weeks of the same attack, measured alike. Schedule a suite and land "
    f"its results: drift is fed by {FILES}."
)


@remembered
def pairs(generation: data.Generation, system: str | None) -> dict[str, str]:
    """Return the pairs of runs that were measured alike, and what each is called."""
    found = data.table(generation, "run_pairs", system=system)
    return {row["pair"]: _pair(row) for _, row in found.iterrows()}


@remembered
def series(generation: data.Generation, system: str | None) -> dict[str, str]:
    """Return the attacks measured alike for weeks, and what each is called."""
    found = data.table(generation, "drift_series", system=system)
    return {row["series"]: _series(row) for _, row in found.iterrows()}


@kept
def show_comparison(sheet: Sheet, generation: data.Generation, pair: str) -> None:
    """Show what changed between two runs, attack by attack."""
    found = data.table(generation, "run_comparison", pair=pair)
    compared = found.dropna(subset=["delta"])
    shown = compared[KEY].assign(
        name=[_attack(row) for _, row in compared.iterrows()],
        value=compared["delta"],
        low=compared["interval_low"],
        high=compared["interval_high"],
        words=[_delta(row) for _, row in compared.iterrows()],
    )
    chart, table = sheet.columns([8, 12])
    with chart:
        words = "; ".join(f"{row['name']} {row['words']}" for _, row in shown.iterrows())
        plots.intervals(
            sheet,
            shown,
            f"Change of attack success by attack: {words}",
            title="Change in points, right is worse",
            names=shown["name"].to_list(),
            zero=True,
        )
    with table:
        show_grid(
            sheet,
            mark_column(found, "verdict"),
            f"grid-comparison-{pair}",
            alt="The comparison by attack: verdict, change, interval, q value, smallest change "
            "that so few prompts could show.",
            most=420,
            order=[
                *("attack", "verdict", "delta", "interval_low", "interval_high", "q_value"),
                *("smallest_detectable_change", "prompts", "judge", "strategy", "method"),
            ],
        )
    sheet.muted(
        "q: chance of such a change if nothing changed, corrected for all attacks of the two runs. "
        "Could see: the least rise that so few prompts could show at all."
    )


def _pair(row: pd.Series[Any]) -> str:
    sides = [
        f"{row[f'{side}version']}"
        + (f" + {row[f'{side}configuration']}" if is_guarded(row[f"{side}configuration"]) else "")
        for side in ("baseline_", "system_")
    ]
    moved = [f"{row[verdict]} {verdict}" for verdict in ("worse", "better") if row[verdict]]
    return visible(
        f"{row['system_name']} {sides[0]} → {sides[1]} · {row['tool']} · "
        f"{row['started_at']:%Y-%m-%d %H:%M} · {count_of(int(row['attacks']), 'attack')}"
        + (f" · {', '.join(moved)}" if moved else "")
    )


def is_guarded(configuration: object) -> bool:
    return isinstance(configuration, str) and configuration != "none"


def _attack(row: pd.Series[Any]) -> str:
    plain_name = str(row["attack"])
    return visible(
        plain_name if row["strategy"] == "basic" else f"{plain_name} / {row['strategy']}"
    )


def _delta(row: pd.Series[Any]) -> str:
    if pd.isna(row["interval_low"]):
        return f"{row['delta']:+.0f} points, {row['verdict']}"
    return (
        f"{row['delta']:+.0f} points ({span(row['interval_low'], row['interval_high'], 'points')})"
        f", {row['verdict']}"
    )


@kept
def show_drift(sheet: Sheet, generation: data.Generation, series: str) -> None:
    """Show an attack week by week, and the weeks that left its limits."""
    weeks = data.table(generation, "drift_weeks", series=series)
    signals = weeks[~weeks["signal"].isin(["within limits", "no limits yet"])]
    plots.drift(
        sheet,
        weeks,
        f"Weekly attack success, {len(weeks)} weeks, {len(signals)} of them with a signal",
    )
    for _, row in signals.tail(3).iterrows():
        sheet.note(
            f":orange[◆ **{plain(row['signal'])}**] in the week of {day(row['week_start'])}: "
            f"{with_unit(row['attack_success_rate'], 'percent')}, "
            f"{count_of(int(row['prompts']), 'prompt')}"
        )
    sheet.muted(
        "Grey band: the limits that its own first twelve weeks set; ◆ outside, or eight in a row."
    )


def _series(row: pd.Series[Any]) -> str:
    strategy = "" if row["strategy"] == "basic" else f" / {row['strategy']}"
    signal = "" if pd.isna(row["last_signal_on"]) else " · ◆"
    return visible(
        f"{row['system_name']} · {row['attack']}{strategy} · {row['judge']} · "
        f"{count_of(int(row['weeks']), 'week')}{signal}"
    )
