"""What a job's body holds in its hands while it runs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from uuid import UUID

from zhiren.context import Actor, Context, TenantRef
from zhiren.jobs import repository
from zhiren.jobs.errors import JobCancelled, JobHandedBack
from zhiren.jobs.models import Job

if TYPE_CHECKING:
    from zhiren.jobs.runtime import Runtime
    from zhiren.settings import Settings

#: progress is stored at most so often
PROGRESS_EVERY_S = 0.3


class JobRun:
    """One attempt at one job.

    Work in as many transactions as needed, each short; between them call ``progress``. The same attempt may be made
    twice up to any point, so that each chunk asks first what is already done.
    """

    def __init__(self, runtime: Runtime, tenant: TenantRef, job: Job, lease: UUID) -> None:
        self.runtime = runtime
        self.database = runtime.database
        self.helpers = runtime.helpers
        self.tenant_ref = tenant
        self.job_id = job.id
        self.actor = Actor(
            user_id=job.requested_by_id,
            name=job.requested_by_name,
            kind="job",
            employee_id=job.requested_by_employee_id,
        )
        self._request_id = job.request_id
        self._locale = job.locale
        self._lease = lease
        self._stopping = runtime.stopping.is_set
        self._stored_at_s = 0.0
        #: how far the body said it is
        self.moved_to = job.progress_done
        #: a person asked to stop
        self.cancel_seen = False
        #: the body ended the job itself, in a transaction of its own
        self.finished = False
        self._ending = False

    @property
    def locale(self) -> str:
        return self._locale

    @property
    def settings(self) -> Settings:
        """Of the installation. Raises LookupError where there are none."""
        if self.runtime.settings is None:
            raise LookupError("this runtime was given no settings")
        return self.runtime.settings

    @asynccontextmanager
    async def tenant(self) -> AsyncIterator[Context]:
        """A transaction of the tenant, acting for who asked. Raises JobHandedBack when the job is no longer held: what
        a lost worker would write is never mixed with what its successor writes."""
        if self._stopping():
            raise JobHandedBack
        async with self.database.tenant(
            self.tenant_ref, actor=self.actor, request_id=self._request_id, locale=self._locale
        ) as ctx:
            if not await repository.hold(ctx.session, self.job_id, self._lease):
                raise JobHandedBack
            yield ctx
        if self._ending:
            self.finished = True

    async def finish_within(self, ctx: Context, result: dict[str, Any] | None = None) -> None:
        """End the job in ``ctx``'s transaction: the last change and the end of the job happen together or not at all.
        Nothing may follow but the end of the body."""
        ending = {"state": "succeeded", "result": result, "progress_note": ""}
        if not await repository.finish(ctx.session, self.job_id, self._lease, ending):
            raise JobHandedBack
        await repository.notify(ctx.session, self.tenant_ref.id)
        self._ending = True

    async def progress(self, done: int, total: int, note: str = "") -> None:
        """Say how far the work is, in a transaction of its own; call it between chunks, never inside ``tenant()``.

        Raises JobCancelled when a person asked to stop, JobHandedBack when this worker has to.
        """
        if self._stopping():
            raise JobHandedBack
        self.moved_to = max(done, self.moved_to)
        # a body that computes without ever waiting would starve the others, and its own heartbeat
        await asyncio.sleep(0)
        now_s = time.monotonic()
        if done < total and now_s - self._stored_at_s < PROGRESS_EVERY_S and not self.cancel_seen:
            return
        self._stored_at_s = now_s
        async with self.database.tenant(self.tenant_ref, actor=self.actor) as ctx:
            if not await repository.renew(ctx.session, self.job_id, self._lease, lease_s=self.runtime.lease_s):
                raise JobHandedBack
            self.cancel_seen = await repository.write_progress(ctx.session, self.job_id, done, total, note)
        if self.cancel_seen:
            raise JobCancelled

    async def beat(self) -> bool:
        """Renew the lease. False when it is lost."""
        async with self.database.tenant(self.tenant_ref, actor=self.actor) as ctx:
            held = await repository.renew(ctx.session, self.job_id, self._lease, lease_s=self.runtime.lease_s)
            self.cancel_seen = self.cancel_seen or await repository.cancel_requested(ctx.session, self.job_id)
        return held
