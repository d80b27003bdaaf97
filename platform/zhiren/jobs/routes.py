"""The API of background work."""

from __future__ import annotations

from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, FromQuery

from zhiren.context import Context
from zhiren.jobs import schemas, service
from zhiren.web import Cursor, Listing
from zhiren.web.api import DEFAULT_LIMIT, check_limit


@get("/api/v1/jobs", permission="authenticated", tags=["jobs"])
async def list_jobs(
    ctx: Context,
    status: FromQuery[schemas.State | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = DEFAULT_LIMIT,
) -> Listing[schemas.JobView]:
    """Background work, newest first: one's own, or everybody's with ``jobs.read``."""
    before = Cursor.decode(cursor, [UUID]).keys[0] if cursor else None
    jobs = await service.list_jobs(ctx, state=status, before=before, limit=check_limit(limit) + 1)
    following = Cursor([jobs[limit - 1].id]).encode() if len(jobs) > limit else None
    return Listing([schemas.view(job) for job in jobs[:limit]], following)


@get("/api/v1/jobs/{job_id:uuid}", permission="authenticated", tags=["jobs"])
async def get_job(ctx: Context, job_id: FromPath[UUID]) -> schemas.JobView:
    """One job and how far it is."""
    return schemas.view(await service.visible_job(ctx, job_id))


@post("/api/v1/jobs/{job_id:uuid}/cancel", permission="authenticated", status_code=200, tags=["jobs"])
async def cancel_job(ctx: Context, job_id: FromPath[UUID]) -> schemas.JobView:
    """Ask a job to stop: at once while it waits, else after the part it is at."""
    await service.cancel(ctx, job_id)
    return schemas.view(await service.visible_job(ctx, job_id))


@post("/api/v1/jobs/{job_id:uuid}/retry", permission="authenticated", status_code=200, tags=["jobs"])
async def retry_job(ctx: Context, job_id: FromPath[UUID]) -> schemas.JobView:
    """Begin a failed or cancelled job again."""
    await service.retry(ctx, job_id)
    return schemas.view(await service.visible_job(ctx, job_id))


route_handlers = (list_jobs, get_job, cancel_job, retry_job)
