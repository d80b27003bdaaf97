"""The figures of the law this program pays by: since when, until when, from where, and how sure."""

from __future__ import annotations

from typing import Any

from litestar import get

from modules.payroll import legal, words
from modules.payroll.legal_words import describe, figure_name
from modules.payroll.service import settings
from zhiren.clock import today
from zhiren.context import Context
from zhiren.i18n import _
from zhiren.web import Page, page


@get("/payroll/law", permission="payroll.settings.read")
async def law_page(ctx: Context) -> Page:  # noqa: ARG001
    day = today()
    regions: dict[str, list[dict[str, Any]]] = {}
    for region, timeline in legal.load().timelines():
        entries = []
        for entry in reversed(timeline.entries):
            told = entry.provenance
            past = told.valid_to is not None and told.valid_to < day
            entries.append({"entry": entry, "told": told, "text": describe(entry.value), "past": past})
        last = timeline.entries[-1].provenance.valid_to
        regions.setdefault(region or _("全国"), []).append(
            {
                "name": figure_name(timeline.name),
                "entries": entries,
                "overdue": last is not None and last < day,
            }
        )
    paying = {_("全国"), *settings.paying_cities()}
    return page("payroll/law.html", regions=regions, paying=paying, standings=words.STANDINGS)


HANDLERS = (law_page,)
