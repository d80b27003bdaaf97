"""Times as people type and read them: in China, to the minute."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, Final
from uuid import UUID

from zhiren.calendar import Hours, Interval, free, working
from zhiren.clock import CHINA
from zhiren.i18n import _

#: suggestions of one day
A_DAY: Final = 4


def read_times(texts: Sequence[str], faults: dict[str, str]) -> list[datetime]:
    """``2026-09-01T14:00`` as browsers send it; empty ones are left out, others are told in ``faults["times"]``."""
    found = []
    for text in texts:
        if not text.strip():
            continue
        try:
            at = datetime.fromisoformat(text.strip())
        except ValueError:
            faults["times"] = _("请填日期和时间")
            continue
        found.append(at.replace(tzinfo=CHINA) if at.tzinfo is None else at)
    return found


def by_day(meetings: Sequence[Any]) -> list[tuple[date, list[Any]]]:
    """Meetings with a time, day by day in China."""

    def day(meeting: Any) -> date:
        at: datetime = meeting.interview.starts_at
        return at.astimezone(CHINA).date()

    return [(key, list(rows)) for key, rows in groupby((one for one in meetings if one.interview.starts_at), key=day)]


def suggestions(
    busy: Mapping[UUID, Sequence[Interval]], start: datetime, end: datetime, minutes: int
) -> list[datetime]:
    """Starts at which everybody is free in working hours, on the half hour, at most ``A_DAY`` a day."""
    hours = working(Hours(), start.astimezone(CHINA).date(), end.astimezone(CHINA).date())
    found: list[datetime] = []
    for slot in free(busy, hours, minutes, 30):
        if slot.start < start or slot.start > end:
            continue
        day = slot.start.astimezone(CHINA).date()
        same = [one for one in found if one.astimezone(CHINA).date() == day]
        if len(same) < A_DAY and (not same or slot.start - same[-1] >= timedelta(minutes=60)):
            found.append(slot.start)
    return found
