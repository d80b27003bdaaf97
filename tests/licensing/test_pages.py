"""The administrator switches modules; everybody else meets what is off as off."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace

import httpx
import pytest
import pytest_asyncio
from litestar import Litestar, get
from sqlalchemy import text

from licensing import development
from licensing.document import Verifier
from licensing.entitlements import Entitlements
from ops.hosted import Hosted
from tests.application import license_all, log_in, serving
from tests.licensing.test_entitlements import licence_for
from zhiren.context import TenantRef
from zhiren.modules import Module, NavItem
from zhiren.web import Page, page

LogIn = Callable[..., Awaitable[httpx.AsyncClient]]


@get("/roster", permission="authenticated")
async def roster_page() -> Page:
    return page("jobs/list.html", jobs=[], status=None, next_before=None)


@get("/api/v1/roster", permission="authenticated")
async def roster_api() -> list[str]:
    return ["林晓"]


ROSTER = Module(
    "roster",
    "花名册",
    "谁在这里。",
    "1",
    "licensing",
    navigation=(NavItem("花名册", "/roster", "authenticated"),),
    route_handlers=(roster_page, roster_api),
)
WAGES = Module("wages", "工资表", "发多少。", "1", "licensing", requires=("roster",))


@pytest_asyncio.fixture(scope="module")
async def toy(parts: Hosted) -> Hosted:
    """The hosted service with two modules of this file's own."""
    modules = (ROSTER, WAGES)
    entitlements = Entitlements(parts.database, Verifier([development.PUBLIC_KEY]), modules)
    return replace(parts, modules=modules, entitlements=entitlements, guards=(), lifespan=())


@pytest_asyncio.fixture(scope="module")
async def toy_app(toy: Hosted) -> AsyncIterator[Litestar]:
    async with serving(toy) as app:
        yield app


@pytest_asyncio.fixture
async def enter(toy: Hosted, toy_app: Litestar, tenant: TenantRef) -> AsyncIterator[LogIn]:
    await license_all(toy, tenant)
    async with AsyncExitStack() as stack:

        async def as_role(role: str) -> httpx.AsyncClient:
            return await stack.enter_async_context(await log_in(toy, toy_app, tenant, role))

        yield as_role


async def test_switch_off_and_on(enter: LogIn) -> None:
    admin, hr = await enter("admin"), await enter("hr")
    front = await hr.get("/roster")
    assert front.status_code == 200
    assert 'href="/roster"' in front.text
    answer = await admin.put("/api/v1/modules/roster", json={"enabled": False})
    assert (answer.status_code, answer.json()["code"]) == (409, "licensing.module_required")
    assert "工资表依赖花名册，先关闭工资表。" in answer.text
    for name in ("wages", "roster"):
        answer = await admin.put(f"/api/v1/modules/{name}", json={"enabled": False})
        assert answer.status_code == 200, answer.text
        assert answer.json()["in_use"] is False
    refused = await hr.get("/api/v1/roster")
    assert (refused.status_code, refused.json()["code"]) == (403, "licensing.module_off")
    assert "管理员" in refused.text
    shown = await hr.get("/roster", headers={"accept": "text/html"})
    assert shown.status_code == 403
    assert "花名册" in shown.text
    assert 'href="/roster"' not in shown.text, "gone from navigation"
    for name in ("roster", "wages"):
        assert (await admin.post(f"/admin/modules/{name}/on")).status_code == 303
    assert (await hr.get("/roster")).status_code == 200, "everything is there again"


async def test_not_bought(enter: LogIn, toy: Hosted, tenant: TenantRef) -> None:
    hr = await enter("hr")
    async with toy.database.tenant(tenant) as ctx:
        await ctx.session.execute(text("DELETE FROM licensing_licence"))
    toy.entitlements.forget(tenant)
    refused = await hr.get("/api/v1/roster")
    assert (refused.status_code, refused.json()["code"]) == (403, "licensing.module_not_licensed")
    assert (await hr.get("/jobs")).status_code == 200, "the platform itself is always there"


async def test_page_shows_and_installs(login_as: LogIn, tenant: TenantRef) -> None:
    admin = await login_as("admin")
    page = await admin.get("/admin/modules")
    assert page.status_code == 200
    assert "人事档案" in page.text
    wrong = await admin.post("/admin/licence", data={"text": "zhiren-licence-1.nonsense"})
    assert wrong.status_code == 422
    assert "授权码" in wrong.text
    good = await admin.post("/admin/licence", data={"text": licence_for(tenant, seats=5)})
    assert good.status_code in {200, 303}, good.text
    licence = (await admin.get("/api/v1/licence")).json()
    assert licence["seats"] == 5
    assert licence["customer"] == tenant.name


@pytest.mark.parametrize("role", ["hr", "payroll", "manager", "employee"])
async def test_only_the_administrator(login_as: LogIn, role: str) -> None:
    person = await login_as(role)
    for call in (
        person.get("/admin/modules"),
        person.post("/admin/modules/records/off"),
        person.put("/api/v1/modules/records", json={"enabled": False}),
        person.post("/api/v1/licence", json={"text": "x"}),
    ):
        assert (await call).status_code == 403
