"""Where I want to be reached; and the link in a mail that says: no more of these."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, get, post
from litestar.params import FromPath, JSONBody

from zhiren.auth.agents import describe_agent
from zhiren.context import Context
from zhiren.errors import InvalidInput
from zhiren.i18n import _
from zhiren.notices.service import reach
from zhiren.web import Page, Redirect, page, redirect
from zhiren.web.fields import AnyRequest, read_form


class Browser(msgspec.Struct):
    """``PushSubscription.toJSON()``."""

    endpoint: str
    keys: dict[str, str]


class PushKey(msgspec.Struct):
    key: str


class Subscribed(msgspec.Struct):
    id: UUID


@get("/notices/reach", permission="authenticated")
async def reach_page(ctx: Context) -> Page:
    return await _page(ctx, await reach.own_addresses(ctx))


@post("/notices/reach", permission="authenticated", status_code=303)
async def save(request: AnyRequest, ctx: Context) -> Page | Redirect:
    form = await read_form(request)
    given = {name: form[name] for name in reach.SINGLE}
    try:
        await reach.save_addresses(ctx, given)
    except InvalidInput as refusal:
        return await _page(ctx, given, refusal)
    await reach.save_wanted(ctx, set(form.all("wanted")))
    return redirect("/notices/reach", _("已保存。"))


@get("/api/v1/notices/push-key", permission="authenticated", tags=["notices"])
async def push_key(ctx: Context) -> PushKey:
    """The key a browser subscribes to push messages with (RFC 8292)."""
    return PushKey(await reach.push_key(ctx))


@post("/api/v1/notices/browsers", permission="authenticated", status_code=201, tags=["notices"])
async def subscribe(request: Request[Any, Any, Any], ctx: Context, data: JSONBody[Browser]) -> Subscribed:
    """This browser wants push messages."""
    label = describe_agent(ctx.user_agent) or _("未知设备")
    given = {"endpoint": data.endpoint, "keys": data.keys}
    return Subscribed(await reach.subscribe(ctx, request.app.state.deployment.settings, given, label=label))


@post("/notices/browsers/{subscription_id:uuid}/forget", permission="authenticated", status_code=303)
async def forget(ctx: Context, subscription_id: FromPath[UUID]) -> Redirect:
    await reach.forget_browser(ctx, subscription_id)
    return redirect("/notices/reach", _("不再向这台设备推送。"))


@get("/notices/off/{message_id:uuid}/{token:str}", permission="public")
async def off_page(ctx: Context, message_id: FromPath[UUID], token: FromPath[str]) -> Page:
    title = await reach.title_of(ctx, message_id, token)
    return page("notices/off.html", title=title, done=False, message_id=message_id, token=token)


@post("/notices/off/{message_id:uuid}/{token:str}", permission="public", csrf=False, status_code=200)
async def off(ctx: Context, message_id: FromPath[UUID], token: FromPath[str]) -> Page:
    """Also asked by mail programs, with one press and no page before (RFC 8058)."""
    title = await reach.title_of(ctx, message_id, token)
    await reach.switch_off(ctx, message_id, token)
    return page("notices/off.html", title=title, done=True, message_id=message_id, token=token)


async def _page(ctx: Context, values: dict[str, str], error: InvalidInput | None = None) -> Page:
    return page(
        "notices/reach.html",
        values=values,
        error=error,
        browsers=await reach.browsers(ctx),
        optional=await reach.optional_kinds(ctx),
    )


route_handlers = (reach_page, save, push_key, subscribe, forget, off_page, off)
