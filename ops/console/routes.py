"""The console's pages, at its own host only: ``console.<base domain>``. At customers' hosts they do not exist."""

from __future__ import annotations

from typing import Any, Final, Literal
from urllib.parse import quote
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.datastructures import Cookie
from litestar.params import FromPath, FromQuery

from ops.console import service
from ops.console.guard import AnyRequest, at_console, console_gate, enter, operator_of, session_token
from ops.console.runtime import ROOT, Console, console_of
from tenants import service as tenants
from tenants.migrations.history import TENANT
from zhiren.auth.errors import LoginBusy, LoginLocked, LoginRefused, TooManyAttempts
from zhiren.auth.pages.forms import read_form
from zhiren.errors import InvalidInput, NotFound
from zhiren.i18n import N_, _
from zhiren.web.gate import client_ip
from zhiren.web.pages import Redirect, local_path, page, redirect
from zhiren.web.problems import on_refusal
from zhiren.web.site import remember_language, remember_theme

_REFUSALS: Final = (LoginRefused, LoginLocked, TooManyAttempts, LoginBusy)
STATUSES: Final = {"active": N_("正常"), "suspended": N_("已暂停"), "provisioning": N_("未建好")}
#: what the trail calls each act
ACTIONS: Final = {
    "session.open": N_("登录"),
    "session.close": N_("退出登录"),
    "session.refused": N_("登录被拒"),
    "tenant.suspend": N_("暂停客户"),
    "tenant.resume": N_("恢复客户"),
    "operator.create": N_("新建运营帐号"),
    "operator.disable": N_("停用运营帐号"),
}


@get("/login", permission="public")
async def login_page(request: AnyRequest, next: FromQuery[str] = "") -> Response[Any]:
    if request.state.operator is not None:
        return redirect(_next_path(next))
    return page("console/login.html", next=_next_path(next), login="", error=None)


@post("/login", permission="public", status_code=303)
async def sign_in(request: AnyRequest) -> Response[Any]:
    console, form = console_of(request), await read_form(request)
    following = _next_path(form["next"])
    try:
        token = await service.sign_in(
            console,
            login=form["login"],
            password=form["password"],
            ip=client_ip(request.scope),
            old_token=session_token(request, console),
        )
    except _REFUSALS as refusal:
        answer = page(
            "console/login.html", status_code=refusal.status, error=refusal, next=following, login=form["login"][:100]
        )
        if wait_s := refusal.params.get("retry_after_s"):
            answer.headers["retry-after"] = str(wait_s)
        return answer
    found = redirect(following)
    _give_cookie(found, console, token)
    return found


@post("/logout", permission="operator", status_code=303)
async def sign_out(request: AnyRequest) -> Response[Any]:
    console = console_of(request)
    await service.sign_out(
        console, operator_of(request), token=session_token(request, console), ip=client_ip(request.scope)
    )
    answer = redirect(f"{ROOT}/login", _("已退出登录"), kind="info")
    _give_cookie(answer, console, "", max_age=0)
    answer.headers["clear-site-data"] = '"cache"'
    return answer


@get("/", permission="operator")
async def customers(
    request: AnyRequest, q: FromQuery[str] = "", status: FromQuery[str] = "", after: FromQuery[str] = ""
) -> Response[Any]:
    words, wanted = q.strip()[:100], status if status in STATUSES else ""
    rows, following = await tenants.find_tenants(
        console_of(request).owner, words=words, status=wanted, after=after[:100]
    )
    return page(
        "console/customers.html",
        rows=rows,
        following=following,
        q=words,
        status=wanted,
        statuses=STATUSES,
        newest=TENANT.head,
    )


@get("/customers/{slug:str}", permission="operator")
async def customer(request: AnyRequest, slug: FromPath[str]) -> Response[Any]:
    return await _customer_page(request, slug)


@post("/customers/{slug:str}/suspend", permission="operator", status_code=303)
async def suspend(request: AnyRequest, slug: FromPath[str]) -> Response[Any]:
    return await _set_status(request, slug, "suspended")


@post("/customers/{slug:str}/resume", permission="operator", status_code=303)
async def resume(request: AnyRequest, slug: FromPath[str]) -> Response[Any]:
    return await _set_status(request, slug, "active")


@get("/trail", permission="operator")
async def trail(request: AnyRequest, before: FromQuery[UUID | None] = None) -> Response[Any]:
    events, following = await service.trail(console_of(request), before=before)
    return page("console/trail.html", events=events, following=following, actions=ACTIONS, before=before)


@post("/preferences/language", permission="public", status_code=303)
async def choose_language(request: AnyRequest) -> Redirect:
    return await remember_language(request)


@post("/preferences/theme", permission="public", status_code=303)
async def choose_theme(request: AnyRequest) -> Redirect:
    return await remember_theme(request)


async def _set_status(request: AnyRequest, slug: str, status: Literal["active", "suspended"]) -> Response[Any]:
    console, form = console_of(request), await read_form(request)
    try:
        changed = await service.set_status(
            console, operator_of(request), slug, status, reason=form["reason"], ip=client_ip(request.scope)
        )
    except InvalidInput as refusal:
        return await _customer_page(request, slug, reason=form["reason"], error=refusal)
    if not changed:
        said = _("{slug} 本来就是这样，没有改动。", slug=slug)
        return redirect(_address(slug), said, kind="info")
    said = _("已暂停 {slug}。", slug=slug) if status == "suspended" else _("已恢复 {slug}。", slug=slug)
    return redirect(_address(slug), said)


async def _customer_page(
    request: AnyRequest, slug: str, *, reason: str = "", error: InvalidInput | None = None
) -> Response[Any]:
    console = console_of(request)
    row = await tenants.show_tenant(console.owner, slug)
    events, _more = await service.trail(console, tenant_id=row.id, limit=20)
    return page(
        "console/customer.html",
        status_code=error.status if error else None,
        row=row,
        events=events,
        actions=ACTIONS,
        statuses=STATUSES,
        newest=TENANT.head,
        reason=reason,
        error=error,
    )


def on_unknown_host(request: AnyRequest, error: NotFound) -> Response[Any]:
    """No customer answers here. At the console's host, its front door leads in, and other paths are unknown."""
    if not at_console(request):
        return on_refusal(request, error)
    if request.scope["path"] == "/" and request.method == "GET":
        return redirect(ROOT)
    enter(request, None)
    return on_refusal(
        request, NotFound(_("没有这个页面。"), hint=_("网址可能有误，或者内容已被移走。请从首页重新进入。"))
    )


def _give_cookie(answer: Response[Any], console: Console, token: str, *, max_age: int | None = None) -> None:
    """Dies with the browser; how long the session lives is the server's to say."""
    cookie = Cookie(
        key=console.cookie,
        value=token,
        path="/",
        max_age=max_age,
        httponly=True,
        secure=console.secure,
        samesite="strict",
    )
    answer.set_cookie(cookie)


def _next_path(value: str) -> str:
    path = local_path(value, ROOT)
    inside = path == ROOT or path.startswith((f"{ROOT}/", f"{ROOT}?"))
    return path if inside and not path.startswith((f"{ROOT}/login", f"{ROOT}/logout")) else ROOT


def _address(slug: str) -> str:
    return f"{ROOT}/customers/{quote(slug, safe='')}"


HANDLERS: Final = (
    Router(
        ROOT,
        route_handlers=[
            login_page,
            sign_in,
            sign_out,
            customers,
            customer,
            suspend,
            resume,
            trail,
            choose_language,
            choose_theme,
        ],
        guards=[console_gate],
        opt={"tenant": False},
    ),
)
