"""Hands committed outbox rows to the workers: at once when PostgreSQL notifies, and by sweeping whatever happens."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

import psycopg
import redis
from psycopg import sql
from sqlalchemy.ext.asyncio import AsyncSession

from zhiren.context import TenantRef
from zhiren.errors import Unavailable, ZhirenError
from zhiren.jobs import deliveries, repository
from zhiren.jobs.models import Outbox
from zhiren.jobs.runtime import TENANT_LIMIT, Runtime
from zhiren.tasks import end

log = logging.getLogger(__name__)

#: every tenant is looked at so often, in case a notification was lost
SWEEP_S = 10.0
#: a tenant that has rows waiting is looked at so often
BUSY_S = 1.0


class Sender(Protocol):
    def send(self, tenant_id: str, job_ids: Sequence[UUID]) -> None: ...


class Relay:
    """Several may run; a lock in PostgreSQL lets one at a time work on a tenant."""

    def __init__(self, runtime: Runtime, sender: Sender, *, listen_url: str = "") -> None:
        self._runtime = runtime
        self._sender = sender
        self._listen_url = listen_url
        self._awake = asyncio.Event()
        #: tenant id -> when to look at it, in seconds of the monotonic clock
        self._due_s: dict[str, float] = {}

    async def hand_out(self, tenant: TenantRef) -> float | None:
        """Hand out what is due. Returns seconds until the tenant is worth another look, None when it waits for nothing.

        The hint is sent before the commit: a hint too many does nothing, a hint too few would have to be swept up.
        """
        async with self._runtime.database.tenant(tenant) as ctx:
            session = ctx.session
            if not await repository.try_relay_lock(session, tenant.id):
                return BUSY_S
            room = TENANT_LIMIT - await repository.count_out(session)
            rows = await repository.due(session, limit=100)
            events = [row for row in rows if row.event is not None]
            for row in events:
                await self._expand(ctx.session, row)
            await repository.delete_outbox(session, [row.id for row in events])
            jobs = [row for row in rows if row.job_id is not None][: max(room, 0)]
            if jobs:
                ids = [row.job_id for row in jobs if row.job_id is not None]
                await asyncio.to_thread(self._sender.send, tenant.id, ids)
                await repository.mark_handed(session, [row.id for row in jobs], resend_after_s=self._runtime.resend_s)
            if events:
                return 0.0
            wait_s = await repository.next_due_in_s(session)
        if wait_s is None:
            return None
        # rows that are due but found no room wait for a worker's notification
        return BUSY_S if wait_s <= 0 else min(max(wait_s, 0.05), SWEEP_S)

    async def _expand(self, session: AsyncSession, row: Outbox) -> None:
        for handler in self._runtime.handlers.get(row.event or "", {}):
            values = deliveries.delivery(row.id, row.event or "", handler, row.payload or {})
            if await repository.insert_job(session, values) is not None:
                await repository.insert_outbox(session, values["id"])

    async def run(self) -> None:
        """Relay until cancelled."""
        listener = asyncio.create_task(self._listen()) if self._listen_url else None
        swept_at_s = -SWEEP_S
        try:
            while True:
                now_s = time.monotonic()
                if now_s - swept_at_s >= SWEEP_S:
                    swept_at_s = now_s
                    await self._note_all()
                await self._hand_out_due()
                next_s = min([swept_at_s + SWEEP_S, *self._due_s.values()])
                self._awake.clear()
                timeout_s = max(0.0, next_s - time.monotonic())
                try:
                    await asyncio.wait_for(self._awake.wait(), timeout_s)
                except TimeoutError:
                    continue
        finally:
            if listener is not None:
                await end(listener)

    def wake(self, tenant_id: str) -> None:
        """Look at this tenant now."""
        self._due_s[tenant_id] = 0.0
        self._awake.set()

    async def _note_all(self) -> None:
        try:
            tenants = await self._runtime.tenants.active()
        except Unavailable:
            log.warning("relay: the database is away")
            return
        now_s = time.monotonic()
        for tenant in tenants:
            self._due_s[tenant.id] = min(self._due_s.get(tenant.id, now_s), now_s)

    async def _hand_out_due(self) -> None:
        now_s = time.monotonic()
        for tenant_id in [id for id, due_s in self._due_s.items() if due_s <= now_s]:
            wait_s: float | None = BUSY_S
            del self._due_s[tenant_id]
            try:
                wait_s = await self.hand_out(await self._runtime.tenants.by_id(tenant_id))
            except (Unavailable, redis.RedisError) as error:
                log.warning("relay: %s, trying again", type(error).__name__)
            except ZhirenError:
                # gone or suspended: its work waits
                continue
            except Exception:
                # one tenant's trouble is not the others'
                log.exception("relay: tenant %s", tenant_id)
                wait_s = SWEEP_S
            if wait_s is not None:
                due_s = time.monotonic() + wait_s
                self._due_s[tenant_id] = min(self._due_s.get(tenant_id, due_s), due_s)

    async def _listen(self) -> None:
        """Hear the notifications on a connection of its own; after it was lost, look at every tenant once."""
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(self._listen_url, autocommit=True) as connection:
                    await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(repository.CHANNEL)))
                    await self._note_all()
                    self._awake.set()
                    async for notice in connection.notifies():
                        self.wake(notice.payload)
            except psycopg.OperationalError:
                log.info("relay: listening connection lost, sweeping meanwhile")
            await asyncio.sleep(1.0)
