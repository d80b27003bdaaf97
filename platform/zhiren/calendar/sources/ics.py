"""When somebody is busy, out of an iCalendar file: repeated events, whole days, any time zone.

What is in such a file comes from strangers: each event that cannot be read is left out, and repetitions that would
never end are not begun.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import recurring_ical_events  # type: ignore[import-untyped]
from icalendar import Calendar

from zhiren.calendar import rules
from zhiren.calendar.schemas import Interval
from zhiren.calendar.sources.errors import SourceFailed

#: more is no person's calendar
MAX_EVENTS: Final = 20_000
MAX_BUSY: Final = 20_000
#: how often in a day an event may come back
_MOST_A_DAY: Final = 48
_TOO_OFTEN: Final = frozenset({"SECONDLY", "MINUTELY"})


def busy_in(
    files: Iterable[bytes], start: datetime, end: datetime, *, zone: str, own_uids: frozenset[str] = frozenset()
) -> list[Interval]:
    """When the calendars in ``files`` say the person is busy between ``start`` and ``end``. Whole days and times
    without a zone are of ``zone``; events of ``own_uids`` were entered from here and do not count twice. Raises
    SourceFailed("no_calendar") when a file is none."""
    found: list[Interval] = []
    local = ZoneInfo(zone)
    for data in files:
        for event in _occurrences(_calendar(data, own_uids), start, end):
            interval = _busy_time(event, local)
            if interval is not None and interval.start < end and interval.end > start:
                found.append(Interval(max(interval.start, start), min(interval.end, end)))
            if len(found) > MAX_BUSY:
                raise SourceFailed("too_large")
    return rules.merge(found)


def _calendar(data: bytes, own_uids: frozenset[str]) -> Calendar:
    if b"BEGIN:VCALENDAR" not in data[:4096].upper():
        raise SourceFailed("no_calendar")
    try:
        calendar = Calendar.from_ical(data)
    except Exception as error:  # whatever the parser's parts raise
        raise SourceFailed("no_calendar") from error
    if not isinstance(calendar, Calendar):
        raise SourceFailed("no_calendar")
    if len(calendar.subcomponents) > MAX_EVENTS:
        raise SourceFailed("too_large")
    calendar.subcomponents = [
        part
        for part in calendar.subcomponents
        if part.name == "VTIMEZONE" or (part.name == "VEVENT" and _counts(part, own_uids))
    ]
    return calendar


def _counts(event: Any, own_uids: frozenset[str]) -> bool:
    if str(event.get("TRANSP", "")).upper() == "TRANSPARENT" or str(event.get("UID", "")) in own_uids:
        return False
    rules_ = event.get("RRULE")
    listed = rules_ if isinstance(rules_, list) else [rules_] if rules_ is not None else []
    return all(_ends(rule) for rule in listed)


def _ends(rule: Any) -> bool:
    """Whether the rule can be followed for some months without taking for ever."""
    if not isinstance(rule, dict):
        return False
    if {str(each).upper() for each in rule.get("FREQ", ())} & _TOO_OFTEN:
        return False
    often = 24 if "HOURLY" in {str(each).upper() for each in rule.get("FREQ", ())} else 1
    for part in ("BYHOUR", "BYMINUTE", "BYSECOND"):
        often *= max(1, len(rule.get(part, ())))
    return often <= _MOST_A_DAY


def _occurrences(calendar: Calendar, start: datetime, end: datetime) -> list[Any]:
    # a day more on both sides: whole days and local times are moved to their zone only afterwards
    around = timedelta(days=1)
    try:
        return list(recurring_ical_events.of(calendar, skip_bad_series=True).between(start - around, end + around))
    except Exception as error:  # a file that the parser took and its repetitions do not
        raise SourceFailed("no_calendar") from error


def _busy_time(event: Any, local: ZoneInfo) -> Interval | None:
    if str(event.get("STATUS", "")).upper() == "CANCELLED":
        return None
    try:
        start = _instant(event["DTSTART"].dt, local)
        end = _instant(event["DTEND"].dt, local) if "DTEND" in event else start
    except Exception:  # a broken value raises what its parser raised
        return None
    if end <= start and not isinstance(event["DTSTART"].dt, datetime):
        end = _instant(event["DTSTART"].dt + timedelta(days=1), local)
    return Interval(start, end) if end > start else None


def _instant(value: datetime | date, local: ZoneInfo) -> datetime:
    if not isinstance(value, datetime):
        return datetime.combine(value, time(), tzinfo=local).astimezone(UTC)
    return (value if value.tzinfo else value.replace(tzinfo=local)).astimezone(UTC)
