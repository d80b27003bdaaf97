"""Background work of the calendar: reading and writing calendars elsewhere."""

from __future__ import annotations

import asyncio
import logging
from uuid import UUID

from sqlalchemy.exc import OperationalError

from zhiren.calendar.service import sources
from zhiren.calendar.service.entries import WRITE
from zhiren.calendar.sources.door import GuardedDoor
from zhiren.errors import Unavailable
from zhiren.i18n import N_
from zhiren.jobs import job
from zhiren.jobs.run import JobRun
from zhiren.jobs.runtime import Runtime
from zhiren.settings import Settings

log = logging.getLogger(__name__)


def door_of(settings: Settings) -> GuardedDoor:
    return GuardedDoor(private=settings.provider_networks == "any")


@job(sources.FETCH, title=N_("读取外部日历"), quiet=True, time_limit_s=180)
async def fetch(run: JobRun, *, source_id: str) -> None:
    """Reading twice brings the same: nothing is asked for that a lost worker could spoil."""
    async with run.tenant() as ctx:
        task = await sources.prepare(ctx, UUID(source_id))
    if task is None:
        return
    outcome = await asyncio.to_thread(sources.read, door_of(run.settings), task)
    async with run.tenant() as ctx:
        await sources.conclude(ctx, UUID(source_id), outcome)


@job(WRITE, title=N_("写入个人日历"), quiet=True, time_limit_s=120)
async def write(run: JobRun, *, entry_id: str) -> None:
    """A worker that dies after writing leaves an event whose address follows from its UID: the next one is told that
    it is there, and by whom, from the server's refusal to overwrite."""
    site_url = run.settings.site_url(run.tenant_ref.slug)
    async with run.tenant() as ctx:
        task = await sources.prepare_write(ctx, UUID(entry_id), site_url)
    if task is None:
        return
    outcome = await asyncio.to_thread(sources.write, door_of(run.settings), task)
    async with run.tenant() as ctx:
        await sources.conclude_write(ctx, UUID(entry_id), task, outcome)


async def ask_due(runtime: Runtime) -> None:
    """Every customer's calendars that are due; done every few minutes by each scheduler."""
    for tenant in await runtime.tenants.active():
        try:
            async with runtime.database.tenant(tenant) as ctx:
                await sources.ask_due(ctx)
        except (Unavailable, OperationalError):
            raise
        except Exception:
            log.exception("calendar: asking for %s failed", tenant.id)
