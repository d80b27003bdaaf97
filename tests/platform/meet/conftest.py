"""A room with a host, a second interviewer who observes, and a guest."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest_asyncio
from litestar import Litestar

from ops.hosted import Hosted
from tests.application import license_all
from tests.platform.meet.sockets import Page, connect, headers_of
from zhiren.auth.models import User
from zhiren.auth.service import create_user, open_session
from zhiren.context import TenantRef
from zhiren.ids import new_id
from zhiren.meet import Member, open_room

HOUR = timedelta(hours=1)


class Stage:
    """Opens rooms and pages; what is open is closed after the test."""

    def __init__(self, parts: Hosted, app: Litestar, tenant: TenantRef) -> None:
        self.parts, self.app, self.tenant = parts, app, tenant
        self.users: dict[str, User] = {}
        self.tokens: dict[str, str] = {}
        self.stack = AsyncExitStack()

    async def person(self, name: str) -> User:
        if name not in self.users:
            async with self.parts.database.tenant(self.tenant) as ctx:
                user = await create_user(
                    ctx,
                    login=f"u-{new_id().hex[-10:]}",
                    name=name,
                    password="long enough 42 horses",
                    roles=["employee"],
                )
                await ctx.session.flush()
                self.tokens[name] = await open_session(ctx, user)
            self.users[name] = user
        return self.users[name]

    async def member(self, name: str, role: Any) -> Member:
        return Member(kind="user", id=(await self.person(name)).id, name=name, role=role)

    async def room(
        self, *, about: str = "test.interview", opens_in: timedelta = -HOUR, lasts: timedelta = 2 * HOUR, **people: str
    ) -> UUID:
        """People by name: ``room(林="host")``; a host, a guest and an observer unless told."""
        wanted = people or {"林晓": "host", "陈静": "observer", "王小明": "guest"}
        members = [await self.member(name, role) for name, role in wanted.items()]
        opens_at = datetime.now(UTC) + opens_in
        async with self.parts.database.tenant(self.tenant) as ctx:
            return await open_room(
                ctx,
                about=(about, new_id()),
                title="后端工程师 一面",
                opens_at=opens_at,
                closes_at=opens_at + lasts,
                members=members,
            )

    async def cookie(self, name: str) -> str:
        await self.person(name)
        return f"{self.parts.authenticator.cookie}={self.tokens[name]}"

    async def page(self, room_id: UUID, name: str, *, sid: str = "", app: Litestar | None = None, **more: str) -> Page:
        """Opens the socket. Raises Refused."""
        headers = headers_of(self.tenant, await self.cookie(name) if name else "", **more)
        page = connect(app or self.app, headers, room_id, sid=sid or new_id().hex)
        self.stack.push_async_callback(page.close)
        return await page.opened()


@pytest_asyncio.fixture
async def stage(parts: Hosted, app: Litestar, tenant: TenantRef) -> AsyncIterator[Stage]:
    with suppress(Exception):
        await license_all(parts, tenant)
    found = Stage(parts, app, tenant)
    async with found.stack:
        yield found
