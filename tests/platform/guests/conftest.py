"""A kind of guest of the tests' own, and routes that let it in, beside the whole application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

import httpx
import pytest_asyncio
from litestar import Litestar, Request, Response, get, post

from ops.hosted import Hosted
from tenants.owner import Owner
from tests.application import browser, license_all, make_parts, serving
from zhiren import guests
from zhiren.context import Context, TenantRef
from zhiren.ids import new_id
from zhiren.settings import Settings
from zhiren.web.pages import redirect

#: address -> guest, for each customer; whom ``known`` has forgotten is not among the values of ``KNOWN``
ADDRESSES: dict[str, dict[str, guests.Match]] = {}
KNOWN: dict[UUID, guests.Match] = {}
KIND: Final = "visitor"


async def find(ctx: Context, address: str) -> list[guests.Match]:
    found = ADDRESSES.get(ctx.tenant.id, {}).get(address)
    return [found] if found else []


async def known(ctx: Context, guest_id: UUID) -> guests.Match | None:
    return KNOWN.get(guest_id)


async def nobody(ctx: Context, address: str) -> list[guests.Match]:
    return []


guests.register(guests.GuestKind(KIND, "访客", "/visit/login", find, known))
guests.register(guests.GuestKind("other", "别的", "/other/login", nobody))


def somebody(tenant: TenantRef, address: str, name: str = "林晓") -> guests.Match:
    match = guests.Match(new_id(), name)
    ADDRESSES.setdefault(tenant.id, {})[address] = match
    KNOWN[match.id] = match
    return match


@get("/visit", permission="guest:visitor")
async def inside(ctx: Context) -> dict[str, Any]:
    assert ctx.actor.guest is not None
    return {"id": str(ctx.actor.guest.id), "name": ctx.actor.name, "user": ctx.actor.user_id}


@post("/visit", permission="guest:visitor", status_code=200)
async def act(ctx: Context) -> dict[str, str]:
    return {"name": ctx.actor.name}


@get("/visit/other", permission="guest:other")
async def elsewhere(ctx: Context) -> dict[str, str]:
    return {"name": ctx.actor.name}


@get("/visit/open", permission="public", guest=KIND)
async def open_page(ctx: Context) -> dict[str, str]:
    return {"name": ctx.actor.name, "kind": ctx.actor.kind}


@get("/visit/closed", permission="public")
async def knows_nobody(ctx: Context) -> dict[str, str]:
    return {"name": ctx.actor.name, "kind": ctx.actor.kind}


@post("/visit/code", permission="public", status_code=200)
async def ask(request: Request[Any, Any, Any], ctx: Context) -> dict[str, str]:
    form = await request.form()
    await guests.send_code(ctx, KIND, str(form["address"]), ip=ctx.ip)
    return {"sent": "maybe"}


@post("/visit/login", permission="public", status_code=303)
async def come_in(request: Request[Any, Any, Any], ctx: Context) -> Response[Any]:
    form = await request.form()
    guest_id = await guests.check_code(ctx, KIND, str(form["address"]), str(form["code"]))
    answer = redirect("/visit")
    guests.let_in(answer, ctx, KIND, await guests.open_session(ctx, KIND, guest_id))
    return answer


@post("/visit/logout", permission="guest:visitor", status_code=303)
async def go(ctx: Context) -> Response[Any]:
    guest, session_id = ctx.actor.guest, ctx.actor.session_id
    assert guest is not None
    assert session_id is not None
    await guests.end_session(ctx, KIND, guest.id, session_id)
    answer = redirect("/visit/closed")
    guests.see_out(answer, ctx, KIND)
    return answer


HANDLERS: Final = (inside, act, elsewhere, open_page, knows_nobody, ask, come_in, go)


@pytest_asyncio.fixture(scope="session")
async def house(settings: Settings, owner: Owner) -> Hosted:
    """The hosted composition with the routes above. Its pools close with ``visited``."""
    parts = make_parts(settings)
    return replace(parts, route_handlers=(*parts.route_handlers, *HANDLERS))


@pytest_asyncio.fixture(scope="session")
async def visited(house: Hosted) -> AsyncIterator[Litestar]:
    """The whole application, with the routes above."""
    async with serving(house) as application:
        yield application


@pytest_asyncio.fixture
async def visitor(visited: Litestar, house: Hosted, tenant: TenantRef) -> AsyncIterator[httpx.AsyncClient]:
    """A browser at ``tenant``'s address."""
    await license_all(house, tenant)
    async with browser(visited, tenant) as client:
        yield client
