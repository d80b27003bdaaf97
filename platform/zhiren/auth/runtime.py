"""What logging in needs for the life of a process."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from litestar import Litestar
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from redis.asyncio import Redis

from zhiren.auth import repository
from zhiren.auth.authenticator import Authenticator
from zhiren.auth.errors import ReauthenticationRequired
from zhiren.auth.limiter import Limiter
from zhiren.auth.passwords import PasswordWorkers
from zhiren.auth.permissions import registry
from zhiren.auth.policy import Policy
from zhiren.context import Actor, Context
from zhiren.i18n import _
from zhiren.modules import Module
from zhiren.web.visit import visit

if TYPE_CHECKING:
    from zhiren.settings import Settings

_Connection = ASGIConnection[Any, Any, Any, Any]


class AuthRuntime:
    """One for each app: a deployment's ``authenticator``, its guard of sensitive acts, and what both stand on.

    ``permissions`` names every right there is to grant.
    """

    def __init__(self, settings: Settings, modules: Iterable[Module], *, policy: Policy | None = None) -> None:
        self.policy = policy or Policy()
        self.secure = settings.public_scheme == "https"
        self.permissions = registry(modules)
        self._authenticator = Authenticator(secure=self.secure, policy=self.policy)
        self.limiter = Limiter(Redis.from_url(settings.redis_url, socket_timeout=0.5, socket_connect_timeout=0.5))
        #: strangers at the door, and people already inside: neither waits for the other
        self.doors = PasswordWorkers(queue_cap=100)
        self.inside = PasswordWorkers(queue_cap=4)

    @property
    def cookie(self) -> str:
        return self._authenticator.cookie

    async def authenticate(self, request: _Connection, ctx: Context) -> Actor | None:
        return await self._authenticator.authenticate(request, ctx)

    async def guard(self, connection: _Connection, handler: BaseRouteHandler) -> None:
        """Of routes marked ``reauth=True``: raises ReauthenticationRequired unless the password was given lately."""
        ctx = visit(connection.scope).ctx
        if not handler.opt.get("reauth") or ctx is None or ctx.actor.user_id is None:
            return
        if time.time() - ctx.actor.authenticated_at_s <= self.policy.reauth_s:
            return
        user = await repository.user_by_id(ctx.session, ctx.actor.user_id)
        raise ReauthenticationRequired(
            _("这一步要先确认是您本人"),
            hint=_("请再输入一次密码，刚才填的内容会保留"),
            params={"second_factor": user is not None and user.totp_enabled_at is not None},
        )

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
