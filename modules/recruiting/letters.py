"""The offer letter as a PDF/A page in the customer's words, signed."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

from jinja2 import Environment

from modules.records import api as records
from modules.recruiting.errors import NotReady
from modules.recruiting.repository import settings as lists
from modules.recruiting.repository.offers import Proposal
from modules.recruiting.rules import letters as rules
from modules.recruiting.service import signing
from zhiren.clock import today
from zhiren.context import Context
from zhiren.i18n import _, use_locale
from zhiren.web.filters import day, fen


async def make(templates: Environment, ctx: Context, proposal: Proposal) -> bytes:
    """The signed letter, in the offer's language."""
    with use_locale(proposal.offer.locale):  # type: ignore[arg-type]  # a column that holds one of ours
        html = templates.get_template("recruiting/offer_letter_pdf.html").render(**await context(ctx, proposal))
        reason = _("录用通知 {number}", number=proposal.offer.number)
    pdf = await asyncio.to_thread(_lay_out, html)
    return await signing.sign(ctx, pdf, reason=reason)


async def preview(templates: Environment, ctx: Context, text: str) -> bytes:
    """``text`` as a letter to nobody, with made-up terms; not signed."""
    meals = _("餐补")
    values = {
        "name": _("张三"),
        "company": ctx.tenant.name,
        "title": _("工程师"),
        "unit": _("研发部"),
        "place": _("上海"),
        "start_on": day(today()),
        "probation": _("{n} 个月", n=3),
        "contract": _("{n} 个月", n=36),
        "base": fen(1_500_000),
        "probation_base": fen(1_200_000),
        "package": f"{meals}：{fen(50_000)} / {_per('month')}",
        "expires_at": day(today()),
    }
    shown = _shown(text, values, "F0000-0000", ctx.locale)
    html = templates.get_template("recruiting/offer_letter_pdf.html").render(**shown)
    return await asyncio.to_thread(_lay_out, html)


async def context(ctx: Context, proposal: Proposal) -> dict[str, Any]:
    """What the page shows; called within the language it is written in."""
    offer = proposal.offer
    return _shown(await _text(ctx, offer.letter_id), await _values(ctx, proposal), offer.number, offer.locale)


def _shown(text: str, values: dict[str, str], number: str, locale: str) -> dict[str, Any]:
    return {
        "paragraphs": rules.paragraphs(text, values),
        "company": values["company"],
        "title": _("录用通知书"),
        "number": number,
        "made_on": day(today()),
        "language": "zh-CN" if locale == "zh_CN" else "en",
    }


async def _text(ctx: Context, letter_id: UUID | None) -> str:
    """The text chosen, even when it was put away since; else the customer's own usual one, else ours."""
    own = await lists.entries(ctx.session, "letter", active=False)
    chosen = next((one for one in own if one.id == letter_id), None)
    if chosen is None:
        chosen = next((one for one in own if one.code == "usual" and one.active), None)
    return str(chosen.data.get("text", "")) if chosen else _(rules.USUAL)


async def _values(ctx: Context, proposal: Proposal) -> dict[str, str]:
    offer, package = proposal.offer, proposal.offer.package
    if package is None:
        # who was erased leaves no terms behind, and without them there is no letter
        raise NotReady(_("这份录用通知已结束。"))
    units = {unit.id: unit.name for unit in await records.org_units(ctx, offer.start_on)}
    entities = {entity.id: entity.name for entity in await records.legal_entities(ctx)}
    lines = [f"{line.name}：{fen(line.amount_fen)} / {_per(line.per)}" for line in package.lines]
    if package.probation_base_fen is not None:
        lines.insert(0, _("试用期月工资：{amount}", amount=fen(package.probation_base_fen)))
    if package.note:
        lines.append(package.note)
    contract = offer.contract_months
    return {
        "name": proposal.candidate.name,
        "company": entities.get(offer.legal_entity_id, ctx.tenant.name) if offer.legal_entity_id else ctx.tenant.name,
        "title": offer.title,
        "unit": units.get(offer.unit_id, ""),
        "place": offer.place or proposal.job.city,
        "start_on": day(offer.start_on),
        "probation": _("{n} 个月", n=offer.probation_months) if offer.probation_months else _("无"),
        "contract": _("{n} 个月", n=contract) if contract else _("无固定期限"),
        "base": fen(package.base_fen),
        "probation_base": fen(package.probation_base_fen or package.base_fen),
        "package": "\n".join(lines),
        "expires_at": day(offer.expires_at.date()) if offer.expires_at else "",
    }


def _per(per: str) -> str:
    return {"month": _("月"), "year": _("年"), "once": _("一次性")}[per]


def _lay_out(html: str) -> bytes:
    # imported where it is used: it loads Pango, which other processes do without
    from weasyprint import HTML  # type: ignore[import-untyped]  # noqa: PLC0415

    return HTML(string=html, url_fetcher=_nothing).write_pdf(pdf_variant="pdf/a-3u") or b""


def _nothing(url: str, *_arguments: object, **_options: object) -> Any:
    raise ValueError(f"a letter fetches nothing: {url}")
