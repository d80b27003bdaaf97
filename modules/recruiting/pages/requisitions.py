"""用人需求 on pages: the list, asking, one request with its decision, and the headcount plan."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from modules.records import api as records
from modules.recruiting import words_openings as words
from modules.recruiting.models import Requisition
from modules.recruiting.repository import openings as queries
from modules.recruiting.schemas_openings import RequisitionData
from modules.recruiting.service import approving, headcount, requisitions
from modules.recruiting.service.access import MANAGE, REQUEST
from modules.recruiting.service.choices import choices, seat_names
from modules.recruiting.tables_openings import REQUISITIONS, requisition_rows
from zhiren import approvals
from zhiren.auth.service import directory
from zhiren.clock import today
from zhiren.context import Context
from zhiren.errors import ZhirenError
from zhiren.i18n import _
from zhiren.ids import NO_ID
from zhiren.web import Page, Redirect, page, redirect
from zhiren.web.fields import AnyRequest, Fields, read_form
from zhiren.web.filters import fen
from zhiren.web.tables import load

BASE: Final = "/recruiting/requisitions"


@get(BASE, permission=REQUEST)
async def list_page(request: AnyRequest, ctx: Context) -> Page | Response[bytes]:
    async def prepare(_ctx: Context, found: list[Any]) -> list[Any]:
        return await requisition_rows(ctx, found)

    table = await load(REQUISITIONS, request, ctx, queries.requisitions(requisitions.requester(ctx)), prepare=prepare)
    return await table.answer("recruiting/requisitions.html")


@get(f"{BASE}/new", permission=REQUEST)
async def new_page(ctx: Context) -> Page:
    return await _form(ctx, None, {}, None)


@post(BASE, permission=REQUEST, status_code=303)
async def create_page(request: AnyRequest, ctx: Context) -> Page | Redirect:
    form = Fields(await read_form(request))
    try:
        async with ctx.session.begin_nested():
            found = await requisitions.create(ctx, await _read(ctx, form))
            if form.flag("submit"):
                await requisitions.submit(ctx, found.id)
    except ZhirenError as refusal:
        return await _form(ctx, None, form.form.starting(""), refusal)
    return redirect(f"{BASE}/{found.id}", _("已提交，等待审批。") if form.flag("submit") else _("已保存为草稿。"))


@get(BASE + "/{requisition_id:uuid}", permission=REQUEST)
async def detail_page(ctx: Context, requisition_id: FromPath[UUID]) -> Page:
    found = await requisitions.find(ctx, requisition_id)
    users = await directory.user_refs(ctx, {found.requester_id})
    who = await records.employee_refs(ctx, [found.replaces_id]) if found.replaces_id else {}
    return page(
        "recruiting/requisition.html",
        found=found,
        names=await seat_names(ctx),
        requester=users[found.requester_id].name if found.requester_id in users else "",
        replaced=next((f"{person.name} {person.number}" for person in who.values()), ""),
        jobs=await queries.jobs_of_requisition(ctx.session, found.id),
        over=await approving.over_plan(ctx, found) if found.state not in ("closed", "withdrawn", "rejected") else 0,
        changeable=found.state in requisitions.CHANGEABLE,
        sees_pay=requisitions.sees_pay(ctx, found),
        case=await approvals.case_of(ctx, approving.KIND, found.id),
        words=words,
    )


@get(BASE + "/{requisition_id:uuid}/edit", permission=REQUEST)
async def edit_page(ctx: Context, requisition_id: FromPath[UUID]) -> Page:
    found = await requisitions.find(ctx, requisition_id)
    return await _form(ctx, found, {}, None)


@post(BASE + "/{requisition_id:uuid}/edit", permission=REQUEST, status_code=303)
async def update_page(request: AnyRequest, ctx: Context, requisition_id: FromPath[UUID]) -> Page | Redirect:
    form = Fields(await read_form(request))
    found = await requisitions.find(ctx, requisition_id)
    try:
        async with ctx.session.begin_nested():
            await requisitions.update(ctx, found.id, await _read(ctx, form))
            if form.flag("submit"):
                await requisitions.submit(ctx, found.id)
    except ZhirenError as refusal:
        await ctx.session.refresh(found)
        return await _form(ctx, found, form.form.starting(""), refusal)
    return redirect(f"{BASE}/{found.id}", _("已提交，等待审批。") if form.flag("submit") else _("已保存。"))


@post(BASE + "/{requisition_id:uuid}/submit", permission=REQUEST, status_code=303)
async def submit_page(ctx: Context, requisition_id: FromPath[UUID]) -> Redirect:
    await requisitions.submit(ctx, requisition_id)
    return redirect(f"{BASE}/{requisition_id}", _("已提交，等待审批。"))


@post(BASE + "/{requisition_id:uuid}/withdraw", permission=REQUEST, status_code=303)
async def withdraw_page(ctx: Context, requisition_id: FromPath[UUID]) -> Redirect:
    await requisitions.withdraw(ctx, requisition_id)
    return redirect(f"{BASE}/{requisition_id}", _("已撤回。"))


@post(BASE + "/{requisition_id:uuid}/reveal-pay", permission=REQUEST, status_code=200)
async def reveal_page(ctx: Context, requisition_id: FromPath[UUID]) -> Page:
    lowest, highest = await requisitions.reveal_pay(ctx, requisition_id)
    return page("recruiting/pay_revealed.html", value=pay_range(lowest, highest))


@get("/recruiting/headcount", permission=MANAGE)
async def headcount_page(
    ctx: Context, year: FromQuery[int] = 0, unit: FromQuery[str] = "", position: FromQuery[str] = ""
) -> Page:
    return await _headcount(ctx, year or today().year, {"unit_id": unit, "position_id": position}, None)


@post("/recruiting/headcount", permission=MANAGE, status_code=303)
async def save_headcount_page(request: AnyRequest, ctx: Context) -> Page | Redirect:
    form = Fields(await read_form(request))
    year = form.whole("year", today().year)
    try:
        unit_id, position_id, planned = (
            form.needed_identity("unit_id"),
            form.identity("position_id"),
            form.whole("planned"),
        )
        form.check()
        await headcount.save(
            ctx, unit_id=unit_id, position_id=position_id, year=year, planned=planned, note=form.text("note")
        )
    except ZhirenError as refusal:
        return await _headcount(ctx, year, form.form.starting(""), refusal)
    return redirect(f"/recruiting/headcount?year={year}", _("已保存。"))


# ---- within


def pay_range(lowest: int | None, highest: int | None) -> str:
    """A month's pay as people write it: ``15,000–25,000 元/月``."""
    if lowest is None and highest is None:
        return _("未填")
    yuan = [fen(amount).removesuffix(".00") for amount in (lowest, highest) if amount is not None]
    if len(yuan) == 2:
        return _("{low}–{high} 元/月", low=yuan[0], high=yuan[1])
    return _("{low} 元/月起", low=yuan[0]) if highest is None else _("不超过 {high} 元/月", high=yuan[0])


async def _read(ctx: Context, form: Fields) -> RequisitionData:
    """What was typed. Raises InvalidInput with every field that cannot be read."""
    lowest, highest = form.money("salary_min"), form.money("salary_max")
    values: dict[str, Any] = {
        "title": form.text("title"),
        "unit_id": form.needed_identity("unit_id"),
        "position_id": form.identity("position_id"),
        "headcount": form.whole("headcount", 1),
        "reason": form.text("reason") if form.text("reason") in words.REASONS else "new",
        "city": form.text("city")[:30],
        "employment_type": words_or(form.text("employment_type"), words.EMPLOYMENT_TYPES, "full_time"),
        "target_date": form.day("target_date"),
        "justification": form.text("justification"),
    }
    form.check()
    replaces = form.text("replaces")
    replaces_id = await requisitions.replaced(ctx, replaces) if replaces and values["reason"] == "replacement" else None
    return RequisitionData(**values, replaces_id=replaces_id, salary_min_fen=lowest, salary_max_fen=highest)


def words_or(text: str, known: dict[Any, Any], default: str) -> str:
    return text if text in known else default


async def _form(ctx: Context, found: Requisition | None, typed: dict[str, str], refusal: ZhirenError | None) -> Page:
    values: dict[str, Any] = {"headcount": 1, "reason": "new", "employment_type": "full_time"}
    if found is not None:
        values = {name: getattr(found, name) for name in msgspec.structs.asdict(_empty()) if "salary" not in name}
        who = await records.employee_refs(ctx, [found.replaces_id]) if found.replaces_id else {}
        values["replaces"] = next((person.number for person in who.values()), "")
    return page(
        "recruiting/requisition_form.html",
        status_code=refusal.status if refusal else 200,
        found=found,
        values=defaultdict(str, {name: value for name, value in values.items() if value is not None} | typed),
        choices=await choices(ctx),
        words=words,
        error=refusal,
        errors=defaultdict(str, refusal.fields if refusal else {}),
    )


def _empty() -> RequisitionData:
    return RequisitionData(title="", unit_id=NO_ID)


async def _headcount(ctx: Context, year: int, typed: dict[str, str], refusal: ZhirenError | None) -> Page:
    found = await choices(ctx)
    lines = await headcount.lines(ctx, year)
    shown = sorted(lines, key=lambda line: (found.unit(line.unit_id), found.position(line.position_id)))
    chosen = next(
        (
            one
            for one in lines
            if (str(one.unit_id), str(one.position_id or "")) == (typed.get("unit_id"), typed.get("position_id"))
        ),
        None,
    )
    old = {"planned": str(chosen.planned if chosen.planned is not None else ""), "note": chosen.note} if chosen else {}
    return page(
        "recruiting/headcount.html",
        status_code=refusal.status if refusal else 200,
        year=year,
        lines=shown,
        choices=found,
        values=defaultdict(str, old | typed),
        chosen=chosen,
        error=refusal,
        errors=defaultdict(str, refusal.fields if refusal else {}),
    )


route_handlers = (
    list_page,
    new_page,
    create_page,
    detail_page,
    edit_page,
    update_page,
    submit_page,
    withdraw_page,
    reveal_page,
    headcount_page,
    save_headcount_page,
)
