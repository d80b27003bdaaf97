"""Saved views of tables: each person's own ways to look."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import UUID

from litestar import Request, get, post
from litestar.params import FromPath, FromQuery
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from zhiren.context import Context
from zhiren.errors import InvalidInput, NotFound
from zhiren.i18n import _
from zhiren.ids import new_id
from zhiren.web.models import SavedView
from zhiren.web.pages import Page, Redirect, local_path, page, redirect

MAX_VIEWS: Final = 50
MAX_NAME: Final = 40
MAX_QUERY: Final = 1000
#: what a view remembers besides filters (``f.…``); the page number is left out
_REMEMBERED: Final = ("q", "sort", "cols", "size")


def remembered(query: str) -> dict[str, str]:
    """The part of an address's query that a view keeps."""
    pairs = parse_qsl(query[:MAX_QUERY])
    return {key: value for key, value in pairs if key in _REMEMBERED or key.startswith("f.")}


@get("/views", permission="authenticated")
async def views(ctx: Context, table: FromQuery[str], at: FromQuery[str] = "/") -> Page:
    """The person's views of one table, as links: a part of the page, fetched after it."""
    place = urlsplit(local_path(at))
    now = remembered(place.query)
    found = await ctx.session.execute(
        select(SavedView.id, SavedView.name, SavedView.query)
        .where(SavedView.user_id == ctx.actor.user_id, SavedView.table_name == table)
        .order_by(SavedView.created_at)
    )
    shown: list[dict[str, Any]] = [
        {"id": row.id, "name": row.name, "url": f"{place.path}?{urlencode(row.query)}", "current": row.query == now}
        for row in found
    ]
    return page("web/views.html", saved=shown, path=place.path, plain=not now, at=at)


@post("/views", permission="authenticated", status_code=303)
async def save_view(request: Request[Any, Any, Any], ctx: Context) -> Redirect:
    """Saved under a name; the same name again replaces it."""
    form = await request.form()
    name, table, at = (str(form.get(key, "")).strip() for key in ("name", "table", "at"))
    if not 0 < len(name) <= MAX_NAME or not 0 < len(table) <= 100:
        raise InvalidInput(_("请填写视图的名称，最多 {max} 个字。", max=MAX_NAME), fields={"name": _("请填写名称。")})
    user_id = ctx.actor.user_id
    count = await ctx.session.scalar(
        select(func.count()).select_from(SavedView).where(SavedView.user_id == user_id, SavedView.table_name == table)
    )
    if (count or 0) >= MAX_VIEWS:
        raise InvalidInput(_("一个列表最多保存 {max} 个视图。", max=MAX_VIEWS), hint=_("请先删除不用的视图。"))
    query = remembered(urlsplit(local_path(at)).query)
    values = {"id": new_id(), "user_id": user_id, "table_name": table, "name": name, "query": query}
    await ctx.session.execute(
        insert(SavedView)
        .values(values)
        .on_conflict_do_update(index_elements=["user_id", "table_name", "name"], set_={"query": query})
    )
    return redirect(at, _("视图“{name}”已保存。", name=name))


@post("/views/{view_id:uuid}/delete", permission="authenticated", status_code=303)
async def delete_view(request: Request[Any, Any, Any], ctx: Context, view_id: FromPath[UUID]) -> Redirect:
    form = await request.form()
    gone = await ctx.session.scalar(
        delete(SavedView)
        .where(SavedView.id == view_id, SavedView.user_id == ctx.actor.user_id)
        .returning(SavedView.name)
    )
    if gone is None:
        raise NotFound(_("没有这个视图。"))
    return redirect(str(form.get("at", "/")), _("视图“{name}”已删除。", name=gone))


HANDLERS: Final = (views, save_view, delete_view)
