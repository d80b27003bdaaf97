"""The offer letter as a PDF/A page in the customer's words, signed."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime
from typing import Any, Final

from jinja2 import Environment

from modules.records import api as records
from modules.recruiting.errors import NotReady
from modules.recruiting.repository import settings as lists
from modules.recruiting.repository.offers import Proposal
from modules.recruiting.service import signing
from zhiren.clock import CHINA
from zhiren.context import Context
from zhiren.i18n import N_, _, use_locale
from zhiren.web.filters import day, fen

#: what a customer's text may name in braces
PLACES: Final = (
    "name",
    "company",
    "title",
    "unit",
    "place",
    "start_on",
    "probation",
    "contract",
    "base",
    "probation_base",
    "package",
    "expires_at",
)
USUAL: Final = N_(
    "{name}：\n\n很高兴地通知您，您已通过面试，我们诚邀您加入{company}，担任{unit}{title}一职。\n\n"
    "入职日期：{start_on}\n工作地点：{place}\n合同期限：{contract}\n试用期：{probation}\n月基本工资：{base}\n{package}\n\n"
    "请在有效期内通过链接确认。入职时请携带身份证、学历证书、离职证明等材料原件。期待与您共事。"
)
_PLACE: Final = re.compile(r"\{(\w+)\}")


def unknown_places(text: str) -> list[str]:
    """What ``text`` names in braces that nobody can fill."""
    return [name for name in dict.fromkeys(_PLACE.findall(text)) if name not in PLACES]


async def make(templates: Environment, ctx: Context, proposal: Proposal) -> bytes:
    """The signed letter, in the offer's language."""
    with use_locale(proposal.offer.locale):  # type: ignore[arg-type]  # a column that holds one of ours
        html = templates.get_template("recruiting/offer_letter_pdf.html").render(**await context(ctx, proposal))
        reason = _("录用通知 {number}", number=proposal.offer.number)
    pdf = await asyncio.to_thread(_lay_out, html)
    return await signing.sign(ctx, pdf, reason=reason)


async def context(ctx: Context, proposal: Proposal) -> dict[str, Any]:
    """What the page shows; called within the language it is written in."""
    offer = proposal.offer
    entry = next((one for one in await lists.entries(ctx.session, "letter") if one.id == offer.letter_id), None)
    text = str(entry.data.get("text", "")) if entry else _(USUAL)
    values = await _values(ctx, proposal)
    filled = _PLACE.sub(lambda match: values.get(match[1], match[0]), text)
    return {
        "paragraphs": [part.strip().split("\n") for part in filled.split("\n\n") if part.strip()],
        "company": values["company"],
        "title": _("录用通知书"),
        "number": offer.number,
        "made_on": day(datetime.now(CHINA).date()),
        "language": "zh-CN" if offer.locale == "zh_CN" else "en",
    }


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
