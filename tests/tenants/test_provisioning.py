"""Making a customer: whatever fails, nothing is served half made, and the same command finishes it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from sqlalchemy import text

from tenants.errors import BadSlug, SlugTaken
from tenants.owner import Owner
from tenants.provisioning import Provisioner, check_slug
from tenants.registry import Registry
from tests.conftest import make_tenant
from tests.support import TestServices
from zhiren.auth.service import seed_roles
from zhiren.context import Context, TenantRef
from zhiren.crypto import KeyProvisioner, VaultKeyProvisioner
from zhiren.db import Database
from zhiren.errors import KeyServiceUnavailable


class Broken(Exception):
    """The fault put in by a test."""


class FailingKeys:
    """A key service that fails at one of its calls."""

    def __init__(self, real: KeyProvisioner, at: str) -> None:
        self._real = real
        self._at = at

    async def create_key(self, tenant_id: str) -> None:
        if self._at == "before key":
            raise KeyServiceUnavailable("down")
        await self._real.create_key(tenant_id)
        if self._at == "after key":
            raise Broken

    async def new_data_keys(self, tenant_id: str, count: int) -> list[str]:
        if self._at == "data keys":
            raise KeyServiceUnavailable("down")
        keys = await self._real.new_data_keys(tenant_id, count)
        # too few of them: the transaction that stores them fails after the schema was made in it
        return keys[:-1] if self._at == "schema" else keys

    async def rewrap(self, tenant_id: str, wrapped: Sequence[str]) -> list[str]:
        return await self._real.rewrap(tenant_id, wrapped)

    async def rotate_key(self, tenant_id: str) -> None:
        await self._real.rotate_key(tenant_id)

    async def disable_key(self, tenant_id: str) -> None:
        await self._real.disable_key(tenant_id)

    async def enable_key(self, tenant_id: str) -> None:
        await self._real.enable_key(tenant_id)

    async def destroy_key(self, tenant_id: str) -> None:
        await self._real.destroy_key(tenant_id)

    async def close(self) -> None:
        pass


async def _roles(ctx: Context) -> None:
    await seed_roles(ctx, ())


@pytest.mark.parametrize("at", ["before key", "after key", "data keys", "schema", "seed", "second seed"])
async def test_a_failure_leaves_nothing_half_made_and_a_rerun_finishes(
    at: str,
    owner: Owner,
    key_provisioner: VaultKeyProvisioner,
    database: Database,
    services: TestServices,
) -> None:
    slug = "broken-" + at.replace(" ", "-")
    registry = Registry(database, "localhost")

    async def failing(ctx: Context) -> None:
        await _roles(ctx)
        raise Broken

    seeds = {"seed": [failing, _roles], "second seed": [_roles, failing]}.get(at, [_roles])
    keys = FailingKeys(key_provisioner, at)
    with pytest.raises((Broken, KeyServiceUnavailable, ValueError)):
        await Provisioner(owner, keys, database, seeds).create(slug, "某公司")

    assert await registry.by_host(f"{slug}.localhost") is None
    with services.admin() as admin:
        query = "select id, status from control.tenant where slug = %s"
        [(tenant_id, status)] = admin.execute(query, (slug,)).fetchall()
        assert status == "provisioning"
        made = admin.execute("select count(*) from pg_namespace where nspname = %s", (tenant_id,)).fetchone()
        role = admin.execute("select count(*) from pg_roles where rolname = %s", (tenant_id,)).fetchone()
        # schema and role stand both or not at all
        assert made == role == ((1,) if "seed" in at else (0,))

    found = await Provisioner(owner, key_provisioner, database, [_roles]).create(slug, "某公司")
    assert found.id == tenant_id
    async with database.tenant(found) as ctx:
        assert await ctx.session.scalar(text("select count(*) from auth_role")) == 5
        assert await ctx.session.scalar(text("select count(*) from crypto_data_key")) == 3
        assert ctx.keyring.is_ready


async def test_a_short_name_belongs_to_one_customer(provisioner: Provisioner, tenant: TenantRef) -> None:
    with pytest.raises(SlugTaken):
        await provisioner.create(tenant.slug, "另一家公司")


@pytest.mark.parametrize(
    "slug", ["", "A", "a b", "-a", "a-", "a.b", "a" * 64, "www", "xn--fiq", "公司", "a\n", "a'; drop table x", "t_a"]
)
def test_short_names_that_are_no_host_labels_are_refused(slug: str) -> None:
    with pytest.raises(BadSlug):
        check_slug(slug)


async def test_names_in_the_database_tell_nothing_of_the_customer(
    provisioner: Provisioner, services: TestServices
) -> None:
    made = await make_tenant(provisioner, "secretname")
    with services.admin() as admin:
        for query in (
            "select rolname::text from pg_roles union all select nspname::text from pg_namespace",
            "select relname::text from pg_class union all select description from pg_description",
        ):
            assert not any(made.slug in str(name) or made.name in str(name) for (name,) in admin.execute(query))
