"""The hosted composition starts with real services and answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import httpx

from ops import hosted
from zhiren.app import create_app
from zhiren.context import TenantRef
from zhiren.settings import Settings


@asynccontextmanager
async def visitor(settings: Settings, tenant: TenantRef) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who has not logged in, at the customer's address."""
    app = create_app(hosted.deployment(settings))
    transport = httpx.ASGITransport(app=cast(Any, app))
    async with app.lifespan(), httpx.AsyncClient(transport=transport, base_url=f"http://{tenant.slug}.localhost") as it:
        yield it


async def test_a_stranger(settings: Settings, tenant: TenantRef) -> None:
    async with visitor(settings, tenant) as client:
        ready = await client.get("/readyz")
        assert ready.status_code == 200, ready.text
        for path in ("/jobs", "/admin/modules", "/api/v1/jobs", "/api/v1/modules"):
            answer = await client.get(path, headers={"accept": "text/html"})
            assert answer.status_code in {303, 401}, (path, answer.text)
        unknown = await client.get("/jobs", headers={"host": "nobody.localhost"})
        assert unknown.status_code == 404


async def test_every_scheduled_task_has_its_own_name(settings: Settings) -> None:
    parts = hosted.deployment(settings)
    names = [task.name for task in hosted.scheduled(parts)]
    assert len(names) == len(set(names))
    await parts.database.close()
