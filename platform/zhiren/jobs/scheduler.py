"""``zhiren scheduler``: the relay, and what has to be done every so often. Several may run."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy.exc import OperationalError

from zhiren.errors import Unavailable
from zhiren.jobs import repository
from zhiren.jobs.broker import Hints
from zhiren.jobs.relay import Relay
from zhiren.jobs.runtime import Deployment, Runtime, runtime_of
from zhiren.tasks import end

log = logging.getLogger(__name__)

#: finished jobs are history; deliveries that went well are not worth keeping
KEEP_JOBS = timedelta(days=180)
KEEP_QUIET_JOBS = timedelta(days=2)
RESTART_S = 3.0


@dataclass(frozen=True, slots=True)
class Periodic:
    """Something done every ``every_s`` seconds. It must bear being done by two schedulers at once."""

    name: str
    every_s: float
    run: Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Service:
    """A coroutine that never ends by itself; it is begun again when it fails."""

    name: str
    run: Callable[[], Awaitable[object]]


Task = Periodic | Service


async def _forever(task: Task, stop: asyncio.Event) -> None:
    while not stop.is_set():
        pause_s = task.every_s if isinstance(task, Periodic) else RESTART_S
        try:
            await task.run()
        except (Unavailable, OperationalError) as error:
            # the database is away: nothing is wrong with the task
            log.warning("scheduler: %s: %s, again in %.0f s", task.name, type(error).__name__, pause_s)
        except Exception:
            log.exception("scheduler: %s failed, again in %.0f s", task.name, pause_s)
        try:
            await asyncio.wait_for(stop.wait(), pause_s)
        except TimeoutError:
            continue


async def forget_old_jobs(runtime: Runtime) -> None:
    now = datetime.now(UTC)
    for tenant in await runtime.tenants.active():
        async with runtime.database.tenant(tenant) as ctx:
            await repository.delete_finished_before(ctx.session, now - KEEP_JOBS, quiet=False)
            await repository.delete_finished_before(ctx.session, now - KEEP_QUIET_JOBS, quiet=True)


async def serve(deployment: Deployment, tasks: Sequence[Task] = (), *, stop: asyncio.Event) -> None:
    """Relay and do ``tasks`` until ``stop`` is set."""
    runtime = runtime_of(deployment)
    hints = Hints(deployment.settings)
    relay = Relay(runtime, hints, listen_url=deployment.settings.database_url)
    everything: list[Task] = [
        Service("relay", relay.run),
        Periodic("old jobs", 3600.0, lambda: forget_old_jobs(runtime)),
        *tasks,
    ]
    running = [asyncio.create_task(_forever(task, stop), name=task.name) for task in everything]
    log.info("scheduler: ready")
    try:
        await stop.wait()
    finally:
        await end(*running)
        hints.close()
        await deployment.database.close()


def run(deployment: Deployment, tasks: Sequence[Task] = ()) -> None:
    """Relay and do ``tasks`` until SIGTERM or SIGINT."""

    async def main() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        await serve(deployment, tasks, stop=stop)

    asyncio.run(main())
