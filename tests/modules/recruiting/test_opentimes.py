"""Times open to a whole round: entered, filled by whoever comes first, closed; and nobody's of another job."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import httpx
import msgspec
import pytest
from litestar import Litestar

from modules.recruiting.errors import InvalidRecruiting, NotReady, SlotTaken
from modules.recruiting.models import Interview, Job
from modules.recruiting.repository import interviews as meetings
from modules.recruiting.repository import opentimes as queries
from modules.recruiting.rules.opentimes import distinct, series
from modules.recruiting.service import access, interviews, opentimes
from modules.recruiting.shapes import Round
from ops.hosted import Hosted
from tests.factories.recruiting import make_application, make_job
from tests.modules.recruiting.test_interviews import as_user, soon, user
from tests.modules.recruiting.test_queue import phone_of
from tests.modules.recruiting.test_way import user_of
from zhiren import calendar
from zhiren.clock import CHINA, today
from zhiren.context import Context, TenantRef
from zhiren.db import Database
from zhiren.ids import new_id

LogIn = Callable[..., Awaitable[httpx.AsyncClient]]
PAGE = {"accept": "text/html"}
ROUND = Round(code="r1", name="初试", mode="phone", duration_min=30)
DAY = date(2026, 9, 1)


def test_a_series_fills_the_time_and_no_more() -> None:
    found = series(DAY, time(9), time(11), 30, 15)
    assert [at.strftime("%H:%M") for at in found] == ["09:00", "09:45", "10:30"]
    assert found[0].tzinfo == CHINA
    assert series(DAY, time(9), time(9, 20), 30, 0) == []


async def with_times(ctx: Context, *, apart: bool = True, panel: int = 2) -> tuple[Job, list[UUID], Context]:
    """A job with one time of the round, open to as many as there are interviewers when apart."""
    owner = await user(ctx, "招聘负责人")
    people = [await user(ctx, f"考官{n}") for n in range(panel)]
    job = await make_job(ctx, owner_id=owner, rounds=[msgspec.to_builtins(ROUND)])
    mine = as_user(ctx, owner, access.HIRE)
    await opentimes.add(mine, job, ROUND, [soon(60)], people, apart=apart)
    return job, people, mine


async def asked(ctx: Context, mine: Context, job: Job) -> meetings.Meeting:
    application = await make_application(ctx, job=job)
    assert await opentimes.invite(mine, job, ROUND, [application.id], 3) == 1
    (interview,) = await meetings.interviews_of(ctx.session, application.id)
    found = await meetings.meeting(ctx.session, interview.id)
    assert found is not None
    return found


async def test_each_time_holds_as_many_as_there_are_places(ctx: Context) -> None:
    job, people, mine = await with_times(ctx)
    crowd = [await asked(ctx, mine, job) for _ in range(3)]
    choices = await meetings.choices(ctx.session, crowd[0].interview, job.id, datetime.now(UTC))
    assert (len(choices), len(distinct(choices))) == (2, 1), "two places, shown as one time"
    for one in crowd[:2]:
        # both press the same button: the second gets the other place at that time
        await interviews.choose(ctx, one, choices[0].id)
        assert one.interview.starts_at == soon(60)
    panels = {row.user_id for one in crowd[:2] for row in await meetings.panel(ctx.session, [one.interview.id])}
    assert panels == set(people), "each interviewer has one candidate"
    with pytest.raises(SlotTaken):
        await interviews.choose(ctx, crowd[2], choices[0].id)


async def test_who_is_busy_opens_no_time(ctx: Context) -> None:
    job, people, mine = await with_times(ctx, apart=False)
    at = soon(60)
    assert await opentimes.add(mine, job, ROUND, [at + timedelta(minutes=15)], people[:1]) == (0, 1), "promised already"
    await calendar.put_entry(
        ctx,
        user_ids=people[:1],
        about=("test.entry", new_id()),
        starts_at=at + timedelta(hours=2),
        ends_at=at + timedelta(hours=3),
        title="别的会",
        uid=str(new_id()),
    )
    times = [at + timedelta(hours=2), at + timedelta(hours=3)]
    assert await opentimes.add(mine, job, ROUND, times, people, apart=True) == (3, 1)


async def test_impossible_times_and_invitations_are_refused(ctx: Context) -> None:
    job, people, mine = await with_times(ctx)
    for starts, panel, field in (
        ([], people, "until"),
        ([soon(n) for n in range(1, 130)], people, "until"),
        ([datetime(2020, 1, 1, tzinfo=UTC)], people, "day"),
        ([soon(70)], [], "panel"),
    ):
        with pytest.raises(InvalidRecruiting) as refusal:
            await opentimes.add(mine, job, ROUND, starts, panel)
        assert set(refusal.value.fields) == {field}
    with pytest.raises(InvalidRecruiting):
        await opentimes.add(mine, job, ROUND, [soon(70)], people, apart=True, room_id=new_id())
    other = await make_application(ctx)
    with pytest.raises(InvalidRecruiting):
        await opentimes.invite(mine, job, ROUND, [other.id], 3)
    empty = await make_job(ctx, owner_id=job.owner_id)
    application = await make_application(ctx, job=empty)
    with pytest.raises(NotReady):
        await opentimes.invite(mine, empty, ROUND, [application.id], 3)


async def test_times_of_another_job_are_nobody_s(ctx: Context) -> None:
    """Rounds of two jobs are called the same; a time of the other one can be neither taken nor closed."""
    (one, _first, mine), (two, _second, _hers) = await with_times(ctx), await with_times(ctx)
    meeting = await asked(ctx, mine, one)
    ((foreign, _name), *_rest) = await queries.of_round(ctx.session, two.id, "r1", datetime.now(UTC))
    with pytest.raises(SlotTaken):
        await interviews.choose(ctx, meeting, foreign.id)
    assert meeting.interview.state == "proposed"
    assert await opentimes.close(mine, one, [foreign.id]) == 0


async def test_closing_spares_what_is_taken(ctx: Context) -> None:
    job, _people, mine = await with_times(ctx)
    meeting = await asked(ctx, mine, job)
    rows = [slot for slot, _name in await queries.of_round(ctx.session, job.id, "r1", datetime.now(UTC))]
    await interviews.choose(ctx, meeting, rows[0].id)
    assert await opentimes.close(mine, job, [row.id for row in rows]) == 1
    left = await queries.of_round(ctx.session, job.id, "r1", datetime.now(UTC))
    assert [name for _slot, name in left] == [meeting.candidate.name]


async def test_a_round_through_the_pages(
    app: Litestar, parts: Hosted, tenant: TenantRef, database: Database, login_as: LogIn
) -> None:
    hr, manager = [await login_as(role) for role in ("hr", "manager")]
    owner = await user_of(hr, parts, tenant)
    async with database.tenant(tenant) as ctx:
        job = await make_job(ctx, owner_id=owner, rounds=[msgspec.to_builtins(ROUND)])
        rows = [(await make_application(ctx, job=job)).id for _ in range(2)]
    where = f"/recruiting/jobs/{job.id}/times"
    day = (today() + timedelta(days=20)).isoformat()
    fields = {"round": "r1", "day": day, "begin": "09:00", "until": "10:00", "minutes": "30", "panel": str(owner)}
    wrong = await hr.post(where, data=fields | {"begin": "late", "minutes": "1"}, headers=PAGE)
    assert wrong.status_code == 422
    assert "请填时间" in wrong.text
    assert (await hr.post(where, data=fields)).status_code == 303
    page = (await hr.get(where, headers=PAGE)).text
    assert "空 2 / 共 2" in page
    invited = await hr.post(f"{where}/invite", data={"round": "r1", "days": "5", "application": [str(rows[0])]})
    assert invited.status_code == 303, invited.text[:600]
    async with database.tenant(tenant) as ctx:
        (interview,) = await meetings.interviews_of(ctx.session, rows[0])
        assert await meetings.interviews_of(ctx.session, rows[1]) == []
    phone = await phone_of(app, tenant, database, interview)
    slots = re.findall(
        r'name="slot" value="([0-9a-f-]{36})"', (await phone.get(f"/portal/interviews/{interview.id}")).text
    )
    assert len(slots) == 2
    assert (await phone.post(f"/portal/interviews/{interview.id}/choose", data={"slot": slots[1]})).status_code == 303
    assert "空 1 / 共 2" in (await hr.get(where, headers=PAGE)).text
    assert (await hr.post(f"{where}/close", data={"round": "r1", "slot": slots})).status_code == 303
    assert "空 0 / 共 1" in (await hr.get(where, headers=PAGE)).text
    for path in (where, f"{where}/close", f"{where}/invite"):
        assert (await manager.post(path, data=fields)).status_code == 404, "not the manager's job"
    assert (await manager.get(where)).status_code == 404
    async with database.tenant(tenant) as ctx:
        assert (await ctx.session.get_one(Interview, interview.id)).state == "booked"
