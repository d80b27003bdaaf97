"""The payslip as one A4 page."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

from jinja2 import Environment

from modules.payroll import repository
from modules.payroll.pages.statement import statement_context
from modules.payroll.service.payslips import Opened
from modules.records import api as records
from zhiren.context import Context
from zhiren.i18n import current_locale
from zhiren.web.filters import CHINA


async def payslip_pdf(templates: Environment, ctx: Context, opened: Opened) -> bytes:
    """Made anew each time and kept nowhere. Nothing is fetched from outside while it is laid out."""
    html = templates.get_template("payroll/payslip_pdf.html").render(
        **statement_context(opened, None),
        employer=await _employer(ctx, opened) or ctx.tenant.name,
        made_at=datetime.now(CHINA),
        language="zh-CN" if current_locale() == "zh_CN" else "en",
    )
    return await asyncio.to_thread(_lay_out, html)


async def _employer(ctx: Context, opened: Opened) -> str:
    group = await repository.group(ctx.session, opened.run.group_id)
    names = {entity.id: entity.name for entity in await records.legal_entities(ctx)}
    return names.get(group.legal_entity_id, "") if group and group.legal_entity_id else ""


def _lay_out(html: str) -> bytes:
    # imported where it is used: it loads Pango, which other processes do without
    from weasyprint import HTML  # type: ignore[import-untyped]  # noqa: PLC0415

    return HTML(string=html, url_fetcher=_nothing).write_pdf() or b""


def _nothing(url: str, *_arguments: object, **_options: object) -> Any:
    raise ValueError(f"a payslip fetches nothing: {url}")
