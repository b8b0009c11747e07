"""What a metric card says: the number, its basis, its status, its change, what it hides."""

from __future__ import annotations

import math
from typing import Final, Literal

from app import data
from app.components.formatting import (
    SPACE,
    count_of,
    listed,
    quantity,
    span,
    target,
    with_unit,
)
from app.components.text import plain
from app.view import MONTH, QUARTER, View

COUNT_LEADS: Final = "critical_high_finding_rate"
BY_SEVERITY: Final = "mean_time_to_remediate"
WORST_SYSTEM: Final = "attack_success_rate"
MATURES: Final = "remediation_completion_rate"

SEVERITIES: Final = ("critical", "high", "medium", "low")

# Status in words and shape; the colour only repeats it.
STATUS_MARKS: Final = {
    "met": ":green[✓ **Met**]",
    "missed": ":red[✕ **Missed**]",
    "undecided": ":orange[◇ **Undecided**]",
    "no_target": ":gray[○ No target]",
    "not_measured": ":gray[○ Not measured]",
}

INCOMPLETE: Final = (
    ":orange[◧ **Incomplete**]: over 1 % of the rows of a file that feeds it are held back"
)

TRENDS: Final = {
    "better": ":green[**Better**]",
    "worse": ":red[**Worse**]",
    "rising": "Rising",
    "falling": "Falling",
}
"""Only what marts.metric_status has evidence for."""

WORST_FIRST: Final = ("missed", "undecided", "met")

DeltaColor = Literal["green", "red", "off"]
DeltaArrow = Literal["up", "down", "off"]


def headline(card: data.Card) -> str:
    """Return the number that leads the card."""
    value = card.value
    if value is None or value.value is None:
        return "–"  # noqa: RUF001
    if card.metric.metric_id == COUNT_LEADS:
        return quantity(value.numerator)
    return with_unit(
        value.value, card.metric.unit, value.sample_size, (value.target_low, value.target_high)
    )


def basis(card: data.Card) -> str:
    """Return what the number is made of: 14 of 16, n = 16, interval."""
    value, unit = card.value, card.metric.unit
    if value is None:
        return ""
    numerator, denominator = quantity(value.numerator), quantity(value.denominator)
    if unit == "percent":
        words = [f"{numerator} of {denominator}"]
    else:
        words = [f"{numerator} / {denominator}"]
    if card.metric.metric_id == COUNT_LEADS:
        words.append(f"rate {with_unit(value.value, unit, value.sample_size)}")
    words.append(f"n = {value.sample_size:,}")
    if value.interval_low is not None and value.interval_high is not None:
        interval = span(value.interval_low, value.interval_high, unit, value.sample_size)
        words.append(f"95 % interval {interval}")
    if value.median is not None and value.p90 is not None:
        words.append(f"median {with_unit(value.median, unit)}")
        words.append(f"9 of 10 within {with_unit(value.p90, unit)}")
    return " · ".join(words)


def status(card: data.Card, view: View) -> str:
    """Return the target's status in words and shape, with the marks that qualify it."""
    value = card.value
    if value is None:
        return STATUS_MARKS["not_measured"]
    worst = worst_target(card)
    if value.target_status == "no_target" and worst is not None:
        words = [_target_part(card, worst)]
    elif value.target_status == "no_target" and card.is_immature:
        words = [STATUS_MARKS["undecided"]]
    else:
        words = [STATUS_MARKS[value.target_status]]
        if value.target_status == "undecided" and value.sample_size < data.FEWEST_TO_JUDGE:
            words[0] += ": too few to tell"
    if value.target_low is not None or value.target_high is not None:
        words.append(f"target {target(value.target_low, value.target_high, card.metric.unit)}")
    if card.is_immature:
        words.append(immature_in_words(card))
    if view.period.is_partial:
        words.append(":orange[◐ partial period]")
    return " · ".join(words)


def trend_in_words(card: data.Card, view: View) -> str:
    """Return where the metric has been heading, nothing where there is no evidence."""
    standing = card.standing
    if standing is None or standing.trend not in TRENDS or standing.trend_points is None:
        return ""
    return f"{TRENDS[standing.trend]} over {count_of(standing.trend_points, view.period.grain)}"


def immature_in_words(card: data.Card) -> str:
    """Return what the calendar alone may still change."""
    if not card.undecided_count:
        return "not all decided yet"
    if card.metric.metric_id == MATURES:
        return f"{count_of(card.undecided_count, 'finding is', 'findings are')} not yet due"
    return f"{count_of(card.undecided_count, 'row is', 'rows are')} not yet decided"


def worst_target(card: data.Card) -> data.TargetPart | None:
    """Return the segment farthest from its target, missed ones first, None when none has one."""

    def rank(part: data.TargetPart) -> tuple[int, float]:
        status = part.target_status
        place = WORST_FIRST.index(status) if status in WORST_FIRST else len(WORST_FIRST)
        short = max(
            -math.inf if part.target_low is None else part.target_low - part.value,
            -math.inf if part.target_high is None else part.value - part.target_high,
        )
        bound = part.target_low if part.target_high is None else part.target_high
        return place, -short / max(abs(bound or 0), 1)

    return min(card.target_parts, key=rank, default=None)


def _target_part(card: data.Card, part: data.TargetPart) -> str:
    unit = card.metric.unit
    bounds = (part.target_low, part.target_high)
    kind = " risk" if part.segment.dimension == "risk_tier" else ""
    mark = STATUS_MARKS.get(part.target_status, STATUS_MARKS["not_measured"])
    text = (
        f"{mark}: {plain(part.segment.value)}{kind} "
        f"{with_unit(part.value, unit, part.sample_size, bounds)}, target {target(*bounds, unit)}, "
        f"n{SPACE}={SPACE}{part.sample_size:,}"
    )
    if part.target_status == "undecided" and part.sample_size < data.FEWEST_TO_JUDGE:
        text += ": too few to tell"
    statuses = [other.target_status for other in card.target_parts]
    missed, met = statuses.count("missed"), statuses.count("met")
    if missed > 1:
        text += f" · {missed} of {len(statuses)} targets missed"
    elif met and not missed and met < len(statuses):
        text += f" · {met} of {len(statuses)} targets met"
    return text


def alarm_in_words(alarm: data.Alarm, view: View) -> str:
    """Return why a number that got better may not be believed yet."""
    name = plain(alarm.companion_name or _words(alarm.companion).capitalize())
    now = with_unit(alarm.value, alarm.unit, alarm.sample_size)
    before = with_unit(alarm.previous_value, alarm.unit, alarm.sample_size)
    text = f":red[⚠ **Companion alarm**]: {plain(alarm.why)} {name} {now}, was {before}"
    if alarm.period != view.period:
        text += f" ({alarm.period.name})"
    return f"{text}; can still change" if alarm.is_immature else text


def change_in_words(
    card: data.Card, value: data.Value, view: View
) -> tuple[str | None, DeltaColor, DeltaArrow]:
    """Return the change against the previous period: words, colour and arrow."""
    metric = card.metric
    before = {MONTH: "the month before", QUARTER: "the quarter before"}.get(
        view.period.grain, "the 12 months to a month earlier"
    )
    if value.previous_value is None or value.change is None:
        return f"not comparable with {before}", "off", "off"
    subject = "rate " if metric.metric_id == COUNT_LEADS else ""
    previous = with_unit(value.previous_value, metric.unit, value.sample_size)
    if value.change == 0:
        return f"{subject}unchanged", "off", "off"
    rises = value.change > 0
    words = f"{subject}{'up' if rises else 'down'} from {previous}"
    arrow: DeltaArrow = "up" if rises else "down"
    if card.is_immature:
        return f"{words}: can change", "off", arrow
    if value.sample_size < data.FEWEST_TO_JUDGE:
        return f"{words}: too few to tell", "off", arrow
    if value.may_be_chance:
        return f"{words}: may be chance", "off", arrow
    if metric.direction in ("up", "down"):
        is_better = rises == (metric.direction == "up")
        if is_better:
            return f"better: {words}", "green", arrow
        return f"worse: {words}", "red", arrow
    return words, "off", arrow


def why_not_measured(card: data.Card, view: View) -> str:
    """Return what would fill an empty card."""
    files = listed([f"`{name}`" for name in card.metric.needs if name != "retests"])
    if card.value is None and not view.segment.is_all:
        return "Not measured in this segment: nothing to count, or not broken down by it."
    reason = "nothing to count in this period" if card.row_count == 0 else "a side is missing"
    return f"Not measured: {reason}. It is fed by {files} in the landing folder."


def notes_in_words(
    generation: data.Generation, card: data.Card, value: data.Value, view: View
) -> list[str]:
    """Return what the number hides: its severities, its worst system."""
    if not view.segment.is_all:
        return []
    if card.metric.metric_id == BY_SEVERITY:
        return [_severities(generation, card, view)]
    if card.metric.metric_id == WORST_SYSTEM:
        return _systems(generation, card, view)
    return []


def _severities(generation: data.Generation, card: data.Card, view: View) -> str:
    found = {
        part.segment_value: part
        for part in data.parts(generation, card.metric.metric_id, view.period, "severity")
    }
    return " · ".join(
        f"{severity} {with_unit(found[severity].value, card.metric.unit)}"
        f" (n = {found[severity].sample_size})"
        if severity in found
        else f"{severity} none"
        for severity in SEVERITIES
    )


def _systems(generation: data.Generation, card: data.Card, view: View) -> list[str]:
    found = data.parts(generation, card.metric.metric_id, view.period, "system")
    if not found:
        return []
    worst, names = found[0], data.system_names(generation)
    name = plain(names.get(worst.segment_value, worst.segment_value))
    unit = card.metric.unit
    text = f"Worst upper bound: {name} {with_unit(worst.value, unit, worst.sample_size)}"
    if worst.interval_low is not None and worst.interval_high is not None:
        text += f" ({span(worst.interval_low, worst.interval_high, unit, worst.sample_size)})"
    text += f", n = {worst.sample_size:,}"
    compared = [part.change for part in found if part.change is not None]
    counts = (
        f"{count_of(len(found), 'system')}: {sum(change > 0 for change in compared)} worse, "
        f"{sum(change < 0 for change in compared)} better, "
        f"{sum(change == 0 for change in compared)} unchanged, "
        f"{len(found) - len(compared)} not comparable"
    )
    return [text, counts]


def companions_in_words(card: data.Card) -> str:
    """Return the numbers that would get worse if this one were bought cheaply."""
    measured = [
        f"{plain(item.name)} {with_unit(item.value, item.unit, item.sample_size)}"
        + (" so far" if item.is_immature and item.value is not None else "")
        for item in card.companions
        if item.name is not None and item.unit is not None
    ]
    absent = [_words(item.metric_id) for item in card.companions if item.name is None]
    parts = [f"Read with {listed(measured)}"] if measured else []
    if absent:
        parts.append(
            f"{'Its' if not measured else 'Other'} companions are not measured yet: "
            f"{listed(absent)}"
        )
    return ". ".join(parts)


def _words(metric_id: str) -> str:
    return metric_id.removesuffix("_rate").replace("_", " ").replace("sla", "SLA")
