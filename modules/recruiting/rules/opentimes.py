"""Times of a day, one after the other, and whom they would put in two places."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from zhiren.calendar import Interval
from zhiren.clock import CHINA

#: more at once is a slip of the hand
MAX_TIMES: Final = 100


def series(day: date, begin: time, end: time, minutes: int, pause: int) -> list[datetime]:
    """Starts at which ``minutes`` fit before ``end``, with ``pause`` minutes between; in China."""
    at, last = datetime.combine(day, begin, CHINA), datetime.combine(day, end, CHINA)
    found: list[datetime] = []
    while at + timedelta(minutes=minutes) <= last and len(found) <= MAX_TIMES:
        found.append(at)
        at += timedelta(minutes=minutes + pause)
    return found


def groups(panel: Sequence[UUID], apart: bool) -> list[list[UUID]]:
    """Who sees one candidate: all together, or each their own, so that as many candidates fit in one time."""
    return [[one] for one in panel] if apart else [list(panel)]


def distinct(slots: Sequence[Any]) -> list[Any]:
    """One of each time: whoever chooses need not know how many places there are."""
    return list({slot.starts_at: slot for slot in reversed(slots)}.values())[::-1]


def free(busy: Mapping[UUID, Sequence[Interval]], who: Collection[UUID], start: datetime, end: datetime) -> bool:
    """Whether nobody of ``who`` has anything then."""
    return not any(one.start < end and one.end > start for user_id in who for one in busy.get(user_id, ()))
