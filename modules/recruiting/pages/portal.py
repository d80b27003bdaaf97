"""The candidate's own pages, made for the phone: where things stand, interviews, the offer, papers, one's data."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath, FromQuery

from modules.records import api as records
from modules.recruiting import words
from modules.recruiting.errors import NotReady
from modules.recruiting.pages.entrance import enter, leave, login_form
from modules.recruiting.repository import interviews as interview_queries
from modules.recruiting.repository import offers as offer_queries
from modules.recruiting.repository import public as queries
from modules.recruiting.rules.opentimes import distinct
from modules.recruiting.rules.queue import may_check_in
from modules.recruiting.service import (
    candidates,
    carrying,
    consents,
    erasure,
    interviews,
    invitations,
    offers,
    onboarding,
    portal,
    queue,
)
from modules.recruiting.shapes import DEGREES
from zhiren import audit, files, guests
from zhiren.clock import today
from zhiren.context import Context
from zhiren.errors import ZhirenError
from zhiren.files import UPLOAD_BODY_BYTES
from zhiren.i18n import _
from zhiren.ids import NO_ID
from zhiren.parcels import KEPT_S, parcels_of
from zhiren.site import public_page
from zhiren.web import Page, redirect
from zhiren.web.fields import AnyRequest, Fields, read_form

KIND: Final = "candidate"
GUEST: Final = "guest:candidate"
_LOGIN: Final = "recruiting/portal_login.html"


@get("/portal/login", permission="public")
async def login_page(ctx: Context, applied: FromQuery[str] = "") -> Page:
    return await login_form(ctx, _LOGIN, applied=applied)


@post("/portal/login", permission="public", status_code=200, idempotency=False)
async def login(request: AnyRequest, ctx: Context) -> Page | Response[Any]:
    """First the address, to which a code is sent; then the code."""
    return await enter(request, ctx, kind=KIND, template=_LOGIN, home="/portal")


@post("/portal/logout", permission=GUEST, status_code=303)
async def logout(ctx: Context) -> Response[Any]:
    return await leave(ctx, kind=KIND, to="/careers")


@get("/portal", permission=GUEST)
async def home(ctx: Context) -> Page:
    candidate = await portal.me(ctx)
    standings = await portal.standings(ctx, candidate)
    return await public_page(
        ctx,
        "recruiting/portal.html",
        candidate=candidate,
        standings=standings,
        surveyed=await queries.surveyed(ctx.session, candidate.id),
        states=words.APPLICATION_STATES,
    )


@post("/portal/applications/{application_id:uuid}/withdraw", permission=GUEST, status_code=303)
async def withdraw(request: AnyRequest, ctx: Context, application_id: FromPath[UUID]) -> Response[Any]:
    form = await read_form(request)
    await portal.withdraw(ctx, application_id, reason=form["reason"])
    return redirect("/portal", _("应聘已撤回"))


@post("/portal/applications/{application_id:uuid}/survey", permission=GUEST, status_code=303)
async def survey(request: AnyRequest, ctx: Context, application_id: FromPath[UUID]) -> Response[Any]:
    form = await read_form(request)
    score = int(form["score"]) if form["score"].isdecimal() and len(form["score"]) == 1 else 0
    await portal.survey(ctx, application_id, score=score, said=form["said"])
    return redirect("/portal", _("谢谢您的评价"))


# ---- interviews


@get("/portal/interviews/{interview_id:uuid}", permission=GUEST)
async def interview_page(ctx: Context, interview_id: FromPath[UUID]) -> Page:
    return await _interview(ctx, interview_id)


async def _interview(ctx: Context, interview_id: UUID, error: ZhirenError | None = None) -> Page:
    candidate = await portal.me(ctx)
    meeting = await interviews.of_candidate(ctx, interview_id, candidate.id)
    now = datetime.now(UTC)
    return await public_page(
        ctx,
        "recruiting/portal_interview.html",
        status_code=error.status if error else None,
        meeting=meeting,
        interview=meeting.interview,
        place=invitations.place_of(meeting),
        choices=distinct(await interview_queries.choices(ctx.session, meeting.interview, meeting.job.id, now)),
        may_move=interviews.may_move(meeting.interview, now),
        state=words.INTERVIEW_STATES[meeting.interview.state],
        mode=words.MODES[meeting.interview.mode],
        may_check_in=may_check_in(meeting.interview, now),
        before=await queue.place_of(ctx, meeting.interview),
        today=today(),
        error=error,
    )


@post("/portal/interviews/{interview_id:uuid}/choose", permission=GUEST, status_code=303)
async def choose(request: AnyRequest, ctx: Context, interview_id: FromPath[UUID]) -> Page | Response[Any]:
    fields = Fields(await read_form(request))
    candidate = await portal.me(ctx)
    meeting = await interviews.of_candidate(ctx, interview_id, candidate.id, lock=True)
    try:
        slot_id = fields.needed_identity("slot")
        fields.check()
        await interviews.choose(ctx, meeting, slot_id)
    except ZhirenError as refusal:
        return await _interview(ctx, interview_id, refusal)
    return redirect(f"/portal/interviews/{interview_id}", _("面试时间已定，邀请已发到您的邮箱"))


@post("/portal/interviews/{interview_id:uuid}/check-in", permission=GUEST, status_code=303)
async def check_in(ctx: Context, interview_id: FromPath[UUID]) -> Response[Any]:
    """On the day, by the candidate's own phone."""
    candidate = await portal.me(ctx)
    meeting = await interviews.of_candidate(ctx, interview_id, candidate.id, lock=True)
    if not may_check_in(meeting.interview, datetime.now(UTC)):
        raise NotReady(_("现在不能签到。"), hint=_("现场面试当天才能签到。"))
    number = await queue.check_in(ctx, meeting)
    return redirect(f"/portal/interviews/{interview_id}", _("已签到，您是 {number} 号", number=number))


@post("/portal/interviews/{interview_id:uuid}/cancel", permission=GUEST, status_code=303)
async def cancel(request: AnyRequest, ctx: Context, interview_id: FromPath[UUID]) -> Response[Any]:
    form = await read_form(request)
    candidate = await portal.me(ctx)
    meeting = await interviews.of_candidate(ctx, interview_id, candidate.id, lock=True)
    await interviews.cancel(ctx, meeting, message=form["reason"])
    return redirect("/portal", _("面试已取消，已通知面试官"))


# ---- the offer


@get("/portal/offers/{offer_id:uuid}", permission=GUEST)
async def offer_page(ctx: Context, offer_id: FromPath[UUID]) -> Page:
    return await _offer(ctx, offer_id)


async def _offer(ctx: Context, offer_id: UUID, error: ZhirenError | None = None) -> Page:
    candidate = await portal.me(ctx)
    proposal = await offers.of_candidate(ctx, offer_id, candidate.id)
    units = {unit.id: unit.name for unit in await records.org_units(ctx, proposal.offer.start_on)}
    return await public_page(
        ctx,
        "recruiting/portal_offer.html",
        status_code=error.status if error else None,
        offer=proposal.offer,
        package=proposal.offer.package,
        candidate=candidate,
        unit=units.get(proposal.offer.unit_id, ""),
        open=offers.is_open(proposal.offer),
        state=words.OFFER_STATES[proposal.offer.state],
        error=error,
        errors=error.fields if error else {},
    )


@get("/portal/offers/{offer_id:uuid}/letter", permission=GUEST)
async def letter(ctx: Context, offer_id: FromPath[UUID]) -> Response[bytes]:
    candidate = await portal.me(ctx)
    proposal = await offers.of_candidate(ctx, offer_id, candidate.id)
    ref, data = await files.read(ctx, proposal.offer.file_id or NO_ID, room=offers.ROOM)
    return files.response(ref, data, inline=True)


@post("/portal/offers/{offer_id:uuid}/{act:str}", permission=GUEST, status_code=303)
async def answer_offer(
    request: AnyRequest, ctx: Context, offer_id: FromPath[UUID], act: FromPath[str]
) -> Page | Response[Any]:
    """``act`` is accept, decline or ask."""
    form = await read_form(request)
    candidate = await portal.me(ctx)
    proposal = await offers.of_candidate(ctx, offer_id, candidate.id, lock=True)
    try:
        if act == "accept":
            await offers.accept(ctx, proposal, typed_name=form["typed_name"], proof=_proof())
            return redirect("/portal/onboarding", _("恭喜！您已接受录用，请准备入职"))
        if act == "decline":
            await offers.decline(ctx, proposal, reason=form["reason"])
            return redirect("/portal", _("已答复，谢谢您告诉我们"))
        await offers.ask(ctx, proposal, question=form["question"])
    except ZhirenError as refusal:
        return await _offer(ctx, offer_id, refusal)
    return redirect(f"/portal/offers/{offer_id}", _("问题已转给招聘负责人"))


def _proof() -> str:
    """How who answers showed who they are: a session opened by a code to the address they gave."""
    return "session opened by a one-time code"


# ---- onboarding


@get("/portal/onboarding", permission=GUEST)
async def onboarding_page(ctx: Context) -> Page:
    return await _onboarding(ctx)


async def _onboarding(ctx: Context, error: ZhirenError | None = None, typed: dict[str, str] | None = None) -> Page:
    candidate = await portal.me(ctx)
    arrival = await offer_queries.arrival_of(ctx.session, candidate.id)
    tasks = await offer_queries.tasks(ctx.session, arrival.onboarding.id) if arrival else []
    return await public_page(
        ctx,
        "recruiting/portal_onboarding.html",
        status_code=error.status if error else None,
        arrival=arrival,
        tasks=[task for task in tasks if task.by_newcomer],
        states=words.TASK_STATES,
        values=typed or (dict(arrival.onboarding.form or {}) if arrival else {}),
        live=arrival is not None and arrival.onboarding.state in ("preparing", "ready"),
        error=error,
        errors=error.fields if error else {},
    )


@post("/portal/onboarding", permission=GUEST, status_code=303)
async def fill_in(request: AnyRequest, ctx: Context) -> Page | Response[Any]:
    typed = (await read_form(request)).starting("")
    try:
        await onboarding.fill_in(ctx, await _arrival(ctx), typed)
    except ZhirenError as refusal:
        return await _onboarding(ctx, refusal, typed)
    return redirect("/portal/onboarding", _("入职信息已保存"))


@post(
    "/portal/onboarding/{task_id:uuid}",
    permission=GUEST,
    status_code=303,
    request_max_body_size=UPLOAD_BODY_BYTES,
)
async def hand_in(request: AnyRequest, ctx: Context, task_id: FromPath[UUID]) -> Page | Response[Any]:
    file = (await request.form()).get("file")
    try:
        data = await file.read(onboarding.MAX_PAPER_BYTES + 1) if isinstance(file, UploadFile) else b""
        name = (file.filename or "") if isinstance(file, UploadFile) else ""
        await onboarding.hand_in(ctx, await _arrival(ctx), task_id, name, data)
    except ZhirenError as refusal:
        return await _onboarding(ctx, refusal)
    return redirect("/portal/onboarding", _("已上传，等待确认"))


async def _arrival(ctx: Context) -> offer_queries.Arrival:
    candidate = await portal.me(ctx)
    found = await offer_queries.arrival_of(ctx.session, candidate.id)
    return await onboarding.arrival_of(ctx, found.onboarding.id if found else NO_ID, lock=True)


# ---- one's own data (PIPL 44 to 47)


@get("/portal/me", permission=GUEST)
async def me_page(ctx: Context) -> Page:
    return await _me(ctx)


async def _me(ctx: Context, error: ZhirenError | None = None, typed: dict[str, Any] | None = None) -> Page:
    candidate = await portal.me(ctx)
    return await public_page(
        ctx,
        "recruiting/portal_me.html",
        status_code=error.status if error else None,
        candidate=candidate,
        values=typed or msgspec.structs.asdict(candidates.data_of(candidate)),
        degrees=[(code, _(words.DEGREES[code])) for code in DEGREES if code],
        consents=await consents.told(ctx, await queries.consents(ctx.session, candidate.id)),
        error=error,
        errors=error.fields if error else {},
    )


@post("/portal/me", permission=GUEST, status_code=303)
async def correct(request: AnyRequest, ctx: Context) -> Page | Response[Any]:
    form = await read_form(request)
    candidate = await portal.me(ctx)
    plain = ("name", "mobile", "mail", "city", "school", "major", "employer", "title")
    typed: dict[str, Any] = {name: form[name].strip()[:200] for name in plain}
    typed["degree"] = form["degree"] if form["degree"] in DEGREES else ""
    try:
        data = msgspec.structs.replace(candidates.data_of(candidate), **typed)
        await candidates.correct(ctx, candidate, data)
    except ZhirenError as refusal:
        return await _me(ctx, refusal, typed)
    return redirect("/portal/me", _("已保存"))


@post("/portal/me/consents/{purpose:str}", permission=GUEST, status_code=303)
async def change_consent(request: AnyRequest, ctx: Context, purpose: FromPath[str]) -> Response[Any]:
    form = await read_form(request)
    candidate = await portal.me(ctx)
    if purpose == "talent_pool":
        if form["give"]:
            await consents.give(ctx, candidate, purpose)
        else:
            await consents.take_back(ctx, candidate, purpose)
        audit.record(
            ctx,
            "recruiting.consent.change",
            object_type="recruiting.candidate",
            object_id=candidate.id,
            changes={"talent_pool": (not form["give"], bool(form["give"]))},
        )
    return redirect("/portal/me", _("已保存"))


@get("/portal/me/copy", permission=GUEST)
async def copy(ctx: Context) -> Response[bytes]:
    candidate = await portal.me(ctx)
    data = portal.as_json(await portal.copy_of(ctx, candidate))
    headers = {"content-disposition": 'attachment; filename="my-data.json"'}
    return Response(data, media_type="application/json", headers=headers)


@post("/portal/me/carry", permission=GUEST, status_code=200, idempotency=False)
async def carry(request: AnyRequest, ctx: Context) -> Page:
    """A code for another company's form."""
    try:
        code = await carrying.pack(ctx, await portal.me(ctx), parcels_of(request))
    except ZhirenError as refusal:
        return await _me(ctx, refusal)
    return await public_page(ctx, "recruiting/portal_carry.html", code=code, minutes=KEPT_S // 60)


@post("/portal/me/carry/stop", permission=GUEST, status_code=303)
async def stop_carrying(request: AnyRequest, ctx: Context) -> Response[Any]:
    form = await read_form(request)
    await carrying.stop(ctx, await portal.me(ctx), parcels_of(request), form["code"])
    return redirect("/portal/me", _("携带码已作废"))


@post("/portal/me/erase", permission=GUEST, status_code=303)
async def erase(request: AnyRequest, ctx: Context) -> Page | Response[Any]:
    form = await read_form(request)
    candidate = await portal.me(ctx)
    try:
        if form["name"].strip() != candidate.name:
            raise erasure.not_confirmed()
        proof = await erasure.erase(ctx, candidate, cause="asked")
    except ZhirenError as refusal:
        return await _me(ctx, refusal)
    answer = Response("", status_code=303, headers={"location": f"/careers/erased/{proof.sha256[:16]}"})
    guests.see_out(answer, ctx, KIND)
    return answer


@get("/careers/erased/{code:str}", permission="public")
async def erased_page(ctx: Context, code: FromPath[str]) -> Page:
    return await public_page(ctx, "recruiting/erased.html", code=code[:16])


route_handlers: tuple[Any, ...] = (
    login_page,
    login,
    logout,
    home,
    withdraw,
    survey,
    interview_page,
    choose,
    check_in,
    cancel,
    offer_page,
    letter,
    answer_offer,
    onboarding_page,
    fill_in,
    hand_in,
    me_page,
    correct,
    change_consent,
    copy,
    carry,
    stop_carrying,
    erase,
    erased_page,
)
