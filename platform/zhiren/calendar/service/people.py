"""How a person's days go, and the secret link by which their own programs read their calendar here."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import available_timezones

import msgspec
from icalendar import vDuration, vUri

from zhiren.audit import record
from zhiren.auth.tokens import new_token, token_hash
from zhiren.calendar import repository, rules
from zhiren.calendar.itip import clean, new_calendar, new_event, zone_of
from zhiren.calendar.models import Entry, Feed
from zhiren.calendar.schemas import ZONE, FreeDay, Hours, Interval, PersonDay
from zhiren.calendar.service.entries import About, busy
from zhiren.context import Context
from zhiren.errors import InvalidInput, NotFound
from zhiren.i18n import _
from zhiren.ids import new_id

#: programs ask this often
REFRESH: Final = timedelta(minutes=15)
PAST: Final = timedelta(days=60)
AHEAD: Final = timedelta(days=400)
#: the part of the day that a bar of the finder shows, in minutes
BAR_MIN: Final = (8 * 60, 20 * 60)
MAX_DAYS: Final = 31


def own_id(ctx: Context) -> UUID:
    """The person of the context. Raises NotFound for a program or a job."""
    if ctx.actor.user_id is None:
        raise NotFound(_("没有这个页面"))
    return ctx.actor.user_id


async def hours_of(ctx: Context, user_ids: Sequence[UUID]) -> dict[UUID, Hours]:
    """Everybody's working hours; the usual ones for those who said nothing."""
    said = await repository.hours_of(ctx.session, user_ids)
    return {user_id: msgspec.convert(said.get(user_id, {}), Hours) for user_id in user_ids}


async def save_hours(ctx: Context, hours: Hours) -> None:
    """The person's own. Raises InvalidInput."""
    wrong: dict[str, str] = {}
    if not hours.days or not set(hours.days) <= set(range(1, 8)):
        wrong["days"] = _("请至少选择一天")
    if not 0 <= hours.start_min < hours.end_min <= rules.DAY_MIN:
        wrong["end"] = _("下班要晚于上班")
    pause = hours.break_end_min - hours.break_start_min
    inside = hours.start_min <= hours.break_start_min and hours.break_end_min <= hours.end_min
    if pause < 0 or (pause and not inside):
        wrong["break_end"] = _("休息要在上下班之间")
    if hours.zone not in available_timezones():
        wrong["zone"] = _("没有这个时区")
    if wrong:
        raise InvalidInput(next(iter(wrong.values())), fields=wrong)
    feed = await _feed(ctx)
    old, feed.hours = feed.hours, msgspec.to_builtins(hours)
    await ctx.session.flush()
    changes: Mapping[str, tuple[object, object]] = {"hours": (old, feed.hours)}
    record(ctx, "calendar.hours.update", object_type="calendar.hours", object_id=feed.user_id, changes=changes)


async def find_free(
    ctx: Context,
    user_ids: Sequence[UUID],
    first: date,
    days: int,
    duration_min: int,
    *,
    step_min: int = 15,
    besides: About | None = None,
    not_before: datetime | None = None,
) -> list[FreeDay]:
    """Times that suit everybody, by day in China, within everybody's working hours; days without one are there too.

    ``not_before`` (now, unless said) leaves out what is over. For ``kit/free_times.html``.
    """
    days = max(1, min(days, MAX_DAYS))
    last = first + timedelta(days=days - 1)
    start, end = rules.at(first, 0), rules.at(last, rules.DAY_MIN)
    taken = await busy(ctx, user_ids, start, end, besides=besides)
    names = await repository.titles_of_holders(ctx.session, user_ids)
    # a day more on both sides: people abroad begin theirs earlier or later
    around = timedelta(days=1)
    working = {
        user_id: rules.working(hours, first - around, last + around)
        for user_id, hours in (await hours_of(ctx, user_ids)).items()
    }
    since = not_before or datetime.now(UTC)
    window = rules.common([*working.values(), [Interval(max(start, since), max(end, since))]])
    slots = rules.free(taken, window, duration_min, step_min)
    found = []
    for day in (first + timedelta(days=offset) for offset in range(days)):
        bounds = Interval(rules.at(day, BAR_MIN[0]), rules.at(day, BAR_MIN[1]))
        people = [
            PersonDay(
                names.get(user_id, ""), _bars(rules.without([bounds], working[user_id]), bounds), _bars(each, bounds)
            )
            for user_id, each in taken.items()
        ]
        local = [slot for slot in slots if slot.start.astimezone(rules.CHINA).date() == day]
        found.append(FreeDay(day, tuple(local), tuple(people)))
    return found


def _bars(intervals: Sequence[Interval], bounds: Interval) -> tuple[tuple[float, float], ...]:
    """Where and how wide, in hundredths of the bar."""
    whole = (bounds.end - bounds.start) / 100
    cut = [Interval(max(one.start, bounds.start), min(one.end, bounds.end)) for one in intervals]
    return tuple(
        (round((one.start - bounds.start) / whole, 2), round((one.end - one.start) / whole, 2))
        for one in cut
        if one.end > one.start
    )


# ---- the link


async def feed_of(ctx: Context) -> Feed | None:
    return await repository.feed_of(ctx.session, own_id(ctx))


async def make_link(ctx: Context) -> str:
    """A new secret of the person's own link, shown once; the one before is no longer heard."""
    feed, secret = await _feed(ctx), new_token()
    verb = "update" if feed.token_hash else "create"
    feed.token_hash, feed.token_made_at, feed.read_at = token_hash(secret), datetime.now(UTC), None
    await ctx.session.flush()
    record(ctx, f"calendar.feed.{verb}", object_type="calendar.feed", object_id=feed.user_id)
    return secret


async def drop_link(ctx: Context) -> None:
    """Nobody reads by the link any more."""
    feed = await _feed(ctx)
    feed.token_hash = feed.token_made_at = feed.read_at = None
    await ctx.session.flush()
    record(ctx, "calendar.feed.delete", object_type="calendar.feed", object_id=feed.user_id)


async def _feed(ctx: Context) -> Feed:
    found = await feed_of(ctx)
    if found is None:
        found = Feed(user_id=own_id(ctx), id=new_id(), hours={})
        ctx.session.add(found)
    return found


async def read_feed(ctx: Context, secret: str, site_url: str) -> tuple[bytes, str]:
    """The calendar behind the link, and its ETag. Raises NotFound: a link that was never made, or is over."""
    found = await repository.feed_by_hash(ctx.session, token_hash(secret))
    if found is None:
        raise NotFound(_("这个日历链接已失效。"), hint=_("请在“我的日历设置”里新建一个链接。"))
    feed_id, user_id, name = found
    now = datetime.now(UTC)
    entries = await repository.entries_of(ctx.session, user_id, now - PAST, now + AHEAD)
    data = render([each for each in entries if each.answer != "declined"], _("{name} 的知人日历", name=name), site_url)
    await repository.touch_feed(ctx.session, feed_id, REFRESH)
    return data, f'"{hashlib.sha256(data).hexdigest()[:32]}"'


def render(entries: Sequence[Entry], name: str, site_url: str) -> bytes:
    """An iCalendar file of these bookings; the same bookings give the same bytes."""
    calendar = new_calendar()
    calendar.add("x-wr-calname", name)
    calendar.add("name", name)
    refresh = vDuration(REFRESH)
    refresh.params["VALUE"] = "DURATION"
    calendar["refresh-interval"] = refresh
    calendar.add("x-published-ttl", "PT15M")
    calendar.add_component(zone_of(ZONE))
    for entry in entries:
        made = new_event(entry.uid, entry.starts_at, entry.ends_at, ZONE)
        made.add("dtstamp", entry.changed_at.astimezone(UTC))
        made.add("last-modified", entry.changed_at.astimezone(UTC))
        made.add("sequence", entry.sequence)
        made.add("summary", clean(entry.title))
        if entry.place:
            made.add("location", clean(entry.place))
        if entry.path:
            made["url"] = vUri(clean(site_url + entry.path).replace("\n", ""))
        made.add("status", "CONFIRMED" if entry.answer == "accepted" else "TENTATIVE")
        calendar.add_component(made)
    return bytes(calendar.to_ical())
