"""The board of a job, the same as a list, and what is done from both."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from modules.recruiting.models import Job
from modules.recruiting.pages.chosen import chosen_of, version_of
from modules.recruiting.repository import pipeline as queries
from modules.recruiting.service import access, applications, dossiers, lists, pipeline
from modules.recruiting.service.pipeline import SHOWS, Outcome
from modules.recruiting.table import pipeline_table
from zhiren.context import Context
from zhiren.errors import NotFound
from zhiren.i18n import _
from zhiren.web import Page, Redirect, local_path, page, redirect
from zhiren.web.fields import AnyRequest, Form, read_form, uuid_of
from zhiren.web.tables import load

HIRE: Final = access.HIRE


@get("/recruiting/jobs/{job_id:uuid}/board", permission=HIRE)
async def board_page(ctx: Context, job_id: FromPath[UUID]) -> Page:
    board = await pipeline.board(ctx, job_id)
    return page(
        "recruiting/board.html", board=board, job=board.job, shows=board.shows, **await _choices(ctx, board.job)
    )


@get("/recruiting/jobs/{job_id:uuid}/board/{stage:str}", permission=HIRE)
async def more_cards(ctx: Context, job_id: FromPath[UUID], stage: FromPath[str], after: FromQuery[UUID]) -> Page:
    job, cards = await pipeline.more(ctx, job_id, stage, after)
    return page("recruiting/board_more.html", job=job, stage=stage, cards=cards, more=len(cards) == pipeline.FIRST)


@get("/recruiting/jobs/{job_id:uuid}/applications", permission=HIRE)
async def list_page(
    request: AnyRequest, ctx: Context, job_id: FromPath[UUID], show: FromQuery[str] = "active"
) -> Page | Response[bytes]:
    job = await access.job_of(ctx, job_id)
    show = show if show in SHOWS else "active"
    shows = await pipeline.shows(ctx, job_id)
    reasons = await lists.names(ctx, "reason")

    async def prepare(_ctx: Context, rows: list[Any]) -> list[Any]:
        return [pipeline.card_of(row) for row in rows]

    stages = applications.stages_of(job)
    channels = await queries.channels(ctx.session)
    table = await load(
        pipeline_table(show, tuple((one.code, one.name) for one in stages), tuple(sorted(reasons.items()))),
        request,
        ctx,
        queries.listed(job_id, SHOWS[show]),
        prepare=prepare,
        choices={
            "stage": [(one.code, _(one.name)) for one in stages],
            "channel": [(str(one.id), one.name) for one in channels],
            **({"reason": sorted(reasons.items())} if show == "ended" else {}),
        },
        total=shows[show],
    )
    return await table.answer(
        "recruiting/applications.html", job=job, show=show, shows=shows, **await _choices(ctx, job)
    )


@post("/recruiting/applications/{application_id:uuid}/move", permission=HIRE, status_code=303)
async def move_page(request: AnyRequest, ctx: Context, application_id: FromPath[UUID]) -> Page | Redirect:
    form = await read_form(request)
    case = await pipeline.move(
        ctx,
        application_id,
        form["stage"],
        version=version_of(form),
        before=uuid_of(form["before"]),
        placed=bool(form["placed"]),
    )
    if not form["card"]:
        return redirect(_back(form, case.job.id), _("{name} 已移动。", name=case.candidate.name))
    counts = await pipeline.stage_counts(ctx, case.job.id)
    card = await pipeline.card(ctx, application_id)
    return page("recruiting/board_moved.html", status_code=200, moved=card, counts=counts)


@post("/recruiting/applications/{application_id:uuid}/reject", permission=HIRE, status_code=303)
async def reject_page(request: AnyRequest, ctx: Context, application_id: FromPath[UUID]) -> Redirect:
    return await _one(request, ctx, application_id, "reject")


@post("/recruiting/applications/{application_id:uuid}/hold", permission=HIRE, status_code=303)
async def hold_page(request: AnyRequest, ctx: Context, application_id: FromPath[UUID]) -> Redirect:
    return await _one(request, ctx, application_id, "hold")


@post("/recruiting/applications/{application_id:uuid}/restore", permission=HIRE, status_code=303)
async def restore_page(request: AnyRequest, ctx: Context, application_id: FromPath[UUID]) -> Redirect:
    return await _one(request, ctx, application_id, "restore")


@post("/recruiting/applications/bulk", permission=HIRE, status_code=303)
async def bulk_page(request: AnyRequest, ctx: Context) -> Redirect:
    form = await read_form(request)
    if form["act"] not in _ACTS:
        raise NotFound(_("没有这个操作。"))
    outcome, done = await _ACTS[form["act"]](ctx, chosen_of(form), form)
    return redirect(
        local_path(form["back"], "/recruiting/candidates"),
        outcome.sentence(done),
        kind="warning" if outcome.left else "success",
    )


# ---- within


async def _one(request: AnyRequest, ctx: Context, application_id: UUID, act: str) -> Redirect:
    """The same act as for many, on one: a refusal is raised instead of being told along with the others."""
    form = await read_form(request)
    case = await access.application_of(ctx, application_id)
    await pipeline.unchanged(ctx, case, version_of(form))
    outcome, done = await _ACTS[act](ctx, {application_id: case.application.version}, form)
    back = _back(form, case.job.id)
    return redirect(back, outcome.left[0][1], kind="warning") if outcome.left else redirect(back, done)


async def _move(ctx: Context, chosen: dict[UUID, int], form: Form) -> tuple[Outcome, str]:
    outcome = await pipeline.move_all(ctx, chosen, form["stage"])
    return outcome, _("已移动 {count} 人。", count=outcome.done)


async def _reject(ctx: Context, chosen: dict[UUID, int], form: Form) -> tuple[Outcome, str]:
    feedback = form["feedback"].strip() if form["tell"] else ""
    outcome = await pipeline.reject_all(ctx, chosen, reason=form["reason"], feedback=feedback, note=form["note"])
    return outcome, _("已淘汰 {count} 人，可以随时恢复。", count=outcome.done)


async def _hold(ctx: Context, chosen: dict[UUID, int], form: Form) -> tuple[Outcome, str]:
    outcome = await pipeline.hold_all(ctx, chosen, note=form["note"])
    return outcome, _("已暂缓 {count} 人。", count=outcome.done)


async def _restore(ctx: Context, chosen: dict[UUID, int], _form: Form) -> tuple[Outcome, str]:
    outcome = await pipeline.restore_all(ctx, chosen)
    return outcome, _("已恢复 {count} 人。", count=outcome.done)


async def _tag(ctx: Context, chosen: dict[UUID, int], form: Form) -> tuple[Outcome, str]:
    outcome = await dossiers.tag_all(ctx, chosen, dossiers.tags_of(form["tags"]))
    return outcome, _("已给 {count} 人加标签。", count=outcome.done)


async def _message(ctx: Context, chosen: dict[UUID, int], form: Form) -> tuple[Outcome, str]:
    outcome = await dossiers.message_all(ctx, chosen, subject=form["subject"], text=form["text"])
    return outcome, _("已发给 {count} 人。", count=outcome.done)


_Act = Callable[[Context, dict[UUID, int], Form], Awaitable[tuple[Outcome, str]]]
_ACTS: Final[dict[str, _Act]] = {
    "move": _move,
    "reject": _reject,
    "hold": _hold,
    "restore": _restore,
    "tag": _tag,
    "message": _message,
}


def _back(form: Form, job_id: UUID) -> str:
    return local_path(form["back"], f"/recruiting/jobs/{job_id}/board")


async def _choices(ctx: Context, job: Job) -> dict[str, Any]:
    return {
        "stages": applications.stages_of(job),
        "reasons": await lists.entries(ctx, "reason"),
        "messages": await lists.entries(ctx, "message"),
    }


route_handlers = (
    board_page,
    more_cards,
    list_page,
    move_page,
    reject_page,
    hold_page,
    restore_page,
    bulk_page,
)
