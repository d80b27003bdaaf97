"""叫号 on pages: the desk, the candidate's own phone, and the wall that tells no names."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from litestar import Litestar

from modules.recruiting.errors import InterviewNotFound, InvalidRecruiting
from modules.recruiting.models import Interview, Job
from modules.recruiting.repository import interviews as queries
from modules.recruiting.rules.queue import called, may_check_in
from modules.recruiting.service import access, queue
from ops.hosted import Hosted
from tests.application import browser
from tests.factories.recruiting import make_application, make_candidate, make_job
from tests.modules.recruiting.test_interviews import as_user, user
from tests.modules.recruiting.test_way import as_candidate, user_of
from zhiren import guests
from zhiren.clock import today
from zhiren.context import Context, TenantRef
from zhiren.db import Database
from zhiren.ids import new_id

LogIn = Callable[..., Awaitable[httpx.AsyncClient]]
PAGE = {"accept": "text/html"}
NOON = datetime(2026, 9, 1, 4, 0, tzinfo=UTC)


async def comes_today(ctx: Context, job: Job, name: str, **values: Any) -> Interview:
    """Somebody with an interview on site that begins now."""
    candidate = await make_candidate(ctx, name=name)
    application = await make_application(ctx, job=job, candidate=candidate)
    now = datetime.now(UTC)
    plan = {"mode": "onsite", "state": "booked", "starts_at": now, "ends_at": now + timedelta(minutes=30)}
    found = Interview(application_id=application.id, round="r1", name="初试", uid=str(new_id()), **plan | values)
    ctx.session.add(found)
    await ctx.session.flush()
    return found


async def phone_of(app: Litestar, tenant: TenantRef, database: Database, interview: Interview) -> httpx.AsyncClient:
    async with database.tenant(tenant) as ctx:
        meeting = await queries.meeting(ctx.session, interview.id)
        assert meeting is not None
        token = await guests.open_session(ctx, "candidate", meeting.candidate.id)
    client = browser(app, tenant, headers=PAGE)
    client.cookies.set("zhiren_guest_candidate", token)
    as_candidate(client)
    return client


@pytest.mark.parametrize(
    ("name", "shown"),
    [("王小明", "王*"), ("欧阳修", "欧阳*"), ("欧阳", "欧*"), ("John Smith", "J*"), (" ", "")],
)
def test_a_wall_shows_little_of_a_name(name: str, shown: str) -> None:
    assert called(name) == shown


@pytest.mark.parametrize(
    ("values", "may"),
    [
        ({}, True),
        ({"starts_at": NOON + timedelta(hours=5)}, False),
        ({"starts_at": NOON + timedelta(days=1)}, False),
        ({"mode": "video"}, False),
        ({"state": "cancelled"}, False),
        ({"starts_at": None}, False),
    ],
)
def test_checking_in_is_for_the_day(values: dict[str, Any], may: bool) -> None:
    meeting = SimpleNamespace(**{"mode": "onsite", "state": "booked", "starts_at": NOON + timedelta(hours=1)} | values)
    assert may_check_in(meeting, NOON) is may


async def test_each_desk_calls_its_own(ctx: Context) -> None:
    """Who hires for some jobs calls and settles those alone; who manages all calls whoever is first."""
    mine, hers = await user(ctx, "甲"), await user(ctx, "乙")
    first = await comes_today(ctx, await make_job(ctx, owner_id=hers), "先到的")
    second = await comes_today(ctx, await make_job(ctx, owner_id=mine), "后到的")
    me = as_user(ctx, mine, access.HIRE)
    for one in (first, second):
        meeting = await queries.meeting(ctx.session, one.id)
        assert meeting is not None
        await queue.check_in(ctx, meeting)
    assert await queue.place_of(ctx, second) == await queue.place_of(ctx, first) + 1  # type: ignore[operator]
    got = await queue.call_next(me, "3 号桌")
    assert got is not None
    assert (got.id, got.queue_desk) == (second.id, "3 号桌")
    assert await queue.call_next(me, "3 号桌") is None
    with pytest.raises(InterviewNotFound):
        await queue.to_manage(me, first.id)
    with pytest.raises(InvalidRecruiting):
        await queue.call_next(me, "  ")
    await queue.settle(me, second.id, "missed")
    await queue.call_again(me, await queue.to_manage(me, second.id), "")
    assert (second.queue_state, second.queue_desk) == ("called", "3 号桌")
    assert await queue.place_of(ctx, second) is None


async def test_a_hiring_day_through_the_pages(
    app: Litestar, parts: Hosted, tenant: TenantRef, database: Database, login_as: LogIn
) -> None:
    hr, manager, employee = [await login_as(role) for role in ("hr", "manager", "employee")]
    async with database.tenant(tenant) as ctx:
        job = await make_job(ctx, owner_id=await user_of(hr, parts, tenant))
        one, two = await comes_today(ctx, job, "钟离春"), await comes_today(ctx, job, "上官婉")
        later = await comes_today(ctx, job, "改天来", starts_at=datetime.now(UTC) + timedelta(days=2), ends_at=None)
    mine, hers = [await phone_of(app, tenant, database, row) for row in (one, two)]
    assert "我到了，签到" in (await mine.get(f"/portal/interviews/{one.id}")).text
    for stolen in (two, later):
        assert (await mine.post(f"/portal/interviews/{stolen.id}/check-in")).status_code == 404
    assert "钟离春" in (await hr.get("/recruiting/queue", headers=PAGE)).text
    assert (await mine.post(f"/portal/interviews/{one.id}/check-in")).status_code == 303
    assert (await hr.post(f"/recruiting/queue/{two.id}/check-in", data={})).status_code == 303
    async with database.tenant(tenant) as ctx:
        rows = {row.interview.id: row.interview for row in await queries.queue(ctx.session, today())}
        number = rows[one.id].queue_number
        assert (rows[two.id].queue_number or 0) > (number or 0)
    assert f">{number}<" in (await mine.get(f"/portal/interviews/{one.id}")).text
    assert "前面还有" in (await hers.get(f"/portal/interviews/{two.id}")).text
    called_to = await hr.post(f"/recruiting/queue/{one.id}/call", data={"desk": "3 号桌"})
    assert called_to.status_code == 303
    assert "请到 3 号桌" in (await mine.get(f"/portal/interviews/{one.id}")).text
    wall = (await employee.get("/recruiting/queue/wall", headers=PAGE)).text
    for shown in ("3 号桌", "钟*", str(number)):
        assert shown in wall
    for hidden in ("钟离春", "上官婉", job.title):
        assert hidden not in wall
    for path in (f"/recruiting/queue/{one.id}/seen", "/recruiting/queue/call"):
        assert (await employee.post(path, data={"desk": "1"})).status_code == 403
    assert (await manager.post(f"/recruiting/queue/{one.id}/seen", data={})).status_code == 404, "not the manager's job"
    assert "钟离春" not in (await manager.get("/recruiting/queue", headers=PAGE)).text
    assert (await hr.post(f"/recruiting/queue/{one.id}/seen", data={})).status_code == 303
    assert (await hr.post(f"/recruiting/queue/{one.id}/missed", data={})).status_code == 409
    assert (await hr.post(f"/recruiting/queue/{one.id}/dance", data={})).status_code == 404
    early = await phone_of(app, tenant, database, later)
    assert (await early.post(f"/portal/interviews/{later.id}/check-in")).status_code == 409
    async with database.tenant(tenant) as ctx:
        assert (await ctx.session.get_one(Interview, one.id)).state == "done"
