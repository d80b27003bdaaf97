"""Asking for background work, stopping it, trying it again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from zhiren.audit import record
from zhiren.context import Context
from zhiren.i18n import _
from zhiren.ids import new_id
from zhiren.jobs import registry, repository
from zhiren.jobs.errors import JobNotCancellable, JobNotFound, JobNotRetryable
from zhiren.jobs.models import FINISHED, Job
from zhiren.jobs.registry import JobDefinition

#: arguments are ids; whoever needs more stores it in a table of its own
MAX_ARGS_BYTES = 16_384
PERMISSION_ALL = "jobs.read"


async def enqueue(
    ctx: Context,
    job: str | JobDefinition[Any],
    args: Mapping[str, Any] | None = None,
    *,
    key: str | None = None,
    label: str = "",
    url: str = "",
    not_before: datetime | None = None,
) -> UUID:
    """Ask for background work when ``ctx``'s transaction commits; a rollback takes the request back.

    ``args`` are small JSON values, ids above all, never personal data. With a ``key`` that was used before, the job
    asked for then is returned, in whatever state it is. ``label`` tells people which one it is ("2026年5月");
    ``url`` leads to what it works on. With ``not_before`` it is left alone until then.
    """
    name = job if isinstance(job, str) else job.name
    definition = registry.find(name)
    if definition is None:
        raise LookupError(f"no job is named {name!r}: is the module that declares it imported?")
    values = dict(args or {})
    if len(json.dumps(values)) > MAX_ARGS_BYTES:
        raise ValueError(f"{name}: arguments of a job are ids, and at most {MAX_ARGS_BYTES} bytes")
    job_id = new_id()
    made = await repository.insert_job(
        ctx.session,
        {
            "id": job_id,
            "name": name,
            "label": label,
            "url": url,
            "args": values,
            "key": key,
            "quiet": definition.quiet,
            "requested_by_id": ctx.actor.user_id,
            "requested_by_name": ctx.actor.name,
            "requested_by_employee_id": ctx.actor.employee_id,
            "request_id": ctx.request_id,
            "locale": ctx.locale,
        },
    )
    if made is None:
        return await repository.id_by_key(ctx.session, key or "")
    await repository.insert_outbox(ctx.session, job_id, due_at=not_before)
    await repository.notify(ctx.session, ctx.tenant.id)
    return job_id


async def visible_job(ctx: Context, job_id: UUID) -> Job:
    """The job, if it is the reader's own or the reader may see everybody's. Raises JobNotFound."""
    job = await repository.get(ctx.session, job_id)
    mine = job is not None and job.requested_by_id is not None and job.requested_by_id == ctx.actor.user_id
    if job is None or not (mine or ctx.actor.can(PERMISSION_ALL)):
        raise JobNotFound(_("没有这个任务，或者它不是您发起的。"))
    return job


async def list_jobs(
    ctx: Context, *, state: str | None = None, before: UUID | None = None, limit: int = 50
) -> list[Job]:
    own = None if ctx.actor.can(PERMISSION_ALL) else ctx.actor.user_id
    if own is None and not ctx.actor.can(PERMISSION_ALL):
        return []
    return list(await repository.page(ctx.session, requested_by_id=own, state=state, before=before, limit=limit))


async def cancel(ctx: Context, job_id: UUID) -> None:
    """Stop a job: at once while it waits, after the part it is at while it runs. Raises JobNotCancellable."""
    job = await visible_job(ctx, job_id)
    record(ctx, "jobs.job.cancel", object_type="jobs.job", object_id=job_id)
    if job.state not in FINISHED and await repository.cancel_waiting(ctx.session, job_id):
        return
    if job.state in FINISHED or not await repository.ask_to_cancel(ctx.session, job_id):
        raise JobNotCancellable(_("任务已经结束，不能取消。"))


async def retry(ctx: Context, job_id: UUID) -> None:
    """Start a failed or cancelled job again. Raises JobNotRetryable."""
    await visible_job(ctx, job_id)
    if not await repository.requeue(ctx.session, job_id):
        raise JobNotRetryable(_("只有失败或已取消的任务才能重试。"))
    record(ctx, "jobs.job.retry", object_type="jobs.job", object_id=job_id)
    await repository.notify(ctx.session, ctx.tenant.id)
