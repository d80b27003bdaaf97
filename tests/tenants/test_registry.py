"""Which customer a host name means, and how soon a change is noticed."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from tenants import repository, service
from tenants.errors import TenantSuspended, UnknownTenant
from tenants.owner import Owner
from tenants.provisioning import Provisioner
from tenants.registry import CACHE_S, CACHE_SIZE, Registry, bare_host
from tests.conftest import make_tenant
from zhiren.context import TenantRef
from zhiren.db import Database


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


async def test_host_names(database: Database, tenant: TenantRef, owner: Owner) -> None:
    async with owner.transaction() as session:
        await repository.add_host(session, tenant.id, "hr.some-company.example")
    registry = Registry(database, "localhost")
    for host in (
        f"{tenant.slug}.localhost",
        f"{tenant.slug.upper()}.LOCALHOST:8000",
        f"{tenant.slug}.localhost.",
        "hr.some-company.example",
    ):
        assert await registry.by_host(host) == tenant
    for host in (
        "",
        "localhost",
        tenant.slug,
        f"x.{tenant.slug}.localhost",
        f"{tenant.slug}.localhost.evil.example",
        f"{tenant.slug}.evil.example",
        f"{tenant.id}.localhost",
        "[::1]:80",
        "' or 1=1 --.localhost",
        "\x00.localhost",
    ):
        assert await registry.by_host(host) is None


@pytest.mark.parametrize(
    ("host", "name"),
    [("A.B:80", "a.b"), ("a.b.", "a.b"), ("[::1]", ""), ("a b", ""), ("a/b", ""), ("é.b", ""), ("a" * 254, "")],
)
def test_bare_host(host: str, name: str) -> None:
    assert bare_host(host) == name


async def test_a_suspension_is_noticed_within_a_second(
    database: Database, owner: Owner, provisioner: Provisioner
) -> None:
    made = await make_tenant(provisioner)
    clock = Clock()
    registry = Registry(database, "localhost", clock=clock)
    host = f"{made.slug}.localhost"
    assert (await registry.by_id(made.id)).status == "active"
    found = await registry.by_host(host)
    assert found is not None
    assert found.status == "active"
    assert await service.suspend(owner, made.slug, "欠费")
    assert not await service.suspend(owner, made.slug)
    clock.now_s += CACHE_S
    suspended = await registry.by_host(host)
    assert suspended is not None
    assert suspended.status == "suspended"
    with pytest.raises(TenantSuspended):
        await registry.by_id(made.id)
    assert made.id not in {one.id for one in await registry.active()}
    assert await service.resume(owner, made.slug)
    clock.now_s += CACHE_S
    assert (await registry.by_slug(made.slug)).status == "active"


async def test_answers_are_kept_and_unknown_hosts_fill_no_memory(database: Database, owner: Owner) -> None:
    clock = Clock()
    registry = Registry(database, "localhost", clock=clock)
    with pytest.raises(UnknownTenant):
        await registry.by_slug("late")
    async with owner.transaction() as session:
        await session.execute(
            text("insert into control.tenant (id, slug, name, status) values (:i, 'late', 'x', 'active')"),
            {"i": "t_" + "2" * 16},
        )
    with pytest.raises(UnknownTenant):
        await registry.by_slug("late")
    clock.now_s += CACHE_S
    assert await registry.by_slug("late")
    async with owner.transaction() as session:
        await session.execute(text("delete from control.tenant where slug = 'late'"))
    for number in range(20):
        await registry.by_host(f"nobody-{number}.localhost")
    assert len(registry._known) <= CACHE_SIZE
