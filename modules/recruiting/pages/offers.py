"""Offers for those who draft and send them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from modules.records import api as records
from modules.recruiting import letters, words
from modules.recruiting.repository import Case
from modules.recruiting.repository import offers as queries
from modules.recruiting.repository import settings as lists
from modules.recruiting.repository.offers import Proposal
from modules.recruiting.service import access, offers
from modules.recruiting.shapes import Package, PayLine
from zhiren import approvals, audit, files
from zhiren.clock import today
from zhiren.context import Context
from zhiren.errors import ZhirenError
from zhiren.i18n import _
from zhiren.web import Page, page, redirect
from zhiren.web.fields import AnyRequest, Fields, Form, read_form

OFFER: Final = access.OFFER
HIRE: Final = access.HIRE
PAY: Final = "field.pay.read"
LINES: Final = 4


@get("/recruiting/offers", permission=HIRE)
async def list_page(ctx: Context) -> Page:
    found = await queries.proposals(ctx.session, member=access.member(ctx))
    return page("recruiting/offers.html", proposals=found, states=words.OFFER_STATES)


@get("/recruiting/applications/{application_id:uuid}/offer", permission=OFFER)
async def new_page(ctx: Context, application_id: FromPath[UUID]) -> Page:
    case = await access.application_of(ctx, application_id)
    job = case.job
    values: dict[str, Any] = {
        "title": job.title,
        "unit_id": job.unit_id,
        "position_id": job.position_id,
        "legal_entity_id": job.legal_entity_id,
        "place": job.city,
        "start_on": today() + timedelta(days=14),
        "probation_months": 3,
        "contract_months": 36,
        "locale": case.candidate.locale,
    }
    return await _form(ctx, case, values)


async def _form(
    ctx: Context, case: Case, values: dict[str, Any], error: ZhirenError | None = None, offer_id: UUID | None = None
) -> Page:
    day = today()
    return page(
        "recruiting/offer_form.html",
        case=case,
        values=values,
        units=[(unit.id, unit.path) for unit in await records.org_units(ctx, day)],
        positions=[(one.id, one.name) for one in await records.positions(ctx) if one.active],
        entities=[(one.id, one.name) for one in await records.legal_entities(ctx) if one.active],
        # the usual one is what no choice means
        letters=[(one.id, one.name) for one in await lists.entries(ctx.session, "letter") if one.code != "usual"],
        locales=[("zh_CN", "简体中文"), ("en", "English")],
        pers=[("month", _("月")), ("year", _("年")), ("once", _("一次性"))],
        lines=LINES,
        action=f"/recruiting/offers/{offer_id}"
        if offer_id
        else f"/recruiting/applications/{case.application.id}/offer",
        error=error,
        errors=error.fields if error else {},
    )


@post("/recruiting/applications/{application_id:uuid}/offer", permission=OFFER, status_code=303)
async def draft(request: AnyRequest, ctx: Context, application_id: FromPath[UUID]) -> Page | Response[Any]:
    form = await read_form(request)
    case = await access.application_of(ctx, application_id, lock=True)
    try:
        async with ctx.session.begin_nested():
            offer = await offers.draft(ctx, case, _terms(Fields(form)))
            offer.letter_id = Fields(form).identity("letter_id")
    except ZhirenError as refusal:
        return await _form(ctx, case, _typed(form), refusal)
    return redirect(f"/recruiting/offers/{offer.id}", _("已保存草稿"))


@get("/recruiting/offers/{offer_id:uuid}", permission=HIRE)
async def offer_page(ctx: Context, offer_id: FromPath[UUID]) -> Page:
    proposal = await offers.offer_of(ctx, offer_id)
    sees_pay = ctx.actor.can(OFFER) or ctx.actor.can(PAY)
    if sees_pay:
        audit.record(
            ctx,
            "recruiting.offer.read",
            object_type="recruiting.offer",
            object_id=offer_id,
            fields=["package"],
            sensitive=True,
        )
    units = {unit.id: unit.path for unit in await records.org_units(ctx, proposal.offer.start_on)}
    entities = {one.id: one.name for one in await records.legal_entities(ctx)}
    return page(
        "recruiting/offer.html",
        proposal=proposal,
        offer=proposal.offer,
        package=proposal.offer.package if sees_pay else None,
        sees_pay=sees_pay,
        unit=units.get(proposal.offer.unit_id, ""),
        entity=entities.get(proposal.offer.legal_entity_id) if proposal.offer.legal_entity_id else "",
        state=words.OFFER_STATES[proposal.offer.state],
        case=await approvals.case_of(ctx, offers.KIND, offer_id),
        valid_days=offers.VALID_DAYS,
        may_offer=ctx.actor.can(OFFER),
        watermark=sees_pay,
    )


@get("/recruiting/offers/{offer_id:uuid}/edit", permission=OFFER)
async def edit_page(ctx: Context, offer_id: FromPath[UUID]) -> Page:
    proposal = await offers.offer_of(ctx, offer_id)
    return await _form(ctx, Case(*proposal[1:]), _values(proposal), offer_id=offer_id)


@post("/recruiting/offers/{offer_id:uuid}", permission=OFFER, status_code=303)
async def change(request: AnyRequest, ctx: Context, offer_id: FromPath[UUID]) -> Page | Response[Any]:
    form = await read_form(request)
    proposal = await offers.offer_of(ctx, offer_id, lock=True)
    try:
        async with ctx.session.begin_nested():
            await offers.change(ctx, proposal, _terms(Fields(form)))
            proposal.offer.letter_id = Fields(form).identity("letter_id")
    except ZhirenError as refusal:
        return await _form(ctx, Case(*proposal[1:]), _typed(form), refusal, offer_id)
    return redirect(f"/recruiting/offers/{offer_id}", _("已保存"))


@post("/recruiting/offers/{offer_id:uuid}/submit", permission=OFFER, status_code=303)
async def submit(ctx: Context, offer_id: FromPath[UUID]) -> Response[Any]:
    await offers.submit(ctx, await offers.offer_of(ctx, offer_id, lock=True))
    return redirect(f"/recruiting/offers/{offer_id}", _("已提交审批"))


@post("/recruiting/offers/{offer_id:uuid}/send", permission=OFFER, status_code=303)
async def send(request: AnyRequest, ctx: Context, offer_id: FromPath[UUID]) -> Response[Any]:
    fields = Fields(await read_form(request))
    proposal = await offers.offer_of(ctx, offer_id, lock=True)
    letter = await letters.make(request.app.state.templates, ctx, proposal)
    await offers.send(ctx, proposal, letter, valid_days=fields.whole("valid_days", offers.VALID_DAYS))
    return redirect(f"/recruiting/offers/{offer_id}", _("录用通知已发出"))


@post("/recruiting/offers/{offer_id:uuid}/withdraw", permission=OFFER, status_code=303)
async def withdraw(request: AnyRequest, ctx: Context, offer_id: FromPath[UUID]) -> Response[Any]:
    form = await read_form(request)
    await offers.withdraw(ctx, await offers.offer_of(ctx, offer_id, lock=True), reason=form["reason"])
    return redirect(f"/recruiting/offers/{offer_id}", _("录用通知已作废"))


@get("/recruiting/offers/{offer_id:uuid}/letter", permission=OFFER)
async def letter(request: AnyRequest, ctx: Context, offer_id: FromPath[UUID]) -> Response[bytes]:
    """The letter as it was sent, or as it would be."""
    proposal = await offers.offer_of(ctx, offer_id)
    if proposal.offer.file_id is not None:
        ref, data = await files.read(ctx, proposal.offer.file_id, room=offers.ROOM)
        return files.response(ref, data, inline=True)
    made = await letters.make(request.app.state.templates, ctx, proposal)
    return Response(made, media_type="application/pdf", headers={"content-disposition": "inline"})


def _terms(fields: Fields) -> offers.Terms:
    base = fields.money("base_fen") or 0
    probation = fields.money("probation_base_fen")
    lines = []
    for n in range(LINES):
        name, amount = fields.text(f"line.{n}.name"), fields.money(f"line.{n}.amount")
        if name and amount is not None:
            per = fields.text(f"line.{n}.per")
            lines.append(PayLine(name=name[:40], amount_fen=amount, per=per if per in ("year", "once") else "month"))  # type: ignore[arg-type]
    terms = offers.Terms(
        title=fields.text("title"),
        unit_id=fields.needed_identity("unit_id"),
        legal_entity_id=fields.needed_identity("legal_entity_id"),
        position_id=fields.identity("position_id"),
        place=fields.text("place"),
        start_on=fields.needed_day("start_on"),
        probation_months=fields.whole("probation_months", 0),
        contract_months=fields.optional_whole("contract_months"),
        locale="en" if fields.text("locale") == "en" else "zh_CN",
        package=Package(
            base_fen=base, probation_base_fen=probation, lines=tuple(lines), note=fields.text("note")[:500]
        ),
    )
    fields.check()
    return terms


def _typed(form: Form) -> dict[str, Any]:
    return form.starting("")


def _values(proposal: Proposal) -> dict[str, Any]:
    offer, package = proposal.offer, proposal.offer.package
    values: dict[str, Any] = {
        name: getattr(offer, name) for name in offers.Terms.__struct_fields__ if name != "package"
    }
    values["letter_id"] = offer.letter_id
    if package is not None:
        values |= {"base_fen": f"{package.base_fen / 100:.2f}", "note": package.note}
        if package.probation_base_fen is not None:
            values["probation_base_fen"] = f"{package.probation_base_fen / 100:.2f}"
        for n, line in enumerate(package.lines):
            values |= {f"line.{n}.name": line.name, f"line.{n}.amount": f"{line.amount_fen / 100:.2f}"}
            values[f"line.{n}.per"] = line.per
    return values


route_handlers: tuple[Any, ...] = (
    list_page,
    new_page,
    draft,
    offer_page,
    edit_page,
    change,
    submit,
    send,
    withdraw,
    letter,
)
