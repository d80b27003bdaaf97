"""Pages: my days, how I work and where my other calendars are, meeting rooms, and the file my programs read."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from zhiren.calendar.forms import ZONES, clock, hours_in, monday_of
from zhiren.calendar.schemas import ANSWERS
from zhiren.calendar.service import entries, people, rooms, sources, week
from zhiren.clock import today
from zhiren.context import Context
from zhiren.errors import NotFound, ZhirenError
from zhiren.i18n import N_, _
from zhiren.modules import NavItem
from zhiren.web import Page, Redirect, page, redirect
from zhiren.web.fields import AnyRequest, Form, read_form
from zhiren.web.visit import header

ROOMS: Final = "calendar.rooms.manage"
WEEKDAYS: Final = (N_("周一"), N_("周二"), N_("周三"), N_("周四"), N_("周五"), N_("周六"), N_("周日"))


@get("/calendar", permission="authenticated")
async def week_page(ctx: Context, day: FromQuery[str] = "") -> Page:
    monday = monday_of(day)
    return page(
        "calendar/week.html",
        days=await week.days_of(ctx, monday, 7, today()),
        questions=await week.questions(ctx),
        monday=monday,
        sunday=monday + timedelta(days=6),
        before=monday - timedelta(days=7),
        after=monday + timedelta(days=7),
        this_week=monday == monday_of(""),
        weekdays=WEEKDAYS,
        hours=range(week.FIRST_HOUR, week.LAST_HOUR),
        answers=ANSWERS,
    )


@post("/calendar/entries/{entry_id:uuid}/{said:str}", permission="authenticated", status_code=303)
async def answer(ctx: Context, entry_id: FromPath[UUID], said: FromPath[str]) -> Redirect:
    if said == "accept":
        await entries.answer(ctx, entry_id, "accepted")
    elif said == "decline":
        await entries.answer(ctx, entry_id, "declined")
    else:
        raise NotFound(_("没有这个页面"))
    return redirect("/calendar", _("已接受") if said == "accept" else _("已拒绝，组织者会看到"))


@get("/calendar/{name:str}", permission="public")
async def feed(request: AnyRequest, ctx: Context, name: FromPath[str]) -> Response[bytes]:
    if not name.endswith(".ics"):
        raise NotFound(_("没有这个页面"))
    settings = request.app.state.deployment.settings
    data, tag = await people.read_feed(ctx, name.removesuffix(".ics"), settings.site_url(ctx.tenant.slug))
    headers = {"etag": tag, "cache-control": "private, no-cache", "referrer-policy": "no-referrer"}
    if tag in header(request.scope, b"if-none-match"):
        return Response(b"", status_code=304, headers=headers)
    return Response(data, media_type="text/calendar; charset=utf-8", headers=headers)


# ---- one's own settings


@get("/account/calendar", permission="authenticated")
async def settings_page(ctx: Context) -> Page:
    return await _settings(ctx)


@post("/account/calendar/hours", permission="authenticated", status_code=303)
async def save_hours(request: AnyRequest, ctx: Context) -> Page | Redirect:
    form = await read_form(request)
    try:
        await people.save_hours(ctx, hours_in(form))
    except ZhirenError as refusal:
        return await _settings(ctx, form, refusal)
    return redirect("/account/calendar", _("工作时间已保存"))


@post("/account/calendar/sources", permission="authenticated", status_code=303)
async def add_source(request: AnyRequest, ctx: Context) -> Page | Redirect:
    form = await read_form(request)
    try:
        await sources.add_source(
            ctx,
            kind=form["kind"],
            name=form["name"],
            url=form["url"],
            login=form["login"].strip(),
            password=form["password"],
            write_back=bool(form["write_back"]),
        )
    except ZhirenError as refusal:
        return await _settings(ctx, form, refusal)
    return redirect("/account/calendar", _("已添加，正在读取"))


@post("/account/calendar/sources/{source_id:uuid}/read", permission="authenticated", status_code=303)
async def read_source(ctx: Context, source_id: FromPath[UUID]) -> Redirect:
    await sources.ask_to_read(ctx, source_id)
    return redirect("/account/calendar", _("正在读取，稍后刷新本页"))


@post("/account/calendar/sources/{source_id:uuid}/write-back", permission="authenticated", status_code=303)
async def write_back(request: AnyRequest, ctx: Context, source_id: FromPath[UUID]) -> Redirect:
    form = await read_form(request)
    await sources.set_write_back(ctx, source_id, bool(form["on"]))
    return redirect("/account/calendar", _("已保存"))


@post("/account/calendar/sources/{source_id:uuid}/remove", permission="authenticated", status_code=303)
async def remove_source(ctx: Context, source_id: FromPath[UUID]) -> Redirect:
    name = await sources.remove_source(ctx, source_id)
    return redirect("/account/calendar", _("已移除“{name}”", name=name))


@post("/account/calendar/link", permission="authenticated", status_code=200)
async def make_link(request: AnyRequest, ctx: Context) -> Page:
    secret = await people.make_link(ctx)
    base = request.app.state.deployment.settings.site_url(ctx.tenant.slug)
    answer = page("calendar/link.html", link=f"{base}/calendar/{secret}.ics")
    answer.headers["cache-control"] = "no-store"
    return answer


@post("/account/calendar/link/off", permission="authenticated", status_code=303)
async def drop_link(ctx: Context) -> Redirect:
    await people.drop_link(ctx)
    return redirect("/account/calendar", _("链接已停用"))


async def _settings(ctx: Context, form: Form | None = None, error: ZhirenError | None = None) -> Page:
    own = people.own_id(ctx)
    hours = (await people.hours_of(ctx, [own]))[own]
    shown = form or Form([])
    return page(
        "calendar/settings.html",
        status_code=error.status if error else None,
        hours=hours,
        times={
            "start": clock(hours.start_min),
            "end": clock(hours.end_min),
            "break_start": clock(hours.break_start_min) if hours.break_end_min > hours.break_start_min else "",
            "break_end": clock(hours.break_end_min) if hours.break_end_min > hours.break_start_min else "",
        },
        weekdays=WEEKDAYS,
        zones=[(key, _(title)) for key, title in ZONES],
        sources=await sources.sources(ctx),
        most=sources.MOST,
        feed=await people.feed_of(ctx),
        form=shown,
        error=error,
    )


# ---- meeting rooms


@get("/admin/rooms", permission=ROOMS)
async def rooms_page(ctx: Context) -> Page:
    return await _rooms(ctx)


@post("/admin/rooms", permission=ROOMS, status_code=303)
async def create_room(request: AnyRequest, ctx: Context) -> Page | Redirect:
    form = await read_form(request)
    try:
        room = await rooms.save_room(ctx, None, name=form["name"], place=form["place"], seats=form["seats"].strip())
    except ZhirenError as refusal:
        return await _rooms(ctx, form, refusal)
    return redirect("/admin/rooms", _("已新建“{name}”", name=room.name))


@post("/admin/rooms/{room_id:uuid}", permission=ROOMS, status_code=303)
async def update_room(request: AnyRequest, ctx: Context, room_id: FromPath[UUID]) -> Page | Redirect:
    form = await read_form(request)
    values = {"name": form["name"], "place": form["place"], "seats": form["seats"].strip()}
    try:
        room = await rooms.save_room(ctx, room_id, active=bool(form["active"]), **values)
    except NotFound:
        raise
    except ZhirenError as refusal:
        return await _rooms(ctx, form, refusal, room_id)
    return redirect("/admin/rooms", _("已保存“{name}”", name=room.name))


async def _rooms(
    ctx: Context, form: Form | None = None, error: ZhirenError | None = None, room_id: UUID | None = None
) -> Page:
    return page(
        "calendar/rooms.html",
        status_code=error.status if error else None,
        rooms=await rooms.rooms(ctx, active=False),
        form=form or Form([]),
        error=error,
        wrong_room=room_id,
    )


route_handlers: tuple[Any, ...] = (
    week_page,
    answer,
    feed,
    settings_page,
    save_hours,
    add_source,
    read_source,
    write_back,
    remove_source,
    make_link,
    drop_link,
    rooms_page,
    create_room,
    update_room,
)
navigation = (
    NavItem(N_("我的日历"), "/calendar", "authenticated", icon="calendar", order=20),
    NavItem(N_("会议室"), "/admin/rooms", ROOMS, icon="building", section=N_("管理"), order=830),
)
