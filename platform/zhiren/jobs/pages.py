"""The pages of background work."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import ServerSentEvent

from zhiren.context import Context
from zhiren.i18n import N_, _
from zhiren.jobs import schemas, service, stream
from zhiren.modules import NavItem
from zhiren.web import Page, Redirect, page, redirect
from zhiren.web.visit import header

PAGE_SIZE = 50


@get("/jobs", permission="authenticated")
async def list_page(
    ctx: Context, status: FromQuery[schemas.State | None] = None, before: FromQuery[UUID | None] = None
) -> Page:
    jobs = await service.list_jobs(ctx, state=status, before=before, limit=PAGE_SIZE + 1)
    more = len(jobs) > PAGE_SIZE
    shown = [schemas.view(job) for job in jobs[:PAGE_SIZE]]
    return page("jobs/list.html", jobs=shown, status=status, next_before=shown[-1].id if more else None)


@get("/jobs/{job_id:uuid}", permission="authenticated")
async def detail_page(ctx: Context, job_id: FromPath[UUID]) -> Page:
    return page("jobs/detail.html", job=schemas.view(await service.visible_job(ctx, job_id)))


@get("/jobs/{job_id:uuid}/events", permission="authenticated", transaction=False)
async def events(request: Request[Any, Any, Any], ctx: Context, job_id: FromPath[UUID]) -> ServerSentEvent:
    """Live progress for ``kit/progress.html``; goes on where ``Last-Event-ID`` left off."""
    database = request.app.state.database
    async with database.tenant(ctx.tenant, actor=ctx.actor) as own:
        await service.visible_job(own, job_id)
    again = request.app.state.deployment.authenticator.again
    found = stream.progress_events(database, ctx, job_id, again=again, seen=header(request.scope, b"last-event-id"))
    return ServerSentEvent(found, headers={"cache-control": "no-store", "x-accel-buffering": "no"})


@post("/jobs/{job_id:uuid}/cancel", permission="authenticated", status_code=303)
async def cancel(request: Request[Any, Any, Any], ctx: Context, job_id: FromPath[UUID]) -> Response[Any]:
    await service.cancel(ctx, job_id)
    return _answer(request, job_id, _("已要求停止，做完手头的一步就停。"))


@post("/jobs/{job_id:uuid}/retry", permission="authenticated", status_code=303)
async def retry(request: Request[Any, Any, Any], ctx: Context, job_id: FromPath[UUID]) -> Response[Any]:
    await service.retry(ctx, job_id)
    return _answer(request, job_id, _("已重新排队。"))


def _answer(request: Request[Any, Any, Any], job_id: UUID, message: str) -> Response[Any] | Redirect:
    if header(request.scope, b"hx-request"):
        # asked from within another page: the stream there shows what became of it
        return Response(None, status_code=204)
    return redirect(f"/jobs/{job_id}", message)


route_handlers = (list_page, detail_page, events, cancel, retry)
navigation = (NavItem(N_("后台任务"), "/jobs", "authenticated", icon="loader", section=N_("设置"), order=960),)
