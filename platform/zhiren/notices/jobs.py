"""Giving messages out, one job for each attempt at each message."""

from __future__ import annotations

import logging
from uuid import UUID

from zhiren.i18n import N_
from zhiren.jobs import job
from zhiren.jobs.run import JobRun
from zhiren.notices.providers import Receipt, Refused, TryLater
from zhiren.notices.service import delivery
from zhiren.notices.service.sending import DELIVER

log = logging.getLogger(__name__)


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
    except Exception as error:
        # a provider's bug is not the message's end: it is tried again as long as any other
        log.exception("message %s: provider failed", message_id)
        outcome = TryLater("notices.busy", type(error).__name__)
    async with run.tenant() as ctx:
        await delivery.conclude(ctx, row_id, attempt, outcome)
