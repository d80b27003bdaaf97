"""What a person has been told, and the bell that counts what is new."""

from __future__ import annotations

from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery

from zhiren.context import Context
from zhiren.i18n import _
from zhiren.notices.service import inbox
from zhiren.web import Page, Redirect, page, redirect

PAGE_SIZE = 30


class Unread(msgspec.Struct):
    unread: int


@get("/notices", permission="authenticated")
async def inbox_page(ctx: Context, unread: FromQuery[bool] = False, before: FromQuery[UUID | None] = None) -> Page:
    key = inbox.reader_key(ctx.actor)
    items = await inbox.items(ctx, key, unread=unread, before=before, limit=PAGE_SIZE + 1)
    more = items[PAGE_SIZE - 1].id if len(items) > PAGE_SIZE else None
    count = await inbox.unread(ctx, key)
    return page("notices/inbox.html", items=items[:PAGE_SIZE], only_unread=unread, next_before=more, count=count)


@post("/notices/{message_id:uuid}/open", permission="authenticated", status_code=303)
async def open_notice(ctx: Context, message_id: FromPath[UUID]) -> Redirect:
    return redirect(await inbox.open_item(ctx, inbox.reader_key(ctx.actor), message_id))


@post("/notices/read-all", permission="authenticated", status_code=303)
async def read_all(ctx: Context) -> Redirect:
    await inbox.read_all(ctx, inbox.reader_key(ctx.actor))
    return redirect("/notices", _("都标为已读了。"))


@get("/api/v1/notices/unread", permission="authenticated", tags=["notices"])
async def unread_count(ctx: Context) -> Unread:
    """How many of one's own notices are new."""
    return Unread(await inbox.unread(ctx, inbox.reader_key(ctx.actor)))


route_handlers = (inbox_page, open_notice, read_all, unread_count)
