"""The career site: jobs that anybody reads and applies for, feeds for search engines and job boards."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from modules.recruiting import words
from modules.recruiting.models import Channel, Job
from modules.recruiting.pages.brought import take_resume
from modules.recruiting.pages.portal import KIND
from modules.recruiting.repository import public as queries
from modules.recruiting.rules import feeds
from modules.recruiting.schemas import CandidateData
from modules.recruiting.service import applying, carrying, consents, referrals
from modules.recruiting.shapes import DEGREES
from zhiren import guests
from zhiren.clock import today
from zhiren.context import Context
from zhiren.errors import ZhirenError
from zhiren.files import UPLOAD_BODY_BYTES
from zhiren.i18n import _
from zhiren.parcels import parcels_of
from zhiren.site import public_page
from zhiren.web import Page, Redirect
from zhiren.web.fields import AnyRequest, Fields, Form, read_form, uuid_of


@get("/careers", permission="public")
async def list_page(
    request: AnyRequest, ctx: Context, q: FromQuery[str] = "", city: FromQuery[str] = "", mode: FromQuery[str] = ""
) -> Page:
    await _visited(ctx, _code(request))
    return await public_page(
        ctx,
        "recruiting/careers.html",
        jobs=await queries.open_jobs(ctx.session, today(), text=q[:60], city=city, mode=mode),
        cities=await queries.cities(ctx.session, today()),
        q=q,
        city=city,
        code=_code(request),
        types=words.EMPLOYMENT_TYPES,
    )


@get("/careers/{slug:str}", permission="public")
async def job_page(request: AnyRequest, ctx: Context, slug: FromPath[str]) -> Page:
    job = await applying.job_for(ctx, slug)
    await _visited(ctx, _code(request))
    return await public_page(
        ctx,
        "recruiting/career_job.html",
        job=job,
        code=_code(request),
        types=words.EMPLOYMENT_TYPES,
        posting=feeds.posting(job, ctx.tenant.name, _site(request)),
        address=f"{_site(request)}/careers/{job.slug}",
    )


@get("/careers/{slug:str}/apply", permission="public")
async def apply_page(request: AnyRequest, ctx: Context, slug: FromPath[str]) -> Page:
    return await _form(ctx, await applying.job_for(ctx, slug), {"code": _code(request)})


async def _form(ctx: Context, job: Job, values: dict[str, Any], error: ZhirenError | None = None) -> Page:
    questions = applying.questions_of(job)
    return await public_page(
        ctx,
        "recruiting/apply.html",
        status_code=error.status if error else None,
        job=job,
        values=values,
        questions=questions,
        choices={one.code: [(choice, choice) for choice in one.choices] for one in questions},
        degrees=[(code, _(words.DEGREES[code])) for code in DEGREES if code],
        consent=await consents.text_of(ctx, "recruiting"),
        pool=await consents.text_of(ctx, "talent_pool"),
        error=error,
        errors=error.fields if error else {},
    )


@post("/careers/{slug:str}/apply", permission="public", status_code=200, request_max_body_size=UPLOAD_BODY_BYTES)
async def apply(request: AnyRequest, ctx: Context, slug: FromPath[str]) -> Page | Response[Any]:
    job = await applying.job_for(ctx, slug)
    form = await read_form(request)
    values = form.starting("")

    async def read(name: str, data: bytes) -> Any:
        return await applying.read_resume(ctx, job, name, data)

    try:
        if await take_resume(request, form, values, read):
            return await _form(ctx, job, values)
        if form["act"] == "carry" or (form["carried"] and not values.get("resume_id")):
            unpacked = await carrying.unpack(ctx, job, parcels_of(request), form["carried"])
            kept = {name: value for name, value in values.items() if value and name != "carried"}
            return await _form(ctx, job, unpacked.values | kept | {"resume_id": str(unpacked.resume.id)})
        async with ctx.session.begin_nested():
            applied = await _applied(ctx, job, form, values)
    except ZhirenError as refusal:
        # the résumé that came along stays for the next try: the form carries its id
        request.state.commit = bool(values.get("resume_id"))
        return await _form(ctx, job, values, refusal)
    return await _done(ctx, applied)


async def _applied(ctx: Context, job: Job, form: Form, values: dict[str, Any]) -> applying.Applied:
    fields = Fields(form)
    years = str(values.get("years") or "").strip()
    if years and not years.replace(".", "", 1).isdecimal():
        fields.faults["years"] = _("请填数字")
    if not form["consent"]:
        fields.faults["consent"] = _("请勾选同意后再提交")
    wish = fields.money("salary_wish")

    def said(name: str) -> str:
        return str(values.get(name) or "").strip()[:200]

    data = CandidateData(
        name=said("name"),
        city=said("city"),
        school=said("school"),
        major=said("major"),
        employer=said("employer"),
        title=said("title"),
        mobile=said("mobile"),
        mail=said("mail"),
        degree=values["degree"] if values.get("degree") in DEGREES else "",
        years=min(float(years), 60.0) if years and "years" not in fields.faults else None,
        salary_wish_fen=wish,
        locale=ctx.locale,
    )
    answers = {code: text[:1000] for code, text in form.starting("answer.").items() if text.strip()}
    fields.faults |= applying.faults_of(job, data, answers)
    fields.check()
    referrer_id = await referrals.referrer_of(ctx, form["code"])
    channel = await _channel(ctx, form["code"])
    links: dict[str, Any] = {"channel_id": channel.id} if channel else {}
    applied = await applying.apply(
        ctx,
        job,
        data,
        resume_id=uuid_of(str(values.get("resume_id") or "")),
        answers=answers,
        pool=bool(form["pool"]),
        links=links,
    )
    if referrer_id is not None:
        await referrals.credit(ctx, applied.application, applied.candidate, job, referrer_id)
    return applied


async def _done(ctx: Context, applied: applying.Applied) -> Page | Response[Any]:
    """Who is new is let into the portal at once; who is known proves who they are by a code."""
    candidate = applied.candidate
    answer = Redirect("/portal" if applied.new else "/portal/login?applied=1")
    if applied.new:
        token = await guests.open_session(ctx, KIND, candidate.id, name=candidate.name)
        guests.let_in(answer, ctx, KIND, token)
    return answer


@get("/careers-feed.xml", permission="public")
async def feed(request: AnyRequest, ctx: Context) -> Response[str]:
    """The jobs as job boards read them (Indeed's XML feed)."""
    jobs = await queries.open_jobs(ctx.session, today())
    return Response(feeds.indeed(jobs, ctx.tenant.name, _site(request)), media_type="application/xml")


@get("/careers-sitemap.xml", permission="public")
async def sitemap(request: AnyRequest, ctx: Context) -> Response[str]:
    site = _site(request)
    places = [f"{site}/careers"] + [
        f"{site}/careers/{job.slug}" for job in await queries.open_jobs(ctx.session, today())
    ]
    body = "".join(f"<url><loc>{escape(place)}</loc></url>" for place in places)
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    text = f"{head}{body}</urlset>"
    return Response(text, media_type="application/xml")


def _code(request: AnyRequest) -> str:
    """Of the tracked link that led here: a channel's, or a colleague's."""
    return str(request.query_params.get("from", ""))[:60]


async def _channel(ctx: Context, code: str) -> Channel | None:
    return await queries.channel_by_code(ctx.session, code[:40]) if code else None


async def _visited(ctx: Context, code: str) -> None:
    channel = await _channel(ctx, code)
    if channel is not None:
        await queries.count_visit(ctx.session, channel.id)


def _site(request: AnyRequest) -> str:
    scheme = request.app.state.deployment.settings.public_scheme
    return f"{scheme}://{request.headers.get('host', '')}"


route_handlers: tuple[Any, ...] = (list_page, job_page, apply_page, apply, feed, sitemap)
