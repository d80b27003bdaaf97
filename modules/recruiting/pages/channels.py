"""Channels with tracked links and costs, agencies with their people, batches, on pages."""

from __future__ import annotations

from collections import defaultdict
from io import BytesIO
from typing import Any, Final
from uuid import UUID

import segno
from litestar import Response, get, post
from litestar.params import FromPath

from modules.recruiting import words_openings as words
from modules.recruiting.errors import EntryNotFound
from modules.recruiting.repository import channels as queries
from modules.recruiting.rules.slugs import tracked
from modules.recruiting.service import channels
from modules.recruiting.service.access import SETTINGS
from zhiren.clock import today
from zhiren.context import Context
from zhiren.errors import ZhirenError
from zhiren.i18n import _
from zhiren.web import Page, Redirect, page, redirect
from zhiren.web.fields import AnyRequest, Fields, read_form

CHANNELS: Final = "/recruiting/channels"
AGENCIES: Final = "/recruiting/agencies"
BATCHES: Final = "/recruiting/batches"
#: where candidates begin
SITE: Final = "/careers"


@get(CHANNELS, permission=SETTINGS)
async def channels_page(request: AnyRequest, ctx: Context) -> Page:
    return await _channels(request, ctx, {}, None)


@post(CHANNELS, permission=SETTINGS, status_code=303)
async def save_channel_page(request: AnyRequest, ctx: Context) -> Page | Redirect:
    form = Fields(await read_form(request))
    try:
        channel_id = form.identity("id")
        form.check()
        active = form.flag("active") if channel_id else True
        await channels.save_channel(
            ctx, channel_id, name=form.text("name"), kind=form.text("kind"), code=form.text("code"), active=active
        )
    except EntryNotFound:
        raise
    except ZhirenError as refusal:
        return await _channels(request, ctx, form.form.starting(""), refusal)
    return redirect(CHANNELS, _("已保存。"))


@get(CHANNELS + "/{channel_id:uuid}", permission=SETTINGS)
async def channel_page(request: AnyRequest, ctx: Context, channel_id: FromPath[UUID]) -> Page:
    return await _channel(request, ctx, channel_id, {}, None)


@post(CHANNELS + "/{channel_id:uuid}/cost", permission=SETTINGS, status_code=303)
async def cost_page(request: AnyRequest, ctx: Context, channel_id: FromPath[UUID]) -> Page | Redirect:
    form = Fields(await read_form(request))
    try:
        amount = form.money("amount")
        form.check()
        await channels.set_cost(ctx, channel_id, form.text("month"), amount)
    except EntryNotFound:
        raise
    except ZhirenError as refusal:
        return await _channel(request, ctx, channel_id, form.form.starting(""), refusal)
    return redirect(f"{CHANNELS}/{channel_id}", _("已保存。"))


@get(CHANNELS + "/{channel_id:uuid}/qr.svg", permission=SETTINGS)
async def qr_image(request: AnyRequest, ctx: Context, channel_id: FromPath[UUID]) -> Response[bytes]:
    found = await channels.channel(ctx, channel_id)
    return Response(qr(link(request, found.code)), media_type="image/svg+xml")


@get(AGENCIES, permission=SETTINGS)
async def agencies_page(ctx: Context) -> Page:
    return await _agencies(ctx, {}, None)


@post(AGENCIES, permission=SETTINGS, status_code=303)
async def save_agency_page(request: AnyRequest, ctx: Context) -> Page | Redirect:
    form = Fields(await read_form(request))
    agency_id = form.identity("id")
    try:
        days = form.whole("ownership_days", 180)
        form.check()
        found = await channels.save_agency(
            ctx,
            agency_id,
            name=form.text("name"),
            terms=form.text("terms"),
            ownership_days=days,
            active=form.flag("active") if agency_id else True,
        )
    except EntryNotFound:
        raise
    except ZhirenError as refusal:
        typed = form.form.starting("")
        return await _agency(ctx, agency_id, typed, refusal) if agency_id else await _agencies(ctx, typed, refusal)
    return redirect(f"{AGENCIES}/{found.id}", _("已保存。"))


@get(AGENCIES + "/{agency_id:uuid}", permission=SETTINGS)
async def agency_page(ctx: Context, agency_id: FromPath[UUID]) -> Page:
    return await _agency(ctx, agency_id, {}, None)


@post(AGENCIES + "/{agency_id:uuid}/members", permission=SETTINGS, status_code=303)
async def add_member_page(request: AnyRequest, ctx: Context, agency_id: FromPath[UUID]) -> Page | Redirect:
    form = Fields(await read_form(request))
    try:
        await channels.add_member(ctx, agency_id, name=form.text("member_name"), mail=form.text("mail"))
    except EntryNotFound:
        raise
    except ZhirenError as refusal:
        return await _agency(ctx, agency_id, form.form.starting(""), refusal)
    return redirect(f"{AGENCIES}/{agency_id}", _("已添加顾问。"))


@post(AGENCIES + "/{agency_id:uuid}/members/{member_id:uuid}", permission=SETTINGS, status_code=303)
async def member_page(
    request: AnyRequest, ctx: Context, agency_id: FromPath[UUID], member_id: FromPath[UUID]
) -> Redirect:
    active = Fields(await read_form(request)).flag("active")
    await channels.set_member_active(ctx, agency_id, member_id, active)
    return redirect(f"{AGENCIES}/{agency_id}", _("已启用。") if active else _("已停用，不能再登录。"))


@post(AGENCIES + "/{agency_id:uuid}/jobs", permission=SETTINGS, status_code=303)
async def agency_jobs_page(request: AnyRequest, ctx: Context, agency_id: FromPath[UUID]) -> Redirect:
    chosen = {text for text in (await read_form(request)).all("job") if text}
    jobs = [job.id for job in await queries.living_jobs(ctx.session) if str(job.id) in chosen]
    await channels.set_jobs(ctx, agency_id, jobs)
    return redirect(f"{AGENCIES}/{agency_id}", _("已保存。"))


@get(BATCHES, permission=SETTINGS)
async def batches_page(ctx: Context) -> Page:
    return await _batches(ctx, None, {}, None)


@get(BATCHES + "/{batch_id:uuid}", permission=SETTINGS)
async def batch_page(ctx: Context, batch_id: FromPath[UUID]) -> Page:
    return await _batches(ctx, batch_id, {}, None)


@post(BATCHES, permission=SETTINGS, status_code=303)
async def save_batch_page(request: AnyRequest, ctx: Context) -> Page | Redirect:
    form = Fields(await read_form(request))
    batch_id = form.identity("id")
    try:
        starts_on, ends_on = form.needed_day("starts_on"), form.needed_day("ends_on")
        form.check()
        texts = {name: form.text(name) for name in ("name", "kind", "school", "city", "place")}
        active = form.flag("active") if batch_id else True
        await channels.save_batch(ctx, batch_id, starts_on=starts_on, ends_on=ends_on, active=active, **texts)
    except EntryNotFound:
        raise
    except ZhirenError as refusal:
        return await _batches(ctx, batch_id, form.form.starting(""), refusal)
    return redirect(BATCHES, _("已保存。"))


# ---- within


def link(request: AnyRequest, code: str) -> str:
    """The career site's address as people outside open it, with the channel in it."""
    return tracked(f"{str(request.base_url).rstrip('/')}{SITE}", code)


def qr(text: str) -> bytes:
    buffer = BytesIO()
    segno.make(text, error="m", micro=False).save(buffer, kind="svg", scale=5, border=3, light="white", xmldecl=False)
    return buffer.getvalue()


def _shown(values: dict[str, Any], refusal: ZhirenError | None) -> dict[str, Any]:
    return {
        "status_code": refusal.status if refusal else 200,
        "values": defaultdict(str, values),
        "words": words,
        "error": refusal,
        "errors": defaultdict(str, refusal.fields if refusal else {}),
    }


async def _channels(request: AnyRequest, ctx: Context, typed: dict[str, str], refusal: ZhirenError | None) -> Page:
    return page(
        "recruiting/channels.html",
        channels=[(one, link(request, one.code)) for one in await queries.channels(ctx.session)],
        counts=await queries.applications_by_channel(ctx.session),
        **_shown(typed, refusal),
    )


async def _channel(
    request: AnyRequest, ctx: Context, channel_id: UUID, typed: dict[str, str], refusal: ZhirenError | None
) -> Page:
    found = await channels.channel(ctx, channel_id)
    values = {"name": found.name, "kind": found.kind, "active": found.active, "month": today().isoformat()[:7]}
    return page(
        "recruiting/channel.html",
        channel=found,
        link=link(request, found.code),
        costs=sorted(found.costs.items(), reverse=True),
        **_shown(values | typed, refusal),
    )


async def _agencies(ctx: Context, typed: dict[str, str], refusal: ZhirenError | None) -> Page:
    members = await queries.members(ctx.session)
    found = await queries.agencies(ctx.session)
    return page(
        "recruiting/agencies.html",
        agencies=[(one, sum(member.agency_id == one.id for member in members)) for one in found],
        counts=await queries.applications_by_agency(ctx.session),
        **_shown({"ownership_days": 180} | typed, refusal),
    )


async def _agency(ctx: Context, agency_id: UUID, typed: dict[str, str], refusal: ZhirenError | None) -> Page:
    found = await channels.agency(ctx, agency_id)
    names = ("name", "terms", "ownership_days", "active")
    return page(
        "recruiting/agency.html",
        agency=found,
        members=await queries.members(ctx.session, agency_id),
        jobs=await queries.living_jobs(ctx.session),
        **_shown({name: getattr(found, name) for name in names} | typed, refusal),
    )


async def _batches(ctx: Context, batch_id: UUID | None, typed: dict[str, str], refusal: ZhirenError | None) -> Page:
    chosen = await channels.batch(ctx, batch_id) if batch_id else None
    names = ("name", "kind", "school", "city", "place", "starts_on", "ends_on", "active")
    values = {name: getattr(chosen, name) for name in names} if chosen else {"kind": "campus"}
    return page(
        "recruiting/batches.html",
        chosen=chosen,
        batches=await queries.batches(ctx.session),
        counts=await queries.people_by_batch(ctx.session),
        **_shown(values | typed, refusal),
    )


route_handlers = (
    channels_page,
    save_channel_page,
    channel_page,
    cost_page,
    qr_image,
    agencies_page,
    save_agency_page,
    agency_page,
    add_member_page,
    member_page,
    agency_jobs_page,
    batches_page,
    batch_page,
    save_batch_page,
)
