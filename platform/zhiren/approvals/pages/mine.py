"""One's own approvals: what waits, what was done, what one asked for, and who signs while one is away."""

from __future__ import annotations

from typing import Final, Literal
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, FromQuery
from markupsafe import Markup

from zhiren import people
from zhiren.approvals import kinds
from zhiren.approvals.models import Case
from zhiren.approvals.pages.forms import AnyRequest, day_of, person_of, read_form, verdict_of
from zhiren.approvals.schemas import CASE_STATES, TASK_STATES
from zhiren.approvals.service import away, deciding, views
from zhiren.context import Context
from zhiren.errors import ZhirenError
from zhiren.i18n import _
from zhiren.web import Page, Redirect, page, redirect

Tab = Literal["waiting", "done", "asked"]
_LISTS: Final = {"waiting": views.waiting, "done": views.done, "asked": views.asked}


@get("/approvals", permission="authenticated")
async def list_page(ctx: Context, tab: FromQuery[Tab] = "waiting") -> Page:
    return page(
        "approvals/list.html",
        tab=tab,
        lines=await _LISTS[tab](ctx),
        count=await views.waiting_count(ctx),
        states=CASE_STATES,
        task_states=TASK_STATES,
    )


@get("/approvals/{case_id:uuid}", permission="authenticated")
async def case_page(ctx: Context, case_id: FromPath[UUID]) -> Page:
    return await _case(ctx, await views.visible_case(ctx, case_id))


@post("/approvals/tasks/{task_id:uuid}/decide", permission="authenticated", status_code=303)
async def decide_page(request: AnyRequest, ctx: Context, task_id: FromPath[UUID]) -> Redirect:
    form = await read_form(request)
    verdict = verdict_of(form)
    case = await deciding.decide(ctx, task_id, verdict, form.get("comment", ""))
    return redirect(f"/approvals/{case.id}", _("已同意。") if verdict == "approve" else _("已拒绝。"))


@post("/approvals/tasks/{task_id:uuid}/hand-over", permission="authenticated", status_code=303)
async def hand_over_page(request: AnyRequest, ctx: Context, task_id: FromPath[UUID]) -> Redirect:
    form = await read_form(request)
    case = await deciding.hand_over(ctx, task_id, person_of(form), form.get("comment", ""))
    return redirect(f"/approvals/{case.id}", _("已转交。"))


@post("/approvals/tasks/{task_id:uuid}/add-signer", permission="authenticated", status_code=303)
async def add_signer_page(request: AnyRequest, ctx: Context, task_id: FromPath[UUID]) -> Redirect:
    form = await read_form(request)
    place: Literal["before", "after"] = "after" if form.get("place") == "after" else "before"
    case = await deciding.add_signer(ctx, task_id, person_of(form), place, form.get("comment", ""))
    return redirect(f"/approvals/{case.id}", _("已加签。"))


@post("/approvals/{case_id:uuid}/remind", permission="authenticated", status_code=303)
async def remind_page(ctx: Context, case_id: FromPath[UUID]) -> Redirect:
    await deciding.remind(ctx, case_id)
    return redirect(f"/approvals/{case_id}", _("已提醒。"))


@post("/approvals/{case_id:uuid}/withdraw", permission="authenticated", status_code=303)
async def withdraw_page(request: AnyRequest, ctx: Context, case_id: FromPath[UUID]) -> Redirect:
    form = await read_form(request)
    await deciding.withdraw(ctx, case_id, form.get("comment", ""))
    return redirect(f"/approvals/{case_id}", _("已撤回。"))


@get("/approvals/people", permission="authenticated")
async def people_page(ctx: Context, q: FromQuery[str] = "") -> Page:
    return page("approvals/people.html", people=await people.find(ctx, q[:60]), me=ctx.actor.user_id)


@get("/approvals/away", permission="authenticated")
async def away_page(ctx: Context) -> Page:
    return await _away(ctx, {}, None)


@post("/approvals/away", permission="authenticated", status_code=303)
async def set_away_page(request: AnyRequest, ctx: Context) -> Page | Redirect:
    form = await read_form(request)
    try:
        await away.set_away(ctx, person_of(form), day_of(form, "starts_on"), day_of(form, "ends_on"))
    except ZhirenError as refusal:
        return await _away(ctx, form, refusal)
    return redirect("/approvals/away", _("已设好，期间由代理人审批。"))


@post("/approvals/away/{delegation_id:uuid}/revoke", permission="authenticated", status_code=303)
async def revoke_page(ctx: Context, delegation_id: FromPath[UUID]) -> Redirect:
    await away.revoke(ctx, delegation_id)
    return redirect("/approvals/away", _("已取消，之后由您自己审批。"))


async def card(ctx: Context) -> Markup | None:
    """For the home page (``Deployment.home_cards``): what waits for this person."""
    count = await views.waiting_count(ctx)
    if not count:
        return None
    words = _("{count} 个审批等您处理。", count=count)
    return _CARD.format(words=words, link=_("去审批"))


_CARD: Final = Markup(
    '<div class="zr-alert zr-alert-info" role="status"><div>{words} <a href="/approvals">{link}</a></div></div>'
)


# ---- within


async def _case(ctx: Context, case: Case) -> Page:
    kind = kinds.find(case.kind)
    return page(
        "approvals/case.html",
        case=await views.view_of(ctx, case),
        card=await kind.describe(ctx, case.subject_id) if kind is not None else None,
        people=await people.find(ctx, ""),
        states=CASE_STATES,
    )


async def _away(ctx: Context, values: dict[str, str], refusal: ZhirenError | None) -> Page:
    if refusal is not None and not refusal.fields:
        raise refusal
    return page(
        "approvals/away.html",
        status_code=refusal.status if refusal else 200,
        rows=await away.mine(ctx),
        people=await people.find(ctx, ""),
        values=values,
        errors=refusal.fields if refusal else {},
        error=refusal,
        today=away.today(),
    )


route_handlers = (
    list_page,
    people_page,
    away_page,
    set_away_page,
    revoke_page,
    case_page,
    decide_page,
    hand_over_page,
    add_signer_page,
    remind_page,
    withdraw_page,
)
