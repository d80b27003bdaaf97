"""Other people's accounts, for the administrator."""

from __future__ import annotations

from typing import Any, Final, Literal
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from zhiren.auth import fields, queries, repository
from zhiren.auth.agents import describe_agent
from zhiren.auth.pages.forms import AnyRequest, Form, read_form
from zhiren.auth.routes import link_url
from zhiren.auth.runtime import runtime_of
from zhiren.auth.schemas import RoleAssignment, UserCreate, UserUpdate
from zhiren.auth.service import accounts, api_tokens, sessions
from zhiren.auth.table import role_title, users_table
from zhiren.context import Context
from zhiren.errors import InvalidInput, ZhirenError
from zhiren.i18n import _
from zhiren.web.pages import Page, page, redirect
from zhiren.web.tables import load

_MANAGE: Final = "auth.users.manage"


@get("/admin/users", permission=_MANAGE)
async def users_page(request: AnyRequest, ctx: Context) -> Page | Response[bytes]:
    roles = {role.code: role for role in await queries.every_role(ctx)}
    choices = {"role": [(role.code, role_title(role)) for role in roles.values()]}
    table = await load(
        users_table(roles), request, ctx, repository.users_matching(""), prepare=queries.users_out, choices=choices
    )
    return await table.answer("auth/users.html")


@get("/admin/users/new", permission=_MANAGE)
async def new_user_page(ctx: Context) -> Page:
    return await _new_user(ctx, Form([]))


@post("/admin/users", permission=_MANAGE, reauth=True, status_code=200)
async def create_user(request: AnyRequest, ctx: Context) -> Page:
    form = await read_form(request)
    try:
        data = UserCreate(login=form["login"], name=form["name"], roles=_assignments(form))
        async with ctx.session.begin_nested():
            user, secret = await accounts.add_user(ctx, data, policy=runtime_of(request).policy)
    except ZhirenError as refusal:
        return await _new_user(ctx, form, refusal)
    return _link(request, user, secret, fresh=True)


@get("/admin/users/{user_id:uuid}", permission=_MANAGE)
async def user_page(request: AnyRequest, ctx: Context, user_id: FromPath[UUID]) -> Page:
    return await _user(request, ctx, user_id)


@post("/admin/users/{user_id:uuid}", permission=_MANAGE, reauth=True, status_code=303)
async def update_user(request: AnyRequest, ctx: Context, user_id: FromPath[UUID]) -> Response[Any]:
    form = await read_form(request)
    own = user_id == ctx.actor.user_id
    try:
        name = form["name"].strip()
        if not 1 <= len(name) <= 100:
            raise InvalidInput(_("请填写姓名"), fields={"name": _("请填写姓名")})
        status: Literal["active", "disabled"] = "disabled" if form["status"] == "disabled" else "active"
        # one's own roles are shown but not sent: they are not one's own to change
        data = UserUpdate(name=name, status=status, roles=None if own else _assignments(form))
        async with ctx.session.begin_nested():
            await accounts.update_user(ctx, user_id, data, version=_version(form))
    except ZhirenError as refusal:
        return await _user(request, ctx, user_id, refusal)
    return redirect(f"/admin/users/{user_id}", _("已保存，立即生效"))


@post("/admin/users/{user_id:uuid}/password-link", permission=_MANAGE, reauth=True, status_code=200)
async def make_password_link(request: AnyRequest, ctx: Context, user_id: FromPath[UUID]) -> Page:
    secret = await accounts.reset_link(ctx, user_id, policy=runtime_of(request).policy)
    return _link(request, await accounts.get_user(ctx, user_id), secret, fresh=False)


@post("/admin/users/{user_id:uuid}/reset-second-factor", permission=_MANAGE, reauth=True, status_code=303)
async def reset_second_factor(ctx: Context, user_id: FromPath[UUID]) -> Response[Any]:
    await accounts.reset_second_factor(ctx, user_id)
    return redirect(f"/admin/users/{user_id}", _("两步验证已清除，所有设备已退出"))


@post("/admin/users/{user_id:uuid}/unlock", permission=_MANAGE, status_code=303)
async def unlock(ctx: Context, user_id: FromPath[UUID]) -> Response[Any]:
    await accounts.unlock_user(ctx, user_id)
    return redirect(f"/admin/users/{user_id}", _("已解除锁定"))


@post("/admin/users/{user_id:uuid}/sign-out", permission=_MANAGE, status_code=303)
async def sign_out_everywhere(ctx: Context, user_id: FromPath[UUID]) -> Response[Any]:
    await accounts.get_user(ctx, user_id)
    count = await sessions.revoke_sessions(ctx, user_id, keep=ctx.actor.session_id, reason="administrator")
    return redirect(f"/admin/users/{user_id}", _("已退出 {count} 台设备", count=count))


async def _new_user(ctx: Context, form: Form, error: ZhirenError | None = None) -> Page:
    return page(
        "auth/user_new.html",
        status_code=error.status if error else None,
        form=form,
        chosen={code: form.all(f"unit:{code}") for code in form.all("role")},
        roles=await queries.every_role(ctx),
        units=await fields.units(ctx),
        error=error,
    )


async def _user(request: AnyRequest, ctx: Context, user_id: UUID, error: ZhirenError | None = None) -> Page:
    user = await accounts.get_user(ctx, user_id)
    rows = await sessions.list_sessions(ctx, user_id, runtime_of(request).policy)
    return page(
        "auth/user.html",
        status_code=error.status if error else None,
        user=await queries.user_out(ctx, user),
        chosen={role.code: units for role, units in await repository.assignments(ctx.session, user_id)},
        roles=await queries.every_role(ctx),
        units=await fields.units(ctx),
        sessions=[(row, describe_agent(row.user_agent)) for row in rows],
        tokens=await api_tokens.list_tokens(ctx, user_id),
        titles={name: permission.title for name, permission in runtime_of(request).permissions.items()},
        locked_until=await accounts.locked_until(ctx, user),
        own=user_id == ctx.actor.user_id,
        error=error,
    )


def _link(request: AnyRequest, user: Any, secret: str, *, fresh: bool) -> Page:
    answer = page("auth/link.html", user=user, link=link_url(request, secret), fresh=fresh)
    answer.headers["cache-control"] = "no-store"
    return answer


def _assignments(form: Form) -> tuple[RoleAssignment, ...]:
    try:
        return tuple(
            RoleAssignment(code, tuple(UUID(unit) for unit in form.all(f"unit:{code}"))) for code in form.all("role")
        )
    except ValueError:
        raise InvalidInput(_("没有这个部门"), fields={"roles": _("没有这个部门")}) from None


def _version(form: Form) -> int | None:
    return int(form["version"]) if form["version"].isdecimal() and len(form["version"]) < 10 else None


HANDLERS: Final = (
    users_page,
    new_user_page,
    create_user,
    user_page,
    update_user,
    make_password_link,
    reset_second_factor,
    unlock,
    sign_out_everywhere,
)
