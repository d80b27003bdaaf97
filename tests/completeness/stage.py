"""What an act needs before it can be done: people who are logged in, and rows to act upon."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx
from litestar import Litestar
from sqlalchemy import func, select

from ops.hosted import Hosted
from tests.application import PASSWORD, browser
from zhiren.audit import AuditEvent
from zhiren.auth.service import create_user, open_session
from zhiren.context import Context, TenantRef
from zhiren.ids import new_id
from zhiren.web.csrf import token_for


@dataclass
class Person:
    """Somebody with a log-in and a browser. ``secret`` is the second factor's, once one is set up."""

    client: httpx.AsyncClient
    user_id: UUID
    login: str
    secret: str = ""


@dataclass
class Stage:
    parts: Hosted
    app: Litestar
    tenant: TenantRef
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    _people: dict[str, Person] = field(default_factory=dict)

    @asynccontextmanager
    async def ctx(self) -> Any:
        async with self.parts.database.tenant(self.tenant) as ctx:
            yield ctx

    async def person(self, *roles: str, logged_in: bool = True) -> Person:
        """A new one, of these roles."""
        login = f"p-{new_id().hex[-12:]}"
        async with self.ctx() as ctx:
            user = await create_user(ctx, login=login, name=f"某人 {login}", password=PASSWORD, roles=roles)
            await ctx.session.flush()
            token = await open_session(ctx, user) if logged_in else ""
        client = await self.stack.enter_async_context(browser(self.app, self.tenant))
        if logged_in:
            self.give(client, token)
        return Person(client, user.id, login)

    def give(self, client: httpx.AsyncClient, token: str) -> None:
        client.cookies.set(self.parts.authenticator.cookie, token)
        client.headers["x-csrf-token"] = token_for(token)

    async def as_role(self, role: str) -> Person:
        """The same one each time: for acts that leave their doer as he was."""
        if role not in self._people:
            self._people[role] = await self.person(role)
        return self._people[role]

    async def stranger(self) -> httpx.AsyncClient:
        """A browser at the log-in page."""
        client = await self.stack.enter_async_context(browser(self.app, self.tenant))
        await client.get("/login", headers={"accept": "text/html"})
        self.renew(client)
        return client

    def renew(self, client: httpx.AsyncClient) -> None:
        """The proof of origin of the cookie the browser holds now."""
        held = {cookie.name: cookie.value or "" for cookie in client.cookies.jar}
        seed = held.get(self.parts.authenticator.cookie) or held["zhiren_guest"]
        client.headers["x-csrf-token"] = token_for(seed)

    async def events(self) -> int:
        async with self.ctx() as ctx:
            return await ctx.session.scalar(select(func.count()).select_from(AuditEvent)) or 0

    async def in_tenant(self, do: Callable[[Context], Awaitable[Any]]) -> Any:
        async with self.ctx() as ctx:
            found = await do(ctx)
            await ctx.session.flush()
            return found


@dataclass
class Ready:
    """A request that will succeed, all but sent."""

    client: httpx.AsyncClient
    path: str
    options: dict[str, Any] = field(default_factory=dict)


Act = Callable[[Stage], Awaitable[Ready]]
Acts = dict[str, Act]


def form(client: httpx.AsyncClient, path: str, **fields: Any) -> Ready:
    return Ready(client, path, {"data": fields})


def api(client: httpx.AsyncClient, path: str, body: Any = None, **headers: str) -> Ready:
    return Ready(client, path, ({} if body is None else {"json": body}) | {"headers": headers})
