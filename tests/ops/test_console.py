"""The vendor's console: its own door, its own people, its own trail; invisible from a customer's address."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any, cast

import httpx
import pytest
import pytest_asyncio
from litestar import Litestar
from sqlalchemy import select, text, update
from sqlalchemy.exc import ProgrammingError

from ops.console import service
from ops.console.models import OperatorEvent, OperatorSession
from ops.hosted import Hosted
from tenants.owner import Owner
from tenants.registry import CACHE_S
from tests.application import browser, log_in
from zhiren.auth.errors import WeakPassword
from zhiren.context import TenantRef
from zhiren.db import Database
from zhiren.ids import new_id
from zhiren.web.csrf import token_for

PASSWORD = "四海之内皆兄弟 and 7 rivers"
HOST = "console.localhost"
COOKIE = "zhiren_operator"
_TOKEN = re.compile(r'name="_csrf" value="([0-9a-f]+)"')


def visitor(app: Litestar, host: str = HOST) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=cast(Any, app), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=f"http://{host}", headers={"accept": "text/html"})


async def send(client: httpx.AsyncClient, page: str, action: str, **fields: str) -> httpx.Response:
    """Posts a form the way a browser does: with the proof that ``page`` carries."""
    found = _TOKEN.search((await client.get(page)).text)
    assert found is not None
    return await client.post(action, data={"_csrf": found[1], **fields})


@pytest_asyncio.fixture
async def login(owner: Owner) -> str:
    """A new operator, so that no test meets another's lock."""
    name = f"op-{new_id().hex[-10:]}"
    await service.create(owner, login=name, name="王运营", password=PASSWORD)
    return name


@pytest_asyncio.fixture
async def stranger(app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    async with visitor(app) as client:
        yield client


@pytest_asyncio.fixture
async def operator(stranger: httpx.AsyncClient, login: str) -> httpx.AsyncClient:
    answer = await send(stranger, "/console/login", "/console/login", login=login, password=PASSWORD)
    assert (answer.status_code, answer.headers["location"]) == (303, "/console"), answer.text
    return stranger


async def trail_of(database: Database, login: str) -> list[OperatorEvent]:
    async with database.control() as session:
        query = select(OperatorEvent).where(OperatorEvent.who == login).order_by(OperatorEvent.id)
        return list(await session.scalars(query))


async def test_the_front_door_leads_in(stranger: httpx.AsyncClient) -> None:
    front = await stranger.get("/")
    assert (front.status_code, front.headers["location"]) == (303, "/console")
    inside = await stranger.get("/console")
    assert (inside.status_code, inside.headers["location"]) == (303, "/console/login")
    deep = await stranger.get("/console/trail")
    assert deep.headers["location"] == "/console/login?next=/console/trail"
    assert (await stranger.get("/jobs")).status_code == 404


async def test_log_in_and_out(operator: httpx.AsyncClient, database: Database, login: str) -> None:
    page = await operator.get("/console")
    assert page.status_code == 200
    assert "王运营" in page.text
    assert "content-security-policy" in page.headers
    assert page.headers["cache-control"] == "no-store"
    token = operator.cookies[COOKIE]
    out = await send(operator, "/console", "/console/logout")
    assert out.headers["location"] == "/console/login"
    operator.cookies.set(COOKIE, token, domain=HOST)
    assert (await operator.get("/console")).status_code == 303
    assert [event.action for event in await trail_of(database, login)] == ["session.open", "session.close"]


async def test_wrong_password(stranger: httpx.AsyncClient, database: Database, login: str) -> None:
    for name in (login, "nobody-at-all"):
        answer = await send(stranger, "/console/login", "/console/login", login=name, password="wrong")
        assert answer.status_code == 401
        assert "登录名或密码不对" in answer.text
        assert COOKIE not in stranger.cookies
    assert [event.action for event in await trail_of(database, login)] == ["session.refused"]


@pytest.mark.parametrize("known", [True, False])
async def test_lock_out(stranger: httpx.AsyncClient, parts: Hosted, login: str, known: bool) -> None:
    name = login if known else f"ghost-{new_id().hex[-10:]}"
    console = parts.state["console"]
    for _try in range(service.LOCK_AFTER):
        await console.limiter.hit(f"console failures {name}", limit=service.LOCK_AFTER, window_s=service.LOCK_S)
    answer = await send(stranger, "/console/login", "/console/login", login=name.upper(), password=PASSWORD)
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    assert COOKIE not in stranger.cookies


async def test_failures_are_counted(stranger: httpx.AsyncClient, parts: Hosted, login: str) -> None:
    await send(stranger, "/console/login", "/console/login", login=login, password="wrong")
    console = parts.state["console"]
    assert await console.limiter.check(f"console failures {login}", limit=1, window_s=service.LOCK_S) > 0


async def test_a_page_from_elsewhere_changes_nothing(operator: httpx.AsyncClient, tenant: TenantRef) -> None:
    path = f"/console/customers/{tenant.slug}/suspend"
    without = await operator.post(path, data={"reason": "x"})
    forged = await operator.post(path, data={"reason": "x", "_csrf": token_for("another cookie")})
    token = token_for(operator.cookies[COOKIE])
    abroad = await operator.post(path, data={"reason": "x", "_csrf": token}, headers={"sec-fetch-site": "cross-site"})
    assert [answer.status_code for answer in (without, forged, abroad)] == [403, 403, 403]
    assert "正常" in (await operator.get(f"/console/customers/{tenant.slug}")).text
    log_in_form = await operator.post("/console/login", data={"login": "a", "password": "b"})
    assert log_in_form.status_code == 403


async def test_suspend_and_resume(
    operator: httpx.AsyncClient, app: Litestar, database: Database, tenant: TenantRef, login: str
) -> None:
    page = f"/console/customers/{tenant.slug}"
    async with browser(app, tenant, headers={"accept": "text/html"}) as customer:
        assert (await customer.get("/login")).status_code == 200
        refused = await send(operator, page, f"{page}/suspend", reason="  ")
        assert refused.status_code == 422
        assert "请写明原因" in refused.text
        assert (await send(operator, page, f"{page}/suspend", reason="欠费三个月")).status_code == 303
        await asyncio.sleep(CACHE_S)
        shut = await customer.get("/login")
        assert shut.status_code == 403
        assert "服务已暂停" in shut.text
        shown = (await operator.get(page)).text
        assert "欠费三个月" in shown
        assert "恢复服务" in shown
        again = await send(operator, page, f"{page}/suspend", reason="再来一次")
        assert again.status_code == 303
        assert (await send(operator, page, f"{page}/resume", reason="已付清")).status_code == 303
        await asyncio.sleep(CACHE_S)
        assert (await customer.get("/login")).status_code == 200
    acts = [
        (event.action, event.tenant_id, event.target, event.reason)
        for event in await trail_of(database, login)
        if event.action.startswith("tenant.")
    ]
    assert acts == [
        ("tenant.suspend", tenant.id, tenant.slug, "欠费三个月"),
        ("tenant.resume", tenant.id, tenant.slug, "已付清"),
    ]
    trail = (await operator.get("/console/trail")).text
    assert "暂停客户" in trail
    assert "已付清" in trail


async def test_customers_are_searched(operator: httpx.AsyncClient, tenant: TenantRef, other_tenant: TenantRef) -> None:
    found = (await operator.get("/console", params={"q": tenant.slug})).text
    assert tenant.name in found
    assert other_tenant.name not in found
    assert "已是最新" in found
    assert tenant.name not in (await operator.get("/console", params={"q": tenant.slug, "status": "suspended"})).text
    assert "没有符合条件的客户" in (await operator.get("/console", params={"q": "%"})).text
    assert (await operator.get("/console/customers/nobody")).status_code == 404
    english = await operator.get("/console?q=nobody-at-all", headers={"accept-language": "en"})
    assert "Customers" in english.text
    assert "客户" not in english.text


async def test_customers_hosts_know_no_console(app: Litestar, operator: httpx.AsyncClient, tenant: TenantRef) -> None:
    token = operator.cookies[COOKIE]
    async with visitor(app, f"{tenant.slug}.localhost") as customer:
        nothing = await customer.get("/nowhere-at-all")
        customer.cookies.set(COOKIE, token)
        for path in ("/console", "/console/login", "/console/trail", f"/console/customers/{tenant.slug}"):
            answer = await customer.get(path)
            assert answer.status_code == nothing.status_code == 404, path
        form = {"reason": "x", "_csrf": token_for(token)}
        assert (await customer.post(f"/console/customers/{tenant.slug}/suspend", data=form)).status_code == 404
        # and the operator's cookie opens none of the customer's pages, under neither name
        assert (await customer.get("/jobs")).headers["location"].startswith("/login")
        customer.cookies.set("zhiren_session", token)
        assert (await customer.get("/jobs")).headers["location"].startswith("/login")


async def test_a_customer_s_session_is_nothing_here(
    app: Litestar, parts: Hosted, stranger: httpx.AsyncClient, tenant: TenantRef
) -> None:
    administrator = await log_in(parts, app, tenant, "admin")
    token = administrator.cookies[parts.authenticator.cookie]
    await administrator.aclose()
    for name in (parts.authenticator.cookie, COOKIE):
        stranger.cookies.set(name, token)
        assert (await stranger.get("/console")).headers["location"] == "/console/login"


@pytest.mark.parametrize(
    "ended",
    [
        {"last_seen_at": text("now() - interval '31 minutes'")},
        {"expires_at": text("now() - interval '1 second'")},
    ],
    ids=["idle", "absolute"],
)
async def test_sessions_end(operator: httpx.AsyncClient, database: Database, ended: dict[str, Any]) -> None:
    assert (await operator.get("/console")).status_code == 200
    async with database.control() as session:
        await session.execute(update(OperatorSession).values(**ended))
    assert (await operator.get("/console")).status_code == 303


async def test_a_disabled_operator_is_out_at_once(operator: httpx.AsyncClient, owner: Owner, login: str) -> None:
    assert await service.disable(owner, login)
    assert not await service.disable(owner, login)
    assert (await operator.get("/console")).status_code == 303
    answer = await send(operator, "/console/login", "/console/login", login=login, password=PASSWORD)
    assert answer.status_code == 401


async def test_the_web_process_can_neither_make_operators_nor_mend_the_trail(
    database: Database, owner: Owner, login: str
) -> None:
    for statement in (
        "insert into control.operator (id, login, name, password_hash) values (gen_random_uuid(), 'x', 'x', 'x')",
        "update control.operator set status = 'active'",
        "update control.operator_event set reason = 'x'",
        "delete from control.operator_event",
    ):
        with pytest.raises(ProgrammingError, match="permission denied"):
            async with database.control() as session:
                await session.execute(text(statement))
    with pytest.raises(WeakPassword):
        await service.create(owner, login=f"{login}-2", name="弱", password="123456")


async def test_next_leads_nowhere_else(stranger: httpx.AsyncClient, login: str) -> None:
    answer = await send(
        stranger, "/console/login", "/console/login", login=login, password=PASSWORD, next="//evil.example/console"
    )
    assert answer.headers["location"] == "/console"


async def test_language_and_look(operator: httpx.AsyncClient) -> None:
    answer = await send(operator, "/console", "/console/preferences/language", language="en", next="/console/trail")
    assert answer.headers["location"] == "/console/trail"
    assert "Customers" in (await operator.get("/console")).text
    answer = await send(operator, "/console", "/console/preferences/theme", theme="dark")
    assert 'data-bs-theme="dark"' in (await operator.get("/console")).text
