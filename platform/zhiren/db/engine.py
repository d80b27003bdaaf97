"""One pool of connections on which a transaction can only begin as a tenant, or as nobody.

psycopg stands in autocommit mode and never sends a BEGIN of its own; SQLAlchemy announces the begin of a transaction
and the listener below sends the literal that begins it. ``commit()`` and ``rollback()`` act on the server's state, not
on psycopg's mode, so SQLAlchemy's transactions work as everywhere else.
"""

from __future__ import annotations

import select
from collections.abc import Callable
from functools import partial
from typing import Any

import psycopg
from psycopg import AsyncConnection, AsyncCursor
from sqlalchemy import Connection, event
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from zhiren.db.names import begin_statement

#: execution option that names the tenant of a transaction
TENANT_OPTION = "zhiren_tenant_id"

#: A backend keeps what it learnt of every table it ever touched (measured: 378 MB after 19,000 tables) and never gives
#: it back, so it is replaced by a new one after this many different tenants, or this many seconds.
RECYCLE_AFTER_TENANTS = 300
RECYCLE_AFTER_S = 1800


class ExtendedCursor(AsyncCursor[Any]):
    """Sends every statement by the extended protocol, which refuses a second statement behind a semicolon.

    psycopg takes the simple protocol for statements without parameters; text that injection added to one of those
    would then run as a statement of its own, ``SET ROLE`` included.
    """

    def _execute_send(self, query: Any, **options: Any) -> None:
        super()._execute_send(query, **(options | {"force_extended": True}))


async def _begin(connection: AsyncConnection[Any], statement: str) -> None:
    async with AsyncCursor(connection) as cursor:
        await cursor.execute(statement.encode("ascii"))


def create_engine(
    url: str,
    *,
    pool_size: int,
    pool_timeout_s: float = 10.0,
    begin: Callable[[str], str] = begin_statement,
    cursor: type[AsyncCursor[Any]] = ExtendedCursor,
) -> AsyncEngine:
    """An engine over the libpq URL ``url``. Nothing connects before the first use.

    ``begin`` and ``cursor`` are the two guards this file puts up; whoever replaces them takes them down.

    Statements are not prepared on the server (docs/decisions/0002): a plan is made anew whenever another tenant's
    search_path comes to a backend, so keeping plans costs more than it saves, and a kept plan whose result type
    changed through a migration fails in mid-transaction.
    """

    async def connect(*_args: Any, **_kwargs: Any) -> AsyncConnection[Any]:
        return await AsyncConnection.connect(
            url, autocommit=True, prepare_threshold=None, cursor_factory=cursor, application_name="zhiren"
        )

    engine = create_async_engine(
        "postgresql+psycopg://",
        async_creator=connect,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=pool_timeout_s,
        pool_recycle=RECYCLE_AFTER_S,
        pool_pre_ping=False,
        # an error is logged: the values of its statement are not
        hide_parameters=True,
        use_native_hstore=False,
        query_cache_size=2000,
    )
    event.listen(engine.sync_engine, "begin", partial(_on_begin, begin))
    event.listen(engine.sync_engine, "checkout", _on_checkout)
    event.listen(engine.sync_engine, "checkin", _on_checkin)
    return engine


def _on_begin(begin: Callable[[str], str], connection: Connection) -> None:
    tenant_id = connection.get_execution_options().get(TENANT_OPTION)
    pooled = connection.connection
    if tenant_id is None:
        statement = "BEGIN"
    else:
        statement = begin(tenant_id)
        pooled.info.setdefault("tenants", set()).add(tenant_id)
    adapted: Any = pooled.dbapi_connection
    try:
        adapted.run_async(lambda driver: _begin(driver, statement))
    except psycopg.Error as error:
        lost = bool(adapted.closed)
        if lost:
            connection.invalidate(error)
        raise DBAPIError.instance(
            statement, None, error, psycopg.Error, connection_invalidated=lost, dialect=connection.dialect
        ) from error


def _on_checkout(dbapi_connection: Any, _entry: ConnectionPoolEntry, _proxy: object) -> None:
    # The server only speaks unasked on an idle connection to say that it is going away; looking costs no round trip.
    # DisconnectionError makes the pool open another connection in its place.
    driver = dbapi_connection.driver_connection
    poll = select.poll()
    try:
        poll.register(driver.fileno(), select.POLLIN)
    except (psycopg.Error, ValueError) as error:
        raise DisconnectionError("connection is closed") from error
    if poll.poll(0):
        raise DisconnectionError("the server closed an idle connection")


def _on_checkin(dbapi_connection: Any, entry: ConnectionPoolEntry) -> None:
    if dbapi_connection is not None and len(entry.info.get("tenants", ())) > RECYCLE_AFTER_TENANTS:
        entry.invalidate(soft=True)
