"""A customer with one person of each role, and another customer's people."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from litestar import Litestar

from ops.hosted import Hosted
from tests.application import browser, license_all
from tests.roles.table import ANONYMOUS, ROLES, Rule, read_table
from zhiren.auth.models import User
from zhiren.auth.service import create_user, open_session
from zhiren.context import TenantRef
from zhiren.web.csrf import anonymous_cookie_name, token_for

POLICY = Path(__file__).with_name("policy.toml")
PASSWORD = "一匹马要有好骑手 and 42 more words"


class World:
    """Sends requests as somebody. Each unsafe request has a session of its own, since it may end it."""

    def __init__(self, parts: Hosted, app: Litestar, tenant: TenantRef) -> None:
        self.parts, self.app, self.tenant = parts, app, tenant
        self.users: dict[str, User] = {}
        self._tokens: dict[str, str] = {}
        self._client = browser(app, tenant)

    async def add(self, role: str, *, name: str = "", employee_id: UUID | None = None) -> None:
        async with self.parts.database.tenant(self.tenant) as ctx:
            login = f"{name or role}-{self.tenant.slug}"
            self.users[name or role] = await create_user(
                ctx, login=login, name=name or role, password=PASSWORD, roles=[role], employee_id=employee_id
            )

    async def token(self, who: str) -> str:
        async with self.parts.database.tenant(self.tenant) as ctx:
            return await open_session(ctx, self.users[who])

    async def send(self, who: str, method: str, path: str, accept: str, *, token: str = "") -> httpx.Response:
        cookie = self.parts.authenticator.cookie
        if token:
            value = token
        elif who == ANONYMOUS:
            cookie, value = anonymous_cookie_name(secure=False), "a-stranger-s-cookie"
        elif method == "GET":
            value = self._tokens.get(who) or await self.token(who)
            self._tokens[who] = value
        else:
            value = await self.token(who)
            # it may end the others
            self._tokens.pop(who, None)
        headers = {"accept": accept, "cookie": f"{cookie}={value}", "x-csrf-token": token_for(value)}
        options: dict[str, Any] = {}
        if method != "GET":
            options = {"json": {}} if path.startswith("/api/") else {"data": {}}
        self._client.cookies.clear()
        return await self._client.request(method, path, headers=headers, **options)

    async def reveal(self, path: str, body: dict[str, Any], token: str) -> httpx.Response:
        """Asks for a masked field by API."""
        cookie = f"{self.parts.authenticator.cookie}={token}"
        headers = {"accept": "application/json", "cookie": cookie, "x-csrf-token": token_for(token)}
        self._client.cookies.clear()
        return await self._client.post(path, json=body, headers=headers)

    async def close(self) -> None:
        await self._client.aclose()


@pytest_asyncio.fixture(scope="module")
async def world(parts: Hosted, app: Litestar, tenant: TenantRef) -> AsyncIterator[World]:
    made = World(parts, app, tenant)
    await license_all(parts, tenant)
    for role in ROLES:
        await made.add(role)
    yield made
    await made.close()


@pytest_asyncio.fixture(scope="module")
async def elsewhere(parts: Hosted, app: Litestar, other_tenant: TenantRef) -> AsyncIterator[World]:
    """Another customer, with an administrator and a personnel officer."""
    made = World(parts, app, other_tenant)
    await license_all(parts, other_tenant)
    for role in ROLES:
        await made.add(role)
    yield made
    await made.close()


@pytest.fixture(scope="session")
def table() -> dict[str, Rule]:
    return read_table(POLICY)
