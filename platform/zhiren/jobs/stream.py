"""Progress as server-sent events, until the job is done."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec
from litestar.response import ServerSentEventMessage

from zhiren.context import Actor, Context
from zhiren.errors import Unavailable
from zhiren.jobs import schemas, service
from zhiren.jobs.errors import JobNotFound

if TYPE_CHECKING:
    from zhiren.db import Database

POLL_S = 0.5
#: the browser connects again after this, and is asked again who it is
STREAM_S = 30.0
#: something is sent at least so often, so that a proxy keeps the connection open
KEEP_ALIVE_S = 10.0
#: who watches is asked for so often: a session that was revoked sees nothing more after that
AGAIN_S = 1.0


async def progress_events(
    database: Database,
    ctx: Context,
    job_id: UUID,
    *,
    again: Callable[[Context], Awaitable[Actor | None]],
    seen: str = "",
) -> AsyncIterator[ServerSentEventMessage]:
    """Events ``progress``, one for each change, with :class:`schemas.Progress` as JSON; the last one has a final state.
    Ends as well when ``again`` finds the session over, or the person without a right to the job. ``seen`` is the
    Last-Event-ID, so that a page that connects again is told nothing twice.

    Reads in short transactions of its own and holds none while it waits.
    """
    ends_at_s = time.monotonic() + STREAM_S
    said_at_s = ask_again_at_s = time.monotonic()
    while time.monotonic() < ends_at_s:
        try:
            async with database.tenant(ctx.tenant, actor=ctx.actor, locale=ctx.locale) as own:
                if time.monotonic() >= ask_again_at_s:
                    ask_again_at_s = time.monotonic() + AGAIN_S
                    actor = await again(own)
                    if actor is None:
                        return
                    ctx = ctx.with_actor(actor)
                job = schemas.view(await service.visible_job(own.with_actor(ctx.actor), job_id))
        except JobNotFound:
            return
        except Unavailable:
            # the page keeps what it shows; the next look may succeed
            await asyncio.sleep(POLL_S * 4)
            continue
        data = msgspec.json.encode(schemas.progress(job)).decode()
        version = hashlib.blake2b(data.encode(), digest_size=8).hexdigest()
        if version != seen or job.finished:
            seen, said_at_s = version, time.monotonic()
            yield ServerSentEventMessage(data=data, event="progress", id=version, retry=1000)
        if job.finished:
            return
        if time.monotonic() - said_at_s > KEEP_ALIVE_S:
            said_at_s = time.monotonic()
            yield ServerSentEventMessage(comment="waiting")
        await asyncio.sleep(POLL_S)
