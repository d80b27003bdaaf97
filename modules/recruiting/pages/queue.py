"""叫号: the desk's page of a hiring day, and the wall screen that shows who is called where."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, FromQuery

from modules.recruiting import words
from modules.recruiting.repository import interviews as queries
from modules.recruiting.rules.queue import called
from modules.recruiting.service import access, queue
from zhiren.clock import CHINA, today
from zhiren.context import Context
from zhiren.errors import NotFound
from zhiren.i18n import N_, _
from zhiren.modules import NavItem
from zhiren.site import public_page
from zhiren.web import Page, Redirect, page, redirect
from zhiren.web.fields import AnyRequest, read_form

BASE: Final = "/recruiting/queue"
#: who was called last, on the wall
_SHOWN: Final = 6


@get(BASE, permission=access.HIRE)
async def desk_page(ctx: Context, desk: FromQuery[str] = "") -> Page:
    member = access.member(ctx)
    begin = datetime.combine(today(), time(), CHINA).astimezone(UTC)
    found = await queries.between(ctx.session, begin, begin + timedelta(days=1), member=member)
    queued = await queries.queue(ctx.session, today(), member=member)
    numbered = {meeting.interview.id for meeting in queued}
    expected = [
        meeting
        for meeting in found
        if meeting.interview.mode == "onsite"
        and meeting.interview.state == "booked"
        and meeting.interview.id not in numbered
    ]
    groups = {state: [one for one in queued if one.interview.queue_state == state] for state in words.QUEUE_STATES}
    return page("recruiting/queue.html", desk=desk[:20], expected=expected, groups=groups, states=words.QUEUE_STATES)


@post(BASE + "/call", permission=access.HIRE, status_code=303)
async def call_page(request: AnyRequest, ctx: Context) -> Redirect:
    desk = (await read_form(request))["desk"].strip()
    interview = await queue.call_next(ctx, desk)
    if interview is None:
        return redirect(_back(desk), _("没有人在等。"), kind="warning")
    return redirect(_back(desk), _("请 {number} 号到 {desk}", number=interview.queue_number, desk=desk))


@post(BASE + "/{interview_id:uuid}/{act:str}", permission=access.HIRE, status_code=303)
async def act_page(request: AnyRequest, ctx: Context, interview_id: FromPath[UUID], act: FromPath[str]) -> Redirect:
    """``act``: check-in, call (again), seen, missed or waiting."""
    desk = (await read_form(request))["desk"].strip()
    meeting = await queue.to_manage(ctx, interview_id)
    if act == "check-in":
        number = await queue.check_in(ctx, meeting)
        return redirect(_back(desk), _("{name} 是 {number} 号", name=meeting.candidate.name, number=number))
    if act == "call":
        await queue.call_again(ctx, meeting, desk)
    elif act in queue.ENDS:
        await queue.settle(ctx, interview_id, act)
    else:
        raise NotFound(_("没有这个操作。"))
    return redirect(_back(desk), _("已记录"))


@get(BASE + "/wall", permission=access.INTERVIEW)
async def wall_page(ctx: Context) -> Page:
    """For a screen that everybody sees: numbers, desks, and no more of a name than its bearer needs."""
    queued = await queries.queue(ctx.session, today())
    shown = [
        (one.interview.queue_number, one.interview.queue_desk, called(one.candidate.name))
        for one in queued
        if one.interview.queue_state == "called"
    ]
    waiting = [one.interview.queue_number for one in queued if one.interview.queue_state == "waiting"]
    return await public_page(ctx, "recruiting/queue_wall.html", called=shown[-_SHOWN:][::-1], waiting=waiting)


def _back(desk: str) -> str:
    return f"{BASE}?desk={quote(desk[:20])}" if desk else BASE


NAVIGATION: Final = (NavItem(N_("现场叫号"), BASE, access.HIRE, icon="volume", section=N_("招聘"), order=61),)
route_handlers: tuple[Any, ...] = (desk_page, call_page, act_page, wall_page)
