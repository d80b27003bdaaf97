"""职位 on pages: the list, one job, its form, and opening, pausing, closing it."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from modules.recruiting import words_openings as words
from modules.recruiting.errors import JobNotFound
from modules.recruiting.models import Job
from modules.recruiting.pages.requisitions import pay_range, words_or
from modules.recruiting.repository import channels as channel_queries
from modules.recruiting.repository import openings as queries
from modules.recruiting.schemas_openings import JobData, NewJob
from modules.recruiting.service import access, openings, requisitions
from modules.recruiting.service.choices import choices, seat_names
from modules.recruiting.shapes import Round, Stage
from modules.recruiting.tables_openings import JOBS, job_rows
from zhiren.auth.service import directory
from zhiren.context import Context
from zhiren.errors import ZhirenError
from zhiren.i18n import _
from zhiren.ids import NO_ID
from zhiren.web import Page, Redirect, page, redirect
from zhiren.web.fields import AnyRequest, Fields, read_form, uuid_of
from zhiren.web.tables import load

BASE: Final = "/recruiting/jobs"
_LONG: Final = 8000


@get(BASE, permission=access.HIRE)
async def list_page(request: AnyRequest, ctx: Context, show: FromQuery[str] = "open") -> Page | Response[bytes]:
    show = show if show in queries.JOB_SHOWS else "open"
    counts = await queries.jobs_by_state(ctx.session, access.member(ctx))

    async def prepare(_ctx: Context, found: list[Any]) -> list[Any]:
        return await job_rows(ctx, found)

    query = queries.jobs(access.member(ctx), show)
    table = await load(JOBS, request, ctx, query, prepare=prepare, total=counts[show])
    return await table.answer("recruiting/jobs.html", show=show, counts=counts)


@get(f"{BASE}/new", permission=access.MANAGE)
async def new_page(ctx: Context, requisition: FromQuery[str] = "") -> Page:
    """``requisition`` is an approved one: the form begins with what it asked for."""
    values: dict[str, Any] = {"owner_id": ctx.actor.user_id, "headcount": 1, "listed": True}
    if requisition:
        asked = await requisitions.find(ctx, uuid_of(requisition) or NO_ID)
        same = ("title", "unit_id", "position_id", "headcount", "city", "employment_type", "target_date")
        values |= {name: getattr(asked, name) for name in same}
        values |= {"requisition_id": asked.id, "manager_id": asked.requester_id}
    return await _form(ctx, None, values, None)


@post(BASE, permission=access.MANAGE, status_code=303)
async def create_page(request: AnyRequest, ctx: Context) -> Page | Redirect:
    form = Fields(await read_form(request, longest=_LONG))
    try:
        data = NewJob(**_read(form), requisition_id=form.identity("requisition_id"))
        form.check()
        async with ctx.session.begin_nested():
            job = await openings.create(ctx, data)
    except ZhirenError as refusal:
        return await _form(ctx, None, _typed(form), refusal)
    return redirect(f"{BASE}/{job.id}/settings", _("职位已建好。定好流程后开放。"))


@get(BASE + "/{job_id:uuid}", permission=access.HIRE)
async def overview_page(ctx: Context, job_id: FromPath[UUID]) -> Page:
    return await _overview(ctx, job_id, None)


@get(BASE + "/{job_id:uuid}/edit", permission=access.MANAGE)
async def edit_page(ctx: Context, job_id: FromPath[UUID]) -> Page:
    return await _form(ctx, await openings.find(ctx, job_id), {}, None)


@post(BASE + "/{job_id:uuid}/edit", permission=access.MANAGE, status_code=303)
async def update_page(request: AnyRequest, ctx: Context, job_id: FromPath[UUID]) -> Page | Redirect:
    form = Fields(await read_form(request, longest=_LONG))
    job = await openings.find(ctx, job_id)
    try:
        data = JobData(**_read(form))
        form.check()
        async with ctx.session.begin_nested():
            await openings.update(ctx, job_id, data, form.whole("version"))
    except ZhirenError as refusal:
        await ctx.session.refresh(job)
        return await _form(ctx, job, _typed(form), refusal)
    return redirect(f"{BASE}/{job_id}", _("已保存。"))


@post(BASE + "/{job_id:uuid}/state/{verb:str}", permission=access.MANAGE, status_code=303)
async def act_page(ctx: Context, job_id: FromPath[UUID], verb: FromPath[str]) -> Page | Redirect:
    try:
        await openings.act(ctx, job_id, verb)
    except JobNotFound:
        raise
    except ZhirenError as refusal:
        return await _overview(ctx, job_id, refusal)
    return redirect(f"{BASE}/{job_id}", _(words.JOB_DONE[verb]))


@post(BASE + "/{job_id:uuid}/reveal-pay", permission=access.HIRE, status_code=200)
async def reveal_page(ctx: Context, job_id: FromPath[UUID]) -> Page:
    lowest, highest = await openings.reveal_pay(ctx, job_id)
    return page("recruiting/pay_revealed.html", value=pay_range(lowest, highest))


# ---- within


def _ids(form: Fields, name: str) -> list[UUID]:
    return [uuid_of(value) or NO_ID for value in dict.fromkeys(form.form.all(name)) if value]


def _read(form: Fields) -> dict[str, Any]:
    """What was typed. Pay that was left empty stays, unless it was ticked away."""
    values: dict[str, Any] = {
        name: form.text(name)
        for name in ("title", "city", "address", "duties", "requirements", "benefits", "salary_text")
    }
    values |= {name: form.identity(name) for name in ("position_id", "legal_entity_id", "batch_id", "manager_id")}
    values |= {name: form.day(name) for name in ("closes_on", "target_date")}
    values |= {name: form.needed_identity(name) for name in ("unit_id", "owner_id")}
    for name in ("salary_min", "salary_max"):
        amount = form.money(name)
        if amount is not None or form.flag("clear_salary"):
            values[f"{name}_fen"] = None if form.flag("clear_salary") else amount
    return values | {
        "employment_type": words_or(form.text("employment_type"), words.EMPLOYMENT_TYPES, "full_time"),
        "hire_mode": words_or(form.text("hire_mode"), words.HIRE_MODES, "social"),
        "headcount": form.whole("headcount", 1),
        "listed": form.flag("listed"),
        "recruiter_ids": _ids(form, "recruiter_ids"),
        "agency_ids": _ids(form, "agency_ids"),
        "referral_reward_fen": form.money("referral_reward") or 0,
    }


def _typed(form: Fields) -> dict[str, Any]:
    lists = {name: _ids(form, name) for name in ("recruiter_ids", "agency_ids")}
    return {"listed": False, **form.form.starting(""), **lists}


async def _form(ctx: Context, job: Job | None, typed: dict[str, Any], refusal: ZhirenError | None) -> Page:
    values: dict[str, Any] = {"employment_type": "full_time", "hire_mode": "social"}
    if job is not None:
        names = [field.name for field in msgspec.structs.fields(JobData) if not field.name.startswith("salary_m")]
        values = {name: getattr(job, name) for name in names}
        values |= {"referral_reward": pay_text(job.referral_reward_fen), "version": job.version}
    shown = {name: value for name, value in (values | typed).items() if value is not None}
    found = await choices(ctx)
    team = await directory.user_refs(ctx, {*shown.get("recruiter_ids", ()), *(job.recruiter_ids if job else ())})
    return page(
        "recruiting/job_form.html",
        status_code=refusal.status if refusal else 200,
        job=job,
        values=defaultdict(str, shown),
        choices=found,
        recruiters=team,
        agencies=[one for one in await channel_queries.agencies(ctx.session) if one.active],
        batches=[(one.id, one.name) for one in await channel_queries.batches(ctx.session) if one.active],
        words=words,
        error=refusal,
        errors=defaultdict(str, refusal.fields if refusal else {}),
    )


def pay_text(amount_fen: int) -> str:
    """Yuan for a field; empty for nothing."""
    return f"{amount_fen / 100:.2f}".removesuffix(".00") if amount_fen else ""


async def _overview(ctx: Context, job_id: UUID, refusal: ZhirenError | None) -> Page:
    job = await openings.find(ctx, job_id)
    ids = {job.owner_id, *job.recruiter_ids, *([job.manager_id] if job.manager_id else [])}
    rounds = msgspec.convert(job.rounds, list[Round])
    users = await directory.user_refs(ctx, ids | {UUID(user_id) for one in rounds for user_id in one.panel})
    standing = await queries.people_by_stage_now(ctx.session, job.id)
    return page(
        "recruiting/job.html",
        status_code=refusal.status if refusal else 200,
        job=job,
        names=await seat_names(ctx),
        people={user_id: user.name for user_id, user in users.items()},
        sees_pay=requisitions.sees_pay(ctx),
        recruiters=[users[one].name for one in job.recruiter_ids if one in users],
        rounds=[(one, [users[UUID(each)].name for each in one.panel if UUID(each) in users]) for one in rounds],
        stages=[(stage, standing.get(stage.code, 0)) for stage in msgspec.convert(job.stages, list[Stage])],
        states=await queries.applications_by_state(ctx.session, job.id),
        moves=[verb for verb, (allowed, _state) in openings.MOVES.items() if job.state in allowed],
        words=words,
        error=refusal,
    )


route_handlers = (
    list_page,
    new_page,
    create_page,
    overview_page,
    edit_page,
    update_page,
    act_page,
    reveal_page,
)
