"""Nothing an injection can say leads out of a tenant: 0 of these payloads succeed."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError

from tests.isolation.payloads import INJECTED, STATEMENTS
from tests.support import TestServices
from zhiren.auth.models import Role
from zhiren.context import TenantRef
from zhiren.db import Database

CANARY = "canary-of-the-other-7f3a"

#: Counts what a successful escape would leave behind: objects, grants, settings, rows of the other's.
_TRACES = """
select (select count(*) from pg_class where relkind <> 'i' and relpersistence <> 'u'), (select count(*) from pg_proc),
       (select count(*) from pg_namespace where nspname !~ '^pg_(toast_)?temp'),
       (select count(*) from pg_largeobject_metadata),
       (select count(*) from pg_db_role_setting
        where setdatabase in (0, (select oid from pg_database where datname = current_database()))),
       -- roles belong to the whole server, where other tests make customers of their own at the same time
       (select array_agg(m.roleid::regrole || ' ' || m.member::regrole order by m.oid) from pg_auth_members m
        where m.roleid::regrole::text !~ '^t_' or to_regnamespace(m.roleid::regrole::text) is not null),
       (select count(*) from pg_extension), (select count(*) from pg_publication), (select count(*) from pg_trigger),
       (select array_agg(nspacl::text order by oid) from pg_namespace where nspname like 't\\_%'),
       (select count(*) from pg_roles where rolsuper), (select proacl::text from pg_proc where proname = 'set_config')
"""


@pytest_asyncio.fixture(scope="module", autouse=True)
async def canary(database: Database, other_tenant: TenantRef) -> AsyncIterator[None]:
    async with database.tenant(other_tenant) as ctx:
        await ctx.session.execute(update(Role).values(title=CANARY))
    yield


def _filled(payload: str, services: TestServices, tenant: TenantRef, other: TenantRef) -> str:
    with services.admin() as admin:
        row = admin.execute("select %s::regclass::oid", (f"{other.id}.auth_role",)).fetchone()
    assert row is not None
    return payload.replace("{other}", other.id).replace("{me}", tenant.id).replace("{oid}", str(row[0]))


async def _attempt(database: Database, tenant: TenantRef, other: TenantRef, statement: str) -> list[str]:
    """Runs ``statement`` as ``tenant`` and then looks around in the same transaction; returns what shows an escape."""
    signs = []
    escaped = statement.replace(":", "\\:")
    try:
        async with database.tenant(tenant) as ctx:
            before = (await ctx.session.execute(text("select code, title from auth_role order by 1"))).all()
            try:
                result = await ctx.session.execute(text(escaped))
                rows = [tuple(row) for row in result.all()] if result.returns_rows else []
            except DBAPIError as error:
                if CANARY in str(error):
                    signs.append(f"in the error: {error}")
                raise
            if CANARY in str(rows) or "evil" in str(rows):
                signs.append(f"rows: {rows}")
            if (user := await ctx.session.scalar(text("select current_user"))) != tenant.id:
                signs.append(f"became {user}")
            after = (await ctx.session.execute(text("select code, title from auth_role order by 1"))).all()
            if after != before:
                signs.append("the same query gives something else")
            async with ctx.session.begin_nested():
                leaked = await ctx.session.scalar(text(f"select count(*) from {other.id}.auth_role"))
                signs.append(f"reads the other: {leaked}")
    except DBAPIError:
        pass
    return signs


@pytest.mark.isolation
@pytest.mark.parametrize("name", INJECTED)
async def test_an_injection_does_not_lead_out(
    name: str, database: Database, tenant: TenantRef, other_tenant: TenantRef, services: TestServices
) -> None:
    hole = _filled(INJECTED[name], services, tenant, other_tenant)
    await _nothing_happens(
        f"select code, title from auth_role where code = '{hole}'", database, tenant, other_tenant, services
    )


@pytest.mark.isolation
@pytest.mark.parametrize("name", STATEMENTS)
async def test_a_statement_does_not_lead_out(
    name: str, database: Database, tenant: TenantRef, other_tenant: TenantRef, services: TestServices
) -> None:
    statement = _filled(STATEMENTS[name], services, tenant, other_tenant)
    await _nothing_happens(statement, database, tenant, other_tenant, services)


async def _nothing_happens(
    statement: str, database: Database, tenant: TenantRef, other: TenantRef, services: TestServices
) -> None:
    with services.admin() as admin:
        before = admin.execute(_TRACES).fetchone()
        rows = admin.execute(f"select * from {other.id}.auth_role order by id").fetchall()
    assert await _attempt(database, tenant, other, statement) == []
    with services.admin() as admin:
        assert admin.execute(_TRACES).fetchone() == before
        assert admin.execute(f"select * from {other.id}.auth_role order by id").fetchall() == rows
    assert not os.path.exists("/tmp/zhiren-escape")  # noqa: ASYNC240 - a look, no work
    # whoever gets this connection next is who they should be
    for _ in range(2):
        async with database.tenant(other) as ctx:
            assert await ctx.session.scalar(text("select current_user")) == other.id
        async with database.control() as session:
            assert await session.scalar(text("select current_user")) == "zhiren_app"
            assert await session.scalar(text("select current_setting('search_path')")) == '"$user", public'


def test_there_are_enough_of_them() -> None:
    assert len(INJECTED) + len(STATEMENTS) >= 30
