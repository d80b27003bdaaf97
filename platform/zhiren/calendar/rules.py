"""Times: joined, cut out of one another, and what is left for a meeting. Pure; intervals are half open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from zhiren.calendar.schemas import ZONE, Hours, Interval

CHINA: Final = ZoneInfo(ZONE)
DAY_MIN: Final = 24 * 60


def merge(intervals: Iterable[Interval]) -> list[Interval]:
    """The same times as few intervals, in order; empty ones are left out."""
    merged: list[Interval] = []
    for one in sorted(each for each in intervals if each.end > each.start):
        if merged and one.start <= merged[-1].end:
            if one.end > merged[-1].end:
                merged[-1] = Interval(merged[-1].start, one.end)
        else:
            merged.append(one)
    return merged


def without(times: Iterable[Interval], taken: Iterable[Interval]) -> list[Interval]:
    """What is left of ``times`` when ``taken`` is cut out."""
    left: list[Interval] = []
    cuts = merge(taken)
    for window in merge(times):
        start = window.start
        for cut in cuts:
            if cut.end <= start:
                continue
            if cut.start >= window.end:
                break
            if cut.start > start:
                left.append(Interval(start, cut.start))
            start = max(start, cut.end)
        if start < window.end:
            left.append(Interval(start, window.end))
    return left


def common(windows: Sequence[Iterable[Interval]]) -> list[Interval]:
    """The times that are in every one of ``windows``; none at all when there are none."""
    if not windows:
        return []
    shared = merge(windows[0])
    for other in windows[1:]:
        shared = without(shared, without(shared, other))
    return shared


def working(hours: Hours, first: date, last: date) -> list[Interval]:
    """When somebody with these hours works from ``first`` to ``last``, both included."""
    zone, found = ZoneInfo(hours.zone), []
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        if day.isoweekday() not in hours.days:
            continue
        found.append(Interval(at(day, hours.start_min, zone), at(day, hours.end_min, zone)))
        if hours.break_end_min > hours.break_start_min:
            pause = Interval(at(day, hours.break_start_min, zone), at(day, hours.break_end_min, zone))
            found[-1:] = without(found[-1:], [pause])
    return found


def at(day: date, minute: int, zone: ZoneInfo = CHINA) -> datetime:
    """The instant at which clocks of ``zone`` show ``minute`` of ``day``; 1440 is the next midnight."""
    days, rest = divmod(minute, DAY_MIN)
    return datetime.combine(day + timedelta(days=days), time(rest // 60, rest % 60), tzinfo=zone).astimezone(UTC)


def free(
    busy: Mapping[UUID, Sequence[Interval]],
    within: Iterable[Interval],
    duration_min: int,
    step_min: int = 15,
) -> list[Interval]:
    """Every time of ``duration_min`` inside ``within`` at which none of the people is busy, in order.

    They begin at whole steps from midnight in China, and so may overlap one another. Raises ValueError when the
    duration or the step is not between 1 minute and a day.
    """
    if not 1 <= duration_min <= DAY_MIN or not 1 <= step_min <= DAY_MIN:
        raise ValueError("duration and step are between 1 and 1440 minutes")
    duration, step, found = timedelta(minutes=duration_min), timedelta(minutes=step_min), []
    taken = [interval for each in busy.values() for interval in each]
    for gap in without(within, taken):
        start = _next_step(gap.start, step_min)
        while start + duration <= gap.end:
            found.append(Interval(start, start + duration))
            start = _next_step(start + timedelta(microseconds=1), step_min) if DAY_MIN % step_min else start + step
    return found


def _next_step(moment: datetime, step_min: int) -> datetime:
    """The first whole step of its day in China that is not before ``moment``."""
    local = moment.astimezone(CHINA)
    midnight = datetime.combine(local.date(), time(), tzinfo=CHINA)
    step = timedelta(minutes=step_min)
    steps = -((midnight - local) // step)
    found = midnight + steps * step
    if found.date() != local.date():
        # a step that does not divide the day begins anew at midnight
        found = datetime.combine(local.date() + timedelta(days=1), time(), tzinfo=CHINA)
    return found.astimezone(UTC)
