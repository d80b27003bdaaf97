"""Every way to change something writes an audit event, or stands below with the reason why not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from importlib import import_module
from pkgutil import iter_modules

import pytest
from litestar import Litestar

import tests.completeness
from ops.hosted import Hosted
from tenants.provisioning import Provisioner
from tests.application import license_all
from tests.completeness.stage import Acts, Stage
from tests.completeness.watch import SAFE, UNRECORDED
from tests.conftest import make_tenant

#: of every ``*_acts.py`` beside this file
ACTS: Acts = {
    route: act
    for _finder, name, _package in iter_modules(tests.completeness.__path__, "tests.completeness.")
    if name.endswith("_acts")
    for route, act in import_module(name).ACTS.items()
}
#: driven by the module's own tests, under the eyes of `watch`: what they write unrecorded fails there
MODULES = (
    "/records/",
    "/api/v1/records/",
    "/careers/",
    "/agency",
    "/portal",
    "/recruiting/offers/",
    "/recruiting/onboarding/",
    "/recruiting/applications/{application_id}/offer",
)


def changing_routes(app: Litestar) -> set[str]:
    return {
        f"{method} {route.path_format}"
        for route in app.routes
        for handler in getattr(route, "route_handlers", ())
        for method in getattr(handler, "http_methods", ())
        if method not in SAFE
    }


@pytest.fixture(scope="module")
async def stage(app: Litestar, parts: Hosted, provisioner: Provisioner) -> AsyncIterator[Stage]:
    tenant = await make_tenant(provisioner, "complete")
    await license_all(parts, tenant)
    found = Stage(parts, app, tenant)
    async with found.stack:
        yield found


def test_every_changing_route_is_driven_or_excused(app: Litestar) -> None:
    routes = changing_routes(app)
    here = {route for route in routes if not route.partition(" ")[2].startswith(MODULES)}
    assert sorted(here - set(ACTS) - set(UNRECORDED)) == [], "drive these in tests/completeness, or say why not"
    assert sorted((set(ACTS) | set(UNRECORDED)) - routes) == [], "these routes are gone"
    assert not set(ACTS) & set(UNRECORDED)


@pytest.mark.parametrize("route", sorted(ACTS))
async def test_the_act_is_recorded(stage: Stage, route: str) -> None:
    ready = await ACTS[route](stage)
    before = await stage.events()
    answer = await ready.client.request(route.partition(" ")[0], ready.path, **ready.options)
    assert answer.status_code < 400, f"{route} was refused, which proves nothing: {answer.status_code} {answer.text}"
    assert await stage.events() > before, f"{route} changed something and recorded nothing"
