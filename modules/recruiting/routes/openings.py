"""Requisitions and jobs by JSON: the same services as the pages. Pay goes in and never out."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Response, get, patch, post
from litestar.params import FromPath, FromQuery, JSONBody

from modules.recruiting.models import Job, Requisition
from modules.recruiting.repository import openings as queries
from modules.recruiting.schemas_openings import JobData, JobView, NewJob, RequisitionData, RequisitionView
from modules.recruiting.service import access, openings, requisitions
from zhiren.context import Context
from zhiren.errors import NotFound
from zhiren.i18n import _
from zhiren.web.api import Listing, check_if_match, etag, keyset
from zhiren.web.fields import AnyRequest

TAGS: Final = ["recruiting"]
BASE: Final = "/api/v1/recruiting"


def _requisition(found: Requisition) -> RequisitionView:
    return RequisitionView(**{name: getattr(found, name) for name in RequisitionView.__struct_fields__})


def _job(found: Job) -> JobView:
    return msgspec.convert({name: getattr(found, name) for name in JobView.__struct_fields__}, JobView)


def _tagged(value: Any, version: int, status_code: int = 200) -> Response[Any]:
    return Response(value, status_code=status_code, headers={"etag": etag(version)})


@get(f"{BASE}/requisitions", permission=access.REQUEST, tags=TAGS)
async def list_requisitions(
    ctx: Context, *, show: FromQuery[str] = "", cursor: FromQuery[str | None] = None, limit: FromQuery[int] = 50
) -> Listing[RequisitionView]:
    """Requisitions the caller may see, oldest first."""
    query = queries.requisitions(requisitions.requester(ctx))
    if show:
        query = query.where(Requisition.state == show.replace("\0", ""))
    order = [Requisition.created_at, Requisition.id]
    rows, following = await keyset(ctx, query, order_by=order, types=[datetime, UUID], cursor=cursor, limit=limit)
    return Listing([_requisition(row) for row in rows], following)


@post(f"{BASE}/requisitions", permission=access.REQUEST, tags=TAGS, status_code=201)
async def create_requisition(ctx: Context, data: JSONBody[RequisitionData]) -> Response[RequisitionView]:
    found = await requisitions.create(ctx, data)
    return _tagged(_requisition(found), found.version, 201)


@get(BASE + "/requisitions/{requisition_id:uuid}", permission=access.REQUEST, tags=TAGS)
async def get_requisition(ctx: Context, requisition_id: FromPath[UUID]) -> Response[RequisitionView]:
    found = await requisitions.find(ctx, requisition_id)
    return _tagged(_requisition(found), found.version)


@post(BASE + "/requisitions/{requisition_id:uuid}/{act:str}", permission=access.REQUEST, tags=TAGS, status_code=200)
async def act_on_requisition(
    ctx: Context, requisition_id: FromPath[UUID], act: FromPath[str]
) -> Response[RequisitionView]:
    """``act``: submit or withdraw."""
    if act not in ("submit", "withdraw"):
        raise NotFound(_("没有这个操作。"))
    do = requisitions.submit if act == "submit" else requisitions.withdraw
    found = await do(ctx, requisition_id)
    await ctx.session.flush()
    return _tagged(_requisition(found), found.version)


@get(f"{BASE}/jobs", permission=access.HIRE, tags=TAGS)
async def list_jobs(
    ctx: Context, *, show: FromQuery[str] = "all", cursor: FromQuery[str | None] = None, limit: FromQuery[int] = 50
) -> Listing[JobView]:
    """Jobs the caller hires for, oldest first; all of them for who manages recruiting."""
    query = queries.jobs(access.member(ctx), show if show in queries.JOB_SHOWS else "all")
    order = [Job.created_at, Job.id]
    rows, following = await keyset(ctx, query, order_by=order, types=[datetime, UUID], cursor=cursor, limit=limit)
    return Listing([_job(row) for row in rows], following)


@post(f"{BASE}/jobs", permission=access.MANAGE, tags=TAGS, status_code=201)
async def create_job(ctx: Context, data: JSONBody[NewJob]) -> Response[JobView]:
    job = await openings.create(ctx, data)
    return _tagged(_job(job), job.version, 201)


@get(BASE + "/jobs/{job_id:uuid}", permission=access.HIRE, tags=TAGS)
async def get_job(ctx: Context, job_id: FromPath[UUID]) -> Response[JobView]:
    job = await openings.find(ctx, job_id)
    return _tagged(_job(job), job.version)


@patch(BASE + "/jobs/{job_id:uuid}", permission=access.MANAGE, tags=TAGS)
async def update_job(
    request: AnyRequest, ctx: Context, job_id: FromPath[UUID], data: JSONBody[JobData]
) -> Response[JobView]:
    """All fields but pay are replaced. ``If-Match`` carries the ETag that was read."""
    job = await openings.find(ctx, job_id)
    check_if_match(request, job.version)
    await openings.update(ctx, job_id, data)
    return _tagged(_job(job), job.version)


@post(BASE + "/jobs/{job_id:uuid}/{act:str}", permission=access.MANAGE, tags=TAGS, status_code=200)
async def act_on_job(ctx: Context, job_id: FromPath[UUID], act: FromPath[str]) -> Response[JobView]:
    """``act``: open, pause or close."""
    job = await openings.act(ctx, job_id, act)
    await ctx.session.flush()
    return _tagged(_job(job), job.version)


route_handlers = (
    list_requisitions,
    create_requisition,
    get_requisition,
    act_on_requisition,
    list_jobs,
    create_job,
    get_job,
    update_job,
    act_on_job,
)
