"""Recruiting switched off and on again: who comes from outside is told politely, and everything is still there."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from litestar import Litestar
from sqlalchemy import func, select

from licensing import service as licensing
from modules.recruiting.models import Application, Candidate
from ops.hosted import Hosted
from tests.application import browser, license_all
from tests.modules.recruiting.test_way import PAGE, apply, open_job
from zhiren.context import TenantRef
from zhiren.db import Database
from zhiren.ids import new_id

OUTSIDE = ("/careers", "/careers/{slug}", "/careers/{slug}/apply", "/portal/login", "/portal")


@pytest_asyncio.fixture
async def switched(parts: Hosted, tenant: TenantRef) -> AsyncIterator[object]:
    await license_all(parts, tenant)

    async def switch(*, on: bool) -> None:
        async with parts.database.tenant(tenant) as ctx:
            await licensing.switch(ctx, parts.entitlements, "recruiting", on=on)

    yield switch
    await switch(on=True)


async def counts(database: Database, tenant: TenantRef) -> list[int]:
    async with database.tenant(tenant) as ctx:
        return [
            int(await ctx.session.scalar(select(func.count()).select_from(table)) or 0)
            for table in (Application, Candidate)
        ]


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_off_is_told_politely_and_on_again_all_is_there(
    app: Litestar, tenant: TenantRef, database: Database, switched: object, language: str
) -> None:
    job = await open_job(database, tenant, new_id())
    person = await apply(app, tenant, job)
    before = await counts(database, tenant)
    assert callable(switched)
    await switched(on=False)
    said = "现在没有开放这个页面" if language == "zh-CN" else "does not offer this page"
    async with browser(app, tenant, headers=PAGE | {"accept-language": language}) as stranger:
        for place in OUTSIDE:
            answer = await stranger.get(place.format(slug=job.slug))
            assert answer.status_code == 404, place
            assert said in answer.text, (place, answer.text[:600])
            assert "licensing." not in answer.text, place
            assert tenant.name in answer.text, place
        assert (await stranger.get("/careers-feed.xml")).status_code == 404
    assert (await person.get("/portal")).status_code == 404
    assert await counts(database, tenant) == before
    await switched(on=True)
    assert "已收到您的应聘" in (await person.get("/portal")).text
    assert job.title in (await browser(app, tenant, headers=PAGE).get(f"/careers/{job.slug}")).text
