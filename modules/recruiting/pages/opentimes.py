"""Open times of a job's round: entered, seen and closed; and asking people to choose from them."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery

from modules.recruiting import words
from modules.recruiting.models import Job
from modules.recruiting.repository import opentimes as queries
from modules.recruiting.rules.opentimes import series
from modules.recruiting.service import access, interviews, opentimes
from modules.recruiting.shapes import Round
from zhiren import calendar
from zhiren.auth.service import directory
from zhiren.clock import today
from zhiren.context import Context
from zhiren.errors import ZhirenError
from zhiren.i18n import _
from zhiren.web import Page, Redirect, page, redirect
from zhiren.web.fields import AnyRequest, Fields, Form, read_form

HIRE: Final = access.HIRE
BASE: Final = "/recruiting/jobs/{job_id:uuid}/times"


@get(BASE, permission=HIRE)
async def times_page(ctx: Context, job_id: FromPath[UUID], round: FromQuery[str] = "") -> Page:
    return await _times(ctx, await access.job_of(ctx, job_id), {"round": round})


@post(BASE, permission=HIRE, status_code=303)
async def open_page(request: AnyRequest, ctx: Context, job_id: FromPath[UUID]) -> Page | Redirect:
    job = await access.job_of(ctx, job_id)
    form = await read_form(request)
    fields = Fields(form)
    try:
        minutes, pause = fields.whole("minutes", 30), fields.whole("pause")
        if not 5 <= minutes <= 480:
            fields.faults["minutes"] = _("请填 5 到 480")
        if not 0 <= pause <= 240:
            fields.faults["pause"] = _("请填 0 到 {count}", count=240)
        day, begin, until = fields.needed_day("day"), _clock(fields, "begin"), _clock(fields, "until")
        known = {one.id for one in await directory.active_users(ctx)}
        panel = [one for one in _ids(form, "panel") if one in known]
        room_id = fields.identity("room_id")
        fields.check()
        round_ = msgspec.structs.replace(_round(job, form["round"]), duration_min=minutes)
        starts = series(day, begin, until, minutes, pause)
        added, left = await opentimes.add(
            ctx, job, round_, starts, panel, apart=form["how"] == "apart", room_id=room_id
        )
    except ZhirenError as refusal:
        return await _times(ctx, job, form.starting("") | {"panel": form.all("panel")}, refusal)
    said = _("已开放 {count} 个名额。", count=added)
    if left:
        said += _("{count} 个因面试官或会议室没空，没有开放。", count=left)
    return redirect(_here(job, form), said, kind="warning" if left else "success")


@post(BASE + "/close", permission=HIRE, status_code=303)
async def close_page(request: AnyRequest, ctx: Context, job_id: FromPath[UUID]) -> Redirect:
    job = await access.job_of(ctx, job_id)
    form = await read_form(request)
    count = await opentimes.close(ctx, job, _ids(form, "slot"))
    return redirect(_here(job, form), _("已关闭 {count} 个名额。", count=count))


@post(BASE + "/invite", permission=HIRE, status_code=303)
async def invite_page(request: AnyRequest, ctx: Context, job_id: FromPath[UUID]) -> Page | Redirect:
    job = await access.job_of(ctx, job_id)
    form = await read_form(request)
    fields = Fields(form)
    try:
        days = fields.whole("days", 3)
        fields.check()
        count = await opentimes.invite(ctx, job, _round(job, form["round"]), _ids(form, "application"), days)
    except ZhirenError as refusal:
        return await _times(ctx, job, form.starting(""), refusal)
    return redirect(_here(job, form), _("已请 {count} 人选时间。", count=count))


# ---- within


def _round(job: Job, code: str) -> Round:
    rounds = _rounds(job)
    return next((one for one in rounds if one.code == code), rounds[0])


def _rounds(job: Job) -> list[Round]:
    return interviews.rounds_of(job) or [Round(code="r1", name=_("面试"))]


def _here(job: Job, form: Form) -> str:
    return f"/recruiting/jobs/{job.id}/times?round={_round(job, form['round']).code}"


def _ids(form: Form, name: str) -> list[UUID]:
    found = []
    for text in dict.fromkeys(form.all(name)):
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def _clock(fields: Fields, name: str) -> time:
    try:
        return time.fromisoformat(fields.text(name)).replace(tzinfo=None)
    except ValueError:
        fields.faults[name] = _("请填时间")
        return time()


async def _times(ctx: Context, job: Job, values: dict[str, Any], error: ZhirenError | None = None) -> Page:
    now = datetime.now(UTC)
    chosen = _round(job, str(values.get("round", "")))
    rows = await queries.of_round(ctx.session, job.id, chosen.code, now)
    people = await directory.active_users(ctx)
    rooms = await calendar.rooms(ctx)
    usual = {"day": (today() + timedelta(days=1)).isoformat(), "begin": "09:00", "until": "12:00", "pause": 0}
    usual |= {"minutes": chosen.duration_min, "panel": list(chosen.panel), "days": 3, "how": "together"}
    return page(
        "recruiting/job_times.html",
        status_code=error.status if error else 200,
        job=job,
        chosen=chosen,
        rounds=_rounds(job),
        rows=rows,
        free=sum(slot.interview_id is None for slot, _name in rows),
        names={one.id: one.name for one in people},
        people=people,
        room_choices=[(room.id, f"{room.name} {room.place}".strip()) for room in rooms],
        waiting=await queries.to_invite(ctx.session, job.id, chosen.code),
        modes=words.MODES,
        values=usual | values,
        error=error,
        errors=error.fields if error else {},
    )


route_handlers: tuple[Any, ...] = (times_page, open_page, close_page, invite_page)
