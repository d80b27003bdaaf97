"""The mailbox that résumés are sent to."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from litestar import get, post

from modules.recruiting.service import access, mailing
from modules.recruiting.service.mailing import Mailbox
from zhiren.context import Context
from zhiren.errors import ZhirenError
from zhiren.i18n import N_, _
from zhiren.web import Page, Redirect, page, redirect
from zhiren.web.fields import AnyRequest, Fields, read_form

SETTINGS: Final = access.SETTINGS
BASE: Final = "/recruiting/mailbox"
TROUBLES: Final[dict[str, str]] = {
    "address": N_("服务器地址不能访问，请核对。内网的邮箱需要运维人员允许。"),
    "login": N_("账号或密码不对。很多邮箱要用“授权码”代替密码。"),
    "unreachable": N_("连不上服务器，请核对地址、端口和加密方式。"),
}


@get(BASE, permission=SETTINGS)
async def mailbox_page(ctx: Context) -> Page:
    return await _page(ctx, await mailing.mailbox(ctx), None)


@post(BASE, permission=SETTINGS, status_code=303)
async def save_page(request: AnyRequest, ctx: Context) -> Page | Redirect:
    fields = Fields(await read_form(request, longest=500))
    box = Mailbox(
        host=fields.text("host"),
        port=fields.whole("port", 993),
        user=fields.text("user"),
        folder=fields.text("folder")[:100] or "INBOX",
        tls=fields.text("tls") != "none",
    )
    try:
        async with ctx.session.begin_nested():
            await mailing.save(ctx, box, fields.form["password"])
            await mailing.ask(ctx)
            await mailing.ask_for_an_hour(ctx)
    except ZhirenError as refusal:
        return await _page(ctx, box, refusal)
    return redirect(BASE, _("已保存，正在收取。"))


@post(BASE + "/fetch", permission=SETTINGS, status_code=303)
async def fetch_page(ctx: Context) -> Redirect:
    await mailing.ask(ctx)
    return redirect(BASE, _("正在收取，稍后刷新查看。"))


@post(BASE + "/stop", permission=SETTINGS, status_code=303)
async def stop_page(ctx: Context) -> Redirect:
    await mailing.stop(ctx)
    return redirect(BASE, _("已停用，账号和密码已删除。"))


async def _page(ctx: Context, box: Mailbox | None, refusal: ZhirenError | None) -> Page:
    stored = await mailing.mailbox(ctx)
    return page(
        "recruiting/mailbox.html",
        status_code=refusal.status if refusal else 200,
        box=box or Mailbox(),
        stored=stored,
        trouble=TROUBLES.get(stored.error, "") if stored else "",
        read_at=datetime.fromisoformat(stored.read_at) if stored and stored.read_at else None,
        error=refusal,
        errors=refusal.fields if refusal else {},
    )


route_handlers: tuple[Any, ...] = (mailbox_page, save_page, fetch_page, stop_page)
