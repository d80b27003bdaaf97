"""psycopg 3 against asyncpg under this house's way of switching tenants: the figures of docs/decisions/0002.

Not part of ``zhiren bench``, since asyncpg is no dependency: ``pip install asyncpg`` somewhere of your own, then
``python -m ops.bench.driver VAR_DIR``. Each transaction is begin (role and search_path in the same message), one query,
commit, for another of 50 customers each time, over one connection.
"""

from __future__ import annotations

import asyncio
import random
import sys
import time
from collections.abc import Awaitable, Callable
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

from psycopg import AsyncConnection, AsyncCursor

from ops.bench.measure import Bench
from ops.bench.tenancy import SWITCHED, _crowd
from ops.services import start
from tenants.control import migrate_control
from tenants.owner import Owner
from zhiren.db.engine import ExtendedCursor
from zhiren.db.names import begin_statement

ROUNDS, TRANSACTIONS = 15, 300
_QUERY = "select id, code, title, description, builtin, version from auth_role where code = {} order by title limit 20"
#: 20 statements, as a process has many: a statement cache is not filled by one
QUERIES = [_QUERY.replace("limit 20", f"limit {number}") for number in range(20, 40)]

Transaction = Callable[[str, int], Awaitable[Any]]


async def _psycopg(url: str, threshold: int | None) -> tuple[Transaction, Callable[[], Awaitable[None]]]:
    connection = await AsyncConnection.connect(
        url, autocommit=True, prepare_threshold=threshold, cursor_factory=ExtendedCursor
    )

    async def transaction(tenant_id: str, number: int) -> Any:
        async with AsyncCursor(connection) as cursor:
            await cursor.execute(begin_statement(tenant_id).encode())
        async with connection.cursor() as cursor:
            await cursor.execute(QUERIES[number % 20].format("%s").encode(), ("hr",))
            rows = await cursor.fetchall()
        await connection.commit()
        return rows

    return transaction, connection.close


async def _asyncpg(url: str, cache: int) -> tuple[Transaction, Callable[[], Awaitable[None]]]:
    connection = await import_module("asyncpg").connect(url, statement_cache_size=cache)

    async def transaction(tenant_id: str, number: int) -> Any:
        await connection.execute(begin_statement(tenant_id))
        rows = await connection.fetch(QUERIES[number % 20].format("$1"), "hr")
        await connection.execute("COMMIT")
        return rows

    return transaction, connection.close


async def _survives_a_migration(transaction: Transaction, url: str, tenant_id: str) -> str:
    """A column changes its type between two transactions of a connection that knows the statement."""
    for number in range(200):
        await transaction(tenant_id, number % 20)
    async with await AsyncConnection.connect(url, autocommit=True) as owner:
        await owner.execute(f"alter table {tenant_id}.auth_role alter column version type bigint".encode())
    try:
        await transaction(tenant_id, 0)
    except Exception as error:
        return f"fails: {type(error).__name__}"
    return "goes on"


async def _main(var_dir: Path) -> None:
    running = start(var_dir)
    bench = Bench(running)
    try:
        settings = bench.fresh_database()
        owner = Owner(settings)
        await migrate_control(owner)
        tenants = [tenant.id for tenant in await _crowd(owner, SWITCHED)]
        await owner.close()
        drivers = {
            "psycopg, not prepared": await _psycopg(settings.database_url, None),
            "psycopg, prepared after 5": await _psycopg(settings.database_url, 5),
            "asyncpg, no cache": await _asyncpg(settings.database_url, 0),
            "asyncpg, cache of 100": await _asyncpg(settings.database_url, 100),
        }
        took_ms: dict[str, dict[str, list[float]]] = {name: {"one": [], "fifty": []} for name in drivers}
        chance = random.Random(1)  # noqa: S311 - an order, not a secret
        for _ in range(ROUNDS):
            for name, (transaction, _close) in drivers.items():
                for kind, among in (("one", tenants[:1]), ("fifty", tenants)):
                    order = chance.choices(among, k=TRANSACTIONS)
                    began_s = time.perf_counter()
                    for number, tenant_id in enumerate(order):
                        await transaction(tenant_id, number)
                    took_ms[name][kind].append((time.perf_counter() - began_s) / TRANSACTIONS * 1000)
        for number, (name, (transaction, close)) in enumerate(drivers.items()):
            after = await _survives_a_migration(transaction, settings.database_owner_url, tenants[number])
            one, fifty = median(took_ms[name]["one"]), median(took_ms[name]["fifty"])
            print(f"{name:<28} one customer {one:.2f} ms  fifty {fifty:.2f} ms  a migration in between: {after}")
            await close()
        bench.drop_database()
    finally:
        running.stop()


if __name__ == "__main__":
    asyncio.run(_main(Path(sys.argv[1])))
