"""The key service goes away under a running application, and comes back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import httpx
import msgspec
import pytest
from litestar import get, post
from sqlalchemy import select

from modules.records.models import Employee
from tenants.owner import Owner
from tenants.provisioning import Provisioner
from tests.conftest import make_tenant
from tests.platform.audit.test_pages import Directory, Somebody
from tests.platform.crypto.bao import Bao
from tests.platform.crypto.bao import Settings as BaoSettings
from tests.platform.web.fakes import FakeEntitlements, client_of
from zhiren.app import Deployment, create_app
from zhiren.context import Context, TenantRef
from zhiren.crypto import VaultKeyProvisioner, VaultKeyService
from zhiren.db import Database
from zhiren.settings import Settings
from zhiren.web.csrf import token_for

CACHE_S = 1.5


async def person(ctx: Context) -> Employee:
    return (await ctx.session.scalars(select(Employee))).one()


@get("/api/v1/sealed", permission="public")
async def read_sealed(ctx: Context) -> dict[str, Any]:
    return {"address": (await person(ctx)).home_address}


@post("/api/v1/sealed", permission="public", status_code=200)
async def write_sealed(ctx: Context) -> dict[str, Any]:
    found = await person(ctx)
    found.name = "改名"
    found.home_address = "新地址"
    return {}


@get("/api/v1/plain", permission="public")
async def read_plain(ctx: Context) -> dict[str, Any]:
    return {"name": (await person(ctx)).name}


@pytest.fixture
async def client(
    bao: tuple[Bao, BaoSettings], owner: Owner, settings: Settings
) -> AsyncIterator[tuple[httpx.AsyncClient, Bao]]:
    """An application whose key service this test may stop, and its customer of one person."""
    server, theirs = bao
    own = msgspec.structs.replace(
        settings,
        vault_addr=theirs.vault_addr,
        vault_role_id=theirs.vault_role_id,
        vault_secret_id=theirs.vault_secret_id,
        data_key_cache_s=CACHE_S,
    )
    keys, provisioner = VaultKeyService(own), VaultKeyProvisioner(theirs)
    database = Database(own, keys)
    tenant: TenantRef = await make_tenant(Provisioner(owner, provisioner), "outage")
    async with database.tenant(tenant) as ctx:
        ctx.session.add(Employee(number="1", name="张三", hired_on=date(2026, 1, 1), home_address="老地址"))
    app = create_app(
        Deployment(
            settings=own,
            database=database,
            tenants=Directory(tenant),
            entitlements=FakeEntitlements(),
            authenticator=Somebody(),
            route_handlers=[read_sealed, write_sealed, read_plain],
        )
    )
    async with client_of(app, session="x", **{"x-csrf-token": token_for("x")}) as found:
        yield found, server
    await database.close()
    await keys.close()
    await provisioner.close()


async def test_clear_refusals_nothing_in_plain_and_back_by_itself(client: tuple[httpx.AsyncClient, Bao]) -> None:
    http, bao = client
    assert (await http.get("/api/v1/sealed")).json() == {"address": "老地址"}

    bao.stop()
    stopped_s = time.monotonic()
    # keys in memory serve out their time: nobody notices a short absence
    assert (await http.get("/api/v1/sealed")).status_code == 200
    await asyncio.sleep(CACHE_S)
    for method, path in (("GET", "/api/v1/sealed"), ("POST", "/api/v1/sealed")):
        refusal = await http.request(method, path)
        assert refusal.status_code == 503, (time.monotonic() - stopped_s, refusal.text)
        assert refusal.json()["code"] == "zhiren.key_service_unavailable"
        assert "密钥服务" in refusal.json()["title"]
        assert refusal.headers["retry-after"]
    # nothing of the refused change was kept, and what is not sealed is still served, at once
    began_s = time.monotonic()
    for _ in range(20):
        assert (await http.get("/api/v1/plain")).json() == {"name": "张三"}
    assert time.monotonic() - began_s < 2.0

    bao.start()
    for _ in range(50):
        answer = await http.get("/api/v1/sealed")
        if answer.status_code == 200:
            break
        await asyncio.sleep(0.1)
    assert answer.json() == {"address": "老地址"}
    assert (await http.post("/api/v1/sealed")).status_code == 200
    assert (await http.get("/api/v1/sealed")).json() == {"address": "新地址"}
