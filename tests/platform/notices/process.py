"""Does one job in a process of its own: for a test that kills it."""

from __future__ import annotations

import asyncio
import os
import sys
from uuid import UUID

import zhiren.notices  # noqa: F401 - declares the job
from tenants.registry import Registry
from zhiren.crypto import VaultKeyService
from zhiren.db import Database
from zhiren.jobs.executor import execute
from zhiren.jobs.runtime import Runtime
from zhiren.settings import Settings


async def main(tenant_id: str, job_id: str) -> None:
    settings = Settings.load(os.environ)
    database = Database(settings, VaultKeyService(settings))
    registry = Registry(database, "localhost")
    runtime = Runtime(database, registry, settings=settings, lease_s=1.0)
    await execute(runtime, await registry.by_id(tenant_id), UUID(job_id))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
