"""A worker or a relay in a process of its own, with jobs that leave traces: for tests that kill it."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from uuid import UUID

from sqlalchemy import func, select

from tenants.registry import Registry
from zhiren import audit
from zhiren.audit import AuditEvent
from zhiren.crypto import VaultKeyService
from zhiren.db import Database
from zhiren.jobs import JobRun, job
from zhiren.jobs.broker import Hints
from zhiren.jobs.relay import Relay
from zhiren.jobs.runtime import Runtime
from zhiren.jobs.worker import Worker
from zhiren.settings import Settings


@job("test.trace", title="留痕")
async def trace(run: JobRun, *, chunks: int) -> dict[str, int]:
    """Leaves one audit event for each chunk. Nothing but the lease keeps two workers from leaving the same one."""
    done = 0
    while done < chunks:
        async with run.tenant() as ctx:
            done = await traces(ctx.session, run.job_id)
            if done < chunks:
                await asyncio.sleep(0.02)
                audit.record(ctx, "test.trace", object_type="job", object_id=f"{run.job_id}:{done}")
                done += 1
        await run.progress(done, chunks)
    return {"chunks": done}


async def traces(session: object, job_id: UUID) -> int:
    statement = select(func.count()).where(AuditEvent.object_id.like(f"{job_id}:%"))
    found: int = (await session.execute(statement)).scalar_one()  # type: ignore[attr-defined]
    return found


def runtime_of(settings: Settings) -> Runtime:
    database = Database(settings, VaultKeyService(settings))
    return Runtime(database, Registry(database, "localhost"), lease_s=2.0, resend_s=2.0)


def main(role: str) -> None:
    settings = Settings.load(os.environ)
    runtime = runtime_of(settings)
    if role == "relay":
        asyncio.run(Relay(runtime, Hints(settings), listen_url=settings.database_url).run())
    else:
        Worker(runtime, settings).start()
        threading.Event().wait()


if __name__ == "__main__":
    main(sys.argv[1])
