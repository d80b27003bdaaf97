"""Booking people and rooms, calling off, answering; who is busy when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from zhiren import events
from zhiren.audit import record
from zhiren.calendar import repository, rules
from zhiren.calendar.errors import EntryNotFound, RoomOff, Taken, UnreadableReply
from zhiren.calendar.itip import read_reply
from zhiren.calendar.models import Entry
from zhiren.calendar.schemas import Applied, Booking, HolderKind, Interval, Partstat, Reply
from zhiren.context import Context
from zhiren.i18n import _
from zhiren.jobs import enqueue

About = tuple[str, UUID]
ANSWERED: Final = "calendar.answered"
WRITE: Final = "calendar.write"


async def put_entry(
    ctx: Context,
    *,
    user_ids: Sequence[UUID],
    about: About,
    starts_at: datetime,
    ends_at: datetime,
    title: str,
    uid: str,
    room_id: UUID | None = None,
    guest_ids: Sequence[UUID] = (),
    mails: Mapping[UUID, str] | None = None,
    place: str = "",
    path: str = "",
) -> Booking:
    """Books these people, and the room, for what ``about`` names; what was booked for it before is moved.

    All of them or none: raises Taken when one is booked at that time for something else (and leaves what was booked as
    it was), RoomOff when the room is no longer used. Answers are asked anew when the meeting moved, and kept
    otherwise. ``mails`` says where each was invited, so that ``apply_reply`` knows who answers. Emits no event: the
    caller knows.
    """
    if ends_at <= starts_at:
        raise ValueError("a meeting ends after it begins")
    holders: dict[UUID, HolderKind] = dict.fromkeys(user_ids, "user")
    holders |= dict.fromkeys(guest_ids, "guest")
    if room_id is not None:
        holders[room_id] = "room"
    await repository.lock_holders(ctx.session, holders)
    await _check_room(ctx, room_id, about)
    taken = await repository.clashing(ctx.session, list(holders), starts_at, ends_at, about)
    if taken:
        raise await _taken(ctx, taken)
    before = {row.holder_id: row for row in await repository.entries_about(ctx.session, about)}
    moved = _moved(before, holders, starts_at, ends_at, place)
    sequence = max((row.sequence for row in before.values()), default=-1 if moved else 0) + int(moved)
    common = {"starts_at": starts_at, "ends_at": ends_at, "uid": uid, "sequence": sequence, "place": place}
    common |= {"path": path, "title": title, "changed_at": datetime.now(UTC)}
    await _write(ctx, about, holders, before, common, mails=mails or {}, asked_anew=moved)
    record(
        ctx,
        "calendar.entry.book",
        object_type=about[0],
        object_id=about[1],
        changes={"starts_at": (_was(before), starts_at.isoformat()), "ends_at": (None, ends_at.isoformat())},
        fields=["people", *(["room"] if room_id else [])],
    )
    await ask_write_back(ctx, about)
    return Booking(uid, sequence, moved)


async def _check_room(ctx: Context, room_id: UUID | None, about: About) -> None:
    if room_id is None:
        return
    room = await repository.room(ctx.session, room_id)
    if room is None or not room.active:
        raise RoomOff(_("这间会议室已停用。"), hint=_("请换一间会议室。"), params={"about": str(about[1])})


def _moved(
    before: Mapping[UUID, Entry], holders: Mapping[UUID, HolderKind], starts_at: datetime, ends_at: datetime, place: str
) -> bool:
    """Whether those invited have to be told: another time, another place, another room, or booked again."""
    booked = {row.holder_id: row for row in before.values() if row.state == "booked"}
    rooms = {row.holder_id for row in booked.values() if row.holder_kind == "room"}
    if not booked or rooms != {key for key, kind in holders.items() if kind == "room"}:
        return True
    return any((row.starts_at, row.ends_at, row.place) != (starts_at, ends_at, place) for row in booked.values())


def _was(before: Mapping[UUID, Entry]) -> str | None:
    return next((row.starts_at.isoformat() for row in before.values() if row.state == "booked"), None)


async def _write(
    ctx: Context,
    about: About,
    holders: Mapping[UUID, HolderKind],
    before: Mapping[UUID, Entry],
    common: Mapping[str, Any],
    *,
    mails: Mapping[UUID, str],
    asked_anew: bool,
) -> None:
    try:
        async with ctx.session.begin_nested():
            for holder_id, kind in holders.items():
                row = before.get(holder_id)
                if row is None:
                    row = Entry(about_type=about[0], about_id=about[1], holder_kind=kind, holder_id=holder_id, **common)
                    ctx.session.add(row)
                else:
                    _change(row, common, asked_anew=asked_anew or row.state != "booked")
                row.mail = mails.get(holder_id)
            for holder_id, row in before.items():
                if holder_id not in holders and row.state == "booked":
                    row.state, row.sequence, row.changed_at = "cancelled", common["sequence"], common["changed_at"]
            await ctx.session.flush()
    except IntegrityError as error:
        # somebody books past the locks: the constraint has the last word
        raise await _taken(ctx, list(holders)) from error


def _change(row: Entry, common: Mapping[str, Any], *, asked_anew: bool) -> None:
    for name, value in common.items():
        setattr(row, name, value)
    row.state = "booked"
    if asked_anew:
        row.answer, row.answered_at, row.counter_starts_at, row.counter_ends_at = "", None, None, None


async def _taken(ctx: Context, ids: Sequence[UUID]) -> Taken:
    names = await repository.titles_of_holders(ctx.session, ids)
    who = _("、").join(sorted(names.values())) or _("受邀人")
    return Taken(
        _("{who} 这个时间已有安排。", who=who),
        hint=_("请换一个时间，或换人、换会议室。"),
        params={"holders": [str(each) for each in ids]},
    )


async def cancel_entry(ctx: Context, about: About) -> Booking | None:
    """Calls off what was booked for ``about``; None when nothing was. The sequence grows, for the CANCEL that tells
    those invited."""
    rows = [row for row in await repository.entries_about(ctx.session, about) if row.state == "booked"]
    if not rows:
        return None
    sequence = max(row.sequence for row in rows) + 1
    for row in rows:
        row.state, row.sequence, row.changed_at = "cancelled", sequence, datetime.now(UTC)
    await ctx.session.flush()
    record(ctx, "calendar.entry.cancel", object_type=about[0], object_id=about[1])
    await ask_write_back(ctx, about)
    return Booking(rows[0].uid, sequence, True)


async def forget(ctx: Context, about: About) -> Booking | None:
    """Takes out who it was about: titles, addresses and the way to their page. What is still to come is called off;
    calendars elsewhere that it was written to are told. None when nothing was booked for ``about``."""
    rows = await repository.entries_about(ctx.session, about)
    if not rows:
        return None
    now, sequence = datetime.now(UTC), max(row.sequence for row in rows) + 1
    for row in rows:
        row.title, row.mail, row.path, row.place = _("（已删除）"), None, "", ""
        row.sequence, row.changed_at = sequence, now
        if row.ends_at > now:
            row.state = "cancelled"
    await ctx.session.flush()
    record(ctx, "calendar.entry.forget", object_type=about[0], object_id=about[1])
    await ask_write_back(ctx, about)
    return Booking(rows[0].uid, sequence, True)


async def busy(
    ctx: Context, user_ids: Sequence[UUID], start: datetime, end: datetime, *, besides: About | None = None
) -> dict[UUID, list[Interval]]:
    """When each is busy between ``start`` and ``end``: booked here, or by a calendar of theirs elsewhere as it was last
    read. Everybody asked for is in the answer. ``besides`` leaves out what is booked for one thing, to be moved."""
    found: dict[UUID, list[Interval]] = {user_id: [] for user_id in user_ids}
    if not found:
        return found
    for user_id, interval in await repository.booked(ctx.session, list(found), start, end, besides=besides):
        found[user_id].append(interval)
    for user_id, intervals in await repository.busy_elsewhere(ctx.session, list(found)):
        found[user_id] += intervals
    return {key: _within(intervals, start, end) for key, intervals in found.items()}


def _within(intervals: Sequence[Interval], start: datetime, end: datetime) -> list[Interval]:
    return [
        Interval(max(one.start, start), min(one.end, end))
        for one in rules.merge(intervals)
        if one.start < end and one.end > start
    ]


# ---- answers


async def answer(ctx: Context, entry_id: UUID, said: Partstat) -> None:
    """The person of the context answers an invitation of theirs. Raises EntryNotFound."""
    row = await repository.own_entry(ctx.session, entry_id, ctx.actor.user_id) if ctx.actor.user_id else None
    if row is None:
        raise EntryNotFound(_("没有这项安排，可能已经取消。"))
    await _answered(ctx, row, said)


async def answer_about(ctx: Context, about: About, holder_id: UUID, said: Partstat) -> None:
    """Like ``answer``, for a user or guest that another page speaks for. Raises EntryNotFound."""
    rows = await repository.entries_about(ctx.session, about)
    row = next((each for each in rows if each.holder_id == holder_id and each.state == "booked"), None)
    if row is None:
        raise EntryNotFound(_("没有这项安排，可能已经取消。"))
    await _answered(ctx, row, said)


async def proposals(ctx: Context, about: About) -> dict[UUID, Interval]:
    """Other times that calendars have proposed for what is booked (COUNTER, RFC 5546, 3.2.7), by who proposed them."""
    return {
        row.holder_id: Interval(row.counter_starts_at, row.counter_ends_at)
        for row in await repository.entries_about(ctx.session, about)
        if row.state == "booked" and row.counter_starts_at is not None and row.counter_ends_at is not None
    }


async def apply_reply(ctx: Context, reply: Reply) -> Applied | None:
    """Marks what a calendar answered by mail. None when nobody was invited so: another UID, another address.

    An answer to an earlier invitation, or one that was sent before the answer already there, changes nothing and is
    returned as ``stale``. Emits ``calendar.answered``.
    """
    rows = await repository.entries_by_uid(ctx.session, reply.uid)
    index = ctx.keyring.blind("calendar_entry.mail_bidx", reply.attendee_mail.lower())
    row = next((each for each in rows if each.mail_bidx == index and each.holder_kind != "room"), None)
    if row is None:
        return None
    stale = (
        row.state != "booked"
        or reply.sequence < row.sequence
        or bool(reply.sent_at and row.answered_at and reply.sent_at < row.answered_at)
    )
    known: dict[str, Partstat] = {"accepted": "accepted", "declined": "declined", "tentative": "tentative"}
    said = known.get(reply.partstat)
    if not stale and reply.method == "COUNTER" and reply.counter is not None:
        row.counter_starts_at, row.counter_ends_at = reply.counter.start, reply.counter.end
        said = said or "tentative"
    if not stale and said:
        await _answered(ctx, row, said, at=reply.sent_at, by_mail=True)
    return Applied(
        about=(row.about_type, row.about_id),
        holder_kind="guest" if row.holder_kind == "guest" else "user",
        holder_id=row.holder_id,
        answer=row.answer,
        counter=reply.counter,
        comment=reply.comment,
        stale=stale,
    )


async def hear(ctx: Context, data: bytes) -> bool:
    """An answer out of a mailbox; what cannot be read or was not asked for is passed over."""
    try:
        reply = read_reply(data)
    except UnreadableReply:
        return False
    applied = await apply_reply(ctx, reply)
    return applied is not None and not applied.stale


async def _answered(
    ctx: Context, row: Entry, said: Partstat, *, at: datetime | None = None, by_mail: bool = False
) -> None:
    old, now = row.answer, datetime.now(UTC)
    # a clock that runs ahead would silence every later answer
    row.answer, row.answered_at, row.changed_at = said, min(at or now, now), now
    record(
        ctx,
        "calendar.entry.answer",
        object_type=row.about_type,
        object_id=row.about_id,
        changes={"answer": (old, said)},
        reason="mail" if by_mail else "",
    )
    await ctx.session.flush()
    payload = {"about_type": row.about_type, "about_id": str(row.about_id), "holder_id": str(row.holder_id)}
    await events.emit(
        ctx, ANSWERED, {**payload, "holder_kind": row.holder_kind, "answer": said, "sequence": row.sequence}
    )
    await ask_write_back(ctx, (row.about_type, row.about_id))


async def ask_write_back(ctx: Context, about: About) -> None:
    """Brings the people's own calendars up to date after the commit, where they let us, or where we wrote before."""
    await ctx.session.flush()
    for entry_id in await repository.entries_to_write(ctx.session, about):
        await enqueue(ctx, WRITE, {"entry_id": str(entry_id)})
