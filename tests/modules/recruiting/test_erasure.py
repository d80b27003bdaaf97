"""Who takes everything back is gone from every table of the company: also from what other rooms know by name."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest_asyncio
from sqlalchemy import select

from modules.recruiting.models import Candidate, Offer
from modules.recruiting.repository import Case
from modules.recruiting.repository import interviews as queries
from modules.recruiting.repository.offers import Proposal
from modules.recruiting.service import applications, dossiers, erasure, interviews, merging, offers, portal
from modules.recruiting.shapes import Package
from tests.application import PASSWORD
from tests.factories.records import company
from tests.factories.recruiting import make_application, make_candidate
from tests.modules.recruiting.test_interviews import as_user, planned, soon, user
from zhiren import approvals, calendar, files, guests, meet, notices
from zhiren.audit import AuditEvent
from zhiren.audit.record import opened_changes
from zhiren.auth.service import create_user
from zhiren.clock import today
from zhiren.context import Actor, Context, Guest
from zhiren.db.base import TenantBase
from zhiren.guests.models import GuestCode
from zhiren.guests.service import codes
from zhiren.ids import new_id
from zhiren.meet.models import Event as MeetEvent
from zhiren.meet.service.recording import OWNER, ROOM
from zhiren.notices import repository as messages

NAME, MOBILE, MAIL = "钟离无痕", "13911112222", "zhongli-wuhen@mail.test"
ABOUT = "recruiting.interview"


async def everything(ctx: Context) -> str:
    """Every row of every table as the program reads it, sealed values opened, the audit's too."""
    await ctx.session.flush()
    ctx.session.expunge_all()
    found = [str(opened_changes(ctx, event)) for event in await ctx.session.scalars(select(AuditEvent))]
    for mapper in TenantBase.registry.mappers:
        found += [str(row) for row in await ctx.session.execute(select(mapper.local_table))]
        sealed = [name for name, value in vars(mapper.class_).items() if type(value).__name__ == "Sealed"]
        if sealed:
            rows = await ctx.session.scalars(select(mapper.class_))
            found += [" ".join(str(getattr(row, name)) for name in sealed) for row in rows]
    return "\n".join(found)


@pytest_asyncio.fixture
async def known(ctx: Context) -> AsyncIterator[Any]:
    """A candidate whom calendar, video room, approval, messages, timeline and a record merged in know by name."""
    meeting, panel = await planned(ctx)
    candidate = meeting.candidate
    candidate.name, candidate.mail, meeting.interview.mode = NAME, MAIL, "video"
    await ctx.session.flush()
    hiring = as_user(ctx, await user(ctx, "招聘专员"), "recruiting.hire", "recruiting.manage")
    twin = await make_candidate(hiring, name=NAME, mobile=MOBILE, mail=MAIL, resume_text=f"简历 {NAME}")
    await make_application(hiring, candidate=twin)
    await merging.merge(hiring, candidate.id, twin.id)
    await dossiers.set_tags(hiring, candidate, [f"{NAME}的同学"])
    # logs in by a code that a message brings, and does something
    await guests.send_code(ctx, "candidate", MAIL, ip="127.0.0.1")
    (code_id,) = await ctx.session.scalars(select(GuestCode.id).where(GuestCode.kind == "candidate"))
    await codes.deliver(ctx, code_id)
    await guests.open_session(ctx, "candidate", candidate.id, name=NAME)
    own = Actor(user_id=None, name=NAME, kind="guest", guest=Guest("candidate", candidate.id))
    await portal.copy_of(ctx.with_actor(own), candidate)
    await applications.end(ctx.with_actor(own), Case(*meeting[1:]), "withdrawn", note=f"{NAME}不来了")
    await applications.restore(hiring, Case(*meeting[1:]))
    await interviews.set_time(ctx, meeting, soon())
    yield meeting, panel


async def test_nothing_names_them_any_more(ctx: Context, known: Any) -> None:
    meeting, (one,) = known
    house = await company(ctx, name=f"远山制造 {new_id().hex[-6:]}")
    unit = await house.unit(f"研发部 {new_id().hex[-6:]}")
    offer = Offer(
        number=f"F-{new_id().hex[-8:]}", application_id=meeting.application.id, title="工程师",
        unit_id=unit.id, legal_entity_id=house.entity.id, start_on=today() + timedelta(days=20),
    )  # fmt: skip
    offer.package = Package(base_fen=1_000_000)
    ctx.session.add(offer)
    await ctx.session.flush()
    for role in ("hr", "admin"):
        await create_user(ctx, login=f"s-{new_id().hex[-12:]}", name="签字人", password=PASSWORD, roles=[role])
    asking = as_user(ctx, await user(ctx, "招聘专员"), "recruiting.offer", "recruiting.hire")
    await offers.submit(asking, Proposal(offer, meeting.application, meeting.candidate, meeting.job))
    # a recording, as it lies there after the call
    (room,) = await meet.rooms_about(ctx, (ABOUT, meeting.interview.id))
    recording_id = new_id()
    ctx.session.add(MeetEvent(room_id=room.id, kind="recording", recording_id=recording_id))
    kept = await files.put(
        ctx, room=ROOM, name="00001.webm", media_type="video/webm", data=b"moving", owner=(OWNER, recording_id)
    )
    before = await everything(ctx)
    assert before.count(NAME) > 15, "all of them know the name"
    assert MOBILE in before
    assert MAIL in before

    candidate = await ctx.session.get_one(Candidate, meeting.candidate.id)
    proof = await erasure.erase(ctx, candidate, cause="asked")
    after = await everything(ctx)
    assert [line for line in after.splitlines() if any(one in line for one in (NAME, MOBILE, MAIL))] == []
    assert kept.id not in await files.known(ctx, [kept.id], room=ROOM)
    assert await meet.rooms_about(ctx, (ABOUT, meeting.interview.id)) == []
    assert proof.counts["video_rooms"] == proof.counts["calendar_entries"] == proof.counts["approvals"] == 1
    case = await approvals.case_of(ctx, "recruiting.offer", offer.id)
    assert case is not None
    assert case.state == "withdrawn", "nobody signs for somebody who is gone"
    assert (await ctx.session.get_one(Offer, offer.id)).state == "withdrawn"
    assert await calendar.busy(ctx, [one], soon(40), soon(60)) == {one: []}, "the panel's time is free again"


async def test_the_panel_is_told_without_a_name(ctx: Context, known: Any) -> None:
    meeting, _panel = known
    sequence = meeting.interview.sequence
    await erasure.erase(ctx, meeting.candidate, cause="asked")
    (line,) = await notices.history(ctx, (ABOUT, meeting.interview.id))
    assert (line.kind, line.recipient) == ("recruiting.interview.panel_cancelled", "面试官0")
    (message,) = await messages.about(ctx.session, ABOUT, meeting.interview.id)
    assert "一位候选人" in message.content.subject
    found = await queries.meeting(ctx.session, meeting.interview.id)
    assert found is not None
    await ctx.session.flush()
    await ctx.session.refresh(found.interview)
    assert found.interview.sequence == sequence + 1
    assert (found.interview.state, found.interview.meet_room_id) == ("cancelled", None)
