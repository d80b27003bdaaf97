"""The API of the audit trail."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, FromQuery

from zhiren.audit import service
from zhiren.audit.schemas import ChainView, EventDetail, EventView, Search
from zhiren.context import Context
from zhiren.web import Cursor, Listing
from zhiren.web.api import DEFAULT_LIMIT, check_limit


@get("/api/v1/audit", permission="audit.read", tags=["audit"])
async def list_events(
    ctx: Context,
    *,
    who: FromQuery[str] = "",
    what: FromQuery[str] = "",
    object_type: FromQuery[str] = "",
    object_id: FromQuery[str] = "",
    since: FromQuery[date | None] = None,
    until: FromQuery[date | None] = None,
    sensitive: FromQuery[bool] = False,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = DEFAULT_LIMIT,
) -> Listing[EventView]:
    """Events, newest first. `who` is a name, a user's id or an address; `what` an action or words of its title."""
    search = Search(who, what, object_type, object_id, since, until, sensitive)
    return await page_of(ctx, search, cursor, check_limit(limit))


@get("/api/v1/audit/chain", permission="audit.read", tags=["audit"])
async def get_chain(ctx: Context) -> ChainView:
    """How far the chain reaches, and what recomputing it found last."""
    return await service.chain_view(ctx)


@post("/api/v1/audit/chain/verify", permission="audit.read", status_code=200, tags=["audit"])
async def verify_chain(ctx: Context) -> ChainView:
    """Recompute the whole chain."""
    await service.check_chain(ctx)
    await ctx.session.flush()
    return await service.chain_view(ctx)


@get("/api/v1/audit/{event_id:uuid}", permission="audit.read", tags=["audit"])
async def get_event(ctx: Context, event_id: FromPath[UUID]) -> EventDetail:
    """One event; values behind a field class are masked."""
    return await service.event_detail(ctx, event_id)


@post("/api/v1/audit/{event_id:uuid}/reveal", permission="audit.read", status_code=200, tags=["audit"])
async def reveal_event(ctx: Context, event_id: FromPath[UUID]) -> EventDetail:
    """One event with the values the caller's field classes allow. This reading is recorded."""
    return await service.reveal(ctx, event_id)


async def page_of(ctx: Context, search: Search, cursor: str | None, limit: int) -> Listing[EventView]:
    before = None
    if cursor:
        at, event_id = Cursor.decode(cursor, [datetime, UUID]).keys
        before = (at, event_id)
    events = await service.list_events(ctx, search, before=before, limit=limit + 1)
    if len(events) <= limit:
        return Listing(events)
    last = events[limit - 1]
    return Listing(events[:limit], Cursor([last.at, last.id]).encode())


route_handlers = (list_events, get_chain, verify_chain, get_event, reveal_event)
