"""Writing candidates down by hand, correcting them, and making two records of one person one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery

from modules.recruiting import words
from modules.recruiting.errors import BoardChanged
from modules.recruiting.models import Candidate
from modules.recruiting.pages.chosen import version_of
from modules.recruiting.repository import people as queries
from modules.recruiting.repository import pipeline as board_queries
from modules.recruiting.schemas import CandidateData
from modules.recruiting.service import access, applications, candidates, merging
from modules.recruiting.shapes import Profile
from zhiren.context import Context
from zhiren.errors import ZhirenError
from zhiren.i18n import _
from zhiren.web import Page, Redirect, page, redirect
from zhiren.web.fields import AnyRequest, Fields, Form, read_form, uuid_of

HIRE: Final = access.HIRE
_TEXTS: Final = ("name", "gender", "city", "degree", "school", "major", "employer", "title")

_TYPED: Final = (*_TEXTS, "mobile", "mail", "born_on", "years", "salary_wish", "skills", "summary", "job", "channel")


@get("/recruiting/candidates/new", permission=HIRE)
async def new_page(ctx: Context, job: FromQuery[str] = "") -> Page:
    return await _form(ctx, {"job": job}, None)


@post("/recruiting/candidates", permission=HIRE, status_code=303)
async def create_page(request: AnyRequest, ctx: Context) -> Page | Redirect:
    form = await read_form(request)
    typed = {name: form[name] for name in _TYPED}
    try:
        data = candidates.check(data_of(form))
        same = await candidates.same_people(ctx, data)
        if same and not form["anyway"]:
            return await _form(ctx, typed, None, same=await shown_twins(ctx, same, data))
        async with ctx.session.begin_nested():
            candidate = await _create(ctx, data, uuid_of(form["job"]), uuid_of(form["channel"]))
    except ZhirenError as refusal:
        return await _form(ctx, typed, refusal)
    return redirect(f"/recruiting/candidates/{candidate.id}", _("已添加 {name}。", name=candidate.name))


@get("/recruiting/candidates/{candidate_id:uuid}/edit", permission=HIRE)
async def edit_page(ctx: Context, candidate_id: FromPath[UUID]) -> Page:
    candidate = await access.candidate_of(ctx, candidate_id)
    return await _form(ctx, typed_of(candidate), None, candidate=candidate)


@post("/recruiting/candidates/{candidate_id:uuid}/edit", permission=HIRE, status_code=303)
async def correct_page(request: AnyRequest, ctx: Context, candidate_id: FromPath[UUID]) -> Page | Redirect:
    form = await read_form(request)
    candidate = await access.candidate_of(ctx, candidate_id)
    if candidate.version != version_of(form):
        message = _("{name} 的资料刚被别人改过，您的修改没有保存。", name=candidate.name)
        raise BoardChanged(message, hint=_("请刷新后再改。"))
    try:
        async with ctx.session.begin_nested():
            await candidates.correct(ctx, candidate, data_of(form, candidates.data_of(candidate)))
    except ZhirenError as refusal:
        await ctx.session.refresh(candidate)
        return await _form(ctx, {name: form[name] for name in _TYPED}, refusal, candidate=candidate)
    return redirect(f"/recruiting/candidates/{candidate_id}", _("已保存。"))


@post("/recruiting/candidates/{candidate_id:uuid}/applications", permission=HIRE, status_code=303)
async def apply_page(request: AnyRequest, ctx: Context, candidate_id: FromPath[UUID]) -> Redirect:
    """Somebody who is known stands for another job."""
    form = await read_form(request)
    fields = Fields(form)
    job = await access.job_of(ctx, fields.needed_identity("job"))
    candidate = await access.candidate_of(ctx, candidate_id)
    await applications.apply(ctx, candidate, job, asked=False, channel_id=candidate.channel_id)
    return redirect(f"/recruiting/candidates/{candidate_id}", _("已加入“{job}”。", job=job.title))


@post("/recruiting/candidates/{candidate_id:uuid}/merge", permission=HIRE, status_code=303)
async def merge_page(request: AnyRequest, ctx: Context, candidate_id: FromPath[UUID]) -> Redirect:
    form = await read_form(request)
    await merging.merge(ctx, candidate_id, Fields(form).needed_identity("other"))
    return redirect(f"/recruiting/candidates/{candidate_id}", _("已合并，需要时可以撤销。"))


@post("/recruiting/merges/{merge_id:uuid}/undo", permission=HIRE, status_code=303)
async def unmerge_page(ctx: Context, merge_id: FromPath[UUID]) -> Redirect:
    record = await merging.undo(ctx, merge_id)
    return redirect(f"/recruiting/candidates/{record.kept_id}", _("已撤销合并，两份资料分开了。"))


# ---- within


def data_of(form: Form, known: CandidateData | None = None) -> CandidateData:
    """What a form says; what is sealed and left empty stays as ``known`` has it. Raises InvalidInput."""
    fields = Fields(form)
    known = known or CandidateData(name="")
    texts = {name: fields.text(name)[:100] for name in _TEXTS}
    for name, allowed in (("degree", words.DEGREES), ("gender", words.GENDERS)):
        if texts[name] not in allowed:
            texts[name] = ""
    if not form.all("gender"):
        texts["gender"] = known.gender
    skills = fields.text("skills").replace("，", " ").replace("、", " ").replace(",", " ")
    profile = msgspec.structs.replace(
        known.profile, skills=tuple(dict.fromkeys(skills.split()))[:60], summary=fields.text("summary")
    )
    data = msgspec.structs.replace(
        known,
        **texts,
        mobile=fields.text("mobile") or known.mobile,
        mail=fields.text("mail") or known.mail,
        born_on=fields.day("born_on") or known.born_on,
        years=_years(fields),
        salary_wish_fen=fields.money("salary_wish") if fields.text("salary_wish") else known.salary_wish_fen,
        profile=profile,
    )
    fields.check()
    return data


def _years(fields: Fields) -> float | None:
    text = fields.text("years")
    try:
        years = round(float(text), 1) if text else None
    except ValueError:
        years = -1.0
    if years is not None and not 0 <= years <= 70:
        fields.faults["years"] = _("请填 0 到 70 之间的数")
        return None
    return years


def typed_of(candidate: Candidate) -> dict[str, Any]:
    profile = msgspec.convert(candidate.profile, Profile)
    values = {name: getattr(candidate, name) for name in _TEXTS}
    years = "" if candidate.years is None else f"{candidate.years:g}"
    born_on = candidate.born_on.isoformat() if candidate.born_on else ""
    return values | {
        "years": years,
        "born_on": born_on,
        "skills": " ".join(profile.skills),
        "summary": profile.summary,
    }


async def _create(ctx: Context, data: CandidateData, job_id: UUID | None, channel_id: UUID | None) -> Candidate:
    """With an application for ``job_id``, or into the pool."""
    job = await access.job_of(ctx, job_id) if job_id else None
    channel = await queries.channel(ctx.session, channel_id) if channel_id else None
    source = channel.id if channel else None
    pooled_at = None if job else datetime.now(UTC)
    candidate = await candidates.create(ctx, data, pooled_at=pooled_at, channel_id=source)
    if job is not None:
        await applications.apply(ctx, candidate, job, asked=False, channel_id=source)
    return candidate


async def shown_twins(ctx: Context, same: Any, data: CandidateData) -> list[dict[str, Any]]:
    """Of whom one may not see, that there is somebody."""
    seen = {one.id for one in await queries.by_ids(ctx.session, [one.id for one in same], access.member(ctx))}
    return [{"person": one if one.id in seen else None, "sure": candidates.surely(one, data)} for one in same]


async def _form(
    ctx: Context,
    values: dict[str, Any],
    refusal: ZhirenError | None,
    *,
    candidate: Candidate | None = None,
    same: Any = (),
) -> Page:
    member = access.member(ctx)
    status = refusal.status if refusal else 409 if same else 200
    return page(
        "recruiting/candidate_form.html",
        status_code=status,
        person=candidate,
        values=dict.fromkeys(_TYPED, "") | values,
        job_choices=[(one.id, f"{one.title} {one.number}") for one in await queries.open_jobs(ctx.session, member)],
        channel_choices=[(one.id, one.name) for one in await board_queries.channels(ctx.session)],
        degree_choices=[(code, _(title)) for code, title in words.DEGREES.items()],
        limited=member is not None,
        words=words,
        same=same,
        error=refusal,
        errors=refusal.fields if refusal else {},
    )


route_handlers: tuple[Any, ...] = (
    new_page,
    create_page,
    edit_page,
    correct_page,
    apply_page,
    merge_page,
    unmerge_page,
)
