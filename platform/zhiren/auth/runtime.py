"""What logging in needs for the life of a process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Container, Iterable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from litestar import Litestar
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from redis.asyncio import Redis

from zhiren.auth.authenticator import Authenticator
from zhiren.auth.bearer import bearer_actor, bearer_token
from zhiren.auth.errors import NotByToken
from zhiren.auth.limiter import Limiter
from zhiren.auth.passwords import PasswordWorkers
from zhiren.auth.permissions import PLATFORM, registry
from zhiren.auth.policy import Policy, policy_of
from zhiren.auth.reauth import require_recent
from zhiren.context import Actor, Context
from zhiren.i18n import _
from zhiren.modules import Module, Permission
from zhiren.web.visit import visit

if TYPE_CHECKING:
    from zhiren.settings import Settings

_Connection = ASGIConnection[Any, Any, Any, Any]


class AuthRuntime:
    """One for each app: a deployment's ``authenticator``, its guard of sensitive acts, and what both stand on.

    ``permissions`` names every right there is to grant.
    """

    def __init__(self, settings: Settings, modules: Iterable[Module], *, policy: Policy | None = None) -> None:
        self.policy = policy or policy_of(settings)
        self.secure = settings.public_scheme == "https"
        self._modules = tuple(modules)
        self.permissions = registry(self._modules)
        self._authenticator = Authenticator(secure=self.secure, policy=self.policy)
        self.limiter = Limiter(Redis.from_url(settings.redis_url, socket_timeout=0.5, socket_connect_timeout=0.5))
        #: strangers at the door, and people already inside: neither waits for the other
        self.doors = PasswordWorkers(queue_cap=100)
        self.inside = PasswordWorkers(queue_cap=4)

    def permission_sections(self, on: Container[str]) -> list[tuple[str, list[Permission]]]:
        """Permissions as the page of a role shows them: of the platform, then of each module that is on."""
        named = [(_("平台"), [p for p in PLATFORM if not p.name.startswith("field.")])]
        named += [(_("敏感字段"), [p for p in PLATFORM if p.name.startswith("field.")])]
        named += [(_(m.title), list(m.permissions)) for m in self._modules if m.permissions and m.name in on]
        return named

    @property
    def cookie(self) -> str:
        return self._authenticator.cookie

    async def authenticate(self, request: _Connection, ctx: Context) -> Actor | None:
        token = bearer_token(request)
        if token is not None:
            # a program says who it is; whatever cookies it carries say nothing
            return await bearer_actor(ctx, token, limiter=self.limiter, policy=self.policy)
        return await self._authenticator.authenticate(request, ctx)

    async def again(self, ctx: Context) -> Actor | None:
        return await self._authenticator.again(ctx)

    async def guard(self, connection: _Connection, handler: BaseRouteHandler) -> None:
        """Of routes marked ``reauth=True``: raises ReauthenticationRequired unless the password was given lately,
        NotByToken to a program."""
        ctx = visit(connection.scope).ctx
        if not handler.opt.get("reauth") or ctx is None or ctx.actor.user_id is None:
            return
        if ctx.actor.token_id is not None:
            raise NotByToken(_("这一步要由本人确认，不能用访问令牌来做。"), hint=_("请登录网页操作。"))
        await require_recent(connection, ctx, within_s=self.policy.reauth_s)

    @asynccontextmanager
    async def lifespan(self, _app: Litestar) -> AsyncIterator[None]:
        try:
            yield
        finally:
            await self.close()

    async def close(self) -> None:
        await self.limiter.close()
        self.doors.close()
        self.inside.close()


def runtime_of(connection: _Connection) -> AuthRuntime:
    runtime = connection.app.state.deployment.authenticator
    assert isinstance(runtime, AuthRuntime)
    return runtime
