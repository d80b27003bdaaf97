"""Interviews for those who plan and hold them: the list, one interview with résumé and scorecards, planning, times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from modules.recruiting import words
from modules.recruiting.repository import Case
from modules.recruiting.repository import interviews as queries
from modules.recruiting.rules import times as rules
from modules.recruiting.service import access, interviews, invitations, scorecards
from modules.recruiting.shapes import Profile, Round
from zhiren import calendar
from zhiren.auth.service import directory
from zhiren.calendar.schemas import ANSWERS
from zhiren.context import Context
from zhiren.errors import ZhirenError
from zhiren.i18n import _
from zhiren.web import Page, page, redirect
from zhiren.web.fields import AnyRequest, Fields, Form, read_form, uuid_of

INTERVIEW: Final = access.INTERVIEW
HIRE: Final = access.HIRE
_TYPED: Final = ("verdict", "scores", "summary", "private")


@get("/recruiting/interviews", permission=INTERVIEW)
async def list_page(ctx: Context, show: FromQuery[str] = "mine") -> Page:
    now = datetime.now(UTC)
    hires = ctx.actor.can(HIRE)
    if show == "all" and hires:
        found = await queries.between(
            ctx.session, now - timedelta(days=1), now + timedelta(days=28), member=access.member(ctx)
        )
    else:
        show = "mine"
        assert ctx.actor.user_id is not None
        found = await queries.mine(ctx.session, ctx.actor.user_id, now - timedelta(hours=12))
    own = await queries.panel(ctx.session, [meeting.interview.id for meeting in found])
    waiting = {
        row.interview_id
        for row in own
        if row.user_id == ctx.actor.user_id and row.submitted_at is None and row.role != "observer"
    }
    return page(
        "recruiting/interviews.html",
        days=rules.by_day(found),
        show=show,
        hires=hires,
        waiting=waiting,
        now=now,
        modes=words.MODES,
        states=words.INTERVIEW_STATES,
    )


@get("/recruiting/interviews/{interview_id:uuid}", permission=INTERVIEW)
async def interview_page(ctx: Context, interview_id: FromPath[UUID]) -> Page:
    return await _interview(ctx, interview_id)


async def _interview(
    ctx: Context, interview_id: UUID, error: ZhirenError | None = None, typed: dict[str, Any] | None = None
) -> Page:
    meeting = await interviews.meeting_of(ctx, interview_id)
    cards = await scorecards.cards(ctx, meeting)
    own = next((card for card in cards if card.user_id == ctx.actor.user_id and card.role != "observer"), None)
    round_ = interviews.round_of(meeting.job, meeting.interview.round)
    values = {name: getattr(own, name) for name in _TYPED} if own else {}
    return page(
        "recruiting/interview.html",
        meeting=meeting,
        profile=msgspec.convert(meeting.candidate.profile, Profile),
        cards=cards,
        proposals=await calendar.proposals(ctx, (invitations.ABOUT, interview_id)),
        panel_answers={one.user_id: one.answer for one in await queries.panel(ctx.session, [interview_id])},
        own=own,
        values=values | (typed or {}),
        round=round_,
        hires=access.hires_for(ctx, meeting.job),
        choices=await queries.choices(ctx.session, meeting.interview, meeting.job.id, datetime.now(UTC)),
        now=datetime.now(UTC),
        error=error,
        errors=error.fields if error else {},
        **_words(),
    )


def _words() -> dict[str, Any]:
    return {
        "modes": words.MODES,
        "answers": ANSWERS,
        "states": words.INTERVIEW_STATES,
        "verdicts": words.VERDICTS,
        "degrees": words.DEGREES,
    }


@post("/recruiting/interviews/{interview_id:uuid}/scorecard", permission=INTERVIEW, status_code=303)
async def submit_scorecard(request: AnyRequest, ctx: Context, interview_id: FromPath[UUID]) -> Page | Response[Any]:
    form = await read_form(request, longest=8000)
    meeting = await interviews.meeting_of(ctx, interview_id, lock=True)
    scores = {code: int(text) for code, text in form.starting("score.").items() if text.isdecimal() and len(text) < 4}
    typed: dict[str, Any] = {
        "verdict": form["verdict"],
        "scores": scores,
        "summary": form["summary"],
        "private": form["private"],
    }
    try:
        criteria = interviews.round_of(meeting.job, meeting.interview.round).criteria
        await scorecards.submit(ctx, meeting, criteria=criteria, **typed)
    except ZhirenError as refusal:
        return await _interview(ctx, interview_id, refusal, typed)
    return redirect(f"/recruiting/interviews/{interview_id}", _("评价已提交"))


# ---- planning, by who hires


@get("/recruiting/applications/{application_id:uuid}/interview", permission=HIRE)
async def plan_page(ctx: Context, application_id: FromPath[UUID], round: FromQuery[str] = "") -> Page:
    return await _plan(ctx, await access.application_of(ctx, application_id), {"round": round})


async def _plan(ctx: Context, case: Case, typed: dict[str, Any], error: ZhirenError | None = None) -> Page:
    rounds = interviews.rounds_of(case.job) or [Round(code="r1", name=_("面试"))]
    chosen = next((one for one in rounds if one.code == typed.get("round")), rounds[0])
    panel = typed.get("panel") or list(chosen.panel)
    people = await directory.active_users(ctx)
    rooms = await calendar.rooms(ctx)
    free = await _free(ctx, [UUID(one) for one in panel], typed.get("minutes") or chosen.duration_min)
    return page(
        "recruiting/interview_plan.html",
        case=case,
        chosen=chosen,
        round_choices=[(one.code, one.name) for one in rounds],
        mode_choices=[(code, _(title)) for code, title in words.MODES.items()],
        room_choices=[(room.id, f"{room.name} {room.place}".strip()) for room in rooms],
        panel={str(one) for one in panel},
        people=people,
        free=free,
        values=typed,
        earlier=await queries.interviews_of(ctx.session, case.application.id),
        error=error,
        errors=error.fields if error else {},
        **_words(),
    )


async def _free(ctx: Context, panel: list[UUID], minutes: int) -> list[datetime]:
    """Times in common of the next ten days, a few of each day."""
    if not panel:
        return []
    start = datetime.now(UTC) + timedelta(hours=2)
    end = start + timedelta(days=10)
    busy = await calendar.busy(ctx, panel, start, end)
    return rules.suggestions(busy, start, end, minutes)


@post("/recruiting/applications/{application_id:uuid}/interview", permission=HIRE, status_code=303)
async def plan_interview(request: AnyRequest, ctx: Context, application_id: FromPath[UUID]) -> Page | Response[Any]:
    form = await read_form(request, longest=4000)
    case = await access.application_of(ctx, application_id, lock=True)
    typed = _typed(form)
    if form["act"] == "suggest":
        return await _plan(ctx, case, typed)
    fields = Fields(form)
    try:
        times = rules.read_times(form.all("time"), fields.faults)
        planned = next((one for one in interviews.rounds_of(case.job) if one.code == typed["round"]), None)
        base = planned or Round(code=typed["round"] or "r1", name=_("面试"))
        mode = form["mode"] if form["mode"] in words.MODES else base.mode
        round_ = msgspec.structs.replace(base, mode=mode, duration_min=fields.whole("minutes", base.duration_min))
        if not 5 <= round_.duration_min <= 480:
            fields.faults["minutes"] = _("请填 5 到 480")
        fields.check()
        async with ctx.session.begin_nested():
            panel = [UUID(one) for one in typed["panel"]]
            interview = await interviews.plan(
                ctx, case, round_, panel, message=fields.text("message"), place=fields.text("place")
            )
            interview.room_id = fields.identity("room_id")
            meeting = queries.Meeting(interview, case.application, case.candidate, case.job)
            if form["act"] == "set":
                await interviews.set_time(ctx, meeting, times[0] if times else datetime.now(UTC))
            elif form["act"] == "open":
                await interviews.ask_to_choose(ctx, meeting, choose_by=datetime.now(UTC) + timedelta(days=3))
            else:
                await interviews.propose(ctx, meeting, times)
    except ZhirenError as refusal:
        return await _plan(ctx, case, typed, refusal)
    return redirect(f"/recruiting/interviews/{interview.id}", _("面试已安排，已通知候选人"))


def _typed(form: Form) -> dict[str, Any]:
    panel = [str(found) for one in form.all("panel") if (found := uuid_of(one)) is not None]
    minutes = form["minutes"]
    return {
        "round": form["round"],
        "panel": panel,
        "mode": form["mode"],
        "minutes": int(minutes) if minutes.isdecimal() and len(minutes) < 4 else None,
        "place": form["place"],
        "room_id": form["room_id"],
        "message": form["message"],
        "times": form.all("time"),
    }


@post("/recruiting/interviews/{interview_id:uuid}/time", permission=HIRE, status_code=303)
async def set_time(request: AnyRequest, ctx: Context, interview_id: FromPath[UUID]) -> Page | Response[Any]:
    fields = Fields(await read_form(request))
    meeting = await _to_manage(ctx, interview_id)
    try:
        times = rules.read_times(fields.form.all("time"), fields.faults)
        fields.check()
        await interviews.set_time(ctx, meeting, times[0] if times else datetime.now(UTC))
    except ZhirenError as refusal:
        return await _interview(ctx, interview_id, refusal)
    return redirect(f"/recruiting/interviews/{interview_id}", _("时间已定，已通知候选人和面试官"))


@post("/recruiting/interviews/{interview_id:uuid}/cancel", permission=HIRE, status_code=303)
async def cancel(request: AnyRequest, ctx: Context, interview_id: FromPath[UUID]) -> Response[Any]:
    form = await read_form(request)
    await interviews.cancel(ctx, await _to_manage(ctx, interview_id), message=form["message"])
    return redirect(f"/recruiting/interviews/{interview_id}", _("面试已取消，已通知候选人和面试官"))


@post("/recruiting/interviews/{interview_id:uuid}/close", permission=INTERVIEW, status_code=303)
async def close(request: AnyRequest, ctx: Context, interview_id: FromPath[UUID]) -> Response[Any]:
    form = await read_form(request)
    meeting = await interviews.meeting_of(ctx, interview_id, lock=True)
    await interviews.close(ctx, meeting, form["state"])
    return redirect(f"/recruiting/interviews/{interview_id}", _("已记录"))


async def _to_manage(ctx: Context, interview_id: UUID) -> queries.Meeting:
    """Locked, for who hires for the job: being on the panel is not enough."""
    meeting = await interviews.meeting_of(ctx, interview_id, lock=True)
    await access.job_of(ctx, meeting.job.id)
    return meeting


route_handlers: tuple[Any, ...] = (
    list_page,
    interview_page,
    submit_scorecard,
    plan_page,
    plan_interview,
    set_time,
    cancel,
    close,
)
