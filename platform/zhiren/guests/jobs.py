"""Codes are looked up and sent apart from the request that asked for them."""

from __future__ import annotations

from uuid import UUID

from zhiren.guests.service import codes
from zhiren.i18n import N_
from zhiren.jobs import job
from zhiren.jobs.run import JobRun


@job(codes.DELIVER, title=N_("发送验证码"), quiet=True, time_limit_s=60)
async def deliver(run: JobRun, *, code_id: str) -> None:
    async with run.tenant() as ctx:
        await codes.deliver(ctx, UUID(code_id))
