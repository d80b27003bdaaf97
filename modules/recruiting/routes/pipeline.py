"""Who applied for a job and where each stands, by JSON: the same services as the board. Contacts come masked."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from modules.recruiting.models import Application, Candidate
from modules.recruiting.repository import Case
from modules.recruiting.repository import pipeline as queries
from modules.recruiting.routes.openings import BASE, TAGS
from modules.recruiting.rules.masks import mask
from modules.recruiting.schemas_pipeline import ApplicantView, ApplicationView, Move
from modules.recruiting.service import access, pipeline
from zhiren.context import Context
from zhiren.web.api import Listing, check_if_match, etag, keyset
from zhiren.web.fields import AnyRequest

_MASKED: Final = ("mobile", "mail")


def _view(application: Application, candidate: Candidate) -> ApplicationView:
    known: dict[str, Any] = {name: getattr(candidate, name) for name in ApplicantView.__struct_fields__}
    known.update({name: mask(name, known[name]) for name in _MASKED})
    person = ApplicantView(**known)
    own = (name for name in ApplicationView.__struct_fields__ if name != "candidate")
    return ApplicationView(candidate=person, **{name: getattr(application, name) for name in own})


def _tagged(case: Case) -> Response[Any]:
    found = _view(case.application, case.candidate)
    return Response(found, headers={"etag": etag(found.version)})


@get(BASE + "/jobs/{job_id:uuid}/applications", permission=access.HIRE, tags=TAGS)
async def list_applications(
    ctx: Context,
    job_id: FromPath[UUID],
    *,
    stage: FromQuery[str] = "",
    show: FromQuery[str] = "active",
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = 50,
) -> Listing[ApplicationView]:
    """Who applied for a job the caller hires for, the earliest first. ``show``: active, set_aside, on_hold or ended;
    ``stage`` is the code of one of the job's stages."""
    await access.job_of(ctx, job_id)
    query = queries.applicants(job_id, pipeline.SHOWS.get(show, ()), stage.replace("\0", ""))
    order = [Application.applied_at, Application.id]
    rows, following = await keyset(ctx, query, order_by=order, types=[datetime, UUID], cursor=cursor, limit=limit)
    return Listing([_view(*row) for row in rows], following)


@get(BASE + "/applications/{application_id:uuid}", permission=access.HIRE, tags=TAGS)
async def get_application(ctx: Context, application_id: FromPath[UUID]) -> Response[ApplicationView]:
    return _tagged(await access.application_of(ctx, application_id))


@post(BASE + "/applications/{application_id:uuid}/move", permission=access.HIRE, tags=TAGS, status_code=200)
async def move_application(
    request: AnyRequest, ctx: Context, application_id: FromPath[UUID], data: JSONBody[Move]
) -> Response[ApplicationView]:
    """To another stage of the job. ``If-Match`` carries the ETag that was read."""
    version = (await access.application_of(ctx, application_id)).application.version
    check_if_match(request, version)
    return _tagged(await pipeline.move(ctx, application_id, data.stage, version=version))


route_handlers = (list_applications, get_application, move_application)
