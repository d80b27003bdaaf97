from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest

from tenants.provisioning import Provisioner
from tests.conftest import make_tenant
from tests.support import TestServices
from zhiren.audit import record
from zhiren.audit.sequencer import Sequencer
from zhiren.audit.verify import Verdict, verify
from zhiren.context import TenantRef
from zhiren.db import Database
from zhiren.settings import Settings


class Trail:
    """A customer's audit trail: written as the app, chained as the sequencer, tampered with as a superuser."""

    def __init__(self, tenant: TenantRef, database: Database, settings: Settings, services: TestServices) -> None:
        self.tenant = tenant
        self.database = database
        self.settings = settings
        self._services = services
        self._sequencers: list[Sequencer] = []
        self.sequencer = self.new_sequencer()

    def new_sequencer(self, **options: Any) -> Sequencer:
        async def tenants() -> list[TenantRef]:
            return [self.tenant]

        made = Sequencer(self.settings.database_sequencer_url, tenants, **options)
        self._sequencers.append(made)
        return made

    async def close(self) -> None:
        for sequencer in self._sequencers:
            await sequencer.close()

    async def write(self, count: int, action: str = "records.employee.update") -> None:
        async with self.database.tenant(self.tenant) as ctx:
            for number in range(count):
                record(ctx, action, object_type="employee", object_id=str(number), changes={"name": ("甲", "乙")})

    async def chain(self) -> int:
        total = 0
        while count := await self.sequencer.chain(self.tenant.id):
            total += count
        return total

    async def chain_past(self) -> None:
        """Chains until the sequencer has left all events behind. An open transaction of another test, in whatever
        database of the cluster, keeps it from that for a while: what it may yet see commit is not behind it."""
        await self.chain()
        for _each in range(2400):
            with self.superuser() as connection:
                row = connection.execute(
                    "SELECT cursor_xid > (SELECT max(xid) FROM audit_event) FROM audit_head"
                ).fetchone()
            if row and row[0]:
                return
            await asyncio.sleep(0.05)
            await self.chain()
        raise TimeoutError("a transaction of another test stays open")

    async def verify(self, anchor: tuple[int, bytes] | None = None) -> Verdict:
        async with self.database.tenant(self.tenant) as ctx:
            return await verify(ctx, anchor=anchor)

    def superuser(self) -> psycopg.Connection[Any]:
        connection = self._services.admin()
        connection.execute(f"SET search_path TO {self.tenant.id}")
        # whoever tampers as a superuser can switch foreign keys off
        connection.execute("SET session_replication_role = replica")
        return connection

    def tamper(self, *statements: str) -> int:
        """Runs ``statements``; returns how many rows the last one changed."""
        with self.superuser() as connection:
            count = 0
            for statement in statements:
                count = connection.execute(statement).rowcount
            return count


async def new_trail(provisioner: Provisioner, database: Database, settings: Settings, services: TestServices) -> Trail:
    """A new customer's; what provisioning itself recorded is chained."""
    found = Trail(await make_tenant(provisioner, "audit"), database, settings, services)
    await found.chain()
    return found


@pytest.fixture
async def trail(
    provisioner: Provisioner, database: Database, settings: Settings, services: TestServices
) -> AsyncIterator[Trail]:
    found = await new_trail(provisioner, database, settings, services)
    yield found
    await found.close()
