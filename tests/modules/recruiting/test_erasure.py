"""Who takes everything back is gone from every table of the company: also from what other rooms know by name."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest_asyncio
from sqlalchemy import select

from modules.recruiting.models import Candidate, Offer
from modules.recruiting.repository import interviews as queries
from modules.recruiting.repository.offers import Proposal
from modules.recruiting.service import erasure, interviews, offers
from modules.recruiting.shapes import Package
from tests.application import PASSWORD
from tests.factories.records import company
from tests.modules.recruiting.test_interviews import as_user, planned, soon, user
from zhiren import approvals, calendar, files, meet, notices
from zhiren.auth.service import create_user
from zhiren.clock import today
from zhiren.context import Context
from zhiren.db.base import TenantBase
from zhiren.ids import new_id
from zhiren.meet.models import Event as MeetEvent
from zhiren.meet.service.recording import OWNER, ROOM
from zhiren.notices import repository as messages

NAME = "钟离无痕"
ABOUT = "recruiting.interview"


async def everything(ctx: Context) -> str:
    """Every row of every table as the program reads it, sealed values opened."""
    await ctx.session.flush()
    ctx.session.expunge_all()
    found = []
    for mapper in TenantBase.registry.mappers:
        if mapper.class_.__tablename__.startswith("audit"):
            continue  # what was done, and to whom, stays in the audit
        found += [str(row) for row in await ctx.session.execute(select(mapper.local_table))]
        sealed = [name for name, value in vars(mapper.class_).items() if type(value).__name__ == "Sealed"]
        if sealed:
            rows = await ctx.session.scalars(select(mapper.class_))
            found += [" ".join(str(getattr(row, name)) for name in sealed) for row in rows]
    return "\n".join(found)


@pytest_asyncio.fixture
async def known(ctx: Context) -> AsyncIterator[Any]:
    """A candidate whom calendar, video room, approval and messages know by name."""
    meeting, panel = await planned(ctx)
    meeting.candidate.name, meeting.interview.mode = NAME, "video"
    await ctx.session.flush()
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
    assert before.count(NAME) > 5, "calendar, video room, approval and messages know the name"

    candidate = await ctx.session.get_one(Candidate, meeting.candidate.id)
    proof = await erasure.erase(ctx, candidate, cause="asked")
    after = await everything(ctx)
    assert [line for line in after.splitlines() if NAME in line] == []
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
