"""One's own access tokens, and an administrator's look at somebody else's."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from zhiren.auth.pages.forms import AnyRequest, Form, read_form
from zhiren.auth.runtime import runtime_of
from zhiren.auth.service import accounts, api_tokens
from zhiren.auth.service import login as service
from zhiren.context import Context
from zhiren.errors import InvalidInput
from zhiren.i18n import _
from zhiren.web.pages import Page, page, redirect


@get("/account/tokens", permission="authenticated")
async def tokens_page(request: AnyRequest, ctx: Context) -> Page:
    return await _tokens(request, ctx, Form([]))


@post("/account/tokens", permission="authenticated", reauth=True, status_code=200)
async def create_token(request: AnyRequest, ctx: Context) -> Page:
    form = await read_form(request)
    days = int(form["days"]) if form["days"].isdecimal() and len(form["days"]) < 5 else 0
    try:
        token, secret = await api_tokens.create(ctx, name=form["name"], days=days, permissions=form.all("permission"))
    except InvalidInput as refusal:
        return await _tokens(request, ctx, form, refusal)
    answer = page("auth/token.html", token=token, secret=secret)
    answer.headers["cache-control"] = "no-store"
    return answer


@post("/account/tokens/{token_id:uuid}/revoke", permission="authenticated", status_code=303)
async def revoke_token(ctx: Context, token_id: FromPath[UUID]) -> Response[Any]:
    user = await service.own_user(ctx)
    name = await api_tokens.revoke(ctx, user.id, token_id)
    return redirect("/account/tokens", _("已撤销“{name}”，立即失效", name=name))


@post("/admin/users/{user_id:uuid}/tokens/{token_id:uuid}/revoke", permission="auth.users.manage", status_code=303)
async def revoke_token_of(ctx: Context, user_id: FromPath[UUID], token_id: FromPath[UUID]) -> Response[Any]:
    await accounts.get_user(ctx, user_id)
    name = await api_tokens.revoke(ctx, user_id, token_id)
    return redirect(f"/admin/users/{user_id}", _("已撤销“{name}”，立即失效", name=name))


async def _tokens(request: AnyRequest, ctx: Context, form: Form, error: InvalidInput | None = None) -> Page:
    auth, user = runtime_of(request), await service.own_user(ctx)
    sections = [
        (title, mine)
        for title, permissions in auth.permission_sections(ctx.modules)
        if (mine := [permission for permission in permissions if ctx.actor.can(permission.name)])
    ]
    return page(
        "auth/tokens.html",
        status_code=error.status if error else None,
        tokens=await api_tokens.list_tokens(ctx, user.id),
        titles={name: permission.title for name, permission in auth.permissions.items()},
        sections=sections,
        lives=[(str(days), _("{days} 天", days=days)) for days in api_tokens.DAYS],
        form=form,
        chosen=form.all("permission"),
        error=error,
    )


HANDLERS: Final = (tokens_page, create_token, revoke_token, revoke_token_of)
