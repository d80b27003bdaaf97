"""Histories: whatever is changed, every other day stays as it was."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modules.records.rules import periods
from modules.records.rules.periods import Period

DAY0 = date(2020, 1, 1)
LAST = 400
days = st.integers(0, LAST).map(lambda n: DAY0 + timedelta(days=n))


@st.composite
def histories(draw: st.DrawFn) -> list[Period[int]]:
    starts = sorted(draw(st.sets(st.integers(0, LAST), min_size=1, max_size=6)))
    found = []
    for index, start in enumerate(starts):
        following = starts[index + 1] if index + 1 < len(starts) else None
        longest = (following - 1 if following is not None else LAST + 100) - start
        open_end = following is None and draw(st.booleans())
        length = draw(st.integers(0, longest))
        end = None if open_end else DAY0 + timedelta(days=start + length)
        found.append(Period(DAY0 + timedelta(days=start), end, index))
    return found


def by_day(history: list[Period[int]]) -> list[int | None]:
    """The value of each day, found the slow and obvious way; two on one day are an error."""
    found: list[int | None] = []
    for n in range(LAST + 120):
        values = [p.value for p in history if p.covers(DAY0 + timedelta(days=n))]
        assert len(values) <= 1, "periods overlap"
        found.append(values[0] if values else None)
    return found


@settings(deadline=None)
@given(histories(), days)
def test_a_change_leaves_the_days_before_and_the_planned_changes_alone(history: list[Period[int]], day: date) -> None:
    before, after = by_day(history), by_day(periods.change(history, day, 99))
    n = (day - DAY0).days
    assert after[:n] == before[:n]
    assert after[n] == 99
    planned = next(
        (i for i in range(n + 1, len(before)) if any((DAY0 + timedelta(days=i)) == p.valid_from for p in history)), None
    )
    if planned is not None:
        assert after[planned:] == before[planned:]


@settings(deadline=None)
@given(histories(), days)
def test_a_change_ends_where_the_period_it_splits_ended(history: list[Period[int]], day: date) -> None:
    current = periods.at(history, day)
    made = periods.at(periods.change(history, day, 99), day)
    assert made is not None
    if current is not None:
        assert made.valid_to == current.valid_to


@settings(deadline=None)
@given(histories(), st.data())
def test_a_correction_keeps_all_dates(history: list[Period[int]], data: st.DataObject) -> None:
    target = data.draw(st.sampled_from(history))
    after = periods.correct(history, target.valid_from, 99)
    assert [(p.valid_from, p.valid_to) for p in after] == [(p.valid_from, p.valid_to) for p in history]
    assert by_day(after) == [99 if v == target.value else v for v in by_day(history)]


@settings(deadline=None)
@given(histories(), days)
def test_taking_a_change_back_restores_every_day(history: list[Period[int]], day: date) -> None:
    current = periods.at(history, day)
    if current is None or current.valid_from == day:
        return
    assert by_day(periods.remove(periods.change(history, day, 99), day)) == by_day(history)


@settings(deadline=None)
@given(histories(), days)
def test_nothing_holds_after_the_end(history: list[Period[int]], day: date) -> None:
    n = (day - DAY0).days
    before, after = by_day(history), by_day(periods.end(history, day))
    assert after[: n + 1] == before[: n + 1]
    assert set(after[n + 1 :]) == {None}


@settings(deadline=None)
@given(histories(), days)
def test_reopening_undoes_an_end_that_cut_an_open_period(history: list[Period[int]], day: date) -> None:
    last = history[-1]
    if last.valid_to is not None or last.valid_from > day:
        return
    assert periods.reopen(periods.end(history, day), day) == history


def test_what_does_not_begin_there_cannot_be_corrected() -> None:
    with pytest.raises(LookupError):
        periods.correct([Period(DAY0, None, 1)], DAY0 + timedelta(days=1), 2)
