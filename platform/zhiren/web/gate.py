"""The way in and out of every route: customer, transaction, person, proof of origin; the one end of the transaction.

A websocket comes the same way. Its transaction is over before it is accepted, and what is refused is refused before.

It stands outside the guards, so that they find the person in ``ctx.actor``; and inside Litestar's exception handler, so
that whatever a handler raises has ended the transaction before the refusal is rendered.
"""

from __future__ import annotations

import ipaddress
import re
import sys
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from typing import Any, Final

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send, WebSocketScope
from sqlalchemy.exc import InterfaceError, OperationalError

from zhiren.context import Actor, Context, TenantRef, use
from zhiren.errors import NotFound
from zhiren.i18n import LOCALE_COOKIE, _, negotiate, set_locale
from zhiren.web.actors import find_actor
from zhiren.web.csrf import SAFE_METHODS, Csrf
from zhiren.web.errors import MalformedInput, OutcomeUnknown, TenantSuspended, UnknownHost
from zhiren.web.idempotency import Replay, begin_idempotent
from zhiren.web.multipart import foreign_charset
from zhiren.web.parts import Deployment
from zhiren.web.problems import refuse
from zhiren.web.sockets import refusing, require_own_origin
from zhiren.web.visit import header, visit

#: before a session is found; may do nothing
GUEST: Final = Actor(user_id=None, name="", kind="system")
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")
_NUL_ESCAPE = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


class _Rollback(Exception):
    """Ends a transaction whose answer is an error; never leaves this file."""


def host_of(scope: Scope) -> str:
    """The host name asked for, lower case, without port; empty when it is none."""
    name = header(scope, b"host").rsplit("@", 1)[-1].lower().partition(":")[0].rstrip(".")
    return name if _HOST.fullmatch(name) else ""


class Transaction:
    """A context and its transaction, ended exactly once: when the answer starts, or when something was raised."""

    def __init__(self, stack: AsyncExitStack, state: dict[str, Any]) -> None:
        self._stack = stack
        self._state = state
        self.ended = False

    async def end(self, *, commit: bool) -> None:
        if self.ended:
            return
        self.ended = True
        if commit or self._state.get("commit"):
            await self._stack.__aexit__(None, None, None)
            return
        reason = _Rollback()
        with suppress(_Rollback):
            await self._stack.__aexit__(_Rollback, reason, None)


class Gate:
    """ASGI middleware of every route; see the module's docstring."""

    def __init__(self, app: ASGIApp, deployment: Deployment) -> None:
        self._app = app
        self._deployment = deployment
        self._csrf = Csrf(
            session_cookie=deployment.authenticator.cookie,
            secure=deployment.settings.public_scheme == "https",
            guest_cookies=deployment.guests.cookies() if deployment.guests else (),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.WEBSOCKET:
            await self._socket(scope, receive, send)
            return
        if scope["type"] != ScopeType.HTTP:
            raise NotFound(_("这里不接受这种连接。"))
        opt = scope["route_handler"].opt
        request: Request[Any, Any, Any] = Request(scope, receive)
        here = visit(scope)
        here.locale = negotiate(request.cookies.get(LOCALE_COOKIE), header(scope, b"accept-language"))
        set_locale(here.locale)
        if opt.get("tenant") is False:
            await self._app(scope, receive, send)
            return
        _refuse_malformed(scope)
        tenant = await self._tenant(scope)
        await self._within(request, tenant, receive, send)

    async def _socket(self, scope: WebSocketScope, receive: Receive, send: Send) -> None:
        """Finds the person as for a page, and lets the socket begin without a transaction of ours.

        Browsers send cookies with a socket that any site opens, and no token: what proves its origin is ``Origin``.
        """
        connection: ASGIConnection[Any, Any, Any, Any] = ASGIConnection(scope, receive, send)
        here = visit(scope)
        here.locale = negotiate(connection.cookies.get(LOCALE_COOKIE), header(scope, b"accept-language"))
        set_locale(here.locale)
        async with refusing(scope, send) as telling:
            if scope["route_handler"].opt.get("tenant") is False:
                raise NotFound(_("这里不接受这种连接。"))
            _refuse_malformed(scope)
            require_own_origin(scope, self._deployment.settings.public_scheme)
            tenant = await self._tenant(scope)
            modules = await self._deployment.entitlements.of(tenant)
            async with self._deployment.database.tenant(
                tenant,
                actor=GUEST,
                request_id=here.request_id,
                ip=client_ip(scope),
                user_agent=header(scope, b"user-agent")[:300],
                locale=here.locale,
                modules=modules,
            ) as ctx:
                actor = await find_actor(self._deployment, connection, ctx)
            here.ctx = replace(ctx, actor=actor or GUEST, extra={"guests": self._deployment.guests})
            with use(here.ctx):
                await self._app(scope, receive, telling)

    async def _tenant(self, scope: Scope) -> TenantRef:
        host = host_of(scope)
        tenant = await self._deployment.tenants.by_host(host) if host else None
        if tenant is None:
            raise UnknownHost(
                _("没有找到这个网址对应的公司。"),
                hint=_("请核对网址：每家公司有自己的网址，例如 acme.{domain}。记不清时请问贵公司的人事。").format(
                    domain=self._deployment.settings.base_domain
                ),
            )
        if tenant.status != "active":
            raise TenantSuspended(
                _("{name} 的服务已暂停。", name=tenant.name),
                hint=_("数据都还在。请贵公司的系统管理员联系服务商恢复使用。"),
            )
        return tenant

    async def _within(self, request: Request[Any, Any, Any], tenant: TenantRef, receive: Receive, send: Send) -> None:
        scope, here, opt = request.scope, visit(request.scope), request.scope["route_handler"].opt
        modules = await self._deployment.entitlements.of(tenant)
        stack = AsyncExitStack()
        opened = self._deployment.database.tenant(
            tenant,
            actor=GUEST,
            request_id=here.request_id,
            ip=client_ip(scope),
            user_agent=header(scope, b"user-agent")[:300],
            locale=here.locale,
            modules=modules,
        )
        transaction = Transaction(stack, scope["state"])
        ctx = await stack.enter_async_context(opened)
        try:
            actor = await find_actor(self._deployment, request, ctx)
            extra = {"guests": self._deployment.guests, "state": scope["state"]}
            ctx = replace(ctx, actor=actor or GUEST, extra=extra)
            here.ctx = ctx
            stack.enter_context(use(ctx))
            self._csrf.issue(request, here)
            if request.method not in SAFE_METHODS:
                await _refuse_malformed_body(request)
                # a program that came with a token of its own was not led here by a page
                if opt.get("csrf") is not False and ctx.actor.token_id is None:
                    await self._csrf.check(request)
            if opt.get("transaction") is False:
                await transaction.end(commit=True)
                await self._app(scope, receive, send)
                return
            await self._answer(request, ctx, transaction, receive, send)
        except BaseException:
            if not transaction.ended:
                transaction.ended = True
                if scope["state"].get("commit"):
                    await stack.__aexit__(None, None, None)
                else:
                    await stack.__aexit__(*sys.exc_info())
            raise

    async def _answer(
        self, request: Request[Any, Any, Any], ctx: Context, transaction: Transaction, receive: Receive, send: Send
    ) -> None:
        lost: Exception | None = None

        async def committing_send(message: Message) -> None:
            nonlocal lost
            if lost is None and message["type"] == "http.response.start":
                try:
                    await transaction.end(commit=message["status"] < 400)
                except Exception as error:
                    lost = error  # told below, in the place of the answer that does not hold
            if lost is None:
                await send(message)

        # what carries a password is not remembered, not even as a hash of its body
        secret = request.scope["route_handler"].opt.get("idempotency") is False
        idempotent = None if secret else await begin_idempotent(request, ctx)
        if isinstance(idempotent, Replay):
            await transaction.end(commit=False)
            await idempotent.send(send)
            return
        if idempotent is not None:
            await self._app(request.scope, receive, idempotent.storing(committing_send))
        else:
            await self._app(request.scope, receive, committing_send)
        if lost is not None:
            await refuse(request, _uncertain(request, lost), receive, send)
            return
        # a handler that never answered (the client went away) has not been confirmed to anybody
        await transaction.end(commit=False)


def _uncertain(request: Request[Any, Any, Any], error: Exception) -> Exception:
    """A connection lost while saving leaves open whether it was saved: nobody is told that nothing was changed."""
    if request.method in SAFE_METHODS or not isinstance(error, (OperationalError, InterfaceError)):
        return error
    return OutcomeUnknown(
        _("保存时数据库断开了，不能确定是否已经保存。"), hint=_("请稍等几秒，刷新页面核对，没有保存时再做一次。")
    )


def client_ip(scope: Scope) -> str:
    """Address of the peer; the server behind a proxy is told which proxies to trust, and fills this in."""
    client = scope.get("client")
    try:
        return str(ipaddress.ip_address(client[0])) if client else ""
    except ValueError:
        return ""


def _malformed() -> MalformedInput:
    return MalformedInput(_("请求里有不能保存的字符。"), hint=_("请去掉空字符（NUL）后重试。"))


def _refuse_malformed(scope: Scope) -> None:
    if "\x00" in scope["path"] or b"%00" in scope["query_string"]:
        raise _malformed()
    try:
        scope["path"].encode()
    except UnicodeEncodeError:
        raise _malformed() from None


async def _refuse_malformed_body(request: Request[Any, Any, Any]) -> None:
    kind = header(request.scope, b"content-type")
    if kind.startswith("application/x-www-form-urlencoded"):
        body = await request.body()
        if b"%00" in body or b"\x00" in body:
            raise _malformed()
    elif "json" in kind:
        body = await request.body()
        if b"\\u0000" in body and _NUL_ESCAPE.search(body):
            raise _malformed()
    elif request.content_type[0].lower() == "multipart/form-data":
        boundary = request.content_type[1].get("boundary", "")
        if boundary and foreign_charset(await request.body(), boundary.encode()):
            raise MalformedInput(_("表单须用 UTF-8 编码。"), hint=_("请用浏览器重新提交，或改用 UTF-8。"))
