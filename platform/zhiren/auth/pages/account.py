"""One's own account: password, second factor, where one is logged in."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from zhiren.auth import repository
from zhiren.auth.agents import describe_agent
from zhiren.auth.cookies import give_session
from zhiren.auth.errors import LoginBusy, LoginLocked, LoginRefused, SecondFactorRefused, TooManyAttempts, WeakPassword
from zhiren.auth.pages.forms import AnyRequest, read_form
from zhiren.auth.runtime import runtime_of
from zhiren.auth.service import login as service
from zhiren.auth.service import second_factor, sessions
from zhiren.context import Context
from zhiren.errors import NotFound, ZhirenError
from zhiren.i18n import _
from zhiren.web.pages import Page, page, redirect

_REFUSALS: Final = (LoginRefused, LoginLocked, TooManyAttempts, LoginBusy, SecondFactorRefused)


@get("/account", permission="authenticated")
async def account_page(request: AnyRequest, ctx: Context) -> Page:
    return await _account(request, ctx)


@post("/account/password", permission="authenticated", status_code=303)
async def change_password(request: AnyRequest, ctx: Context) -> Response[Any]:
    auth, form = runtime_of(request), await read_form(request)
    try:
        token = await service.change_password(
            ctx, auth, current=form["current_password"], password=form["new_password"], again=form["again"]
        )
    except WeakPassword as refusal:
        return await _account(request, ctx, refusal, status_code=422)
    except _REFUSALS as refusal:
        request.state.commit = True
        return await _account(request, ctx, refusal, status_code=refusal.status)
    answer = redirect("/account", _("密码已改，其他设备已退出"))
    give_session(answer, auth, token)
    return answer


@post("/account/sessions/{session_id:uuid}/revoke", permission="authenticated", status_code=303)
async def revoke_session(ctx: Context, session_id: FromPath[UUID]) -> Response[Any]:
    user = await service.own_user(ctx)
    await sessions.revoke_session(ctx, user.id, session_id)
    return redirect("/account", _("这台设备已退出"))


@post("/account/sessions/revoke-others", permission="authenticated", status_code=303)
async def revoke_other_sessions(ctx: Context) -> Response[Any]:
    user = await service.own_user(ctx)
    count = await sessions.revoke_sessions(ctx, user.id, keep=ctx.actor.session_id)
    return redirect("/account", _("已退出其他 {count} 台设备", count=count))


@post("/account/second-factor", permission="authenticated", reauth=True, status_code=303)
async def begin_second_factor(ctx: Context) -> Response[Any]:
    await second_factor.begin(ctx, await service.own_user(ctx))
    return redirect("/account/second-factor")


@get("/account/second-factor", permission="authenticated", reauth=True)
async def second_factor_page(ctx: Context) -> Response[Any]:
    user = await service.own_user(ctx)
    if user.totp_enabled_at is not None or user.totp_secret is None:
        return redirect("/account")
    return _unstored(page("auth/second_factor.html", secret=user.totp_secret, error=None))


@get("/account/second-factor/qr.svg", permission="authenticated", reauth=True)
async def second_factor_qr(ctx: Context) -> Response[bytes]:
    user = await service.own_user(ctx)
    if user.totp_enabled_at is not None or user.totp_secret is None:
        raise NotFound(_("没有这个页面"))
    image = second_factor.qr_svg(second_factor.provisioning_uri(ctx, user))
    return Response(image, media_type="image/svg+xml", headers={"cache-control": "no-store"})


@post("/account/second-factor/confirm", permission="authenticated", status_code=200)
async def confirm_second_factor(request: AnyRequest, ctx: Context) -> Response[Any]:
    auth, form, user = runtime_of(request), await read_form(request), await service.own_user(ctx)
    try:
        codes = await second_factor.confirm(ctx, auth, user, form["code"])
    except _REFUSALS as refusal:
        request.state.commit = True
        shown = page("auth/second_factor.html", status_code=refusal.status, secret=user.totp_secret, error=refusal)
        return _unstored(shown)
    return _unstored(page("auth/recovery_codes.html", codes=codes, fresh=True))


@post("/account/second-factor/disable", permission="authenticated", status_code=303)
async def disable_second_factor(request: AnyRequest, ctx: Context) -> Response[Any]:
    auth, form = runtime_of(request), await read_form(request)
    try:
        await service.disable_own_second_factor(ctx, auth, password=form["password"], code=form["code"])
    except WeakPassword as refusal:
        return await _account(request, ctx, refusal, status_code=422)
    except _REFUSALS as refusal:
        request.state.commit = True
        return await _account(request, ctx, refusal, status_code=refusal.status)
    return redirect("/account", _("两步验证已关闭"))


@post("/account/second-factor/recovery-codes", permission="authenticated", reauth=True, status_code=200)
async def new_recovery_codes(ctx: Context) -> Response[Any]:
    user = await service.own_user(ctx)
    if user.totp_enabled_at is None:
        raise NotFound(_("还没有打开两步验证"))
    codes = await second_factor.new_recovery_codes(ctx, user)
    return _unstored(page("auth/recovery_codes.html", codes=codes, fresh=False))


async def _account(
    request: AnyRequest, ctx: Context, error: ZhirenError | None = None, *, status_code: int = 200
) -> Page:
    auth, user = runtime_of(request), await service.own_user(ctx)
    rows = await sessions.list_sessions(ctx, user.id, auth.policy)
    second = user.totp_enabled_at is not None
    return page(
        "auth/account.html",
        status_code=status_code,
        user=user,
        roles=[role for role, _units in await repository.assignments(ctx.session, user.id)],
        sessions=[(row, describe_agent(row.user_agent), row.id == ctx.actor.session_id) for row in rows],
        codes_left=await repository.recovery_codes_left(ctx.session, user.id) if second else 0,
        minimum=auth.policy.password_min_with_second_factor if second else auth.policy.password_min,
        error=error,
    )


def _unstored(answer: Page) -> Page:
    """Shows a secret: not into the cache, nor back by the browser's history."""
    answer.headers["cache-control"] = "no-store"
    return answer


HANDLERS: Final = (
    account_page,
    change_password,
    revoke_session,
    revoke_other_sessions,
    begin_second_factor,
    second_factor_page,
    second_factor_qr,
    confirm_second_factor,
    disable_second_factor,
    new_recovery_codes,
)
