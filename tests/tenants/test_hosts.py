"""The application at a customer's address, at an unknown one and at a suspended one."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from litestar import Litestar

from ops.hosted import Hosted
from tenants import service
from tenants.owner import Owner
from tenants.provisioning import Provisioner
from tenants.registry import CACHE_S
from tests.application import browser, log_in
from tests.conftest import LogIn, make_tenant
from zhiren.context import TenantRef


async def test_somebody_logged_in(login_as: LogIn) -> None:
    client = await login_as("hr")
    answer = await client.get("/jobs")
    assert answer.status_code == 200, answer.text


async def test_a_session_of_one_customer_is_nothing_at_another(
    login_as: LogIn, app: Litestar, parts: Hosted, other_tenant: TenantRef
) -> None:
    client = await login_as("admin")
    async with browser(app, other_tenant, cookies=dict(client.cookies)) as stranger:
        answer = await stranger.get("/api/v1/jobs")
    assert answer.status_code == 401


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
async def test_an_unknown_address_says_so(client: httpx.AsyncClient, accept: str) -> None:
    answer = await client.get("/jobs", headers={"host": "nobody.localhost", "accept": accept})
    assert answer.status_code == 404
    assert "没有找到这个网址对应的公司" in answer.text


async def test_a_suspended_customer_is_shut_out_within_a_second_and_let_in_again(
    app: Litestar, parts: Hosted, owner: Owner, provisioner: Provisioner
) -> None:
    made = await make_tenant(provisioner, "sleepy")
    async with await log_in(parts, app, made, "admin") as client:
        assert (await client.get("/jobs")).status_code == 200
        await service.suspend(owner, made.slug, "欠费")
        await asyncio.sleep(CACHE_S)
        answer = await client.get("/jobs", headers={"accept": "text/html"})
        assert answer.status_code == 403
        assert "已暂停" in answer.text
        assert "欠费" not in answer.text
        await service.resume(owner, made.slug)
        await asyncio.sleep(CACHE_S)
        assert (await client.get("/jobs")).status_code == 200
