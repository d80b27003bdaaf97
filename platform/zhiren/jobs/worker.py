"""``zhiren worker``: takes jobs off Redis, runs them, and gives back on SIGTERM what is not finished."""

from __future__ import annotations

import logging
import signal
import threading
from typing import TYPE_CHECKING, Any
from uuid import UUID

from dramatiq.asyncio import get_event_loop_thread
from dramatiq.middleware import AsyncIO
from dramatiq.worker import Worker as DramatiqWorker

from zhiren.errors import ZhirenError
from zhiren.jobs.broker import create_broker, declare_actor
from zhiren.jobs.executor import GRACE_S, execute_turn
from zhiren.jobs.runtime import Deployment, Runtime, runtime_of

if TYPE_CHECKING:
    from zhiren.settings import Settings

log = logging.getLogger(__name__)

#: an idle worker asks Redis so often
POLL_MS = 200


class _Loop(AsyncIO):
    """The event loop of the jobs; ends after the connections that live on it."""

    def __init__(self, runtime: Runtime) -> None:
        super().__init__()
        self._runtime = runtime

    def after_worker_shutdown(self, broker: Any, worker: Any) -> None:
        thread = get_event_loop_thread()
        self._runtime.helpers.close()
        if thread is not None and thread.is_alive():
            thread.run_coroutine(self._runtime.database.close())
        super().after_worker_shutdown(broker, worker)  # type: ignore[no-untyped-call]


class Worker:
    """One process's worker. Its jobs share one event loop; threads only bound how many run at a time."""

    def __init__(self, runtime: Runtime, settings: Settings) -> None:
        self.runtime = runtime
        self._broker = create_broker(settings, _Loop(runtime))
        self._worker = DramatiqWorker(self._broker, worker_threads=settings.worker_threads, worker_timeout=POLL_MS)
        # a hint that waits behind a busy thread would better be with another process
        self._worker.queue_prefetch = settings.worker_threads
        declare_actor(self._broker, self._run)

    async def _run(self, tenant_id: str, job_id: str) -> None:
        if self.runtime.stopping.is_set():
            return
        try:
            await execute_turn(self.runtime, await self.runtime.tenants.by_id(tenant_id), UUID(job_id))
        except ZhirenError as refusal:
            # the database is away, or the customer is suspended: the job waits in its outbox
            log.warning("job %s: not begun, %s", job_id, refusal.code)
        except Exception:
            # the relay hands it out again when its time is over
            log.exception("job %s", job_id)

    def start(self) -> None:
        self._worker.start()

    def stop(self) -> None:
        """Let each job come to the end of the part it is at, then give it back."""
        self.runtime.stopping.set()
        self._worker.stop(timeout=int((GRACE_S + 20) * 1000))
        self._broker.client.close()


def run(deployment: Deployment) -> None:
    """Work until SIGTERM or SIGINT."""
    told = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: told.set())
    worker = Worker(runtime_of(deployment), deployment.settings)
    worker.start()
    log.info("worker: ready")
    told.wait()
    log.info("worker: finishing")
    worker.stop()
