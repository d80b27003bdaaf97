"""What the console stands on, one for each process; nothing is opened before it is used."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from litestar import Litestar
from litestar.connection import ASGIConnection
from redis.asyncio import Redis

from tenants.owner import Owner
from zhiren.auth.limiter import Limiter
from zhiren.auth.passwords import PasswordWorkers
from zhiren.auth.policy import Policy, policy_of
from zhiren.db import Database
from zhiren.settings import Settings
from zhiren.web.csrf import Csrf

ROOT: Final = "/console"
#: the short name that no customer can have
_LABEL: Final = "console"


def console_host(base_domain: str) -> str:
    return f"{_LABEL}.{base_domain.lower().strip('.')}"


class Console:
    """``host`` is the only one at which the console answers; its cookie and tokens mean nothing at any other."""

    def __init__(self, settings: Settings, database: Database, *, policy: Policy | None = None) -> None:
        self.policy = policy or policy_of(settings)
        self.host = console_host(settings.base_domain)
        self.secure = settings.public_scheme == "https"
        self.cookie = "__Host-zhiren_operator" if self.secure else "zhiren_operator"
        self.csrf = Csrf(session_cookie=self.cookie, secure=self.secure)
        self.database = database
        self.owner = Owner(settings, connections=1)
        self.limiter = Limiter(Redis.from_url(settings.redis_url, socket_timeout=0.5, socket_connect_timeout=0.5))
        #: a queue of its own: customers' people who crowd the door do not keep operators out
        self.passwords = PasswordWorkers(queue_cap=20)

    @asynccontextmanager
    async def lifespan(self, _app: Litestar) -> AsyncIterator[None]:
        try:
            yield
        finally:
            await self.limiter.close()
            self.passwords.close()
            await self.owner.close()


def console_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Console:
    console = connection.app.state.console
    assert isinstance(console, Console)
    return console
