"""Roles and what they grant, as a table of permissions by scope."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from zhiren.auth import queries
from zhiren.auth.pages.forms import AnyRequest, Form, read_form
from zhiren.auth.runtime import runtime_of
from zhiren.auth.schemas import GrantScope, RoleCreate, RoleUpdate
from zhiren.auth.service import roles as service
from zhiren.context import SCOPE_ORDER, Context
from zhiren.errors import InvalidInput, ZhirenError
from zhiren.i18n import N_, _
from zhiren.web.pages import Page, page, redirect

_MANAGE: Final = "auth.roles.manage"
SCOPE_TITLES: Final = {
    "none": N_("不授予"),
    "self": N_("本人"),
    "direct_reports": N_("直接下属"),
    "reports": N_("全部下属"),
    "unit": N_("指定部门及下级"),
    "all": N_("所有人"),
}


@get("/admin/roles", permission=_MANAGE)
async def roles_page(ctx: Context) -> Page:
    return page("auth/roles.html", roles=await queries.every_role(ctx), form=Form([]), error=None)


@post("/admin/roles", permission=_MANAGE, reauth=True, status_code=303)
async def create_role(request: AnyRequest, ctx: Context) -> Response[Any]:
    """A new role, empty or with the grants of the one it is copied from."""
    form = await read_form(request)
    roles = await queries.every_role(ctx)
    known = runtime_of(request).permissions
    copied = next((role.grants for role in roles if role.code == form["copy_of"]), {})
    grants = msgspec.convert({name: copied[name] for name in copied if name in known}, dict[str, GrantScope])
    try:
        data = RoleCreate(code=form["code"].strip(), title=_title(form), grants=grants)
        role = await service.create_role(ctx, runtime_of(request).permissions, data)
    except ZhirenError as refusal:
        return page("auth/roles.html", status_code=refusal.status, roles=roles, form=form, error=refusal)
    return redirect(f"/admin/roles/{role.id}", _("角色已建好，请核对权限"))


@get("/admin/roles/{role_id:uuid}", permission=_MANAGE)
async def role_page(request: AnyRequest, ctx: Context, role_id: FromPath[UUID]) -> Page:
    return await _role(request, ctx, role_id)


@post("/admin/roles/{role_id:uuid}", permission=_MANAGE, reauth=True, status_code=303)
async def update_role(request: AnyRequest, ctx: Context, role_id: FromPath[UUID]) -> Response[Any]:
    form = await read_form(request)
    sent = await _sent_grants(request, ctx, role_id, form)
    version = int(form["version"]) if form["version"].isdecimal() and len(form["version"]) < 10 else None
    try:
        data = RoleUpdate(title=_title(form), description=form["description"][:200], grants=sent)
        async with ctx.session.begin_nested():
            await service.update_role(ctx, runtime_of(request).permissions, role_id, data, version=version)
    except ZhirenError as refusal:
        return await _role(request, ctx, role_id, refusal, sent=sent)
    return redirect(f"/admin/roles/{role_id}", _("已保存，立即生效"))


@post("/admin/roles/{role_id:uuid}/delete", permission=_MANAGE, reauth=True, status_code=303)
async def delete_role(request: AnyRequest, ctx: Context, role_id: FromPath[UUID]) -> Response[Any]:
    try:
        async with ctx.session.begin_nested():
            await service.delete_role(ctx, role_id)
    except ZhirenError as refusal:
        return await _role(request, ctx, role_id, refusal)
    return redirect("/admin/roles", _("角色已删除"))


async def _sent_grants(request: AnyRequest, ctx: Context, role_id: UUID, form: Form) -> dict[str, GrantScope]:
    """The table as sent. What it does not show, since its module is off, stays; what nobody declares any more goes."""
    auth = runtime_of(request)
    sections = auth.permission_sections(ctx.modules)
    shown = {permission.name for _section, permissions in sections for permission in permissions}
    role = await queries.role_out(ctx, await service.get_role(ctx, role_id))
    kept = {name: scope for name, scope in role.grants.items() if name in auth.permissions.keys() - shown}
    sent = {name: scope for name, scope in form.starting("grant:").items() if name in shown and scope != "none"}
    try:
        return msgspec.convert(kept | sent, dict[str, GrantScope])
    except msgspec.ValidationError:
        raise InvalidInput(_("没有这个范围"), fields={"grants": _("没有这个范围")}) from None


async def _role(
    request: AnyRequest,
    ctx: Context,
    role_id: UUID,
    error: ZhirenError | None = None,
    *,
    sent: Mapping[str, str] | None = None,
) -> Page:
    role = await queries.role_out(ctx, await service.get_role(ctx, role_id))
    auth = runtime_of(request)
    return page(
        "auth/role.html",
        status_code=error.status if error else None,
        role=role,
        grants=role.grants if sent is None else sent,
        sections=auth.permission_sections(ctx.modules),
        scopes=[(scope, SCOPE_TITLES[scope]) for scope in SCOPE_ORDER],
        error=error,
    )


def _title(form: Form) -> str:
    title = form["title"].strip()
    if not 1 <= len(title) <= 60:
        raise InvalidInput(_("请填写角色名称"), fields={"title": _("请填写角色名称")})
    return title


HANDLERS: Final = (roles_page, create_role, role_page, update_role, delete_role)
