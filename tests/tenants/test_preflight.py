"""Every guard in the database: there after provisioning, and missed when one of them is taken away."""

from __future__ import annotations

from collections.abc import AsyncIterator

import psycopg
import pytest
import pytest_asyncio
from psycopg.conninfo import make_conninfo

from ops.services.bootstrap import APP
from tenants import preflight
from tenants.control import migrate_control
from tenants.errors import PreflightFailed
from tenants.migrations.history import TENANT
from tenants.models import Tenant
from tenants.owner import Owner
from tenants.preflight import findings
from tenants.provisioning import build_schema
from tenants.rights import rights_of
from tests.support import TestServices
from zhiren.ids import new_tenant_id
from zhiren.settings import Settings


@pytest_asyncio.fixture(scope="module")
async def house(services: TestServices) -> AsyncIterator[tuple[Owner, str, list[str]]]:
    """A database with two customers, for breaking: owner, superuser's URL, customers' ids."""
    env = services.another_database("preflight")
    owner = Owner(Settings.load(env))
    await migrate_control(owner)
    ids = sorted(new_tenant_id() for _ in range(2))
    for number, tenant_id in enumerate(ids):
        async with owner.transaction() as session:
            session.add(Tenant(id=tenant_id, slug=f"p-{number}", name="x", status="active"))
            await session.flush()
            await build_schema(session, owner, tenant_id)
    yield owner, make_conninfo(services.admin_url, dbname=f"{services.database}_preflight"), ids
    await owner.close()


async def test_all_guards_stand_after_provisioning(house: tuple[Owner, str, list[str]]) -> None:
    owner, _url, _ids = house
    assert await findings(owner) == []
    await preflight.check(owner)


#: what is missed -> (taken away, put back); {0} and {1} are customers
BREAKS = {
    "login_attributes": (f"alter role {APP} inherit", f"alter role {APP} noinherit"),
    "foreign_member": (f"grant pg_read_all_data to {APP}", f"revoke pg_read_all_data from {APP}"),
    "login_owns": (f"create schema loose authorization {APP}", "drop schema loose"),
    "tenant_attributes": ("alter role {0} createrole", "alter role {0} nocreaterole"),
    "tenant_member": ("grant {1} to {0}", "revoke {1} from {0}"),
    "tenant_owns": (
        "create table control.loose (); alter table control.loose owner to {0}",
        "drop table control.loose",
    ),
    "schema_owner": ("alter schema {0} owner to {0}", "alter schema {0} owner to zhiren_owner"),
    "schema_rights": ("grant usage on schema {0} to {1}", "revoke usage on schema {0} from {1}"),
    "set_config": (
        "grant execute on function pg_catalog.set_config(text, text, boolean) to public",
        "revoke execute on function pg_catalog.set_config(text, text, boolean) from public",
    ),
    "large_objects": (
        "grant execute on function pg_catalog.lo_create(oid) to public",
        "revoke execute on function pg_catalog.lo_create(oid) from public",
    ),
    "languages": ("grant usage on language plpgsql to public", "revoke usage on language plpgsql from public"),
    "database": ("grant temp on database {database} to public", "revoke temp on database {database} from public"),
    "public_schema": ("grant usage on schema public to public", "revoke usage on schema public from public"),
    "table_rights": ("grant delete on {0}.audit_event to {0}", "revoke delete on {0}.audit_event from {0}"),
}


@pytest.mark.parametrize("code", BREAKS)
async def test_a_guard_taken_away_is_missed(
    code: str, house: tuple[Owner, str, list[str]], services: TestServices
) -> None:
    owner, url, ids = house
    broken, mended = (statement.format(*ids, database=f"{services.database}_preflight") for statement in BREAKS[code])
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(broken)
        try:
            assert code in {finding.code for finding in await findings(owner)}
            with pytest.raises(PreflightFailed) as refused:
                await preflight.check(owner)
            assert code in refused.value.params
        finally:
            admin.execute(mended)
    assert await findings(owner) == []


async def test_inherited_membership_is_missed(house: tuple[Owner, str, list[str]]) -> None:
    owner, url, ids = house
    with psycopg.connect(url, autocommit=True) as admin:
        modern = admin.info.server_version >= 160000
        admin.execute(f"grant {ids[0]} to {APP} with inherit true" if modern else f"alter role {APP} inherit")
        try:
            assert "inherited" in {finding.code for finding in await findings(owner)}
        finally:
            admin.execute(f"grant {ids[0]} to {APP} with inherit false" if modern else f"alter role {APP} noinherit")
    assert await findings(owner) == []


async def test_every_table_gives_exactly_the_declared_rights(house: tuple[Owner, str, list[str]]) -> None:
    """Asked of PostgreSQL table by table, for every right there is, independently of the preflight's own query."""
    _owner, url, ids = house
    everything = ("select", "insert", "update", "delete", "truncate", "references", "trigger")
    with psycopg.connect(url, autocommit=True) as admin:
        tables = [
            name
            for (name,) in admin.execute(
                "select relname from pg_class where relnamespace = %s::regnamespace and relkind = 'r'", (ids[0],)
            )
        ]
        assert len(tables) == len(TENANT.metadata.tables) + 1
        for name in tables:
            table = TENANT.metadata.tables.get(name)
            declared = set(rights_of(table)) if table is not None else set()
            for role, wanted in ((ids[0], declared), (ids[1], set()), (APP, set())):
                row = admin.execute(
                    "select " + ", ".join(f"has_table_privilege(%(r)s, %(t)s, '{right}')" for right in everything),
                    {"r": role, "t": f"{ids[0]}.{name}"},
                ).fetchone()
                assert row is not None
                assert {right for right, has in zip(everything, row, strict=True) if has} == wanted, (role, name)
