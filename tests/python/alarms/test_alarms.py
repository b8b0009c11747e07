"""A metric that gets better at the cost of its companion raises that alarm and no other."""

from __future__ import annotations

import pytest

from tests.python.alarms.conftest import Alarms, Run, alarms_of, standing_of
from tests.python.alarms.organisation import FEBRUARY, NOVEMBER, Organisation
from tests.python.alarms.stories import STORIES, Pair, honest

PAIRS = sorted(STORIES)
# A whole build, its tests and its publication take as long as twenty stories.
WHOLE_BUILD: Pair = ("attack_success_rate", "over_refusal_rate")


def alarm_of(pair: Pair) -> Alarms:
    """Return the one alarm of a story, in the latest month in which its two sides can be judged."""
    latest = NOVEMBER if pair[1] == "reopen_rate" else FEBRUARY
    return {pair: [("all", "all", "month", latest.date())]}


@pytest.mark.parametrize("pair", PAIRS, ids=" <- ".join)
def test_each_story_raises_its_alarm_and_no_other(run: Run, pair: Pair) -> None:
    with run(STORIES[pair]()) as connection:
        assert alarms_of(connection) == alarm_of(pair)
        assert standing_of(connection) == [(*pair, "all", "all", "month")]


def test_an_honest_organisation_raises_no_alarm(run: Run) -> None:
    with run(honest()) as connection:
        better = connection.execute(
            """
            select count(distinct metric_id)
            from intermediate.int_companion_comparisons
            where is_metric_better
            """
        ).fetchone()
        assert alarms_of(connection) == {}
        assert standing_of(connection) == []
    assert better is not None
    assert better[0] >= 8


def test_an_organisation_without_records_measures_nothing_and_raises_no_alarm(run: Run) -> None:
    with run(Organisation(systems=0)) as connection:
        assert alarms_of(connection) == {}
        assert connection.execute("select count(*) from marts.metric_values").fetchone() == (0,)
        assert connection.execute("select * from marts.companion_signals").fetchall() == []


@pytest.mark.slow
def test_a_whole_build_raises_the_alarm(build: Run) -> None:
    with build(STORIES[WHOLE_BUILD]()) as connection:
        assert alarms_of(connection) == alarm_of(WHOLE_BUILD)
        # Both sides open: the rows of the metric add up to the number of the alarm.
        counted = connection.execute(
            """
            select alerts.metric_sample_size, sum(observations.sample_size)
            from marts.metric_companion_alerts as alerts
            inner join marts.metric_observations as observations
                on
                    alerts.metric_id = observations.metric_id
                    and observations.observed_on >= alerts.metric_rows_from
                    and observations.observed_on < alerts.period_end
            group by alerts.metric_sample_size
            """
        ).fetchall()
    assert [published for published, _ in counted] == [found for _, found in counted]
    assert len(counted) == 1
