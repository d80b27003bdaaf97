"""A customer for each test that commits, and a way to run its jobs here and now."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import func, update

from modules.records import schemas
from modules.records.service import organisation
from tenants.provisioning import Provisioner
from tenants.registry import Registry
from tests.conftest import make_tenant
from tests.factories.records import granted
from zhiren.context import Context, TenantRef
from zhiren.db import Database
from zhiren.jobs import Outbox
from zhiren.jobs.executor import execute
from zhiren.jobs.runtime import Runtime

HR = granted("records.employee.read", "records.employee.edit", "records.import")

Act = Callable[[], AbstractAsyncContextManager[Context]]
RunJob = Callable[[UUID], Awaitable[None]]


@pytest_asyncio.fixture
async def customer(provisioner: Provisioner, database: Database) -> AsyncIterator[TenantRef]:
    """A customer of this test's own, with one legal entity."""
    tenant = await make_tenant(provisioner, "records")
    async with database.tenant(tenant) as ctx:
        await organisation.create_legal_entity(ctx, schemas.LegalEntityCreate(name="某某制造有限公司", city="上海"))
    yield tenant


@pytest.fixture
def act(database: Database, customer: TenantRef) -> Act:
    """A transaction of the customer that commits."""
    return lambda: database.tenant(customer, actor=HR)


@pytest.fixture
def runtime(database: Database) -> Runtime:
    return Runtime(database, Registry(database, "localhost"))


@pytest.fixture
def run_job(runtime: Runtime, customer: TenantRef) -> RunJob:
    async def run(job_id: UUID) -> None:
        async with runtime.database.tenant(customer) as ctx:
            # what the relay does when it hands the job to a worker
            await ctx.session.execute(update(Outbox).where(Outbox.job_id == job_id).values(handed_at=func.now()))
        await execute(runtime, customer, job_id)

    return run
