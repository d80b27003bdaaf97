"""A person's own days, as their page shows them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final

from zhiren.calendar import repository, rules
from zhiren.calendar.models import Entry
from zhiren.calendar.schemas import Day, Interval, Item, Question
from zhiren.calendar.service.people import own_id
from zhiren.context import Context

#: hours that the grid shows; what lies outside is in the list
FIRST_HOUR: Final = 7
LAST_HOUR: Final = 22
ROWS: Final = (LAST_HOUR - FIRST_HOUR) * 4
_QUARTER: Final = timedelta(minutes=15)


async def days_of(ctx: Context, first: date, count: int, today: date) -> list[Day]:
    """What the person has on these days, in order: booked here, and busy by their calendars elsewhere."""
    start, end = rules.at(first, 0), rules.at(first + timedelta(days=count), 0)
    user_id = own_id(ctx)
    entries = await repository.entries_of(ctx.session, user_id, start, end)
    elsewhere = [one for _user, found in await repository.busy_elsewhere(ctx.session, [user_id]) for one in found]
    # what is booked here is told with its title, and not twice
    busy = rules.without(elsewhere, [Interval(each.starts_at, each.ends_at) for each in entries])
    return [_day(first + timedelta(days=offset), entries, busy, today) for offset in range(count)]


def _day(day: date, entries: Sequence[Entry], busy: Sequence[Interval], today: date) -> Day:
    bounds = Interval(rules.at(day, 0), rules.at(day, rules.DAY_MIN))
    items = [_item(day, cut) for one in busy if (cut := _cut(one, bounds))]
    for entry in entries:
        if cut := _cut(Interval(entry.starts_at, entry.ends_at), bounds):
            items.append(_item(day, cut, entry))
    return Day(day, day == today, tuple(sorted(items, key=lambda item: item.start)))


def _cut(one: Interval, bounds: Interval) -> Interval | None:
    start, end = max(one.start, bounds.start), min(one.end, bounds.end)
    return Interval(start, end) if end > start else None


def _item(day: date, when: Interval, entry: Entry | None = None) -> Item:
    top = rules.at(day, FIRST_HOUR * 60)
    first = max(0, (when.start - top) // _QUARTER)
    last = min(ROWS, -((top - when.end) // _QUARTER))
    # too short to be read is drawn half an hour long
    last = min(ROWS, max(last, first + 2))
    shown = when.end > top and first < ROWS
    row_from, row_to = (first + 1, last + 1) if shown else (0, 0)
    if entry is None:
        return Item(kind="busy", start=when.start, end=when.end, row_from=row_from, row_to=row_to)
    return Item(
        kind="entry",
        start=when.start,
        end=when.end,
        title=entry.title,
        place=entry.place,
        path=entry.path,
        answer=entry.answer,
        row_from=row_from,
        row_to=row_to,
    )


async def questions(ctx: Context) -> list[Question]:
    """Invitations ahead that the person has not answered."""
    now = datetime.now(UTC)
    ahead = await repository.entries_of(ctx.session, own_id(ctx), now, now + timedelta(days=400))
    return [
        Question(each.id, each.title, each.starts_at, each.ends_at, each.place, each.path)
        for each in ahead
        if each.answer in ("", "tentative") and each.holder_kind == "user"
    ]
