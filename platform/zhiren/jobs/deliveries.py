"""Events on their way to handlers: one quiet job for each event and handler."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from zhiren.i18n import N_
from zhiren.ids import new_id
from zhiren.jobs.registry import job
from zhiren.jobs.run import JobRun

NAME = "zhiren.deliver_event"


def delivery(outbox_id: UUID, event: str, handler: str, payload: dict[str, Any]) -> dict[str, Any]:
    """The job row that brings one event to one handler."""
    return {
        "id": new_id(),
        "name": NAME,
        "label": event,
        "args": {"event": event, "handler": handler, "payload": payload},
        "key": f"event:{outbox_id}:{handler}",
        "quiet": True,
    }


@job(NAME, title=N_("处理变更通知"), max_retries=8, time_limit_s=600, quiet=True)
async def deliver_event(run: JobRun, *, event: str, handler: str, payload: dict[str, Any]) -> None:
    call = run.runtime.handlers.get(event, {}).get(handler)
    if call is None:
        # the module that wanted it is gone from this installation
        return
    async with run.tenant() as ctx:
        await call(ctx, payload)
        # in the handler's own transaction: its effect and the end of the delivery are one
        await run.finish_within(ctx)
