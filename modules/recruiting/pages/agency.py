"""The agencies' portal: the jobs opened to them, bringing somebody, and how those whom they brought are doing."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from modules.recruiting import words
from modules.recruiting.errors import AgencyOwned
from modules.recruiting.models import Job
from modules.recruiting.pages.brought import read_introduction, take_resume
from modules.recruiting.pages.entrance import enter, leave, login_form
from modules.recruiting.service import agencies, consents
from modules.recruiting.service.agencies import Membership
from modules.recruiting.shapes import DEGREES
from zhiren.context import Context
from zhiren.errors import ZhirenError
from zhiren.files import UPLOAD_BODY_BYTES
from zhiren.i18n import _
from zhiren.site import public_page
from zhiren.web import Page, redirect
from zhiren.web.fields import AnyRequest, read_form

KIND: Final = "agency"
GUEST: Final = "guest:agency"
HOME: Final = "/agency"
_LOGIN: Final = "recruiting/agency_login.html"


@get("/agency/login", permission="public")
async def login_page(ctx: Context) -> Page:
    return await login_form(ctx, _LOGIN)


@post("/agency/login", permission="public", status_code=200, idempotency=False)
async def login(request: AnyRequest, ctx: Context) -> Page | Response[Any]:
    return await enter(request, ctx, kind=KIND, template=_LOGIN, home=HOME)


@post("/agency/logout", permission=GUEST, status_code=303)
async def logout(ctx: Context) -> Response[Any]:
    return await leave(ctx, kind=KIND, to="/agency/login")


@get(HOME, permission=GUEST)
async def home(ctx: Context) -> Page:
    mine = await agencies.me(ctx)
    return await public_page(
        ctx,
        "recruiting/agency_home.html",
        mine=mine,
        jobs=await agencies.jobs(ctx, mine),
        brought=await agencies.brought(ctx, mine),
        types=words.EMPLOYMENT_TYPES,
    )


@get("/agency/jobs/{job_id:uuid}", permission=GUEST)
async def job_page(ctx: Context, job_id: FromPath[UUID]) -> Page:
    mine = await agencies.me(ctx)
    return await _job(ctx, mine, await agencies.job_of(ctx, mine, job_id), {})


async def _job(
    ctx: Context, mine: Membership, job: Job, values: dict[str, Any], error: ZhirenError | None = None
) -> Page:
    return await public_page(
        ctx,
        "recruiting/agency_job.html",
        status_code=error.status if error else None,
        mine=mine,
        job=job,
        values=values,
        types=words.EMPLOYMENT_TYPES,
        degrees=[(code, _(words.DEGREES[code])) for code in DEGREES if code],
        consent=await consents.text_of(ctx, "introduced"),
        error=error,
        errors=error.fields if error else {},
    )


@post("/agency/jobs/{job_id:uuid}", permission=GUEST, status_code=200, request_max_body_size=UPLOAD_BODY_BYTES)
async def propose(request: AnyRequest, ctx: Context, job_id: FromPath[UUID]) -> Page | Response[Any]:
    """First the résumé, which fills the form; then the person."""
    mine = await agencies.me(ctx)
    job = await agencies.job_of(ctx, mine, job_id)
    form = await read_form(request)
    values = form.starting("")

    async def read(name: str, data: bytes) -> Any:
        return await agencies.read_resume(ctx, mine, job, name, data)

    try:
        if await take_resume(request, form, values, read):
            return await _job(ctx, mine, job, values)
        async with ctx.session.begin_nested():
            by = (mine.member.id, mine.agency.name)
            said = read_introduction(form, values, locale=ctx.locale, source=agencies.SOURCE, by=by)
            await agencies.propose(ctx, mine, job, said)
    except ZhirenError as refusal:
        request.state.commit = True  # the résumé that was read stays for the next try, and so does the audit
        if isinstance(refusal, AgencyOwned):
            await agencies.record_refusal(ctx, mine, job)
        return await _job(ctx, mine, job, values, refusal)
    return redirect(HOME, _("推荐已提交，进度会显示在这里"))


route_handlers: tuple[Any, ...] = (login_page, login, logout, home, job_page, propose)
