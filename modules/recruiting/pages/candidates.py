"""Candidates: everybody with search, and one with all that is known."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from modules.recruiting import words
from modules.recruiting.models import Candidate
from modules.recruiting.repository import people as queries
from modules.recruiting.repository import pipeline as board_queries
from modules.recruiting.service import access, applications, dossiers, lists, merging, sourcing, telling
from modules.recruiting.table import CANDIDATES
from zhiren.context import Context
from zhiren.errors import ZhirenError
from zhiren.i18n import N_, _
from zhiren.ids import new_id
from zhiren.modules import NavItem
from zhiren.web import Page, Redirect, page, redirect
from zhiren.web.fields import AnyRequest, read_form, uuid_of
from zhiren.web.tables import load

HIRE: Final = access.HIRE
#: hits are counted up to here: nobody turns twenty pages
COUNTED: Final = 1000


@get("/recruiting/candidates", permission=HIRE)
async def list_page(request: AnyRequest, ctx: Context) -> Page | Response[bytes]:
    member = access.member(ctx)
    cities, tags = await queries.cities(ctx.session), await queries.tags(ctx.session)
    channels = await board_queries.channels(ctx.session)
    table = await load(
        CANDIDATES,
        request,
        ctx,
        queries.listed(member),
        choices={
            "city": [(city, city) for city in cities],
            "tag": [(tag, tag) for tag in tags],
            "channel": [(str(one.id), one.name) for one in channels],
        },
        count=queries.listed(member, Candidate.id).limit(COUNTED),
    )
    return await table.answer(
        "recruiting/candidates.html",
        counted=COUNTED,
        searches=[(one, sourcing.path_of(one)) for one in await sourcing.mine(ctx)],
    )


@get("/recruiting/candidates/{candidate_id:uuid}", permission=HIRE)
async def detail_page(ctx: Context, candidate_id: FromPath[UUID]) -> Page | Redirect:
    candidate = await access.candidate_of(ctx, candidate_id)
    if candidate.merged_into_id is not None:
        return redirect(f"/recruiting/candidates/{candidate.merged_into_id}", _("这份资料已并入这里。"), kind="info")
    return await _detail(ctx, candidate_id)


@post("/recruiting/candidates/{candidate_id:uuid}/reveal/{field:str}", permission=HIRE, status_code=200)
async def reveal_page(ctx: Context, candidate_id: FromPath[UUID], field: FromPath[str]) -> Page:
    value, masked = await dossiers.reveal(ctx, candidate_id, field)
    return page("recruiting/revealed.html", value=value, masked_text=masked)


@post("/recruiting/candidates/{candidate_id:uuid}/notes", permission=HIRE, status_code=303)
async def note_page(request: AnyRequest, ctx: Context, candidate_id: FromPath[UUID]) -> Page | Redirect:
    form = await read_form(request, longest=dossiers.MAX_NOTE)
    try:
        await dossiers.note(ctx, candidate_id, form["note"], application_id=uuid_of(form["application"]))
    except ZhirenError as refusal:
        return await _detail(ctx, candidate_id, refusal, form["note"])
    return redirect(f"/recruiting/candidates/{candidate_id}", _("备注已保存。"))


@post("/recruiting/candidates/{candidate_id:uuid}/tags", permission=HIRE, status_code=303)
async def tags_page(request: AnyRequest, ctx: Context, candidate_id: FromPath[UUID]) -> Redirect:
    form = await read_form(request)
    candidate = await access.candidate_of(ctx, candidate_id)
    await dossiers.set_tags(ctx, candidate, dossiers.tags_of(form["tags"]))
    return redirect(f"/recruiting/candidates/{candidate_id}", _("标签已保存。"))


@post("/recruiting/candidates/{candidate_id:uuid}/pool", permission=HIRE, status_code=303)
async def pool_page(request: AnyRequest, ctx: Context, candidate_id: FromPath[UUID]) -> Redirect:
    form = await read_form(request)
    candidate = await access.candidate_of(ctx, candidate_id)
    await dossiers.set_pool(ctx, candidate, inside=bool(form["inside"]))
    said = _("已放入人才库。") if form["inside"] else _("已移出人才库。")
    return redirect(f"/recruiting/candidates/{candidate_id}", said)


@post("/recruiting/candidates/{candidate_id:uuid}/message", permission=HIRE, status_code=303)
async def message_page(request: AnyRequest, ctx: Context, candidate_id: FromPath[UUID]) -> Redirect:
    form = await read_form(request)
    candidate = await access.candidate_of(ctx, candidate_id)
    await dossiers.write_to(ctx, candidate, subject=form["subject"], text=form["text"], key=str(new_id()))
    return redirect(f"/recruiting/candidates/{candidate_id}", _("消息已发出。"))


# ---- within


async def _detail(ctx: Context, candidate_id: UUID, refusal: ZhirenError | None = None, note: str = "") -> Page:
    found = await dossiers.dossier(ctx, candidate_id)
    reasons = await lists.names(ctx, "reason")
    return page(
        "recruiting/candidate.html",
        status_code=refusal.status if refusal else 200,
        found=found,
        person=found.candidate,
        told=telling.tell(found.events, found.messages, reasons),
        stages={job.id: applications.stages_of(job) for _one, job, _findings in found.applications},
        reasons=await lists.entries(ctx, "reason"),
        reason_names=reasons,
        messages=await lists.entries(ctx, "message"),
        words=words,
        live=applications.LIVE,
        similar=await merging.likely(ctx, found.candidate),
        open_jobs=await queries.open_jobs(ctx.session, access.member(ctx)),
        error=refusal,
        note=note,
    )


NAVIGATION: Final = (
    NavItem(N_("全部候选人"), "/recruiting/candidates", HIRE, icon="users-group", section=N_("招聘"), order=54),
)
route_handlers: tuple[Any, ...] = (
    list_page,
    detail_page,
    reveal_page,
    note_page,
    tags_page,
    pool_page,
    message_page,
)
