"""Attack success: how often attacks get through, what changed it, where nobody looked."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
import streamlit as st

from app import data
from app.components import maps, plots, url
from app.components.formatting import NOT_MEASURED, count_of, day, listed, span, with_unit
from app.components.grid import show_grid
from app.components.marks import mark_column, marked
from app.components.page import show_build
from app.components.pickers import pick
from app.components.text import plain, visible
from app.components.typography import link, muted, note

TITLE: Final = "Attack success"
ALL_SYSTEMS: Final = ""
ENTRIES: Final = 6
POINTS: Final = "percentage points"
FILES: Final = (
    "`attempts/attempts.csv` or by reports of garak, promptfoo, PyRIT or Inspect in folders of "
    "these names"
)


def show() -> None:
    """Draw the page."""
    show_build(TITLE, "the latest that was measured, whatever the month", _show_page)


def _show_page(generation: data.Generation) -> None:
    attacked = data.table(generation, "attacked_systems")
    if attacked.empty:
        st.info(
            "Not measured: no attempt on a known system has landed. Attack success is fed by "
            f"{FILES}; `program/system_aliases.csv` says which system a target is."
        )
        _show_coverage(generation, None)
        return
    names = dict(zip(attacked["system_id"], attacked["system_name"], strict=True))
    picked = pick(
        url.SYSTEM,
        "System",
        [ALL_SYSTEMS, *names],
        lambda system_id: visible(names[system_id]) if system_id else "All systems",
        width=300,
    )
    system = picked or None
    rates, moved = st.columns([11, 9], gap="small")
    with rates.container(border=True, height="stretch", gap="xsmall"):
        _show_rates(generation, system)
    with moved.container(border=True, height="stretch", gap="xsmall"):
        _show_changes(generation, system)
    with st.container(border=True, gap="xsmall"):
        _show_comparison(generation, system)
    drift, retests = st.columns(2, gap="small")
    with drift.container(border=True, height="stretch", gap="xsmall"):
        _show_drift(generation, system)
    with retests.container(border=True, height="stretch", gap="xsmall"):
        _show_retests(generation, system)
        _show_mitigations(generation, system)
    _show_coverage(generation, system)


def _heading(title: str, rows: str, label: str, system: str | None) -> None:
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.markdown(f"##### {title}", anchors=False, width="content")
        st.button(
            link(label),
            key=f"open-{rows}",
            type="tertiary",
            on_click=url.open_rows,
            args=(rows,),
            kwargs={"of": system},
        )


def _show_rates(generation: data.Generation, system: str | None) -> None:
    title = "Latest version of each system" if system is None else "By version"
    _heading(f"Attacks that get through: {title.lower()}", "attack_runs", "Open the runs", system)
    found = data.table(generation, "attacked_versions", system=system)
    measured = found.dropna(subset=["attack_success_rate"])
    shown = pd.DataFrame(
        {
            "name": [_version(row, system) for _, row in measured.iterrows()],
            "value": measured["attack_success_rate"].to_list(),
            "low": measured["lower_bound"].to_list(),
            "high": measured["upper_bound"].to_list(),
            "limit": measured["attack_success_limit"].to_list(),
            "words": [_rate(row) for _, row in measured.iterrows()],
        }
    )
    words = "; ".join(f"{row['name']} {row['words']}" for _, row in shown.iterrows())
    plots.intervals(
        shown,
        f"Attack success rates with exact bounds: {words}",
        title="Attack success, %",
        names=shown["name"].to_list(),
        mark="limit",
    )
    muted(
        "Line: from the lower to the upper bound, each exact at 95 %, on independent prompts. "
        "Grey tick: the limit of the release gate for the tier."
    )


def _version(row: pd.Series[Any], system: str | None) -> str:
    words = [] if system is not None else [str(row["system_name"])]
    words.append(str(row["system_version"]))
    if _is_guarded(row["configuration"]):
        words.append(f"+ {row['configuration']}")
    return visible(" ".join(words))


def _rate(row: pd.Series[Any]) -> str:
    prompts = int(row["prompts"])
    bounds = span(row["lower_bound"], row["upper_bound"], "percent", prompts)
    return (
        f"{with_unit(row['attack_success_rate'], 'percent', prompts)} ({bounds}), "
        f"{count_of(prompts, 'prompt')}, {count_of(int(row['attempts']), 'attempt')}, "
        f"gate {marked(row['verdict'])}"
    )


def _show_changes(generation: data.Generation, system: str | None) -> None:
    found = data.table(generation, "attack_changes", of=system)
    _heading("Changes that chance does not explain", "attack_changes", "Open all", system)
    if found.empty:
        muted("None between runs that were measured alike.")
    for number, (_, row) in enumerate(found.head(ENTRIES).iterrows()):
        color = "red" if row["verdict"] == "worse" else "green"
        versions = f"{row['baseline_version']} → {row['system_version']}"
        delta = span(row["interval_low"], row["interval_high"], "points")
        with st.container(gap=None, key=f"change-{number}"):
            note(
                f":{color}[{marked(row['verdict'])}] **{row['delta']:+.0f}** ({delta}) · "
                f"{plain(row['attack'])}"
            )
            muted(
                f"{plain(row['system_name'])} {plain(versions)} · q {row['q_value']:.2g} · "
                f"n = {row['baseline_prompts']:,.0f} and {row['prompts']:,.0f} prompts · "
                f"{day(row['started_at'])}"
            )
    muted(f"In {POINTS} with the 95 % interval; false alarms held at 10 % (Benjamini-Hochberg).")


def _show_comparison(generation: data.Generation, system: str | None) -> None:
    st.markdown("##### Two comparable runs", anchors=False)
    pairs = data.table(generation, "run_pairs", system=system)
    if pairs.empty:
        muted(
            "No two runs were measured alike: the same attack, judge, tool version and prompts on "
            "the same system. Run the same suite again and it compares itself."
        )
        return
    names = {row["pair"]: _pair(row) for _, row in pairs.iterrows()}
    picked = pick(url.RUN, "Runs", list(names), lambda pair: names[pair], width=760)
    found = data.table(generation, "run_comparison", pair=picked)
    compared = found.dropna(subset=["delta"])
    shown = pd.DataFrame(
        {
            "name": [_attack(row) for _, row in compared.iterrows()],
            "value": compared["delta"].to_list(),
            "low": compared["interval_low"].to_list(),
            "high": compared["interval_high"].to_list(),
            "words": [_delta(row) for _, row in compared.iterrows()],
        }
    )
    chart, table = st.columns([9, 11], gap="small")
    with chart:
        words = "; ".join(f"{row['name']} {row['words']}" for _, row in shown.iterrows())
        plots.intervals(
            shown,
            f"Change of attack success by attack: {words}",
            title=f"Change, {POINTS} (right is worse)",
            names=shown["name"].to_list(),
            zero=True,
        )
    with table:
        show_grid(
            mark_column(found, "verdict"),
            f"grid-comparison-{picked}",
            alt="The comparison by attack: verdict, change, interval, q value, smallest change "
            "that so few prompts could show.",
            most=420,
            order=[
                *("attack", "verdict", "delta", "interval_low", "interval_high", "q_value"),
                *("smallest_detectable_change", "prompts", "judge", "strategy", "method"),
            ],
        )
    muted(
        "q: chance of such a change if nothing changed, corrected for all attacks of the two runs. "
        "Could see: the least rise that so few prompts could show at all."
    )


def _pair(row: pd.Series[Any]) -> str:
    sides = [
        f"{row[f'{side}version']}"
        + (f" + {row[f'{side}configuration']}" if _is_guarded(row[f"{side}configuration"]) else "")
        for side in ("baseline_", "system_")
    ]
    moved = [f"{row[verdict]} {verdict}" for verdict in ("worse", "better") if row[verdict]]
    return visible(
        f"{row['system_name']} {sides[0]} → {sides[1]} · {row['tool']} · "
        f"{row['started_at']:%Y-%m-%d %H:%M} · {count_of(int(row['attacks']), 'attack')}"
        + (f" · {', '.join(moved)}" if moved else "")
    )


def _is_guarded(configuration: object) -> bool:
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


def _show_drift(generation: data.Generation, system: str | None) -> None:
    st.markdown("##### Drift, week by week", anchors=False)
    series = data.table(generation, "drift_series", system=system)
    if series.empty:
        muted(
            "Fewer than four weeks of the same attack, measured alike. Schedule a suite and land "
            f"its results: drift is fed by {FILES}."
        )
        return
    names = {row["series"]: _series(row) for _, row in series.iterrows()}
    picked = pick(url.SERIES, "Series", list(names), lambda key: names[key], width="stretch")
    weeks = data.table(generation, "drift_weeks", series=picked)
    signals = weeks[~weeks["signal"].isin(["within limits", "no limits yet"])]
    plots.drift(
        weeks,
        f"Weekly attack success, {len(weeks)} weeks, {len(signals)} of them with a signal",
    )
    for _, row in signals.tail(3).iterrows():
        note(
            f":orange[◆ **{plain(row['signal'])}**] in the week of {day(row['week_start'])}: "
            f"{with_unit(row['attack_success_rate'], 'percent')}, "
            f"{count_of(int(row['prompts']), 'prompt')}"
        )
    muted(
        "Grey band: the limits that its own first twelve weeks set; ◆ outside, or eight in a row."
    )


def _series(row: pd.Series[Any]) -> str:
    strategy = "" if row["strategy"] == "basic" else f" / {row['strategy']}"
    signal = "" if pd.isna(row["last_signal_on"]) else " · ◆"
    return visible(
        f"{row['system_name']} · {row['attack']}{strategy} · {row['judge']} · "
        f"{count_of(int(row['weeks']), 'week')}{signal}"
    )


def _show_retests(generation: data.Generation, system: str | None) -> None:
    _heading("Retests still needed", "retests", "Open the plan", system)
    states = data.table(generation, "retest_states", system=system)
    if states.empty:
        muted(
            "No claimed fix of a finding that names its attack (`attack` in "
            "`program/findings.csv`)."
        )
        return
    for _, row in states.iterrows():
        more = row["missing_prompts"]
        words = (
            f", {count_of(int(more), 'more clean prompt')} to prove all"
            if not pd.isna(more) and more
            else ""
        )
        note(
            f"**{marked(row['state'])}**: "
            f"{count_of(int(row['findings']), 'claimed fix', 'claimed fixes')}{words}"
        )
    failed = data.table(generation, "retests", of=system)
    for _, row in failed[failed["state"] != "proven"].head(3).iterrows():
        missing = row["missing_prompts"]
        need = (
            "broke through again"
            if pd.isna(missing)
            else f"{row['clean_prompts']:,.0f} of {row['needed_prompts']:,.0f} clean prompts"
        )
        with st.container(gap=None):
            note(plain(row["title"] if isinstance(row["title"], str) else row["finding_id"]))
            muted(
                f"{marked(row['state'])}: {need} · {plain(row['severity'])} · "
                f"{plain(row['system_name'])} · {plain(row['attack'])} · "
                f"claimed {day(row['claimed_at'])}"
            )


def _show_mitigations(generation: data.Generation, system: str | None) -> None:
    st.markdown("##### What guardrails buy, and cost", anchors=False)
    found = data.table(generation, "mitigations", system=system)
    if found.empty:
        muted(
            "Not measured: no version was attacked alike with and without a guardrail "
            "(`configuration` in `attempts/attempts.csv`)."
        )
    for _, row in found.iterrows():
        bought = "no interval"
        if not pd.isna(row["interval_low"]):
            bought = (
                f"{row['delta']:+.0f} ({span(row['interval_low'], row['interval_high'], 'points')})"
            )
        cost = "benign requests: " + NOT_MEASURED
        if not pd.isna(row["over_refusal_delta"]):
            cost = (
                f"{row['over_refusal_delta']:+.0f} points "
                f"({span(row['over_refusal_low'], row['over_refusal_high'], 'points')}) "
                f"of benign requests refused, n = {row['controls']:,.0f}, {plain(row['cost'])}"
            )
        same = "" if row["is_same_version"] else " · another version: that may be the cause"
        with st.container(gap=None):
            note(
                f"**{marked(row['verdict'])}** {bought} · {plain(row['system_name'])} "
                f"{plain(row['system_version'])}, {plain(row['configuration'])} against "
                f"{plain(row['baseline_configuration'])}"
            )
            muted(cost + same)


def _show_coverage(generation: data.Generation, system: str | None) -> None:
    with st.container(border=True, gap="xsmall"):
        cells = data.table(generation, "technique_cells", of=system)
        if cells.empty:
            st.markdown("##### Techniques", anchors=False)
            muted(
                "Not measured: neither attempts nor `program/assessment_techniques.csv` say what "
                "was tried."
            )
            return
        _heading("Techniques by system, 12 months", "technique_cells", "Open the table", system)
        counts = cells["state"].value_counts()
        words = [
            f"{marked(state)} {counts.get(state, 0):,}"
            for state in ("tested", "thin", "untested", "not_applicable")
        ]
        note(" · ".join(words))
        if system is not None:
            show_grid(
                mark_column(cells.dropna(axis="columns", how="all"), "state").drop(
                    columns=["system_name", "risk_tier"]
                ),
                "grid-techniques",
                alt="Techniques of the system: state, evidence, attempts, attack success.",
                most=520,
            )
            return
        maps.technique_map(cells, f"ATLAS techniques by system: {listed(words)}")
        muted(
            "● tested: five independent prompts judged, or an assessment says so; its shade is the "
            "attack success rate. ◐ thin: fewer prompts. ○ untested. – not applicable, with a "  # noqa: RUF001
            "reason."
        )
