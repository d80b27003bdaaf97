"""Guests through a browser: what lets them in, what they reach, and what ends it. The whole application is there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import func, select, update

from ops.hosted import Hosted
from tests.application import browser, license_all, log_in
from tests.platform.guests.conftest import KIND, KNOWN, somebody
from tests.roles.table import filled, routes_of
from zhiren import guests
from zhiren.audit import AuditEvent
from zhiren.context import Context, TenantRef
from zhiren.db import Database
from zhiren.errors import NotFound
from zhiren.guests.models import GuestCode, GuestSession
from zhiren.guests.service import codes
from zhiren.notices.models import Message
from zhiren.web.csrf import token_for

COOKIE = "zhiren_guest_visitor"
PAGE, JSON = {"accept": "text/html"}, {"accept": "application/json"}


async def enter(client: httpx.AsyncClient, database: Database, tenant: TenantRef, match: guests.Match) -> str:
    """Puts a session of ``match`` into the browser."""
    async with database.tenant(tenant) as ctx:
        token = await guests.open_session(ctx, KIND, match.id)
    client.cookies.set(COOKIE, token)
    client.headers["x-csrf-token"] = token_for(token)
    return token


async def code_of(database: Database, tenant: TenantRef) -> str:
    async with database.tenant(tenant) as ctx:
        row = await ctx.session.scalar(select(GuestCode).order_by(GuestCode.id.desc()).limit(1))
        assert row is not None
        await codes.deliver(ctx, row.id)
        message = await ctx.session.scalar(select(Message).where(Message.about_id == row.id))
        return message.content.subject.split()[0] if message else ""


async def on_a_page(client: httpx.AsyncClient) -> None:
    """The browser has an anonymous cookie and a form with its proof."""
    await client.get("/login", headers=PAGE)
    client.headers["x-csrf-token"] = token_for(client.cookies["zhiren_guest"])


async def test_in_by_code_and_out_again(visitor: httpx.AsyncClient, database: Database, tenant: TenantRef) -> None:
    address = "way@example.cn"
    lin = somebody(tenant, address)
    assert (await visitor.get("/visit", headers=JSON)).status_code == 401
    await on_a_page(visitor)
    assert (await visitor.post("/visit/code", data={"address": address})).status_code == 200
    code = await code_of(database, tenant)
    answer = await visitor.post("/visit/login", data={"address": address, "code": code})
    assert (answer.status_code, answer.headers["location"]) == (303, "/visit")
    cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith(COOKIE))
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    inside = (await visitor.get("/visit", headers=JSON)).json()
    assert inside == {"id": str(lin.id), "name": "林晓", "user": None}
    visitor.headers["x-csrf-token"] = token_for(visitor.cookies[COOKIE])
    assert (await visitor.post("/visit/logout")).status_code == 303
    assert (await visitor.get("/visit", headers=JSON)).status_code == 401
    async with database.tenant(tenant) as ctx:
        left = await ctx.session.scalar(
            select(func.count()).select_from(GuestSession).where(GuestSession.guest_id == lin.id)
        )
    assert left == 0


async def test_a_stranger_is_led_to_the_guests_entrance(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.get("/visit?a=1", headers=PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/visit/login?next=/visit%3Fa%3D1")
    answer = await visitor.get("/visit", headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (401, "zhiren.not_signed_in")


async def test_a_guest_reaches_no_route_of_the_app(
    visited: Litestar, visitor: httpx.AsyncClient, database: Database, tenant: TenantRef
) -> None:
    """Every route that is not public or a guest's own turns a guest away as it does a stranger."""
    await enter(visitor, database, tenant, somebody(tenant, "app@example.cn"))
    wrong, asked = [], 0
    for route, handler in routes_of(visited):
        permission = handler.opt["permission"]
        if permission in {"public", "guest:visitor"} or "guest" in handler.opt or "/console" in route:
            continue
        method, path = route.split(" ", 1)
        options: dict[str, Any] = {} if method == "GET" else {"json": {}} if path.startswith("/api/") else {"data": {}}
        answer = await visitor.request(method, filled(path), headers=JSON, **options)
        asked += 1
        if answer.status_code != 401:
            wrong.append(f"{route}: {answer.status_code}")
    assert wrong == []
    assert asked > 100


@pytest.mark.parametrize("role", ["admin", "hr", "employee"])
async def test_a_user_is_no_guest(
    visited: Litestar, house: Hosted, tenant: TenantRef, visitor: httpx.AsyncClient, role: str
) -> None:
    async with await log_in(house, visited, tenant, role) as client:
        assert (await client.get("/visit", headers=JSON)).status_code == 401
        assert (await client.post("/visit", headers=JSON)).status_code == 401
        assert (await client.get("/account", headers=JSON)).status_code == 200


async def test_one_browser_may_hold_a_user_and_a_guest(
    visited: Litestar, house: Hosted, database: Database, tenant: TenantRef, visitor: httpx.AsyncClient
) -> None:
    async with await log_in(house, visited, tenant, "employee") as client:
        own = client.headers["x-csrf-token"]
        await enter(client, database, tenant, somebody(tenant, "both@example.cn", "访客甲"))
        assert (await client.get("/visit", headers=JSON)).json()["name"] == "访客甲"
        assert (await client.get("/account", headers=JSON)).status_code == 200
        assert (await client.get("/visit/open", headers=JSON)).json()["kind"] == "guest"
        # pages of either carry a proof the other accepts: both cookies are this browser's
        assert (await client.post("/visit", headers={"x-csrf-token": own})).status_code == 200


async def test_a_guest_of_one_kind_is_none_of_another(
    visitor: httpx.AsyncClient, database: Database, tenant: TenantRef
) -> None:
    token = await enter(visitor, database, tenant, somebody(tenant, "kind@example.cn"))
    assert (await visitor.get("/visit/other", headers=JSON)).status_code == 401
    visitor.cookies.set("zhiren_guest_other", token)
    assert (await visitor.get("/visit/other", headers=JSON)).status_code == 401


async def test_a_public_page_knows_a_guest_only_if_it_asks(
    visitor: httpx.AsyncClient, database: Database, tenant: TenantRef
) -> None:
    await enter(visitor, database, tenant, somebody(tenant, "open@example.cn"))
    assert (await visitor.get("/visit/open", headers=JSON)).json() == {"name": "林晓", "kind": "guest"}
    assert (await visitor.get("/visit/closed", headers=JSON)).json()["kind"] != "guest"


async def test_another_customer_s_guest_is_a_stranger_here(
    visited: Litestar, house: Hosted, database: Database, tenant: TenantRef, other_tenant: TenantRef
) -> None:
    await license_all(house, other_tenant)
    match = somebody(tenant, "here@example.cn")
    async with browser(visited, tenant) as here, browser(visited, other_tenant) as there:
        token = await enter(here, database, tenant, match)
        there.cookies.set(COOKIE, token)
        assert (await here.get("/visit", headers=JSON)).status_code == 200
        assert (await there.get("/visit", headers=JSON)).status_code == 401


@pytest.mark.parametrize("proof", ["", "0" * 64, None])
async def test_a_guest_s_form_needs_the_proof_of_its_page(
    visitor: httpx.AsyncClient, database: Database, tenant: TenantRef, proof: str | None
) -> None:
    token = await enter(visitor, database, tenant, somebody(tenant, "csrf@example.cn"))
    del visitor.headers["x-csrf-token"]
    headers = {} if proof is None else {"x-csrf-token": proof}
    forms: list[dict[str, Any]] = [{"data": {}}, {"json": {}}]
    for options in forms:
        answer = await visitor.post("/visit", headers=headers, **options)
        assert (answer.status_code, answer.json()["code"]) == (403, "web.csrf")
    assert (await visitor.post("/visit", data={"_csrf": token_for(token)})).status_code == 200
    site = {"x-csrf-token": token_for(token), "sec-fetch-site": "cross-site"}
    assert (await visitor.post("/visit", headers=site)).status_code == 403


async def test_the_anonymous_proof_ends_with_the_log_in(
    visitor: httpx.AsyncClient, database: Database, tenant: TenantRef
) -> None:
    """Who planted an anonymous cookie before the log-in has no proof after it."""
    await on_a_page(visitor)
    planted = visitor.headers["x-csrf-token"]
    await enter(visitor, database, tenant, somebody(tenant, "plant@example.cn"))
    assert (await visitor.post("/visit", headers={"x-csrf-token": planted})).status_code == 403


async def test_whom_the_kind_forgot_is_out_at_once(
    visitor: httpx.AsyncClient, database: Database, tenant: TenantRef
) -> None:
    match = somebody(tenant, "gone@example.cn")
    await enter(visitor, database, tenant, match)
    assert (await visitor.get("/visit", headers=JSON)).status_code == 200
    del KNOWN[match.id]
    assert (await visitor.get("/visit", headers=JSON)).status_code == 401


@pytest.mark.parametrize(
    "values",
    [
        {"expires_at": datetime(2020, 1, 1, tzinfo=UTC)},
        {"last_seen_at": datetime.now(UTC) - timedelta(days=14, minutes=1)},
    ],
)
async def test_a_session_ends_by_time_and_is_forgotten(
    visitor: httpx.AsyncClient, database: Database, tenant: TenantRef, values: dict[str, datetime]
) -> None:
    match = somebody(tenant, "old@example.cn")
    await enter(visitor, database, tenant, match)
    async with database.tenant(tenant) as ctx:
        await ctx.session.execute(update(GuestSession).where(GuestSession.guest_id == match.id).values(**values))
    assert (await visitor.get("/visit", headers=JSON)).status_code == 401
    async with database.tenant(tenant) as ctx:
        assert await guests.forget_ended(ctx) >= 1
        assert await guests.sessions_of(ctx, KIND, match.id) == []


async def test_sessions_are_listed_and_revoked_by_their_owner_alone(ctx: Context) -> None:
    lin, other = somebody(ctx.tenant, "l@example.cn"), somebody(ctx.tenant, "o@example.cn")
    for match in (lin, lin, other):
        await guests.open_session(ctx, KIND, match.id)
    [first, second] = await guests.sessions_of(ctx, KIND, lin.id)
    [foreign] = await guests.sessions_of(ctx, KIND, other.id)
    for kind, guest_id in ((KIND, lin.id), ("other", other.id)):
        with pytest.raises(NotFound):
            await guests.end_session(ctx, kind, guest_id, foreign.id)
    await guests.end_session(ctx, KIND, lin.id, first.id)
    assert [one.id for one in await guests.sessions_of(ctx, KIND, lin.id)] == [second.id]
    assert await guests.end_sessions(ctx, KIND, lin.id) == 1
    assert len(await guests.sessions_of(ctx, KIND, other.id)) == 1


async def test_wrong_codes_count_though_they_are_refused(
    visitor: httpx.AsyncClient, database: Database, tenant: TenantRef
) -> None:
    address = "count@example.cn"
    somebody(tenant, address)
    await on_a_page(visitor)
    await visitor.post("/visit/code", data={"address": address})
    code = await code_of(database, tenant)
    for _ in range(5):
        answer = await visitor.post("/visit/login", data={"address": address, "code": "x"}, headers=JSON)
        assert (answer.status_code, answer.json()["code"]) == (401, "guests.code_refused")
    answer = await visitor.post("/visit/login", data={"address": address, "code": code}, headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (429, "guests.code_locked")
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize("address", ["fast@example.cn", "nobody-fast@example.cn"])
async def test_codes_for_one_address_are_rationed(visitor: httpx.AsyncClient, tenant: TenantRef, address: str) -> None:
    somebody(tenant, "fast@example.cn")
    await on_a_page(visitor)
    answers = [await visitor.post("/visit/code", data={"address": address}, headers=JSON) for _ in range(4)]
    assert answers[0].status_code == 200
    # a window of half a minute may end in between, but not twice
    assert 429 in {answer.status_code for answer in answers[2:]}
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.json()["code"] == "guests.too_many_codes"


async def test_codes_from_one_place_are_rationed(visitor: httpx.AsyncClient, tenant: TenantRef) -> None:
    await on_a_page(visitor)
    statuses = [
        (await visitor.post("/visit/code", data={"address": f"n{n}@example.cn"}, headers=JSON)).status_code
        for n in range(62)
    ]
    assert statuses.count(429) >= 2
    assert statuses.count(200) >= 10


async def test_events_name_the_guest(visitor: httpx.AsyncClient, database: Database, tenant: TenantRef) -> None:
    match = somebody(tenant, "event@example.cn", "王访客")
    await enter(visitor, database, tenant, match)
    async with database.tenant(tenant) as ctx:
        event = await ctx.session.scalar(
            select(AuditEvent).where(AuditEvent.action == "guests.session.open", AuditEvent.actor_user_id == match.id)
        )
    assert event is not None
    assert (event.actor_kind, event.actor_roles, event.actor_name) == ("guest", [KIND], "")
    assert event.session_id is not None


def test_a_kind_is_declared_once() -> None:
    async def other(ctx: Context, address: str) -> list[guests.Match]:
        return []

    with pytest.raises(ValueError, match="two kinds"):
        guests.register(guests.GuestKind(KIND, "访客", "/elsewhere", other))
    with pytest.raises(ValueError, match="not named"):
        guests.register(guests.GuestKind("No Kind", "", "/", other))
