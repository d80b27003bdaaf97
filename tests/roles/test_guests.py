"""Every route of guests that names something by its id, asked for with what is another guest's, here and elsewhere."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator

import pytest_asyncio
from litestar import Litestar

from ops.hosted import Hosted
from tests.application import license_all
from tests.isolation.hiring import form_of, guest_routes, open_portals, with_ids
from tests.isolation.houses import House, Watch, furnish
from zhiren.context import TenantRef

FORMATS = ("text/html", "application/json")
REFUSED = (403, 404, 409, 422)
KINDS = ("agency", "candidate")


@pytest_asyncio.fixture(scope="module")
async def houses(
    parts: Hosted, app: Litestar, tenant: TenantRef, other_tenant: TenantRef
) -> AsyncIterator[list[House]]:
    """Two customers, each with two candidates and two agencies who are logged in."""
    found = []
    for each in (tenant, other_tenant):
        await license_all(parts, each)
        house = await furnish(parts.database, each, Watch(), random.Random(each.slug))
        await open_portals(parts, app, house)
        found.append(house)
    yield found
    for house in found:
        for client in house.visitors:
            await client.aclose()


async def test_what_is_anothers_is_not_there(app: Litestar, houses: list[House]) -> None:
    wrong, cells, chance = [], 0, random.Random(1)
    routes = guest_routes(app)
    everybody = [guest for house in houses for guest in house.hiring.guests]
    for kind, method, route in routes:
        me = next(one for one in houses[0].hiring.guests if one.kind == kind)
        assert me.client is not None
        for they in everybody:
            if they is me:
                continue
            path = with_ids(route, they.ids, chance, they)
            for accept in FORMATS:
                answer = await me.client.request(method, path, data=form_of(they), headers={"accept": accept})
                cells += 1
                if answer.status_code not in REFUSED or they.token in answer.text:
                    wrong.append(f"{method} {route} of {they.kind} ({accept}): {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    assert {kind for kind, _method, _route in routes} == set(KINDS)
    assert cells == len(routes) * (len(everybody) - 1) * len(FORMATS)


async def test_what_is_ones_own_is_there(houses: list[House]) -> None:
    """So that the refusals above say something."""
    for me in houses[0].hiring.guests:
        assert me.client is not None
        for path in me.paths:
            answer = await me.client.get(path, headers={"accept": "text/html"})
            # nobody here comes to work: there is no onboarding yet
            assert answer.status_code == 200 or path == "/portal/onboarding", path


async def test_a_guest_of_one_kind_is_a_stranger_at_the_others_door(app: Litestar, houses: list[House]) -> None:
    wrong, chance = [], random.Random(1)
    for kind, method, route in guest_routes(app):
        me = next(one for one in houses[0].hiring.guests if one.kind != kind)
        assert me.client is not None
        path = with_ids(route, me.ids, chance, me)
        answer = await me.client.request(method, path, data={}, headers={"accept": "application/json"})
        if answer.status_code != 401:
            wrong.append(f"{method} {route} as {me.kind}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)
