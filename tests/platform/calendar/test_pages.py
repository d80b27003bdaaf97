"""What people see and do: their days, hours, other calendars, the secret link, meeting rooms; and the jobs behind."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest
from icalendar import Calendar
from sqlalchemy import select, text

from ops.hosted import Hosted
from tests.platform.calendar.conftest import LOGIN, PASSWORD, Served, Site
from tests.platform.jobs.conftest import Mailbox
from zhiren import calendar
from zhiren.auth.models import User
from zhiren.calendar import Interval, rules
from zhiren.calendar.jobs import ask_due
from zhiren.calendar.models import Entry, Source
from zhiren.context import Context, TenantRef
from zhiren.ids import new_id
from zhiren.jobs.executor import execute
from zhiren.jobs.relay import Relay
from zhiren.jobs.runtime import Runtime, runtime_of

LogIn = Callable[..., Awaitable[httpx.AsyncClient]]
HOUR = timedelta(hours=1)


def next_monday(hour: int) -> datetime:
    day = datetime.now(rules.CHINA).date()
    return rules.at(day + timedelta(days=7 - day.weekday()), hour * 60)


async def id_of(parts: Hosted, tenant: TenantRef, login: str) -> UUID:
    async with parts.database.tenant(tenant) as ctx:
        return (await ctx.session.execute(select(User.id).where(User.login == login))).scalar_one()


async def book(
    parts: Hosted, tenant: TenantRef, user_id: UUID, starts_at: datetime, **options: Any
) -> tuple[str, UUID]:
    about = options.pop("about", ("test.meeting", new_id()))
    wanted: dict[str, Any] = {"title": "面试 王某", "uid": f"{about[1]}@zhiren", "place": "3 楼"} | options
    async with parts.database.tenant(tenant) as ctx:
        await calendar.put_entry(
            ctx, user_ids=[user_id], about=about, starts_at=starts_at, ends_at=starts_at + HOUR, **wanted
        )
    return about


def workers(parts: Hosted, networks: str) -> Runtime:
    settings = msgspec.structs.replace(parts.settings, provider_networks=networks)
    return replace(runtime_of(parts), settings=settings)


@pytest.fixture
def inner(parts: Hosted) -> Runtime:
    """Workers of an installation that reads calendars of inner networks: the test's servers are some."""
    return workers(parts, "any")


async def run_jobs(runtime: Runtime, tenant: TenantRef) -> list[str | None]:
    mailbox, ended = Mailbox(), []
    await Relay(runtime, mailbox).hand_out(tenant)
    for job_id in mailbox.take():
        ended.append(await execute(runtime, tenant, job_id))
    return ended


async def test_a_week_shows_what_is_booked(login_as: LogIn, parts: Hosted, tenant: TenantRef) -> None:
    lin = await login_as("employee", login="week-lin")
    other = await login_as("employee")
    starts_at = next_monday(10)
    await book(parts, tenant, await id_of(parts, tenant, "week-lin"), starts_at, path="/interviews/1")
    day = starts_at.astimezone(rules.CHINA).date()
    shown = (await lin.get(f"/calendar?day={day}")).text
    assert "面试 王某" in shown
    assert 'href="/interviews/1"' in shown
    # three hours after seven, an hour long
    assert "zr-from-13 zr-to-17" in shown
    assert "面试 王某" not in (await other.get(f"/calendar?day={day}")).text
    for odd in ("nonsense", "0001-01-01", "9999-12-31", "2026-02-30"):
        assert (await lin.get(f"/calendar?day={odd}")).status_code == 200


async def test_an_invitation_is_answered_once_by_the_one_invited(
    login_as: LogIn, parts: Hosted, tenant: TenantRef
) -> None:
    lin, other = await login_as("employee", login="answer-lin"), await login_as("hr")
    about = await book(parts, tenant, await id_of(parts, tenant, "answer-lin"), next_monday(10))
    shown = (await lin.get("/calendar")).text
    assert "等您答复" in shown
    entry_id = re.search(r"/calendar/entries/([0-9a-f-]{36})/accept", shown)
    assert entry_id
    assert (await other.post(f"/calendar/entries/{entry_id[1]}/accept")).status_code == 404
    assert (await lin.post(f"/calendar/entries/{entry_id[1]}/shrug")).status_code == 404
    assert (await lin.post(f"/calendar/entries/{entry_id[1]}/accept")).status_code == 303
    assert "等您答复" not in (await lin.get("/calendar")).text
    async with parts.database.tenant(tenant) as ctx:
        said = await ctx.session.scalars(select(Entry.answer).where(Entry.about_id == about[1]))
        assert said.all() == ["accepted"]


async def test_working_hours_are_kept_and_checked(login_as: LogIn, parts: Hosted, tenant: TenantRef) -> None:
    lin = await login_as("employee", login="hours-lin")
    good = {"day": ["1", "3"], "start": "10:00", "end": "16:00", "break_start": "", "zone": "Europe/Berlin"}
    assert (await lin.post("/account/calendar/hours", data=good)).status_code == 303
    user_id = await id_of(parts, tenant, "hours-lin")
    async with parts.database.tenant(tenant) as ctx:
        (hours,) = (await calendar.hours_of(ctx, [user_id])).values()
        assert (await calendar.hours_of(ctx, [new_id()])).popitem()[1] == calendar.Hours()
    assert hours == calendar.Hours((1, 3), 600, 960, 0, 0, "Europe/Berlin")
    for wrong, said in (
        ({"end": "09:00"}, "下班要晚于上班"),
        ({"start": "25:00"}, "请填写时间"),
        ({"day": []}, "请至少选择一天"),
        ({"zone": "Mars/Olympus"}, "没有这个时区"),
        ({"break_start": "08:00", "break_end": "09:00"}, "休息要在上下班之间"),
    ):
        refused = await lin.post("/account/calendar/hours", data=good | wrong)
        assert (refused.status_code, said in refused.text) == (422, True), wrong


async def test_the_secret_link_is_read_by_programs_until_it_is_replaced(
    login_as: LogIn, client: httpx.AsyncClient, parts: Hosted, tenant: TenantRef
) -> None:
    lin = await login_as("employee", login="feed-lin")
    user_id, starts_at = await id_of(parts, tenant, "feed-lin"), next_monday(10)
    await book(parts, tenant, user_id, starts_at, path="/interviews/7")
    made = await lin.post("/account/calendar/link")
    assert made.headers["cache-control"] == "no-store"
    path = re.search(r"/calendar/[\w-]{43}\.ics", made.text)
    assert path
    # a stranger: no cookie, only the link
    read = await client.get(path[0])
    assert read.headers["content-type"].startswith("text/calendar")
    found = Calendar.from_ical(read.content)
    (event,) = found.walk("VEVENT")
    assert (str(event["SUMMARY"]), event["DTSTART"].dt.astimezone(UTC)) == ("面试 王某", starts_at)
    assert str(event["URL"]).endswith("/interviews/7")
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT15M" in read.content
    again = await client.get(path[0], headers={"if-none-match": read.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    await book(parts, tenant, user_id, starts_at + 2 * HOUR)
    changed = await client.get(path[0], headers={"if-none-match": read.headers["etag"]})
    assert changed.status_code == 200
    # the database keeps no link, and the old one ends with the new
    secret = path[0].removeprefix("/calendar/").removesuffix(".ics")
    async with parts.database.tenant(tenant) as ctx:
        row = await ctx.session.scalar(text("SELECT string_agg(calendar_feed::text, '') FROM calendar_feed"))
        assert secret not in row
    assert (await lin.post("/account/calendar/link")).status_code == 200
    assert (await client.get(path[0])).status_code == 404
    for name in ("x.ics", f"{secret}", ".ics", "%00.ics"):
        assert (await client.get(f"/calendar/{name}")).status_code in (400, 404)


async def source_of(parts: Hosted, tenant: TenantRef, user_id: UUID) -> Source:
    async with parts.database.tenant(tenant) as ctx:
        return (await ctx.session.scalars(select(Source).where(Source.user_id == user_id))).one()


async def busy_of(ctx: Context, user_id: UUID, start: datetime) -> list[Interval]:
    return (await calendar.busy(ctx, [user_id], start - 12 * HOUR, start + 12 * HOUR))[user_id]


async def test_a_subscribed_calendar_is_read_and_says_why_when_it_is_not(
    login_as: LogIn, parts: Hosted, tenant: TenantRef, inner: Runtime, site: Site
) -> None:
    lin = await login_as("employee", login="ics-lin")
    user_id, when = await id_of(parts, tenant, "ics-lin"), next_monday(14)
    stamp = when.strftime("%Y%m%dT%H%M%SZ")
    site.body = (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:看牙医\r\n"
        f"DTSTART:{stamp}\r\nDURATION:PT1H\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    ).encode()
    address = f"{site.served.url}/secret-address.ics"
    added = await lin.post("/account/calendar/sources", data={"kind": "ics", "url": address})
    assert added.status_code == 303
    assert await run_jobs(inner, tenant) == ["succeeded"]
    async with parts.database.tenant(tenant) as ctx:
        assert await busy_of(ctx, user_id, when) == [Interval(when, when + HOUR)]
        row = await ctx.session.scalar(text("SELECT string_agg(calendar_source::text, '') FROM calendar_source"))
    assert "secret-address" not in row
    assert "看牙医" not in row
    # what stands there is not told even to its owner
    week = (await lin.get(f"/calendar?day={when.astimezone(rules.CHINA).date()}")).text
    assert "忙" in week
    assert "看牙医" not in week
    # gone: the page says so, and what was known stays
    site.status = "404 Not Found"
    source = await source_of(parts, tenant, user_id)
    assert (await lin.post(f"/account/calendar/sources/{source.id}/read")).status_code == 303
    assert set(await run_jobs(inner, tenant)) == {"succeeded"}
    shown = (await lin.get("/account/calendar")).text
    assert "网址上没有日历" in shown
    assert "请在对方的日历设置里重新复制网址" in shown
    async with parts.database.tenant(tenant) as ctx:
        assert await busy_of(ctx, user_id, when) == [Interval(when, when + HOUR)]
    # removed: forgotten
    assert (await lin.post(f"/account/calendar/sources/{source.id}/remove")).status_code == 303
    async with parts.database.tenant(tenant) as ctx:
        assert await busy_of(ctx, user_id, when) == []


async def test_inner_addresses_are_not_read_unless_the_installation_says_so(
    login_as: LogIn, parts: Hosted, tenant: TenantRef, site: Site
) -> None:
    lin = await login_as("employee", login="ssrf-lin")
    address = site.served.url.replace("http://", "https://")
    await lin.post("/account/calendar/sources", data={"kind": "ics", "url": address})
    assert await run_jobs(workers(parts, "public"), tenant) == ["succeeded"]
    assert "网址指向内部网络" in (await lin.get("/account/calendar")).text
    assert site.served.seen == []


async def test_sources_of_others_are_nobody_s_business(login_as: LogIn, parts: Hosted, tenant: TenantRef) -> None:
    lin, admin = await login_as("employee", login="own-lin"), await login_as("admin")
    fields = {"kind": "caldav", "url": "webcal://dav.example.invalid/", "login": "lin", "password": "geheim"}
    await lin.post("/account/calendar/sources", data=fields)
    source = await source_of(parts, tenant, await id_of(parts, tenant, "own-lin"))
    for what in ("read", "remove", "write-back"):
        assert (await admin.post(f"/account/calendar/sources/{source.id}/{what}")).status_code == 404
    shown = (await lin.get("/account/calendar")).text
    assert "dav.example.invalid" in shown
    assert "geheim" not in shown
    for wrong in ({"url": "ftp://x"}, {"url": ""}, {"password": ""}, {"kind": "fax"}):
        assert (await lin.post("/account/calendar/sources", data=fields | wrong)).status_code == 422
    for _more in range(4):
        assert (await lin.post("/account/calendar/sources", data=fields)).status_code == 303
    assert (await lin.post("/account/calendar/sources", data=fields)).status_code == 422


async def test_sources_are_asked_for_once_in_a_quarter_of_an_hour(
    login_as: LogIn, parts: Hosted, tenant: TenantRef, inner: Runtime, site: Site
) -> None:
    lin = await login_as("employee", login="due-lin")
    await lin.post("/account/calendar/sources", data={"kind": "ics", "url": site.served.url})
    await run_jobs(inner, tenant)
    while await run_jobs(inner, tenant):
        pass
    site.served.seen.clear()
    await asyncio.gather(ask_due(inner), ask_due(inner))
    await run_jobs(inner, tenant)
    assert site.served.seen == []
    async with parts.database.tenant(tenant) as ctx:
        await ctx.session.execute(text("UPDATE calendar_source SET tried_at = now() - interval '16 minutes'"))
    await asyncio.gather(ask_due(inner), ask_due(inner))
    while await run_jobs(inner, tenant):
        pass
    assert len([path for _method, path, _headers in site.served.seen if path == "/"]) == 1


async def test_accepted_interviews_are_written_moved_and_taken_away(
    login_as: LogIn, parts: Hosted, tenant: TenantRef, inner: Runtime, radicale: Served
) -> None:
    lin = await login_as("employee", login="dav-lin")
    user_id, when = await id_of(parts, tenant, "dav-lin"), next_monday(10)
    fields = {"kind": "caldav", "url": radicale.url, "login": LOGIN, "password": PASSWORD, "write_back": "1"}
    assert (await lin.post("/account/calendar/sources", data=fields)).status_code == 303
    await run_jobs(inner, tenant)
    about = await book(parts, tenant, user_id, when)
    await run_jobs(inner, tenant)

    def there() -> list[Any]:
        with httpx.Client(auth=(LOGIN, PASSWORD), trust_env=False) as browser:
            body = browser.get(f"{radicale.url}/{LOGIN}/work/").content
        return list(Calendar.from_ical(body).walk("VEVENT"))

    # not before it is accepted
    assert there() == []
    async with parts.database.tenant(tenant) as ctx:
        await calendar.answer_about(ctx, about, user_id, "accepted")
    await run_jobs(inner, tenant)
    (event,) = there()
    assert (str(event["UID"]), event["DTSTART"].dt.astimezone(UTC)) == (f"{about[1]}@zhiren", when)
    # read back, it is no second engagement
    source = await source_of(parts, tenant, user_id)
    await lin.post(f"/account/calendar/sources/{source.id}/read")
    await run_jobs(inner, tenant)
    async with parts.database.tenant(tenant) as ctx:
        assert (await calendar.busy(ctx, [user_id], when, when + HOUR, besides=about))[user_id] == []
    # a worker that wrote and died before it said so: its successor recognises what stands there
    async with parts.database.tenant(tenant) as ctx:
        await ctx.session.execute(
            text("UPDATE calendar_entry SET written_href = '', written_etag = '', written_sequence = NULL")
        )
        await calendar.answer_about(ctx, about, user_id, "accepted")
    await run_jobs(inner, tenant)
    assert len(there()) == 1
    # declined after all: taken away
    async with parts.database.tenant(tenant) as ctx:
        await calendar.answer_about(ctx, about, user_id, "declined")
    await run_jobs(inner, tenant)
    assert there() == []
    assert "日程在对方那里被改过" not in (await lin.get("/account/calendar")).text


async def test_times_in_common_by_day(parts: Hosted, tenant: TenantRef, login_as: LogIn) -> None:
    await login_as("employee", login="free-a")
    await login_as("employee", login="free-b")
    anna, ben = await id_of(parts, tenant, "free-a"), await id_of(parts, tenant, "free-b")
    monday = next_monday(0)
    await book(parts, tenant, anna, next_monday(9))
    await book(parts, tenant, ben, next_monday(11))
    async with parts.database.tenant(tenant) as ctx:
        first = monday.astimezone(rules.CHINA).date()
        days = await calendar.find_free(ctx, [anna, ben], first, 6, 60, step_min=60)
    hours = [[slot.start.astimezone(rules.CHINA).hour for slot in day.slots] for day in days]
    assert hours == [[10, 13, 14, 15, 16, 17], *[[9, 10, 11, 13, 14, 15, 16, 17]] * 4, []]
    assert [person.busy for person in days[0].people] == [((8.33, 8.33),), ((25.0, 8.33),)]


async def test_rooms_are_added_and_switched_off(login_as: LogIn, parts: Hosted, tenant: TenantRef) -> None:
    hr = await login_as("hr")
    assert "还没有会议室" in (await hr.get("/admin/rooms")).text
    room = {"name": "云杉", "place": "A 座 3 楼", "seats": "8"}
    assert (await hr.post("/admin/rooms", data=room)).status_code == 303
    async with parts.database.tenant(tenant) as ctx:
        (made,) = await calendar.rooms(ctx)
    for wrong in ({"name": ""}, {"seats": "0"}, {"seats": "viele"}, {"place": "远" * 200}):
        assert (await hr.post("/admin/rooms", data=room | {"name": "新"} | wrong)).status_code == 422
    twice = await hr.post("/admin/rooms", data=room)
    assert (twice.status_code, "已有叫“云杉”的会议室" in twice.text) == (409, True)
    assert (await hr.post(f"/admin/rooms/{made.id}", data=room)).status_code == 303
    assert "已停用" in (await hr.get("/admin/rooms")).text
    async with parts.database.tenant(tenant) as ctx:
        assert await calendar.rooms(ctx) == []
    assert (await hr.post(f"/admin/rooms/{new_id()}", data=room | {"name": "别的"})).status_code == 404
