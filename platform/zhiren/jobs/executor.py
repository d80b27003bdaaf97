"""One attempt at one job: take it, run its body under a lease, write down how it ended."""

from __future__ import annotations

import asyncio
import json
import logging
import random
import secrets
import time
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from zhiren.context import TenantRef
from zhiren.errors import Unavailable, ZhirenError
from zhiren.i18n import _, use_locale
from zhiren.jobs import registry, repository
from zhiren.jobs.errors import JobCancelled, JobInterrupted
from zhiren.jobs.registry import JobDefinition
from zhiren.jobs.repository import Claim
from zhiren.jobs.run import JobRun
from zhiren.jobs.runtime import TENANT_LIMIT, Runtime
from zhiren.tasks import end

log = logging.getLogger(__name__)

#: how long a body may go on after it was asked to stop, before its transaction is broken off
GRACE_S = 10.0
#: pause before a job goes on that met a service which does not answer
UNAVAILABLE_PAUSE_S = 3.0
MAX_BACKOFF_S = 300.0
#: how long a worker goes on with the same customer's jobs before it asks Redis again
TURN_S = 1.0
#: a job that takes its worker down so often, without any progress in between, is given up
MAX_LOSSES = 20
MAX_RESULT_BYTES = 16_384


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended. ``state`` is the job's; ``queued`` means that it goes on ``after_s`` from now."""

    state: str
    result: dict[str, Any] | None = None
    code: str = ""
    message: str = ""
    after_s: float = 0.0
    failures: int = 0
    note: str | None = None


async def execute_turn(runtime: Runtime, tenant: TenantRef, job_id: UUID, *, turn_s: float = TURN_S) -> int:
    """Run the job, then what else of the same customer is due, for about ``turn_s``: many small jobs need not go
    through Redis one by one, and other customers do not wait long. Returns how many were run."""
    began_s = time.monotonic()
    done = 0
    following: UUID | None = job_id
    while following is not None and await execute(runtime, tenant, following) is not None:
        done += 1
        if runtime.stopping.is_set() or time.monotonic() - began_s > turn_s:
            break
        async with runtime.database.tenant(tenant) as ctx:
            following = await repository.hand_over_next(
                ctx.session, limit=TENANT_LIMIT, resend_after_s=runtime.resend_s
            )
    return done


async def execute(runtime: Runtime, tenant: TenantRef, job_id: UUID) -> str | None:
    """Run the job if it is free. Returns the state it is left in, None when there was nothing to do."""
    async with runtime.database.tenant(tenant) as ctx:
        claim = await repository.claim(ctx.session, job_id, lease_s=runtime.lease_s)
    if claim is None:
        return None
    with use_locale("en" if claim.job.locale == "en" else "zh_CN"):
        run = JobRun(runtime, tenant, claim.job, claim.lease)
        outcome = await _attempt(runtime, run, claim)
    if run.finished:
        return "succeeded"
    return await _conclude(runtime, tenant, claim, outcome)


async def _attempt(runtime: Runtime, run: JobRun, claim: Claim) -> Outcome:
    job = claim.job
    if job.cancel_requested:
        return Outcome("cancelled")
    if job.losses > MAX_LOSSES:
        return Outcome("failed", code="jobs.worker_lost", message=_("任务多次使后台进程中断，已停止重试。请联系支持。"))
    definition = registry.find(job.name)
    if definition is None:
        # another release asked for it: a worker of that release may know it
        return Outcome("queued", after_s=10.0) if job.failures < 30 else _unexpected(LookupError(job.name))
    body = asyncio.create_task(_body(definition, run, job.args))
    watch = asyncio.create_task(_watch(runtime, run, body))
    try:
        return await _settle(body, run, definition, claim)
    finally:
        await end(watch)


async def _body(definition: JobDefinition[...], run: JobRun, args: dict[str, Any]) -> dict[str, Any] | None:
    async with asyncio.timeout(definition.time_limit_s):
        return await definition.body(run, **args)


async def _settle(
    body: asyncio.Task[dict[str, Any] | None], run: JobRun, definition: JobDefinition[Any], claim: Claim
) -> Outcome:
    try:
        result = await body
        if result is not None and len(json.dumps(result)) > MAX_RESULT_BYTES:
            raise ValueError(f"{definition.name}: a job's result is a summary of at most {MAX_RESULT_BYTES} bytes")
    except (asyncio.CancelledError, JobInterrupted) as stop:
        if isinstance(stop, asyncio.CancelledError) and not body.cancelled():
            # it is this task that was cancelled: the loop is closing
            body.cancel()
            raise
        return Outcome("cancelled" if run.cancel_seen or isinstance(stop, JobCancelled) else "queued")
    except ZhirenError as refusal:
        return _refused(refusal)
    except TimeoutError:
        minutes = max(1, round(definition.time_limit_s / 60))
        message = _("超过 {minutes} 分钟仍未完成，已停止。", minutes=minutes)
        return Outcome("failed", code="jobs.time_limit", message=message)
    except Exception as error:
        failures = claim.job.failures + 1 if run.moved_to == claim.job.progress_done else 1
        if failures > definition.max_retries:
            return _unexpected(error)
        log.warning("job %s %s failed, attempt %d", definition.name, run.job_id, failures, exc_info=error)
        return Outcome("queued", after_s=_jitter(min(2.0**failures, MAX_BACKOFF_S)), failures=1)
    return Outcome("succeeded", result=result)


def _refused(refusal: ZhirenError) -> Outcome:
    if isinstance(refusal, Unavailable):
        # not the job's fault: it goes on when the service answers again
        return Outcome("queued", after_s=_jitter(UNAVAILABLE_PAUSE_S), note=refusal.message)
    return Outcome("failed", code=refusal.code, message=f"{refusal.message} {refusal.hint}".strip())


def _unexpected(error: Exception) -> Outcome:
    reference = secrets.token_hex(4)
    log.error("job failed, reference %s", reference, exc_info=error)
    return Outcome(
        "failed",
        code="jobs.unexpected",
        message=_(
            "出了意料之外的问题，已完成的部分不受影响。请联系支持，并提供编号 {reference}。", reference=reference
        ),
    )


def _jitter(seconds: float) -> float:
    return seconds * random.uniform(0.75, 1.25)  # noqa: S311 - spreads load, guards nothing


async def _watch(runtime: Runtime, run: JobRun, body: asyncio.Task[Any]) -> None:
    """Keeps the lease alive, and breaks the body off when it lost the lease or was asked in vain to stop."""
    renewed_at_s = beaten_at_s = time.monotonic()
    asked_at_s: float | None = None
    while True:
        await asyncio.sleep(0.5)
        now_s = time.monotonic()
        if now_s - beaten_at_s >= runtime.lease_s / 3:
            beaten_at_s = now_s
            try:
                if not await run.beat():
                    await end(body)
                    return
                renewed_at_s = now_s
            except Unavailable:
                # the database is away: nobody else can take the job either
                log.warning("job %s: lease not renewed for %.0f s", run.job_id, now_s - renewed_at_s)
        if run.cancel_seen or runtime.stopping.is_set():
            asked_at_s = asked_at_s or now_s
            if now_s - asked_at_s >= GRACE_S:
                await end(body)
                return


async def _conclude(runtime: Runtime, tenant: TenantRef, claim: Claim, outcome: Outcome) -> str | None:
    """Write the outcome down, waiting for the database as long as the lease lasts. After that the relay hands the job
    out again, and a body that is idempotent finds its work done."""
    job_id, lease = claim.job.id, claim.lease
    deadline_s = time.monotonic() + runtime.lease_s
    while True:
        try:
            async with runtime.database.tenant(tenant) as ctx:
                if outcome.state == "queued":
                    written = await repository.give_back(
                        ctx.session,
                        job_id,
                        lease,
                        after_s=outcome.after_s,
                        failures=outcome.failures,
                        note=outcome.note,
                    )
                else:
                    values = {
                        "state": outcome.state,
                        "result": outcome.result,
                        "error_code": outcome.code,
                        "error_message": outcome.message,
                        "progress_note": "",
                    }
                    written = await repository.finish(ctx.session, job_id, lease, values)
                # there may be room for the next one now
                await repository.notify(ctx.session, tenant.id)
            return outcome.state if written else None
        except Unavailable:
            if time.monotonic() > deadline_s:
                log.warning("job %s: outcome %s not written, the database is away", job_id, outcome.state)
                return None
            await asyncio.sleep(0.5)
