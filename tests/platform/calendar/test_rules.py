"""Free times: never at a busy moment, and none left out."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhiren.calendar import Hours, Interval, common, free, merge, without, working
from zhiren.ids import new_id

CHINA = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 12, 1, tzinfo=CHINA)
SPAN_MIN = 3 * 24 * 60


def minutes(first: int, last: int) -> Interval:
    return Interval(START + timedelta(minutes=first), START + timedelta(minutes=last))


times = st.tuples(st.integers(0, SPAN_MIN), st.integers(0, 600)).map(lambda pair: minutes(pair[0], pair[0] + pair[1]))
several = st.lists(times, max_size=12)


def covered(moment: datetime, intervals: list[Interval]) -> bool:
    return any(one.start <= moment < one.end for one in intervals)


@given(several)
def test_merging_keeps_every_minute(intervals: list[Interval]) -> None:
    merged = merge(intervals)
    assert all(earlier.end < later.start for earlier, later in pairwise(merged))
    for minute in range(0, SPAN_MIN + 600, 7):
        moment = START + timedelta(minutes=minute)
        assert covered(moment, merged) == covered(moment, intervals)


@given(several, several)
def test_cutting_out_leaves_exactly_the_rest(window: list[Interval], taken: list[Interval]) -> None:
    left = without(window, taken)
    for minute in range(0, SPAN_MIN + 600, 7):
        moment = START + timedelta(minutes=minute)
        assert covered(moment, left) == (covered(moment, window) and not covered(moment, taken))


@given(st.lists(several, min_size=1, max_size=4))
def test_common_times_are_in_every_window(windows: list[list[Interval]]) -> None:
    shared = common(windows)
    for minute in range(0, SPAN_MIN + 600, 7):
        moment = START + timedelta(minutes=minute)
        assert covered(moment, shared) == all(covered(moment, window) for window in windows)


@given(
    st.lists(several, max_size=4),
    several,
    st.integers(5, 240),
    st.sampled_from([5, 10, 15, 20, 30, 45, 60, 7]),
)
def test_free_never_overlaps_and_is_complete(
    calendars: list[list[Interval]], window: list[Interval], duration_min: int, step_min: int
) -> None:
    busy = {new_id(): calendar for calendar in calendars}
    found = free(busy, window, duration_min, step_min)
    taken, inside = merge([one for calendar in calendars for one in calendar]), merge(window)
    assert found == sorted(set(found))
    # every step of every day, asked one by one, by the definition
    expected = []
    for day in range(-1, 5):
        for minute in range(0, 1440, step_min):
            start = START + timedelta(days=day, minutes=minute)
            end = start + timedelta(minutes=duration_min)
            fits = any(one.start <= start and end <= one.end for one in inside)
            if fits and not any(one.start < end and start < one.end for one in taken):
                expected.append(Interval(start, end))
    assert found == expected


def test_times_begin_on_whole_steps_although_people_become_free_in_between() -> None:
    busy = {new_id(): [minutes(0, 9 * 60 + 7)], new_id(): [minutes(10 * 60 + 31, 24 * 60)]}
    assert free(busy, [minutes(0, 24 * 60)], 30, 15) == [
        minutes(9 * 60 + 15, 9 * 60 + 45),
        minutes(9 * 60 + 30, 10 * 60),
        minutes(9 * 60 + 45, 10 * 60 + 15),
        minutes(10 * 60, 10 * 60 + 30),
    ]


def test_a_meeting_that_ends_when_the_next_begins_does_not_clash() -> None:
    busy = {new_id(): [minutes(0, 60), minutes(120, 180)]}
    assert free(busy, [minutes(0, 180)], 60) == [minutes(60, 120)]


@pytest.mark.parametrize(("duration", "step"), [(0, 15), (1441, 15), (30, 0), (30, 1441), (-5, 15)])
def test_impossible_lengths_are_refused(duration: int, step: int) -> None:
    with pytest.raises(ValueError, match="between 1 and 1440"):
        free({}, [minutes(0, 60)], duration, step)


def test_working_hours_have_a_break_and_a_weekend() -> None:
    found = working(Hours(), date(2026, 11, 27), date(2026, 11, 30))  # Friday to Monday
    assert [(one.start.astimezone(CHINA), one.end.astimezone(CHINA)) for one in found] == [
        (datetime(2026, 11, day, first, tzinfo=CHINA), datetime(2026, 11, day, last, tzinfo=CHINA))
        for day in (27, 30)
        for first, last in ((9, 12), (13, 18))
    ]


def test_a_day_without_a_break_is_whole() -> None:
    hours = Hours(break_start_min=0, break_end_min=0, days=(7,), end_min=1440)
    assert working(hours, date(2026, 11, 29), date(2026, 11, 29)) == [
        Interval(datetime(2026, 11, 29, 9, tzinfo=CHINA), datetime(2026, 11, 30, tzinfo=CHINA))
    ]


def test_foreign_zones_follow_their_own_summer_time() -> None:
    """09:00 in New York is 13:00 UTC before the clocks go back on 1 November 2026, and 14:00 after."""
    hours = Hours(days=(5, 1), zone="America/New_York", break_start_min=0, break_end_min=0)
    found = working(hours, date(2026, 10, 30), date(2026, 11, 2))
    assert [one.start for one in found] == [
        datetime(2026, 10, 30, 13, tzinfo=UTC),
        datetime(2026, 11, 2, 14, tzinfo=UTC),
    ]
    # an interviewer in Shanghai who works late meets one in New York early
    evening = working(Hours(start_min=20 * 60, end_min=23 * 60), date(2026, 10, 30), date(2026, 11, 2))
    assert [(one.start.hour, one.end.hour) for one in common([found, evening])] == [(13, 15), (14, 15)]
