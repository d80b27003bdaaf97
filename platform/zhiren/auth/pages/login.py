"""The way in: password, code, first password, link, and the way out."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from zhiren.auth.cookies import give_session, session_token, take_session
from zhiren.auth.errors import LoginBusy, LoginLocked, LoginRefused, SecondFactorRefused, TooManyAttempts, WeakPassword
from zhiren.auth.pages.forms import AnyRequest, next_path, read_form, with_next
from zhiren.auth.runtime import AuthRuntime, runtime_of
from zhiren.auth.service import accounts, sessions
from zhiren.auth.service import login as service
from zhiren.auth.service.login import SignIn
from zhiren.context import Context
from zhiren.errors import ZhirenError
from zhiren.i18n import _
from zhiren.web.pages import Page, page, redirect

_STEPS: Final = {"second_factor": "/login/code", "new_password": "/login/new-password"}
_REFUSALS: Final = (LoginRefused, SecondFactorRefused, LoginLocked, TooManyAttempts)


@get("/login", permission="public")
async def login_page(ctx: Context, next: FromQuery[str] = "") -> Response[Any]:
    if ctx.actor.kind == "user":
        return redirect(next_path(next))
    return page("auth/login.html", next=next_path(next), login="", error=None)


@post("/login", permission="public", status_code=303)
async def sign_in(request: AnyRequest, ctx: Context) -> Response[Any]:
    auth, form = runtime_of(request), await read_form(request)
    following = next_path(form["next"])
    try:
        found = await service.sign_in(
            ctx, auth, login=form["login"], password=form["password"], old_token=session_token(request, auth)
        )
    except (*_REFUSALS, LoginBusy) as refusal:
        return refused(request, "auth/login.html", refusal, next=following, login=form["login"][:100])
    return onward(auth, found, following)


@get("/login/code", permission="public")
async def code_page(request: AnyRequest, ctx: Context, next: FromQuery[str] = "") -> Response[Any]:
    auth = runtime_of(request)
    try:
        await service.pending_step(ctx, auth, session_token(request, auth), "second_factor")
    except LoginRefused:
        return redirect(with_next("/login", next_path(next)))
    return page("auth/code.html", next=next_path(next), error=None)


@post("/login/code", permission="public", status_code=303)
async def give_code(request: AnyRequest, ctx: Context) -> Response[Any]:
    auth, form = runtime_of(request), await read_form(request)
    following = next_path(form["next"])
    try:
        found = await service.give_code(ctx, auth, token=session_token(request, auth), code=form["code"])
    except LoginRefused as refusal:
        return redirect(with_next("/login", following), refusal.message, kind="warning")
    except _REFUSALS as refusal:
        return refused(request, "auth/code.html", refusal, next=following)
    return onward(auth, found, following)


@get("/login/new-password", permission="public")
async def new_password_page(request: AnyRequest, ctx: Context, next: FromQuery[str] = "") -> Response[Any]:
    auth = runtime_of(request)
    try:
        _pending, user = await service.pending_step(ctx, auth, session_token(request, auth), "new_password")
    except LoginRefused:
        return redirect(with_next("/login", next_path(next)))
    return page(
        "auth/new_password.html", **_new_password(auth, user), action="/login/new-password", next=next_path(next)
    )


@post("/login/new-password", permission="public", status_code=303)
async def give_new_password(request: AnyRequest, ctx: Context) -> Response[Any]:
    auth, form = runtime_of(request), await read_form(request)
    following, token = next_path(form["next"]), session_token(request, auth)
    user = None
    try:
        _pending, user = await service.pending_step(ctx, auth, token, "new_password")
        _same_twice(form["new_password"], form["again"])
        found = await service.give_new_password(ctx, auth, token=token, password=form["new_password"])
    except LoginRefused as refusal:
        return redirect(with_next("/login", following), refusal.message, kind="warning")
    except WeakPassword as refusal:
        if user is None:
            raise
        shown = _new_password(auth, user) | {"error": refusal, "action": "/login/new-password", "next": following}
        return page("auth/new_password.html", status_code=422, **shown)
    return onward(auth, found, following)


@get("/login/link/{secret:str}", permission="public")
async def link_page(request: AnyRequest, ctx: Context, secret: FromPath[str]) -> Response[Any]:
    user = await accounts.link_owner(ctx, secret)
    action = f"/login/link/{secret}"
    answer = page("auth/new_password.html", **_new_password(runtime_of(request), user), action=action, next="/")
    # the address is a secret: it goes into no other site's log
    answer.headers["referrer-policy"] = "no-referrer"
    return answer


@post("/login/link/{secret:str}", permission="public", status_code=303)
async def use_link(request: AnyRequest, ctx: Context, secret: FromPath[str]) -> Response[Any]:
    auth, form = runtime_of(request), await read_form(request)
    user = await accounts.link_owner(ctx, secret)
    try:
        _same_twice(form["new_password"], form["again"])
        await accounts.use_link(ctx, auth, secret, form["new_password"])
    except WeakPassword as refusal:
        shown = _new_password(auth, user) | {"error": refusal, "action": f"/login/link/{secret}", "next": "/"}
        return page("auth/new_password.html", status_code=422, **shown)
    return redirect("/login", _("密码已设好，请登录"))


@post("/logout", permission="public", status_code=303)
async def sign_out(request: AnyRequest, ctx: Context) -> Response[Any]:
    auth = runtime_of(request)
    await sessions.sign_out(ctx, session_token(request, auth))
    answer = redirect("/login", _("已退出登录"), kind="info")
    take_session(answer, auth)
    return answer


def refused(request: AnyRequest, template: str, refusal: ZhirenError, **context: Any) -> Page:
    """The form again, with what went wrong. What was counted against the log-in is kept."""
    request.state.commit = True
    answer = page(template, status_code=refusal.status, error=refusal, **context)
    if wait_s := refusal.params.get("retry_after_s"):
        answer.headers["retry-after"] = str(wait_s)
    return answer


def onward(auth: AuthRuntime, found: SignIn, following: str) -> Response[Any]:
    step = _STEPS.get(found.stage)
    answer = redirect(with_next(step, following) if step else following)
    give_session(answer, auth, found.token)
    return answer


def _same_twice(password: str, again: str) -> None:
    if password != again:
        message = _("两次输入的密码不一样")
        raise WeakPassword(message, fields={"again": message})


def _new_password(auth: AuthRuntime, user: Any) -> dict[str, Any]:
    second = user.totp_enabled_at is not None
    minimum = auth.policy.password_min_with_second_factor if second else auth.policy.password_min
    return {"login": user.login, "name": user.name, "minimum": minimum, "error": None}


HANDLERS: Final = (
    login_page,
    sign_in,
    code_page,
    give_code,
    new_password_page,
    give_new_password,
    link_page,
    use_link,
    sign_out,
)
