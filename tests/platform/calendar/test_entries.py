"""Bookings in the database: nobody and no room twice, all or none, answers."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from zhiren import calendar
from zhiren.audit import AuditEvent
from zhiren.auth.models import User
from zhiren.calendar import Booking, Interval, Reply
from zhiren.calendar.models import Entry
from zhiren.calendar.service.rooms import save_room
from zhiren.context import Context, TenantRef
from zhiren.db import Database
from zhiren.ids import new_id
from zhiren.jobs import Outbox

TEN = datetime(2026, 12, 1, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)


def about() -> tuple[str, UUID]:
    return ("test.interview", new_id())


async def book(ctx: Context, what: tuple[str, UUID], user_ids: list[UUID], **options: Any) -> Booking:
    wanted = {"starts_at": TEN, "ends_at": TEN + HOUR, "title": "面试 王某", "uid": f"{what[1]}@zhiren"} | options
    return await calendar.put_entry(ctx, user_ids=user_ids, about=what, **wanted)


async def rows_of(ctx: Context, what: tuple[str, UUID]) -> dict[UUID, Entry]:
    ctx.session.expire_all()
    found = await ctx.session.scalars(select(Entry).where(Entry.about_id == what[1]))
    return {row.holder_id: row for row in found.all()}


async def test_people_and_a_room_are_booked_and_busy(ctx: Context) -> None:
    room = await save_room(ctx, None, name="大会议室", place="3 楼", seats="8")
    anna, ben, what = new_id(), new_id(), about()
    booking = await book(ctx, what, [anna, ben], room_id=room.id)
    assert booking == Booking(f"{what[1]}@zhiren", 0, True)
    busy = await calendar.busy(ctx, [anna, ben, new_id()], TEN - HOUR, TEN + 2 * HOUR)
    assert [busy[anna], busy[ben]] == [[Interval(TEN, TEN + HOUR)]] * 2
    assert list(busy.values())[2] == []
    # cut to what was asked
    assert (await calendar.busy(ctx, [anna], TEN + HOUR / 2, TEN + 2 * HOUR))[anna] == [
        Interval(TEN + HOUR / 2, TEN + HOUR)
    ]
    assert (await calendar.busy(ctx, [anna], TEN - HOUR, TEN + HOUR, besides=what))[anna] == []


async def test_nobody_is_booked_twice_and_the_refusal_says_who(ctx: Context) -> None:
    user = User(login=f"u-{new_id().hex}", name="林晓", password_hash="x")
    ctx.session.add(user)
    await ctx.session.flush()
    other, what = new_id(), about()
    await book(ctx, what, [user.id])
    with pytest.raises(calendar.Taken) as refused:
        await book(ctx, about(), [other, user.id], starts_at=TEN + HOUR / 2, ends_at=TEN + 2 * HOUR)
    assert "林晓" in refused.value.message
    assert refused.value.params["holders"] == [str(user.id)]
    # all or none: the other is not booked either
    assert (await calendar.busy(ctx, [other], TEN, TEN + 2 * HOUR))[other] == []
    # right after it is another matter
    await book(ctx, about(), [user.id], starts_at=TEN + HOUR, ends_at=TEN + 2 * HOUR)


async def test_a_room_is_not_booked_twice_nor_when_it_is_off(ctx: Context) -> None:
    room = await save_room(ctx, None, name="小会议室", place="", seats="4")
    await book(ctx, about(), [], room_id=room.id)
    with pytest.raises(calendar.Taken, match="小会议室"):
        await book(ctx, about(), [new_id()], room_id=room.id)
    await save_room(ctx, room.id, name="小会议室", place="", seats="4", active=False)
    with pytest.raises(calendar.RoomOff):
        await book(ctx, about(), [new_id()], room_id=room.id, starts_at=TEN + HOUR, ends_at=TEN + 2 * HOUR)


async def test_moving_frees_the_old_time_and_asks_anew(ctx: Context) -> None:
    anna, ben, carl, what = new_id(), new_id(), new_id(), about()
    await book(ctx, what, [anna, ben])
    await calendar.answer_about(ctx, what, anna, "accepted")
    # the same again: nothing to tell, the answer stays; another person joins
    assert await book(ctx, what, [anna, ben, carl], title="面试 王某 二面") == Booking(f"{what[1]}@zhiren", 0, False)
    rows = await rows_of(ctx, what)
    assert (rows[anna].answer, rows[carl].answer) == ("accepted", "")
    # overlapping its own old time is no clash
    moved = await book(ctx, what, [anna, carl], starts_at=TEN + HOUR / 2, ends_at=TEN + 3 * HOUR / 2)
    assert (moved.sequence, moved.moved) == (1, True)
    rows = await rows_of(ctx, what)
    assert {key: (row.state, row.sequence, row.answer) for key, row in rows.items()} == {
        anna: ("booked", 1, ""),
        ben: ("cancelled", 1, ""),
        carl: ("booked", 1, ""),
    }
    await book(ctx, about(), [ben])


async def test_a_refused_move_leaves_what_was(ctx: Context) -> None:
    anna, ben, what = new_id(), new_id(), about()
    await book(ctx, what, [anna, ben])
    await book(ctx, about(), [ben], starts_at=TEN + HOUR, ends_at=TEN + 2 * HOUR)
    with pytest.raises(calendar.Taken):
        await book(ctx, what, [anna, ben], starts_at=TEN + HOUR, ends_at=TEN + 2 * HOUR)
    assert {row.starts_at for row in (await rows_of(ctx, what)).values()} == {TEN}


async def test_calling_off_and_booking_again_counts_on(ctx: Context) -> None:
    anna, what = new_id(), about()
    assert await calendar.cancel_entry(ctx, what) is None
    await book(ctx, what, [anna])
    cancelled = await calendar.cancel_entry(ctx, what)
    assert cancelled is not None
    assert cancelled.sequence == 1
    assert await calendar.cancel_entry(ctx, what) is None
    await book(ctx, about(), [anna])
    with pytest.raises(calendar.Taken):
        await book(ctx, what, [anna])
    assert (await book(ctx, what, [new_id()])).sequence == 2


async def test_the_constraint_has_the_last_word(ctx: Context) -> None:
    """What books past the service, and so past its locks, meets the database itself."""
    anna, what = new_id(), about()
    await book(ctx, what, [anna])
    second = text(
        "INSERT INTO calendar_entry (id, about_type, about_id, uid, holder_kind, holder_id, starts_at, ends_at,"
        " changed_at) SELECT gen_random_uuid(), 'x', gen_random_uuid(), 'x', 'user', holder_id, starts_at, ends_at,"
        " now() FROM calendar_entry WHERE holder_id = :holder"
    )
    with pytest.raises(IntegrityError, match="ex_calendar_entry_holder"):
        async with ctx.session.begin_nested():
            await ctx.session.execute(second, {"holder": anna})


async def test_fifty_at_once_and_one_wins(database: Database, tenant: TenantRef) -> None:
    anna, ben, carl = new_id(), new_id(), new_id()
    async with database.tenant(tenant) as ctx:
        room = await save_room(ctx, None, name="抢手的会议室", place="", seats="4")

    async def try_one(number: int) -> str:
        # each wants somebody else besides, and asks in another order
        people = [[anna, ben], [carl, anna], [ben, anna, carl]][number % 3]
        try:
            async with database.tenant(tenant) as ctx:
                shift = timedelta(minutes=number % 4)
                await book(ctx, about(), people, room_id=room.id, starts_at=TEN + shift, ends_at=TEN + HOUR + shift)
        except calendar.Taken:
            return "taken"
        return "won"

    outcomes = Counter(await asyncio.gather(*(try_one(number) for number in range(50))))
    assert outcomes == {"won": 1, "taken": 49}
    async with database.tenant(tenant) as ctx:
        held = await ctx.session.scalars(select(Entry.about_id).where(Entry.holder_id == room.id))
        assert len(held.all()) == 1


# ---- answers


def reply(uid: str, **options: Any) -> Reply:
    said = {"attendee_mail": "wang@example.com", "partstat": "accepted", "sequence": 0, "method": "REPLY"}
    said |= {"sent_at": datetime.now(UTC), "counter": None, "comment": ""}
    return Reply(uid=uid, **(said | options))


async def invited(ctx: Context) -> tuple[tuple[str, UUID], UUID, str]:
    anna, candidate, what = new_id(), new_id(), about()
    mails = {candidate: "Wang@Example.com", anna: "anna@corp.cn"}
    booking = await book(ctx, what, [anna], guest_ids=[candidate], mails=mails)
    return what, candidate, booking.uid


async def test_a_reply_marks_the_one_who_was_invited(ctx: Context) -> None:
    what, candidate, uid = await invited(ctx)
    applied = await calendar.apply_reply(ctx, reply(uid))
    assert applied is not None
    assert (applied.about, applied.holder_kind, applied.holder_id) == (what, "guest", candidate)
    assert (applied.answer, applied.stale) == ("accepted", False)
    rows = await rows_of(ctx, what)
    assert {key == candidate: row.answer for key, row in rows.items()} == {True: "accepted", False: ""}
    events = (await ctx.session.scalars(select(Outbox.payload).where(Outbox.event == calendar.ANSWERED))).all()
    assert [(e["about_id"], e["answer"]) for e in events if e] == [(str(what[1]), "accepted")]
    recorded = await ctx.session.scalars(select(AuditEvent.action).where(AuditEvent.object_id == str(what[1])))
    assert "calendar.entry.answer" in recorded.all()


async def test_declining_frees_the_time_for_the_planner(ctx: Context) -> None:
    _what, candidate, uid = await invited(ctx)
    await calendar.apply_reply(ctx, reply(uid, partstat="declined"))
    assert (await calendar.busy(ctx, [candidate], TEN, TEN + HOUR))[candidate] == []


@pytest.mark.parametrize(
    "options",
    [{"attendee_mail": "someone@example.com"}, {"uid": "another@zhiren"}],
    ids=["another address", "another meeting"],
)
async def test_who_was_not_invited_answers_nothing(ctx: Context, options: dict[str, str]) -> None:
    what, _candidate, uid = await invited(ctx)
    assert await calendar.apply_reply(ctx, reply(**({"uid": uid} | options))) is None
    assert {row.answer for row in (await rows_of(ctx, what)).values()} == {""}


async def test_an_answer_to_an_earlier_invitation_is_not_heard(ctx: Context) -> None:
    what, candidate, uid = await invited(ctx)
    mails = {candidate: "wang@example.com"}
    await book(ctx, what, [], guest_ids=[candidate], mails=mails, starts_at=TEN + HOUR, ends_at=TEN + 2 * HOUR)
    applied = await calendar.apply_reply(ctx, reply(uid, sequence=0))
    assert applied is not None
    assert (applied.stale, applied.answer) == (True, "")
    assert (await calendar.apply_reply(ctx, reply(uid, sequence=1))).answer == "accepted"  # type: ignore[union-attr]


async def test_answers_that_overtake_each_other_count_by_when_they_were_sent(ctx: Context) -> None:
    _what, _candidate, uid = await invited(ctx)
    now = datetime.now(UTC)
    await calendar.apply_reply(ctx, reply(uid, partstat="declined", sent_at=now))
    late = await calendar.apply_reply(ctx, reply(uid, partstat="accepted", sent_at=now - timedelta(minutes=5)))
    assert late is not None
    assert (late.stale, late.answer) == (True, "declined")
    # a clock that runs a year ahead silences nobody
    await calendar.apply_reply(ctx, reply(uid, partstat="accepted", sent_at=now + timedelta(days=365)))
    again = await calendar.apply_reply(ctx, reply(uid, partstat="declined", sent_at=datetime.now(UTC) + HOUR))
    assert again is not None
    assert again.answer == "declined"


async def test_another_time_may_be_proposed(ctx: Context) -> None:
    what, candidate, uid = await invited(ctx)
    other = Interval(TEN + 24 * HOUR, TEN + 25 * HOUR)
    applied = await calendar.apply_reply(ctx, reply(uid, method="COUNTER", counter=other, partstat="needs-action"))
    assert applied is not None
    assert (applied.counter, applied.answer) == (other, "tentative")
    row = (await rows_of(ctx, what))[candidate]
    assert (row.counter_starts_at, row.counter_ends_at) == (other.start, other.end)


async def test_titles_and_addresses_are_sealed(ctx: Context) -> None:
    what, _candidate, _uid = await invited(ctx)
    stored = await ctx.session.execute(
        text("SELECT string_agg(calendar_entry::text, ' ') FROM calendar_entry WHERE about_id = :id"), {"id": what[1]}
    )
    plain = stored.scalar_one()
    for word in ("王某", "example.com", "王某".encode().hex(), b"example.com".hex()):
        assert word not in plain
    assert {row.title for row in (await rows_of(ctx, what)).values()} == {"面试 王某"}


async def test_another_customer_sees_nothing(database: Database, tenant: TenantRef, other_tenant: TenantRef) -> None:
    anna, when = new_id(), TEN + timedelta(days=30)
    for customer in (tenant, other_tenant):
        async with database.tenant(customer) as ctx:
            assert (await calendar.busy(ctx, [anna], when, when + HOUR))[anna] == []
            await book(ctx, about(), [anna], starts_at=when, ends_at=when + HOUR)
