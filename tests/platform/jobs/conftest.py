"""Jobs that prove something, and the machinery to run them in this process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import delete

from tenants.registry import Registry
from zhiren.context import Actor, TenantRef
from zhiren.db import Database
from zhiren.ids import new_id
from zhiren.jobs import Job, Outbox, repository
from zhiren.jobs.executor import execute
from zhiren.jobs.relay import Relay
from zhiren.jobs.runtime import Runtime

HR = Actor(user_id=new_id(), name="林晓")


class Mailbox:
    """Stands where Redis stands: keeps the hints."""

    def __init__(self) -> None:
        self.hints: list[tuple[str, UUID]] = []

    def send(self, tenant_id: str, job_ids: Sequence[UUID]) -> None:
        self.hints += [(tenant_id, job_id) for job_id in job_ids]

    def take(self) -> list[UUID]:
        taken, self.hints = [job_id for _tenant, job_id in self.hints], []
        return taken


@pytest.fixture(scope="session")
def registry(database: Database) -> Registry:
    return Registry(database, "localhost")


@pytest.fixture
def runtime(database: Database, registry: Registry) -> Runtime:
    return Runtime(database, registry)


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def relay(runtime: Runtime, mailbox: Mailbox) -> Relay:
    return Relay(runtime, mailbox)


@pytest_asyncio.fixture(autouse=True)
async def empty_outbox(request: pytest.FixtureRequest, database: Database) -> AsyncIterator[None]:
    """Each test leaves the outbox of its customer empty for the next."""
    yield
    if "tenant" in request.fixturenames:
        tenant: TenantRef = request.getfixturevalue("tenant")
        async with database.tenant(tenant) as ctx:
            await ctx.session.execute(delete(Outbox))
            await ctx.session.execute(delete(Job))


State = Callable[[UUID], Awaitable[Job]]


@pytest.fixture
def load(database: Database, tenant: TenantRef) -> State:
    """The job as it stands in the database."""

    async def found(job_id: UUID) -> Job:
        async with database.tenant(tenant) as ctx:
            job = await repository.get(ctx.session, job_id)
        assert job is not None
        return job

    return found


Drain = Callable[[], Awaitable[list[str | None]]]


@pytest.fixture
def drain(runtime: Runtime, tenant: TenantRef, relay: Relay, mailbox: Mailbox) -> Drain:
    """Hand out and run what is due, until nothing is."""

    async def go() -> list[str | None]:
        ended: list[str | None] = []
        while True:
            await relay.hand_out(tenant)
            jobs = mailbox.take()
            if not jobs:
                return ended
            ended += [await execute(runtime, tenant, job_id) for job_id in jobs]

    return go
