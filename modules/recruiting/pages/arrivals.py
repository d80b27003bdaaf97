"""Onboarding for those who take newcomers on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from modules.records import api as records
from modules.recruiting import words
from modules.recruiting.repository import offers as queries
from modules.recruiting.service import access, onboarding
from zhiren import audit, files
from zhiren.clock import today
from zhiren.context import Context
from zhiren.errors import ZhirenError
from zhiren.i18n import _
from zhiren.ids import NO_ID
from zhiren.web import Page, page, redirect
from zhiren.web.fields import AnyRequest, Fields, read_form

ONBOARD: Final = access.ONBOARD


@get("/recruiting/onboarding", permission=ONBOARD)
async def list_page(ctx: Context) -> Page:
    found = await queries.arrivals(ctx.session, since=today() - timedelta(days=30))
    open_ = await queries.open_tasks(ctx.session, [one.onboarding.id for one in found])
    return page(
        "recruiting/onboardings.html", arrivals=found, open=open_, states=words.ONBOARDING_STATES, today=today()
    )


@get("/recruiting/onboarding/{onboarding_id:uuid}", permission=ONBOARD)
async def onboarding_page(ctx: Context, onboarding_id: FromPath[UUID]) -> Page:
    return await _page(ctx, onboarding_id)


async def _page(ctx: Context, onboarding_id: UUID, error: ZhirenError | None = None) -> Page:
    arrival = await onboarding.arrival_of(ctx, onboarding_id)
    units = {unit.id: unit.path for unit in await records.org_units(ctx, arrival.onboarding.start_on)}
    return page(
        "recruiting/onboarding.html",
        arrival=arrival,
        tasks=await queries.tasks(ctx.session, onboarding_id),
        unit=units.get(arrival.offer.unit_id, ""),
        state=words.ONBOARDING_STATES[arrival.onboarding.state],
        task_states=words.TASK_STATES,
        number=await records.next_number(ctx),
        has_form=arrival.onboarding.form_ct is not None,
        today=today(),
        error=error,
        errors=error.fields if error else {},
    )


@post("/recruiting/onboarding/{onboarding_id:uuid}/tasks/{task_id:uuid}", permission=ONBOARD, status_code=303)
async def check(
    request: AnyRequest, ctx: Context, onboarding_id: FromPath[UUID], task_id: FromPath[UUID]
) -> Page | Response[Any]:
    form = await read_form(request)
    arrival = await onboarding.arrival_of(ctx, onboarding_id, lock=True)
    try:
        await onboarding.check(ctx, arrival, task_id, done=form["act"] != "return", remark=form["remark"])
    except ZhirenError as refusal:
        return await _page(ctx, onboarding_id, refusal)
    return redirect(f"/recruiting/onboarding/{onboarding_id}", _("已记录"))


@get("/recruiting/onboarding/{onboarding_id:uuid}/tasks/{task_id:uuid}/paper", permission=ONBOARD)
async def paper(ctx: Context, onboarding_id: FromPath[UUID], task_id: FromPath[UUID]) -> Response[bytes]:
    await onboarding.arrival_of(ctx, onboarding_id)
    task = await queries.task(ctx.session, task_id)
    file_id = task.file_id if task is not None and task.onboarding_id == onboarding_id else None
    ref, data = await files.read(ctx, file_id or NO_ID, room=onboarding.ROOM)
    audit.record(
        ctx,
        "recruiting.onboarding.read_paper",
        object_type=onboarding.ABOUT,
        object_id=onboarding_id,
        fields=["paper"],
        sensitive=True,
    )
    return files.response(ref, data, inline=True)


@post("/recruiting/onboarding/{onboarding_id:uuid}/join", permission=ONBOARD, growth="seat", status_code=303)
async def join(request: AnyRequest, ctx: Context, onboarding_id: FromPath[UUID]) -> Page | Response[Any]:
    fields = Fields(await read_form(request))
    arrival = await onboarding.arrival_of(ctx, onboarding_id, lock=True)
    try:
        day = fields.needed_day("started_on")
        fields.check()
        async with ctx.session.begin_nested():
            employee_id = await onboarding.join(ctx, arrival, number=fields.text("number"), started_on=day)
    except ZhirenError as refusal:
        return await _page(ctx, onboarding_id, refusal)
    return redirect(f"/records/employees/{employee_id}", _("{name} 已入职", name=arrival.candidate.name))


@post("/recruiting/onboarding/{onboarding_id:uuid}/no-show", permission=ONBOARD, status_code=303)
async def no_show(request: AnyRequest, ctx: Context, onboarding_id: FromPath[UUID]) -> Response[Any]:
    form = await read_form(request)
    await onboarding.no_show(ctx, await onboarding.arrival_of(ctx, onboarding_id, lock=True), reason=form["reason"])
    return redirect(f"/recruiting/onboarding/{onboarding_id}", _("已标记未入职，收集的材料已删除"))


@post("/recruiting/onboarding/{onboarding_id:uuid}/postpone", permission=ONBOARD, status_code=303)
async def postpone(request: AnyRequest, ctx: Context, onboarding_id: FromPath[UUID]) -> Page | Response[Any]:
    fields = Fields(await read_form(request))
    arrival = await onboarding.arrival_of(ctx, onboarding_id, lock=True)
    try:
        day = fields.needed_day("start_on")
        fields.check()
        await onboarding.postpone(ctx, arrival, day)
    except ZhirenError as refusal:
        return await _page(ctx, onboarding_id, refusal)
    return redirect(f"/recruiting/onboarding/{onboarding_id}", _("入职日期已改"))


route_handlers: tuple[Any, ...] = (list_page, onboarding_page, check, paper, join, no_show, postpone)
