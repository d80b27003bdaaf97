"""Chains events: one writer for a tenant at a time, in batches, each a transaction of its own.

Which events are new? A transaction that began long ago may commit an event with an old position late, so "after the
last one" would lose it. Every event carries its transaction's number, and all transactions below a snapshot's xmin have
ended. The head keeps that xmin, and the next look takes what is visible, unchained and not below it: nothing is left
out, nothing comes twice, and no writer is ever waited for. Killed at any point, the transaction is undone and the next
one begins where it began.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

import psycopg
from psycopg import AsyncConnection, sql

from zhiren.audit.chain import HASHED, first_hash, link_hash
from zhiren.context import TenantRef
from zhiren.db.names import checked_tenant_id

log = logging.getLogger(__name__)

BATCH: Final = 2000
#: how soon a tenant that wrote lately is looked at again, and one that has been silent
BUSY_PAUSE_S: Final = 0.5
IDLE_PAUSE_S: Final = 5.0
#: a new connection after this long, so that a backend does not keep what it learnt of every tenant
CONNECTION_LIFE_S: Final = 900.0
STATEMENT_TIMEOUT_MS: Final = 30_000

_HEAD = "SELECT sequence, hash, cursor_xid FROM audit_head WHERE id = 1 FOR UPDATE SKIP LOCKED"
_FIRST_HEAD = "INSERT INTO audit_head (id, sequence, hash, cursor_xid) VALUES (1, 0, %s, 0) ON CONFLICT DO NOTHING"
# one statement, one snapshot: the horizon and the events belong together
_NEW_EVENTS = sql.SQL("""
    SELECT horizon.low, horizon.high, event.*
    FROM (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS low,
                 pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS high) AS horizon
    LEFT JOIN LATERAL (
        SELECT {columns} FROM audit_event
        WHERE xid >= %s AND NOT EXISTS (SELECT 1 FROM audit_link WHERE audit_link.event_id = audit_event.id)
        ORDER BY position LIMIT %s
    ) AS event ON true
""").format(columns=sql.SQL(", ").join(map(sql.Identifier, HASHED)))
_NEW_HEAD = (
    "UPDATE audit_head SET sequence = %s, hash = %s, cursor_xid = %s, chained_at = clock_timestamp() WHERE id = 1"
)
_XID = HASHED.index("xid")


@dataclass(slots=True)
class _Rhythm:
    """When a tenant is looked at next."""

    due_s: float = 0.0
    pause_s: float = BUSY_PAUSE_S


class Sequencer:
    """Chains the events of all tenants, logged in as the one role that may. Any number may run; they take turns."""

    def __init__(self, url: str, tenants: Callable[[], Awaitable[Iterable[TenantRef]]], *, batch: int = BATCH) -> None:
        self._url = url
        self._tenants = tenants
        self._batch = batch
        self._rhythms: dict[str, _Rhythm] = {}
        #: newest transaction chained of tenants whose cursor is still below it, because something old was running
        self._behind: dict[str, int] = {}
        self._connection: AsyncConnection[Any] | None = None
        self._connected_s = 0.0

    async def run(self) -> None:
        """Chains until cancelled. Outlives the database's absence."""
        try:
            while True:
                try:
                    chained = await self.pass_once()
                except psycopg.Error as error:
                    log.warning("audit chain: %s; trying again", type(error).__name__)
                    await self.close()
                    chained = 0
                if not chained:
                    await asyncio.sleep(BUSY_PAUSE_S)
        finally:
            await self.close()

    async def pass_once(self) -> int:
        """Looks at every tenant that is due. Returns how many events were chained."""
        chained = 0
        tenants = {tenant.id for tenant in await self._tenants()}
        for gone in self._rhythms.keys() - tenants:
            del self._rhythms[gone]
        for tenant_id in sorted(tenants):
            rhythm = self._rhythms.setdefault(tenant_id, _Rhythm())
            if rhythm.due_s > time.monotonic():
                continue
            try:
                count = await self.chain(tenant_id)
            except psycopg.errors.UndefinedTable:
                # being provisioned, migrated or removed just now
                count = 0
            rhythm.pause_s = BUSY_PAUSE_S if count else min(rhythm.pause_s * 2, IDLE_PAUSE_S)
            rhythm.due_s = time.monotonic() + (0 if count == self._batch else rhythm.pause_s)
            chained += count
        return chained

    async def chain(self, tenant_id: str) -> int:
        """Chains one batch of one tenant. Returns how many events; 0 also when another sequencer is at it."""
        connection = await self._connect()
        async with connection.transaction():
            await connection.execute(_begin(tenant_id))
            head = await self._head(connection, tenant_id)
            if head is None:
                return 0
            sequence, previous, cursor_xid = head
            low, high, events = await self._look(connection, cursor_xid)
            if cursor_xid > high:
                # these tables come from another cluster, whose count was further on: look at everything once
                cursor_xid = 0
                low, high, events = await self._look(connection, cursor_xid)
            elif not events and low <= self._behind.get(tenant_id, low):
                return 0
            links = []
            for event in events:
                sequence += 1
                previous = link_hash(sequence, previous, event)
                links.append((sequence, event[0], previous))
            await _store(connection, links)
            cut = len(events) == self._batch
            await connection.execute(_NEW_HEAD, (sequence, previous, cursor_xid if cut else low))
            newest = max((event[_XID] for event in events), default=0)
            if cut or newest >= low:
                self._behind[tenant_id] = max(newest, self._behind.get(tenant_id, 0))
            elif low > self._behind.get(tenant_id, 0):
                self._behind.pop(tenant_id, None)
            return len(events)

    async def _look(self, connection: AsyncConnection[Any], cursor_xid: int) -> tuple[int, int, list[Any]]:
        """The horizon, both ends, and what is not chained yet."""
        rows = await (await connection.execute(_NEW_EVENTS, (cursor_xid, self._batch))).fetchall()
        return rows[0][0], rows[0][1], [row[2:] for row in rows if row[2] is not None]

    async def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    @staticmethod
    async def _head(connection: AsyncConnection[Any], tenant_id: str) -> tuple[int, bytes, int] | None:
        head = await (await connection.execute(_HEAD)).fetchone()
        if head is None:
            # the first time, or locked by another sequencer, in which case nothing is inserted and None comes again
            made = await connection.execute(_FIRST_HEAD, (first_hash(tenant_id),))
            if made.rowcount:
                head = await (await connection.execute(_HEAD)).fetchone()
        return None if head is None else (head[0], bytes(head[1]), head[2])

    async def _connect(self) -> AsyncConnection[Any]:
        connection = self._connection
        if connection is not None and (connection.closed or time.monotonic() - self._connected_s > CONNECTION_LIFE_S):
            await self.close()
            connection = None
        if connection is None:
            connection = self._connection = await AsyncConnection.connect(
                self._url,
                autocommit=True,
                prepare_threshold=None,
                application_name="zhiren-sequencer",
            )
            self._connected_s = time.monotonic()
        return connection


def _begin(tenant_id: str) -> bytes:
    path = f"SET LOCAL search_path TO {checked_tenant_id(tenant_id)}, pg_temp"
    return f"{path}; SET LOCAL statement_timeout = {STATEMENT_TIMEOUT_MS}".encode()


async def _store(connection: AsyncConnection[Any], links: list[tuple[int, Any, bytes]]) -> None:
    if not links:
        return
    async with (
        connection.cursor() as cursor,
        cursor.copy("COPY audit_link (sequence, event_id, hash) FROM STDIN (FORMAT BINARY)") as copy,
    ):
        copy.set_types(["int8", "uuid", "bytea"])
        for link in links:
            await copy.write_row(link)
