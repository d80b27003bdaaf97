"""The administrator's page of modules and licence."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, get, post
from litestar.params import FromPath, URLEncodedBody

from licensing import schemas, service
from licensing.entitlements import Entitlements
from licensing.errors import LicenceInvalid
from zhiren.context import Context
from zhiren.i18n import N_, _
from zhiren.modules import NavItem
from zhiren.web import Page, Redirect, page, redirect

PERMISSION = "licensing.manage"


class LicenceForm(msgspec.Struct, frozen=True):
    text: str = ""


def entitlements_of(request: Request[Any, Any, Any]) -> Entitlements:
    found: Entitlements = request.app.state.deployment.entitlements
    return found


async def _page(request: Request[Any, Any, Any], ctx: Context, *, text: str = "", error: str = "") -> Page:
    entitlements = entitlements_of(request)
    standing = await entitlements.read(ctx)
    return page(
        "licensing/modules.html",
        status_code=422 if error else 200,
        modules=schemas.module_views(entitlements, standing),
        licence=schemas.licence_view(standing, await entitlements.seats_used(ctx)),
        text=text,
        error=error,
    )


@get("/admin/modules", permission=PERMISSION)
async def modules_page(request: Request[Any, Any, Any], ctx: Context) -> Page:
    return await _page(request, ctx)


@post("/admin/modules/{name:str}/on", permission=PERMISSION, status_code=303)
async def switch_on(request: Request[Any, Any, Any], ctx: Context, name: FromPath[str]) -> Redirect:
    await service.switch(ctx, entitlements_of(request), name, on=True)
    return redirect("/admin/modules", _("已打开，马上可用。"))


@post("/admin/modules/{name:str}/off", permission=PERMISSION, status_code=303)
async def switch_off(request: Request[Any, Any, Any], ctx: Context, name: FromPath[str]) -> Redirect:
    await service.switch(ctx, entitlements_of(request), name, on=False)
    return redirect("/admin/modules", _("已关闭，数据都还在。"))


@post("/admin/licence", permission=PERMISSION, status_code=303, reauth=True)
async def install(request: Request[Any, Any, Any], ctx: Context, data: URLEncodedBody[LicenceForm]) -> Page | Redirect:
    try:
        licence = await service.install(ctx, entitlements_of(request), data.text)
    except LicenceInvalid as refusal:
        return await _page(request, ctx, text=data.text, error=f"{refusal.message}{refusal.hint}")
    return redirect("/admin/modules", _("授权已安装，有效期至 {day}。", day=licence.valid_until.isoformat()))


route_handlers = (modules_page, switch_on, switch_off, install)
navigation = (NavItem(N_("模块与授权"), "/admin/modules", PERMISSION, icon="puzzle", section=N_("设置"), order=940),)
