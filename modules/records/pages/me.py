"""One's own record."""

from __future__ import annotations

from litestar import get

from modules.records.pages.employees import detail_context
from zhiren.clock import today
from zhiren.context import Context
from zhiren.web import Page, page


@get("/me", permission="records.me")
async def me_page(ctx: Context) -> Page:
    employee_id = ctx.actor.employee_id
    if employee_id is None or not ctx.actor.can("records.employee.read"):
        return page("records/me.html", found=None)
    return page("records/me.html", **await detail_context(ctx, employee_id, today(), False))


route_handlers = (me_page,)
