"""The pages of the audit trail."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery

from zhiren.audit import service
from zhiren.audit.routes import page_of
from zhiren.audit.schemas import EventDetail, Search
from zhiren.audit.titles import chain_title, field_title, role_title
from zhiren.context import Context
from zhiren.errors import InvalidInput
from zhiren.i18n import N_, _
from zhiren.modules import NavItem
from zhiren.web import Page, Redirect, page, redirect

PAGE_SIZE: Final = 50


@get("/audit", permission="audit.read")
async def list_page(
    ctx: Context,
    *,
    who: FromQuery[str] = "",
    what: FromQuery[str] = "",
    object_type: FromQuery[str] = "",
    object_id: FromQuery[str] = "",
    since: FromQuery[str] = "",
    until: FromQuery[str] = "",
    sensitive: FromQuery[bool] = False,
    cursor: FromQuery[str | None] = None,
) -> Page:
    search = Search(who, what, object_type, object_id, _day("since", since), _day("until", until), sensitive)
    listing = await page_of(ctx, search, cursor, PAGE_SIZE)
    chain = await service.chain_view(ctx)
    return page(
        "audit/list.html",
        events=listing.items,
        next_cursor=listing.next_cursor,
        search=search,
        filtered=search != Search(),
        chain=chain,
        chain_title=chain_title,
    )


@get("/audit/{event_id:uuid}", permission="audit.read")
async def detail_page(ctx: Context, event_id: FromPath[UUID]) -> Page:
    return _detail(await service.event_detail(ctx, event_id))


@post("/audit/{event_id:uuid}/reveal", permission="audit.read", status_code=200)
async def reveal_page(ctx: Context, event_id: FromPath[UUID]) -> Page:
    return _detail(await service.reveal(ctx, event_id))


@post("/audit/verify", permission="audit.read", status_code=303)
async def verify_chain(ctx: Context) -> Redirect:
    verdict = await service.check_chain(ctx)
    if verdict.intact:
        return redirect("/audit", _("审计链完整，共校验 {count} 条。", count=verdict.checked))
    return redirect("/audit", _("审计链在第 {number} 条之后对不上。", number=verdict.checked), kind="danger")


def _detail(detail: EventDetail) -> Page:
    return page("audit/detail.html", detail=detail, field_title=field_title, role_title=role_title)


def _day(name: str, text: str) -> date | None:
    """A form sends an empty text for no day."""
    try:
        return msgspec.convert(text, date) if text else None
    except msgspec.ValidationError:
        raise InvalidInput(_("日期的格式应为 2026-01-31。"), fields={name: text}) from None


route_handlers = (list_page, detail_page, reveal_page, verify_chain)
navigation = (NavItem(N_("审计记录"), "/audit", "audit.read", icon="shield-check", section=N_("设置"), order=950),)
