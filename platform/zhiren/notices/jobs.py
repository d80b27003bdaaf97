"""Giving messages out, one job for each attempt at each message."""

from __future__ import annotations

from uuid import UUID

from zhiren.i18n import N_
from zhiren.jobs import job
from zhiren.jobs.run import JobRun
from zhiren.notices.providers import Receipt, Refused, TryLater
from zhiren.notices.service import delivery
from zhiren.notices.service.sending import DELIVER


@job(DELIVER, title=N_("发送通知"), quiet=True, time_limit_s=300)
async def deliver(run: JobRun, *, message_id: str, attempt: int) -> None:
    """See :mod:`zhiren.notices.service.delivery` for what happens when this dies half-way."""
    row_id = UUID(message_id)
    async with run.tenant() as ctx:
        ready = await delivery.prepare(ctx, run.settings, row_id, attempt)
    if ready is None:
        return
    provider, parcel = ready
    outcome: Receipt | TryLater | Refused
    try:
        outcome = await provider.send(parcel)
    except (TryLater, Refused) as trouble:
        outcome = trouble
    async with run.tenant() as ctx:
        await delivery.conclude(ctx, row_id, attempt, outcome)
