"""How messages leave the house: providers, tests, hours of rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from litestar import get, post
from litestar.params import FromPath, FromQuery

from zhiren.context import Context
from zhiren.errors import ZhirenError
from zhiren.i18n import _
from zhiren.notices import repository
from zhiren.notices.errors import UnknownChannel
from zhiren.notices.models import ChannelSetting
from zhiren.notices.providers.forms import FORMS, Form, form_of
from zhiren.notices.schemas import CHANNEL_TITLES
from zhiren.notices.service import administration, carriers
from zhiren.settings import Settings
from zhiren.web import Page, Redirect, page, redirect
from zhiren.web.fields import AnyRequest, read_form

MANAGE: Final = "notices.settings"


def settings_of(request: AnyRequest) -> Settings:
    found: Settings = request.app.state.deployment.settings
    return found


@get("/admin/notices", permission=MANAGE)
async def overview(request: AnyRequest, ctx: Context) -> Page:
    settings, own = settings_of(request), await repository.channels(ctx.session)
    start, end, _zone = await carriers.rest(ctx)
    rows = [(channel, _(CHANNEL_TITLES[channel]), *_carrier(settings, own, channel)) for channel in FORMS]
    return page(
        "notices/channels.html",
        channels=rows,
        waiting=await repository.waiting_channels(ctx.session),
        start=start.isoformat("minutes"),
        end=end.isoformat("minutes"),
    )


@get("/admin/notices/channels/{channel:str}", permission=MANAGE)
async def channel_page(ctx: Context, channel: FromPath[str], provider: FromQuery[str] = "") -> Page:
    return await _channel(ctx, channel, provider)


@post("/admin/notices/channels/{channel:str}", permission=MANAGE, reauth=True, status_code=303)
async def save_channel(request: AnyRequest, ctx: Context, channel: FromPath[str]) -> Page | Redirect:
    form = await read_form(request)
    given = form.starting("field.")
    try:
        going = await administration.save_channel(ctx, settings_of(request), channel, form["provider"], given)
    except UnknownChannel:
        raise
    except ZhirenError as refusal:
        return await _channel(ctx, channel, form["provider"], given, refusal)
    said = _("已保存，正在发送等着的 {count} 条。", count=going) if going else _("已保存。")
    return redirect(f"/admin/notices/channels/{channel}", said)


@post("/admin/notices/channels/{channel:str}/clear", permission=MANAGE, reauth=True, status_code=303)
async def clear_channel(ctx: Context, channel: FromPath[str]) -> Redirect:
    await administration.clear_channel(ctx, channel)
    return redirect("/admin/notices", _("已去掉自己的设置。"))


@post("/admin/notices/channels/{channel:str}/test", permission=MANAGE, status_code=303)
async def try_channel(request: AnyRequest, ctx: Context, channel: FromPath[str]) -> Page | Redirect:
    form = await read_form(request)
    try:
        ready = await administration.trial_parcel(ctx, settings_of(request), channel, form["address"])
        await administration.send_trial(*ready)
    except ZhirenError as refusal:
        return await _channel(ctx, channel, "", {}, refusal, address=form["address"])
    return redirect(f"/admin/notices/channels/{channel}", _("测试消息已发出，请查收。"))


@post("/admin/notices/rest", permission=MANAGE, status_code=303)
async def save_rest(request: AnyRequest, ctx: Context) -> Redirect:
    form = await read_form(request)
    await administration.save_rest(ctx, form["from"], form["until"])
    return redirect("/admin/notices", _("已保存。"))


def _carrier(settings: Settings, own: Mapping[str, ChannelSetting], channel: str) -> tuple[str, str]:
    """Who carries a channel (``own``, ``installation`` or nobody), and the provider's title."""
    row = own.get(channel)
    form = form_of(channel, row.provider if row is not None else "")
    if form is not None:
        return "own", _(form.title)
    return ("installation", "") if carriers.of_installation(settings, channel) is not None else ("", "")


async def _channel(
    ctx: Context,
    channel: str,
    provider: str,
    given: dict[str, str] | None = None,
    error: ZhirenError | None = None,
    *,
    address: str = "",
) -> Page:
    if channel not in FORMS:
        raise UnknownChannel(_("没有这种发送方式。"))
    row = await repository.channel(ctx.session, channel)
    own = row.provider if row is not None else ""
    form = form_of(channel, provider or own) or FORMS[channel][0]
    stored = (row.settings or {}) if row is not None and own == form.provider else {}
    return page(
        "notices/channel.html",
        channel=channel,
        title=_(CHANNEL_TITLES[channel]),
        forms=FORMS[channel],
        form=form,
        own=own,
        values={name: value for name, value in {**stored, **(given or {})}.items() if not _secret(form, name)},
        stored={name for name in stored if _secret(form, name)},
        error=error,
        address=address,
        status_code=None if error is None else error.status,
    )


def _secret(form: Form, name: str) -> bool:
    return any(field.name == name and field.kind == "secret" for field in form.fields)


route_handlers = (overview, channel_page, save_channel, clear_channel, try_channel, save_rest)
