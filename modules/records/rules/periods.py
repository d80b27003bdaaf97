"""Effective-dated history: what held from which day to which, and how a change or a correction rewrites it.

A history is a list of periods ordered by ``valid_from`` that never overlap; both ends count, an open end is None, gaps
are allowed. Every function answers with a new history and leaves the old one alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Generic, TypeVar

T = TypeVar("T")

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period(Generic[T]):
    valid_from: date
    valid_to: date | None
    value: T

    def covers(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


History = list[Period[T]]


def at(history: Sequence[Period[T]], day: date) -> Period[T] | None:
    """The period that holds on ``day``."""
    return next((period for period in history if period.covers(day)), None)


def change(history: Sequence[Period[T]], day: date, value: T) -> History[T]:
    """From ``day`` on it is ``value``, until whatever was already to follow; the days before stay as they were.

    In a gap, or before the beginning, the new period lasts until the day before the next one.
    """
    current = at(history, day)
    if current is None:
        following = [period.valid_from for period in history if period.valid_from > day]
        ends = min(following) - _DAY if following else None
        return _ordered([*history, Period(day, ends, value)])
    rest = [period for period in history if period is not current]
    if current.valid_from < day:
        rest.append(replace(current, valid_to=day - _DAY))
    return _ordered([*rest, Period(day, current.valid_to, value)])


def correct(history: Sequence[Period[T]], valid_from: date, value: T) -> History[T]:
    """The period that begins on ``valid_from`` was always ``value``: its dates stay. Raises LookupError."""
    _begins(history, valid_from)
    return [replace(period, value=value) if period.valid_from == valid_from else period for period in history]


def remove(history: Sequence[Period[T]], valid_from: date) -> History[T]:
    """The change of ``valid_from`` never was: the period before it, where it touched, goes on in its place."""
    gone = _begins(history, valid_from)
    kept: History[T] = []
    for period in history:
        if period is gone:
            continue
        touches = period.valid_to is not None and period.valid_to + _DAY == gone.valid_from
        kept.append(replace(period, valid_to=gone.valid_to) if touches else period)
    return kept


def end(history: Sequence[Period[T]], last_day: date) -> History[T]:
    """Nothing holds after ``last_day``: what was to begin later is dropped."""
    return [
        replace(period, valid_to=last_day) if period.valid_to is None or period.valid_to > last_day else period
        for period in history
        if period.valid_from <= last_day
    ]


def reopen(history: Sequence[Period[T]], last_day: date) -> History[T]:
    """Undoes ``end``: the period that ended on ``last_day`` goes on without end, if nothing follows it."""
    if not history or history[-1].valid_to != last_day:
        return list(history)
    return [*history[:-1], replace(history[-1], valid_to=None)]


def move_start(history: Sequence[Period[T]], first_day: date) -> History[T]:
    """The first period begins on ``first_day``. Raises ValueError where that is after its own end."""
    if not history:
        return []
    first = history[0]
    if first.valid_to is not None and first.valid_to < first_day:
        raise ValueError("the first period ends before")
    return [replace(first, valid_from=first_day), *history[1:]]


def _begins(history: Sequence[Period[T]], valid_from: date) -> Period[T]:
    for period in history:
        if period.valid_from == valid_from:
            return period
    raise LookupError(valid_from.isoformat())


def _ordered(history: History[T]) -> History[T]:
    return sorted(history, key=lambda period: period.valid_from)
