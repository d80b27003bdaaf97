"""The hosted application in this process, and people who use it through a browser of their own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from typing import Any, cast
from uuid import UUID

import httpx
from litestar import Litestar

from licensing import service as licensing_service
from licensing.development import PRIVATE_KEY, PUBLIC_KEY
from licensing.document import Licence, sign
from ops import hosted
from tests.completeness.watch import Watched, check
from zhiren.app import create_app
from zhiren.auth.service import create_user, open_session
from zhiren.context import TenantRef
from zhiren.ids import new_id
from zhiren.settings import Settings
from zhiren.web.csrf import token_for

PASSWORD = "一匹马要有好骑手 and 42 more words"


def make_parts(settings: Settings) -> hosted.Hosted:
    """The hosted composition; it believes licences signed with the key everybody knows."""
    return hosted.deployment(settings, licence_keys=[PUBLIC_KEY])


@asynccontextmanager
async def serving(parts: hosted.Hosted) -> AsyncIterator[Litestar]:
    app = create_app(parts)
    started, done = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        async with app.lifespan():
            started.set()
            await done.wait()

    # in a task of its own: a fixture begins and ends in two different ones, which a task group does not bear
    life = asyncio.create_task(live())
    begun = asyncio.create_task(started.wait())
    await asyncio.wait({life, begun}, return_when=asyncio.FIRST_COMPLETED)
    try:
        if not life.done():
            yield app
    finally:
        begun.cancel()
        done.set()
        await life


def browser(app: Litestar, tenant: TenantRef, **options: Any) -> httpx.AsyncClient:
    """Somebody at the customer's address who has not logged in. What the application raises is answered, not raised."""
    transport = httpx.ASGITransport(app=cast(Any, Watched(app)), raise_app_exceptions=False)
    hooks = {"response": [check]}
    return httpx.AsyncClient(
        transport=transport, base_url=f"http://{tenant.slug}.localhost", event_hooks=hooks, **options
    )


async def license_all(parts: hosted.Hosted, tenant: TenantRef, modules: Sequence[str] | None = None) -> None:
    """Installs a licence for all modules, or those named."""
    names = sorted(module.name for module in parts.modules) if modules is None else sorted(modules)
    licence = Licence(
        id=new_id(),
        customer=tenant.name,
        tenant=tenant.id,
        modules=tuple(names),
        seats=1_000_000,
        valid_from=date(2020, 1, 1),
        valid_until=date(2099, 12, 31),
        issued_at=datetime.now(UTC),
    )
    async with parts.database.tenant(tenant) as ctx:
        await licensing_service.install(ctx, parts.entitlements, sign(licence, PRIVATE_KEY))


async def log_in(
    parts: hosted.Hosted,
    app: Litestar,
    tenant: TenantRef,
    role: str,
    *,
    login: str = "",
    employee_id: UUID | None = None,
) -> httpx.AsyncClient:
    """A new person of ``role``, logged in, whose unsafe requests carry the proof of their own pages."""
    async with parts.database.tenant(tenant) as ctx:
        user = await create_user(
            ctx,
            login=login or f"{role}-{new_id().hex[-10:]}",
            name=f"测试 {role}",
            password=PASSWORD,
            roles=[role],
            employee_id=employee_id,
        )
        await ctx.session.flush()
        token = await open_session(ctx, user)
    client = browser(app, tenant, headers={"X-CSRF-Token": token_for(token)})
    client.cookies.set(parts.authenticator.cookie, token)
    return client
