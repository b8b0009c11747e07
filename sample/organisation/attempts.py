"""Generic attempts: what the monthly regression suite tried against each member, try by try."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from sample.organisation.calendar import chance, stamp, stream
from sample.organisation.files import Row
from sample.organisation.releases import version_on
from sample.organisation.stories import (
    GUARDRAIL_CONFIGURATION,
    GUARDRAIL_EFFECT,
    GUARDRAIL_FROM,
    GUARDRAIL_SYSTEM,
    MODEL_UPDATE_ON,
    UNREGISTERED_FROM,
    UNREGISTERED_TARGET,
)
from sample.organisation.suite import (
    ATTACKS_ON,
    SUITE_JUDGE,
    SUITE_START,
    SUITE_TOOL,
    WEAKNESS_OF_MEMBER,
    Attack,
    suite_runs,
)
from sample.organisation.systems import (
    BY_ID,
    SUITE_DISPLAY_NAMES,
    WEALTH_BUILD_PREFIX,
    WEALTH_BUILD_SYSTEM,
)
from sample.organisation.weaknesses import BY_CODE

PROMPTS_PER_RUN, TRIES = 20, 2
# The system whose guardrail is under study is asked more, so that the effect can be seen.
STUDY_PROMPTS, STUDY_TRIES = 40, 3
CONTROL_PROMPTS = 4
# Some prompts work nearly always, most hardly ever: tries of one prompt are alike.
PROMPT_STRENGTHS = (0.1, 0.3, 0.6, 1.0, 1.4, 2.6)
BEST_SUCCESS = 0.97
YEARLY_HARDENING = 0.15
UNDETERMINED, FAILED_CALLS = 0.02, 0.012
OVER_REFUSAL, OVER_REFUSAL_BEHIND_GUARDRAIL = 0.05, 0.13
UNREGISTERED_WEAKNESS = 0.34
SECONDS_BETWEEN_TRIES = 7


def quarter_files() -> dict[str, list[Row]]:
    """Return the suite's rows by quarter, named like `suite-2025-q3`."""
    result: dict[str, list[Row]] = {}
    for system_id, day, run_id in suite_runs():
        name = f"suite-{day.year}-q{(day.month + 2) // 3}"
        result.setdefault(name, []).extend(_run(system_id, day, run_id))
    return result


def pilot_rows() -> list[Row]:
    """Return the runs against a pilot that is in no inventory."""
    rows: list[Row] = []
    for offset in (9, 40, 72):
        day = UNREGISTERED_FROM + timedelta(days=offset)
        cells = {
            "run_id": f"suite-branch-chat-pilot-{day:%Y-%m}",
            "target_name": UNREGISTERED_TARGET,
        }
        attacks = ATTACKS_ON["chatbot"]
        rows += _tries(cells, "branch-chat-pilot", day, attacks, UNREGISTERED_WEAKNESS, 10, TRIES)
    return rows


def _run(system_id: str, day: date, run_id: str) -> list[Row]:
    is_studied = system_id == GUARDRAIL_SYSTEM
    prompts, tries = (STUDY_PROMPTS, STUDY_TRIES) if is_studied else (PROMPTS_PER_RUN, TRIES)
    configuration = _configuration(system_id, day)
    cells = {
        "run_id": run_id,
        **_target(system_id, day),
        "configuration": configuration,
    }
    base = _base_rate(system_id, day)
    rows = _tries(cells, system_id, day, ATTACKS_ON[BY_ID[system_id].kind], base, prompts, tries)
    over_refusal = OVER_REFUSAL_BEHIND_GUARDRAIL if configuration else OVER_REFUSAL
    return rows + _controls(cells, system_id, day, over_refusal, len(rows))


def _target(system_id: str, day: date) -> dict[str, str]:
    """Return the name the suite gives a target: a display name, a build name or `name@version`."""
    version = version_on(system_id, day)
    if system_id in SUITE_DISPLAY_NAMES:
        return {"target_name": SUITE_DISPLAY_NAMES[system_id], "target_version": version}
    if system_id == WEALTH_BUILD_SYSTEM:
        return {"target_name": WEALTH_BUILD_PREFIX + version}
    return {"target_name": f"{system_id}@{version}"}


def _configuration(system_id: str, day: date) -> str:
    is_guarded = system_id == GUARDRAIL_SYSTEM and day >= GUARDRAIL_FROM
    return GUARDRAIL_CONFIGURATION if is_guarded else ""


def _base_rate(system_id: str, day: date) -> float:
    """Return how far a system gives way: a little less each year, and less behind a guardrail.

    The model update of the story puts the guarded system back to where it was.
    """
    base = WEAKNESS_OF_MEMBER[system_id]
    if system_id == GUARDRAIL_SYSTEM:
        return base * GUARDRAIL_EFFECT if GUARDRAIL_FROM <= day < MODEL_UPDATE_ON else base
    years = (day - SUITE_START).days / 365
    return base * (1 - YEARLY_HARDENING * years)


def _tries(
    cells: dict[str, str],
    system_id: str,
    day: date,
    attacks: tuple[Attack, ...],
    base: float,
    prompts: int,
    tries: int,
) -> list[Row]:
    rng = stream("tries", cells["run_id"])
    rows: list[Row] = []
    clock = _clock(system_id, day)
    for number in range(prompts):
        attack = attacks[number % len(attacks)]
        prompt_id = f"{attack.name}-{number // len(attacks) + 1:02d}"
        strength = stream("prompt", system_id, prompt_id).choice(PROMPT_STRENGTHS)
        for _ in range(tries):
            success = min(BEST_SUCCESS, base * attack.strength * strength)
            draw = rng.random()
            outcome = _unscored(draw) or ("success" if chance(rng, success) else "resisted")
            rows.append(
                {
                    **cells,
                    "attack": attack.name,
                    "outcome": outcome,
                    "attempted_at": stamp(next(clock)),
                    "prompt_id": prompt_id,
                    "technique_id": BY_CODE[attack.vulnerability_class].technique_id,
                    "vulnerability_class": attack.vulnerability_class,
                    "judge": SUITE_JUDGE,
                    "tool": SUITE_TOOL,
                }
            )
    return rows


def _controls(
    cells: dict[str, str], system_id: str, day: date, over_refusal: float, place: int
) -> list[Row]:
    """Ask harmless questions: of these a success is a refusal nobody wanted."""
    rng = stream("controls", cells["run_id"])
    clock = _clock(system_id, day, place)
    return [
        {
            **cells,
            "attack": "benign-question",
            "outcome": _unscored(rng.random())
            or ("success" if chance(rng, over_refusal) else "resisted"),
            "attempted_at": stamp(next(clock)),
            "is_control": "true",
            "prompt_id": f"benign-{number + 1:02d}",
            "judge": SUITE_JUDGE,
            "tool": SUITE_TOOL,
        }
        for number in range(CONTROL_PROMPTS)
        for _ in range(TRIES)
    ]


def _unscored(draw: float) -> str | None:
    if draw < UNDETERMINED:
        return "undetermined"
    return "error" if draw < UNDETERMINED + FAILED_CALLS else None


def _clock(system_id: str, day: date, tries_before: int = 0) -> Iterator[datetime]:
    minute = stream("night", system_id, day).randrange(60)
    moment = datetime.combine(day, time(2, minute))
    moment += timedelta(seconds=SECONDS_BETWEEN_TRIES * tries_before)
    while True:
        yield moment
        moment += timedelta(seconds=SECONDS_BETWEEN_TRIES)
