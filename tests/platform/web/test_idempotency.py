"""The same POST sent twice acts once, is answered alike, and its stored answer is sealed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from litestar import Response, post
from litestar.params import JSONBody
from sqlalchemy import func, select, text, update

from tests.platform.web.fakes import USER_ID, client_of, make_app
from zhiren.context import Context, TenantRef
from zhiren.db import Database
from zhiren.errors import InvalidInput
from zhiren.web.csrf import token_for
from zhiren.web.models import IdempotentAnswer, SavedView

CANARY = "CANARY-8123.45"


@post("/api/v1/things", permission="authenticated")
async def add(ctx: Context, data: JSONBody[dict[str, Any]]) -> Response[dict[str, Any]]:
    if data.get("refuse"):
        raise InvalidInput("no")
    view = SavedView(user_id=USER_ID, table_name="t", name=str(data["name"]), query={})
    ctx.session.add(view)
    await ctx.session.flush()
    await asyncio.sleep(float(data.get("wait", 0)))
    return Response({"id": str(view.id), "pay": CANARY}, status_code=201, headers={"location": f"/things/{view.id}"})


@pytest_asyncio.fixture
async def client(database: Database, tenant: TenantRef) -> AsyncIterator[httpx.AsyncClient]:
    app = make_app([add], database=database, tenant=tenant)
    async with client_of(app, "x", **{"x-csrf-token": token_for("x")}) as found:
        yield found


async def count(database: Database, tenant: TenantRef, name: str) -> int:
    async with database.tenant(tenant) as ctx:
        found = await ctx.session.scalar(select(func.count()).select_from(SavedView).where(SavedView.name == name))
        return found or 0


async def send(client: httpx.AsyncClient, key: str, **body: Any) -> httpx.Response:
    return await client.post("/api/v1/things", json=body, headers={"idempotency-key": key})


async def test_replayed(client: httpx.AsyncClient, database: Database, tenant: TenantRef) -> None:
    first = await send(client, "k1", name="one")
    second = await send(client, "k1", name="one")
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert second.headers["location"] == first.headers["location"]
    assert second.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert await count(database, tenant, "one") == 1


async def test_another_body_is_refused(client: httpx.AsyncClient) -> None:
    await send(client, "k2", name="two")
    response = await send(client, "k2", name="three")
    assert response.status_code == 422
    assert response.json()["code"] == "web.idempotency_mismatch"


async def test_refused_request_may_be_sent_again(
    client: httpx.AsyncClient, database: Database, tenant: TenantRef
) -> None:
    assert (await send(client, "k3", refuse=True, name="four")).status_code == 422
    assert (await send(client, "k3", name="four")).status_code == 201
    assert await count(database, tenant, "four") == 1


async def test_copies_at_the_same_moment_act_once(
    client: httpx.AsyncClient, database: Database, tenant: TenantRef
) -> None:
    answers = await asyncio.gather(*(send(client, "k4", name="five", wait=0.2) for _copy in range(4)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert await count(database, tenant, "five") == 1


async def test_without_a_key_each_acts(client: httpx.AsyncClient, database: Database, tenant: TenantRef) -> None:
    assert (await client.post("/api/v1/things", json={"name": "six"})).status_code == 201
    # the second meets the unique name: a conflict, not a fault
    second = await client.post("/api/v1/things", json={"name": "six"})
    assert (second.status_code, second.json()["code"]) == (409, "web.edited_meanwhile")


@pytest.mark.parametrize("key", ["x" * 201, "a\tb"])
async def test_strange_keys_are_refused(client: httpx.AsyncClient, key: str) -> None:
    assert (await send(client, key, name="seven")).status_code == 422


async def test_stored_answer_is_sealed_and_forgotten_after_a_day(
    client: httpx.AsyncClient, database: Database, tenant: TenantRef
) -> None:
    await send(client, "k8", name="eight")
    async with database.tenant(tenant) as ctx:
        stored = (
            await ctx.session.scalars(select(IdempotentAnswer.answer_ct).where(IdempotentAnswer.key == "k8"))
        ).one()
        assert stored is not None
        assert CANARY.encode() not in stored
        old = func.now() - text("interval '25 hours'")
        await ctx.session.execute(update(IdempotentAnswer).where(IdempotentAnswer.key == "k8").values(created_at=old))
    await send(client, "k9", name="nine")
    async with database.tenant(tenant) as ctx:
        keys = set(await ctx.session.scalars(select(IdempotentAnswer.key)))
    assert "k9" in keys
    assert "k8" not in keys
