"""Interviews: planned, chosen, moved, called off; scorecards that wait for each other; the queue of a hiring day."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import icalendar
import pytest

from modules.recruiting.errors import InterviewNotFound, InvalidRecruiting, NotReady, NotYours, SlotTaken
from modules.recruiting.models import Interview, Slot
from modules.recruiting.repository import Case
from modules.recruiting.repository import interviews as queries
from modules.recruiting.repository.interviews import Meeting
from modules.recruiting.service import access, interviews, queue, scorecards
from modules.recruiting.shapes import Criterion, Round
from tests.application import PASSWORD
from tests.factories.recruiting import make_application, make_candidate, make_job
from zhiren import calendar, meet, notices
from zhiren.auth.service import create_user
from zhiren.context import Actor, Context, Scope, TenantRef, use
from zhiren.db import Database
from zhiren.ids import new_id
from zhiren.meet.panels import panel_of
from zhiren.notices import repository as messages

ALL = Scope(kinds=frozenset({"all"}))
ROUND = Round(code="r1", name="初试", criteria=(Criterion(code="craft", name="专业能力"),))


async def user(ctx: Context, name: str) -> UUID:
    return (await create_user(ctx, login=f"u-{new_id().hex[-12:]}", name=name, password=PASSWORD, roles=())).id


def as_user(ctx: Context, user_id: UUID, *grants: str) -> Context:
    return replace(ctx, actor=Actor(user_id=user_id, name="某人", grants=dict.fromkeys(grants, ALL)))


def soon(hours: float = 48) -> datetime:
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=hours)


async def planned(ctx: Context, *, panel: int = 1) -> tuple[Meeting, list[UUID]]:
    users = [await user(ctx, f"面试官{n}") for n in range(panel)]
    hr = await user(ctx, "招聘负责人")
    job = await make_job(ctx, owner_id=hr)
    application = await make_application(ctx, job=job)
    candidate = await ctx.session.get_one(type(await make_candidate(ctx)), application.candidate_id)
    interview = await interviews.plan(ctx, Case(application, candidate, job), ROUND, users)
    return Meeting(interview, application, candidate, job), users


async def test_a_candidate_chooses_and_everybody_is_told(ctx: Context) -> None:
    meeting, (lead, second) = await planned(ctx, panel=2)
    assert meeting.application.stage_kind == "interview"
    await interviews.propose(ctx, meeting, [soon(48), soon(50)])
    choices = await queries.choices(ctx.session, meeting.interview, meeting.job.id, datetime.now(UTC))
    assert [slot.starts_at for slot in choices] == [soon(48), soon(50)]
    await interviews.choose(ctx, meeting, choices[1].id)
    assert (meeting.interview.state, meeting.interview.starts_at) == ("booked", soon(50))
    host = meet.Member(kind="user", id=lead, name="面试官0", role="host")
    beside = await panel_of(ctx, ("recruiting.interview", meeting.interview.id), host)
    assert meeting.candidate.name in beside
    assert f"/recruiting/interviews/{meeting.interview.id}" in beside
    (room,) = await meet.rooms_about(ctx, ("recruiting.interview", meeting.interview.id))
    assert (room.id, room.opens_at) == (meeting.interview.meet_room_id, soon(50))
    busy = await calendar.busy(ctx, [lead, second], soon(40), soon(60))
    assert [(one.start, one.end) for one in busy[second]] == [(soon(50), soon(50) + timedelta(minutes=45))]
    told = await notices.history(ctx, ("recruiting.candidate", meeting.candidate.id))
    assert {line.kind for line in told} == {"recruiting.interview.choose", "recruiting.interview.booked"}
    panel = await notices.history(ctx, ("recruiting.interview", meeting.interview.id))
    assert sorted(line.recipient for line in panel if line.channel == "inapp") == ["面试官0", "面试官1"]
    rows = await messages.about(ctx.session, "recruiting.candidate", meeting.candidate.id)
    (mail,) = [row for row in rows if row.channel == "mail" and row.kind == "recruiting.interview.booked"]
    assert mail.enclosure is not None
    event = icalendar.Calendar.from_ical(mail.enclosure.invitation).walk("VEVENT")[0]
    assert event["UID"] == meeting.interview.uid
    assert event["DTSTART"].dt == soon(50)


async def test_moving_grows_the_sequence_and_has_an_end(ctx: Context) -> None:
    meeting, _panel = await planned(ctx)
    await interviews.propose(ctx, meeting, [soon(48 + n) for n in range(4)])
    seen = []
    for _ in range(3):
        free = await queries.choices(ctx.session, meeting.interview, meeting.job.id, datetime.now(UTC))
        other = next(slot for slot in free if slot.starts_at != meeting.interview.starts_at)
        await interviews.choose(ctx, meeting, other.id)
        seen.append(meeting.interview.sequence)
    assert seen == sorted(set(seen)), "calendars take a change only with a greater sequence"
    free = await queries.choices(ctx.session, meeting.interview, meeting.job.id, datetime.now(UTC))
    assert len(free) == 3, "what was left is free again"
    with pytest.raises(NotReady):
        await interviews.choose(ctx, meeting, free[0].id)


async def test_nobody_is_in_two_interviews_at_once(ctx: Context) -> None:
    first, (interviewer,) = await planned(ctx)
    await interviews.set_time(ctx, first, soon())
    second, _ = await planned(ctx)
    panel = await queries.panel(ctx.session, [second.interview.id])
    panel[0].user_id = interviewer
    await ctx.session.flush()
    with pytest.raises(SlotTaken):
        await interviews.set_time(ctx, second, soon() + timedelta(minutes=30))
    assert second.interview.state == "proposed"
    await interviews.set_time(ctx, second, soon() + timedelta(minutes=45))
    assert second.interview.state == "booked"


async def test_called_off_frees_everybody_and_says_so(ctx: Context) -> None:
    meeting, (interviewer,) = await planned(ctx)
    await interviews.set_time(ctx, meeting, soon())
    await interviews.cancel(ctx, meeting, message="职位已招满。")
    assert meeting.interview.state == "cancelled"
    assert not (await calendar.busy(ctx, [interviewer], soon(40), soon(60)))[interviewer]
    rows = await messages.about(ctx.session, "recruiting.candidate", meeting.candidate.id)
    (mail,) = [row for row in rows if row.channel == "mail" and row.kind.endswith("cancelled")]
    assert mail.enclosure is not None
    read = icalendar.Calendar.from_ical(mail.enclosure.invitation)
    assert str(read["METHOD"]) == "CANCEL"
    assert str(read.walk("VEVENT")[0]["UID"]) == meeting.interview.uid
    with pytest.raises(NotReady):
        await interviews.set_time(ctx, meeting, soon())


@pytest.mark.parametrize("times", [[], [datetime(2020, 1, 1, tzinfo=UTC)], [soon(n) for n in range(1, 40)]])
async def test_impossible_times_are_refused(ctx: Context, times: list[datetime]) -> None:
    meeting, _panel = await planned(ctx)
    with pytest.raises(InvalidRecruiting):
        await interviews.propose(ctx, meeting, times)


async def test_others_scorecards_wait_for_ones_own(ctx: Context) -> None:
    meeting, (first, second) = await planned(ctx, panel=2)
    await interviews.set_time(ctx, meeting, soon())
    one, two = as_user(ctx, first), as_user(ctx, second, access.MANAGE)
    card = {
        "verdict": "yes",
        "scores": {"craft": 4},
        "summary": "讲清楚了自己做的系统，有数字。",
        "private": "只给自己看",
    }
    with use(one):
        await scorecards.submit(one, meeting, criteria=ROUND.criteria, **card)
    # who manages everything and is on the panel waits like everybody else
    seen = {card.name: card for card in await scorecards.cards(two, meeting)}
    assert not seen["面试官0"].visible
    assert seen["面试官0"].summary == ""
    with use(two):
        await scorecards.submit(two, meeting, criteria=ROUND.criteria, **card | {"verdict": "no"})
    seen = {card.name: card for card in await scorecards.cards(two, meeting)}
    assert (seen["面试官0"].verdict, seen["面试官0"].scores) == ("yes", {"craft": 4})
    assert seen["面试官0"].private == "", "private notes stay with who wrote them"
    # who hires for the job and sits on no panel reads them
    owner = as_user(ctx, meeting.job.owner_id)
    assert all(card.visible for card in await scorecards.cards(owner, meeting))


async def test_a_scorecard_is_whole_or_refused(ctx: Context) -> None:
    meeting, (first,) = await planned(ctx)
    one, stranger = as_user(ctx, first), as_user(ctx, new_id())
    good = {"verdict": "yes", "scores": {"craft": 4}, "summary": "讲清楚了自己做的系统，有数字。"}
    with pytest.raises(NotReady):
        await scorecards.submit(one, meeting, criteria=ROUND.criteria, **good)
    await interviews.set_time(ctx, meeting, soon())
    for broken, field in (
        ({"verdict": ""}, "verdict"),
        ({"scores": {"craft": 6}}, "score.craft"),
        ({"summary": "好"}, "summary"),
    ):
        with pytest.raises(InvalidRecruiting) as refusal:
            await scorecards.submit(one, meeting, criteria=ROUND.criteria, **good | broken)
        assert set(refusal.value.fields) == {field}
    with pytest.raises(NotYours):
        await scorecards.submit(stranger, meeting, criteria=ROUND.criteria, **good)
    with pytest.raises(InterviewNotFound):
        await interviews.meeting_of(stranger, meeting.interview.id)
    assert (await interviews.meeting_of(one, meeting.interview.id)).interview is meeting.interview


async def test_numbers_are_given_in_order_and_called_once(ctx: Context) -> None:
    meetings = [(await planned(ctx))[0] for _ in range(3)]
    numbers = [await queue.check_in(ctx, meeting) for meeting in meetings]
    assert numbers == [numbers[0], numbers[0] + 1, numbers[0] + 2]
    assert await queue.check_in(ctx, meetings[0]) == numbers[0], "checking in again keeps the number"
    called = [await queue.call_next(ctx, "1 号桌") for _ in range(2)]
    assert [one.queue_number for one in called if one] == numbers[:2]
    await queue.settle(ctx, meetings[0].interview.id, "missed")
    assert await queue.check_in(ctx, meetings[0]) == numbers[0]
    again = await queue.call_next(ctx, "2 号桌")
    assert again is not None
    assert again.id == meetings[0].interview.id


async def test_a_crowd_takes_every_slot_once(database: Database, tenant: TenantRef) -> None:
    """Sixty people choose among twelve open times at once: twelve have one, the others are told, nobody shares."""
    async with database.tenant(tenant) as ctx:
        job = await make_job(ctx, owner_id=new_id())
        rows = []
        for n in range(12):
            # twelve interviewers, so that only the slots are scarce
            begin = soon(100)
            slot = Slot(job_id=job.id, round="r1", starts_at=begin, ends_at=begin + timedelta(minutes=20))
            slot.panel_ids = [await user(ctx, f"考官{n}")]
            ctx.session.add(slot)
            rows.append(slot.id)
        people: list[UUID] = []
        for _ in range(60):
            application = await make_application(ctx, job=job)
            interview = Interview(
                application_id=application.id, round="r1", name="初试", mode="phone", uid=str(new_id())
            )
            ctx.session.add(interview)
            people.append(interview.id)

    async def chooses(position: int, interview_id: UUID) -> str:
        async with database.tenant(tenant) as ctx:
            meeting = await queries.meeting(ctx.session, interview_id, lock=True)
            assert meeting is not None
            try:
                await interviews.choose(ctx, meeting, rows[position % 12])
            except SlotTaken:
                return "taken"
            return "booked"

    gate = asyncio.Semaphore(6)

    async def one(position: int, interview_id: UUID) -> str:
        async with gate:
            return await chooses(position, interview_id)

    outcome = await asyncio.gather(*[one(n, interview_id) for n, interview_id in enumerate(people)])
    assert sorted(outcome) == ["booked"] * 12 + ["taken"] * 48
    async with database.tenant(tenant) as ctx:
        taken = await queries.open_slots(ctx.session, job.id, datetime.now(UTC))
        assert len({slot.interview_id for slot in taken}) == 12
