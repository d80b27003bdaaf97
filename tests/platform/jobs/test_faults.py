"""Workers and relay killed, Redis wiped, in the middle of the work: everything is done, and done once."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
import redis
from sqlalchemy import select
from sqlalchemy.engine import make_url

from tests.platform.jobs import process
from zhiren.audit import AuditEvent
from zhiren.context import TenantRef
from zhiren.db import Database
from zhiren.jobs import Job, enqueue
from zhiren.settings import Settings

ROOT = Path(__file__).parents[3]
JOBS, CHUNKS = 24, 10
KILLS = 10


class Processes:
    """Two workers and a relay, each replaced as soon as it is killed."""

    def __init__(self, settings: Settings) -> None:
        self._env = {**os.environ, **settings.to_env(), "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'platform'}"}
        self.running = {name: self._start(name) for name in ("worker 1", "worker 2", "relay")}

    def _start(self, name: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tests.platform.jobs.process", name.split(maxsplit=1)[0]]
        return subprocess.Popen(command, env=self._env, cwd=ROOT, stderr=subprocess.DEVNULL)

    def kill(self, name: str) -> None:
        self.running[name].send_signal(signal.SIGKILL)
        self.running[name].wait()
        self.running[name] = self._start(name)

    def stop(self) -> None:
        for child in self.running.values():
            child.kill()
            child.wait()


def wipe(hints: redis.Redis, settings: Settings) -> None:
    """Everything this installation keeps in Redis; other tests' is left alone."""
    for key in hints.scan_iter(f"zhiren:{make_url(settings.database_url).database}*"):
        hints.delete(key)


async def states(database: Database, tenant: TenantRef) -> Counter[str]:
    async with database.tenant(tenant) as ctx:
        return Counter((await ctx.session.execute(select(Job.state).where(Job.name == "test.trace"))).scalars())


async def more_work(database: Database, tenant: TenantRef) -> int:
    """A quick machine does it all before it was disturbed enough: then there is more."""
    async with database.tenant(tenant) as ctx:
        for _ in range(JOBS):
            await enqueue(ctx, process.trace, {"chunks": CHUNKS})
    return JOBS


@pytest.mark.slow
@pytest.mark.faults
async def test_nothing_is_lost_and_nothing_doubled(settings: Settings, database: Database, tenant: TenantRef) -> None:
    chance = random.Random(7)
    hints = redis.Redis.from_url(settings.redis_url)
    processes = Processes(settings)
    try:
        jobs = await more_work(database, tenant)
        began_s = time.monotonic()
        kills = 0
        while kills < KILLS or (await states(database, tenant))["succeeded"] < jobs:
            assert time.monotonic() - began_s < 120, await states(database, tenant)
            if (await states(database, tenant))["succeeded"] == jobs:
                jobs += await more_work(database, tenant)
            await asyncio.sleep(1.2)
            if kills < KILLS:
                kills += 1
                processes.kill(chance.choice(list(processes.running)))
                if kills % 3 == 0:
                    wipe(hints, settings)
    finally:
        processes.stop()
        hints.close()
    async with database.tenant(tenant) as ctx:
        left = Counter(
            (await ctx.session.execute(select(AuditEvent.object_id).where(AuditEvent.action == "test.trace"))).scalars()
        )
    assert set(left.values()) == {1}, "something was doubled"
    assert len(left) == jobs * CHUNKS
