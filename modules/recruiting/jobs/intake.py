"""Reading a batch of résumés, several files at once, each given to whom it belongs in a transaction of its own."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy.exc import DataError, IntegrityError

from modules.recruiting.repository import intake as queries
from modules.recruiting.resumes.errors import ResumeRefused
from modules.recruiting.resumes.parse import AT_ONCE, parse
from modules.recruiting.resumes.schemas import Parsed
from modules.recruiting.service import intake
from zhiren import files
from zhiren.clock import today
from zhiren.errors import InvalidInput
from zhiren.i18n import N_, _
from zhiren.jobs import JobRun, job
from zhiren.tasks import end

log = logging.getLogger(__name__)


@job(intake.READ, title=N_("读取简历"), time_limit_s=6 * 3600)
async def read(run: JobRun, *, batch_id: str) -> dict[str, Any]:
    """What is settled stays settled when it begins anew: only files that wait are read."""
    batch = UUID(batch_id)
    async with run.tenant() as ctx:
        total = await queries.size(ctx.session, batch)
        waiting = await queries.waiting(ctx.session, batch)
    done = total - len(waiting)
    await run.progress(done, total, _("已读取 {done} 份", done=done))
    async with aclosing(_read(run, waiting)) as found:
        async for resume_id, outcome in found:
            if outcome is not None:
                await _settle(run, resume_id, outcome)
            done += 1
            await run.progress(done, total, _("已读取 {done} 份", done=done))
    return {"files": total}


async def _read(run: JobRun, waiting: Sequence[UUID]) -> AsyncGenerator[tuple[UUID, Parsed | str | None]]:
    """Each file with what was read or why not, in order; None for one that waits no more. The next ones are read
    while one is stored: as many as the helpers take at once, and one more."""

    async def one(resume_id: UUID) -> Parsed | str | None:
        try:
            async with run.tenant() as ctx:
                found = await intake.contents(ctx, resume_id)
            return await parse(found[1], found[0], today=today()) if found else None
        except (ResumeRefused, files.FileNotFound) as refusal:
            return intake.refused(refusal)

    begun: deque[tuple[UUID, asyncio.Task[Parsed | str | None]]] = deque()
    following = iter(waiting)
    try:
        while True:
            for resume_id in islice(following, AT_ONCE + 1 - len(begun)):
                begun.append((resume_id, asyncio.create_task(one(resume_id))))
            if not begun:
                return
            first, task = begun[0]
            outcome = await task
            begun.popleft()
            yield first, outcome
    finally:
        await end(*(task for _resume_id, task in begun))


async def _settle(run: JobRun, resume_id: UUID, outcome: Parsed | str) -> None:
    """A résumé that cannot be stored is parked like one that cannot be read: the others go on."""
    try:
        async with run.tenant() as ctx:
            await intake.settle(ctx, resume_id, outcome)
    except (InvalidInput, DataError, IntegrityError) as fault:
        log.warning("résumé %s is parked: %s", resume_id, type(fault).__name__)
        async with run.tenant() as ctx:
            await intake.settle(ctx, resume_id, "broken")
