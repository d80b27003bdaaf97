"""What ends a transaction well and what ends it badly, on connections that are used again afterwards."""

from __future__ import annotations

import asyncio
import datetime
import uuid
from collections.abc import AsyncIterator

import msgspec
import pytest
import pytest_asyncio
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from tests.support import TestServices
from zhiren.auth.models import Role, Session, User
from zhiren.context import Context, TenantRef
from zhiren.crypto import VaultKeyService
from zhiren.db import Database, copy_in
from zhiren.errors import Unavailable
from zhiren.ids import new_id
from zhiren.settings import Settings


@pytest_asyncio.fixture
async def single(settings: Settings, keys: VaultKeyService) -> AsyncIterator[Database]:
    found = Database(msgspec.structs.replace(settings, database_pool_size=1), keys)
    yield found
    await found.close()


def _role() -> Role:
    code = "r-" + new_id().hex
    return Role(code=code, title=code)


async def _has(database: Database, tenant: TenantRef, role: Role) -> bool:
    async with database.tenant(tenant) as ctx:
        return bool(await ctx.session.scalar(select(func.count()).where(Role.code == role.code)))


async def test_a_clean_end_commits(single: Database, tenant: TenantRef) -> None:
    role = _role()
    async with single.tenant(tenant) as ctx:
        ctx.session.add(role)
    assert await _has(single, tenant, role)


async def test_an_exception_rolls_back(single: Database, tenant: TenantRef) -> None:
    role = _role()
    with pytest.raises(LookupError):
        async with single.tenant(tenant) as ctx:
            ctx.session.add(role)
            await ctx.session.flush()
            raise LookupError
    assert not await _has(single, tenant, role)


async def test_a_failed_statement_rolls_back_and_the_connection_goes_on(single: Database, tenant: TenantRef) -> None:
    role = _role()
    with pytest.raises(DBAPIError):
        async with single.tenant(tenant) as ctx:
            ctx.session.add(role)
            await ctx.session.flush()
            await ctx.session.execute(text("select 1/0"))
    assert not await _has(single, tenant, role)


async def test_a_savepoint_is_a_transaction_within(single: Database, tenant: TenantRef) -> None:
    kept, lost = _role(), _role()
    async with single.tenant(tenant) as ctx:
        ctx.session.add(kept)
        with pytest.raises(IntegrityError):
            async with ctx.session.begin_nested():
                ctx.session.add(lost)
                await ctx.session.flush()
                ctx.session.add(Role(code=kept.code, title="x"))
        assert await ctx.session.scalar(text("select current_user")) == tenant.id
    assert await _has(single, tenant, kept)
    assert not await _has(single, tenant, lost)


@pytest.mark.parametrize("when", ["in a statement", "between statements", "at once"])
async def test_a_cancelled_transaction_rolls_back(single: Database, tenant: TenantRef, when: str) -> None:
    role = _role()
    reached = asyncio.Event()

    async def work() -> None:
        async with single.tenant(tenant) as ctx:
            ctx.session.add(role)
            await ctx.session.flush()
            reached.set()
            if when == "in a statement":
                await ctx.session.execute(text("select pg_sleep(30)"))
            await asyncio.sleep(30)

    task = asyncio.create_task(work())
    if when == "at once":
        await asyncio.sleep(0)
    else:
        await reached.wait()
        await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not await _has(single, tenant, role)


async def test_transactions_cancelled_at_any_moment_leave_no_tenant_behind(
    single: Database, tenant: TenantRef, other_tenant: TenantRef
) -> None:
    """Cancelled after 0 to 20 ms, so also while it begins, commits or rolls back."""
    made: list[Role] = []

    async def work() -> None:
        async with single.tenant(tenant) as ctx:
            role = _role()
            made.append(role)
            ctx.session.add(role)

    for step in range(60):
        task = asyncio.create_task(work())
        await asyncio.sleep(step / 3000)
        task.cancel()
        await asyncio.wait([task])
        async with single.tenant(other_tenant) as ctx:
            assert await ctx.session.scalar(text("select current_user")) == other_tenant.id
            assert not await ctx.session.scalar(select(func.count()).where(Role.code.in_([r.code for r in made])))
        async with single.control() as session:
            assert await session.scalar(text("select current_user")) == "zhiren_app"


async def test_a_connection_the_server_ended_is_replaced_unnoticed(
    single: Database, tenant: TenantRef, services: TestServices
) -> None:
    async with single.tenant(tenant) as ctx:
        pid = await ctx.session.scalar(text("select pg_backend_pid()"))
    with services.admin() as admin:
        admin.execute("select pg_terminate_backend(%s, 2000)", (pid,))
    async with single.tenant(tenant) as ctx:
        assert await ctx.session.scalar(text("select pg_backend_pid()")) != pid


async def test_a_connection_lost_in_mid_transaction_is_a_503_and_changes_nothing(
    single: Database, tenant: TenantRef, services: TestServices
) -> None:
    role = _role()
    with pytest.raises(Unavailable):
        async with single.tenant(tenant) as ctx:
            ctx.session.add(role)
            await ctx.session.flush()
            pid = await ctx.session.scalar(text("select pg_backend_pid()"))
            with services.admin() as admin:
                admin.execute("select pg_terminate_backend(%s, 2000)", (pid,))
            await ctx.session.execute(text("select 1"))
    assert not await _has(single, tenant, role)


async def test_a_database_that_is_away_is_a_503(settings: Settings, keys: VaultKeyService, tenant: TenantRef) -> None:
    url = "postgresql://zhiren_app@/nowhere?host=/nonexistent"
    away = Database(msgspec.structs.replace(settings, database_url=url), keys)
    with pytest.raises(Unavailable):
        async with away.tenant(tenant) as ctx:
            await ctx.session.execute(text("select 1"))
    with pytest.raises(Unavailable):
        async with away.control() as session:
            await session.execute(text("select 1"))
    await away.close()


@pytest.mark.parametrize(
    "statement",
    [
        "select 1; select 2",
        "select 1; set role zhiren_app",
        "select 1;;select 2",
        "begin; reset role",
        "commit; reset role; begin",
    ],
)
async def test_two_statements_in_one_string_never_run(ctx: Context, statement: str) -> None:
    with pytest.raises(DBAPIError, match="cannot insert multiple commands"):
        await ctx.session.execute(text(statement))


async def test_many_rows_at_once(ctx: Context) -> None:
    users = [(new_id(), f"u{number}\t\\N\n", f"张三 {number} 𠮷", "active", "x", False, 1) for number in range(3000)]
    columns = (
        *("id", "login", "name", "status", "password_hash", "must_change_password"),
        "version",
    )
    table = User.__table__
    assert await copy_in(ctx.session, table, columns, users) == 3000  # type: ignore[arg-type]
    found = (await ctx.session.execute(select(*(table.c[name] for name in columns)).where(User.login.like("u%")))).all()
    assert {tuple(row) for row in found} >= set(users)


async def test_many_rows_of_every_kind_of_value(ctx: Context) -> None:
    user = User(login="copy", name="x", password_hash="x")
    ctx.session.add(user)
    now = datetime.datetime.now(datetime.UTC)
    row = (uuid.uuid4(), user.id, b"\x00\xff" * 16, "full", "::1", "浏览器", now, now + datetime.timedelta(days=1), now)
    columns = (
        *("id", "user_id", "token_hash", "stage", "ip", "user_agent"),
        *("last_seen_at", "expires_at", "authenticated_at"),
    )
    assert await copy_in(ctx.session, Session.__table__, columns, [row]) == 1  # type: ignore[arg-type]
    found = await ctx.session.scalars(select(Session).where(Session.id == row[0]))
    session = found.one()
    assert tuple(getattr(session, name) for name in columns) == row


async def test_rows_that_break_a_constraint_are_refused_as_an_insert_would(
    database: Database, tenant: TenantRef
) -> None:
    role = _role()
    with pytest.raises(IntegrityError):
        async with database.tenant(tenant) as ctx:
            rows = [(new_id(), role.code, "x"), (new_id(), role.code, "x")]
            await copy_in(ctx.session, Role.__table__, ("id", "code", "title"), rows)  # type: ignore[arg-type]
    assert not await _has(database, tenant, role)
