"""Pooled connections serve one tenant after the other and mix none of them up."""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from sqlalchemy import event, select, text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from zhiren.auth.models import Role
from zhiren.context import Context, TenantRef, current, current_or_none
from zhiren.crypto import VaultKeyService
from zhiren.db import Database
from zhiren.db.names import begin_statement, checked_tenant_id
from zhiren.settings import Settings


@pytest_asyncio.fixture
async def narrow(settings: Settings, keys: VaultKeyService) -> AsyncIterator[Database]:
    """Two connections for everybody."""
    found = Database(msgspec.structs.replace(settings, database_pool_size=2), keys)
    yield found
    await found.close()


@pytest_asyncio.fixture
async def single(settings: Settings, keys: VaultKeyService) -> AsyncIterator[Database]:
    found = Database(msgspec.structs.replace(settings, database_pool_size=1), keys)
    yield found
    await found.close()


async def test_a_transaction_runs_as_its_tenant(ctx: Context, tenant: TenantRef) -> None:
    assert current().tenant == tenant
    assert await ctx.session.scalar(text("select current_user")) == tenant.id
    assert await ctx.session.scalar(text("select current_schema()")) == tenant.id


async def test_two_tenants_on_one_backend(single: Database, tenant: TenantRef, other_tenant: TenantRef) -> None:
    pids, seen = set(), []
    for number in range(6):
        one = (tenant, other_tenant)[number % 2]
        async with single.tenant(one) as ctx:
            pids.add(await ctx.session.scalar(text("select pg_backend_pid()")))
            # the same statement, so that a plan kept for one tenant would show in the other
            seen.append(((await ctx.session.scalars(select(Role.id).order_by(Role.id))).all(), one.id))
    assert len(pids) == 1
    first, second = seen[0][0], seen[1][0]
    assert not set(first) & set(second)
    assert [rows for rows, _ in seen] == [first, second] * 3


async def test_fifty_tenants_on_two_connections(narrow: Database, crowd: list[TenantRef]) -> None:
    expected = {}
    for one in crowd:
        async with narrow.tenant(one) as ctx:
            expected[one.id] = set((await ctx.session.scalars(select(Role.id))).all())
    pids: set[int] = set()

    async def look(one: TenantRef) -> None:
        async with narrow.tenant(one) as ctx:
            pids.add(await ctx.session.scalar(text("select pg_backend_pid()")) or 0)
            await asyncio.sleep(0)
            assert set((await ctx.session.scalars(select(Role.id))).all()) == expected[one.id]
            assert await ctx.session.scalar(text("select current_user")) == one.id

    waiting = iter(random.Random(50).choices(crowd, k=1000))

    async def work() -> None:
        for one in waiting:
            await look(one)

    await asyncio.gather(*(work() for _ in range(16)))
    assert len(pids) <= 2
    assert sum(len(ids) for ids in expected.values()) == len(set().union(*expected.values()))


async def test_a_forgotten_tenant_sees_nothing(database: Database, tenant: TenantRef) -> None:
    for statement in (
        "select * from auth_role",
        f"select * from {tenant.id}.auth_role",
        f"insert into {tenant.id}.auth_role (id, code, title) values (gen_random_uuid(), 'x', 'x')",
        f"lock table {tenant.id}.auth_role in access share mode",
        "update control.tenant set status = 'active'",
        "insert into control.tenant_host (host, tenant_id) values ('x', 'y')",
        "select * from control.tenant_migration",
    ):
        with pytest.raises(ProgrammingError, match=r"permission denied|does not exist"):
            async with database.control() as session:
                await session.execute(text(statement))


async def test_nothing_of_a_tenant_outlives_its_transaction(single: Database, tenant: TenantRef) -> None:
    for ends_well in (True, False):
        try:
            async with single.tenant(tenant) as ctx:
                await ctx.session.execute(text("select 1"))
                if not ends_well:
                    raise LookupError
        except LookupError:
            pass
        assert current_or_none() is None
        async with single.control() as session:
            assert await session.scalar(text("select current_user")) == "zhiren_app"
            assert await session.scalar(text("select current_setting('search_path')")) == '"$user", public'


async def test_a_tenant_that_does_not_exist_is_refused(database: Database) -> None:
    nobody = TenantRef("t_" + "a" * 16, "nobody", "x")
    with pytest.raises(DBAPIError):
        async with database.tenant(nobody) as ctx:
            await ctx.session.execute(text("select 1"))


@pytest.mark.parametrize(
    "name",
    [
        "",
        "t_",
        "t_aaaaaaaaaaaaaaa",
        "t_aaaaaaaaaaaaaaaaa",
        "t_AAAAAAAAAAAAAAAA",
        "t_aaaaaaaaaaaaaaa1",
        "t_aaaaaaaaaaaaaaaa\n",
        "t_aaaaaaaaaaaaaaaa; reset role",
        'x"; drop schema control; --',
        "zhiren_owner",
        "postgres",
    ],
)
async def test_only_opaque_names_become_part_of_a_statement(database: Database, name: str) -> None:
    with pytest.raises(ValueError, match="not a tenant id"):
        checked_tenant_id(name)
    with pytest.raises(ValueError, match="not a tenant id"):
        async with database.tenant(TenantRef(name, "x", "x")):
            pytest.fail("a transaction began")


async def test_the_beginning_is_one_message(single: Database, tenant: TenantRef) -> None:
    """libpq's own trace: one Query opens the transaction, a statement is one extended exchange, one Query ends it."""
    async with single.tenant(tenant) as ctx:
        await ctx.session.execute(text("select 1"))
    with tempfile.TemporaryFile() as trace:

        def listen_in(dbapi_connection: Any, *_: object) -> None:
            dbapi_connection.driver_connection.pgconn.trace(trace.fileno())

        event.listen(single._engine.sync_engine, "checkout", listen_in)
        async with single.tenant(tenant) as ctx:
            await ctx.session.execute(text("select 2"))
        event.remove(single._engine.sync_engine, "checkout", listen_in)
        await single.close()
        trace.seek(0)
        lines = [line.decode() for line in trace.readlines()]
    sent = [line.split("\t") for line in lines if "\tF\t" in line]
    kinds = [parts[3].split()[0] for parts in sent]
    assert kinds == ["Query", "Parse", "Bind", "Describe", "Execute", "Sync", "Query", "Terminate"], lines
    assert begin_statement(tenant.id) in sent[0][3] + sent[0][-1]
    assert "COMMIT" in "".join(sent[-2])
