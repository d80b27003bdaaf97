"""Plans of what is done before the first day, edited line by line."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import FromQuery

from modules.recruiting.rules.plans import new_code, rearranged, rows
from modules.recruiting.rules.tasks import Line, line_of
from modules.recruiting.service import access, taskplans
from modules.recruiting.service.taskplans import TaskPlan
from zhiren.auth.queries import every_role
from zhiren.auth.table import role_title
from zhiren.context import Context
from zhiren.errors import ZhirenError
from zhiren.i18n import N_, _
from zhiren.web import Page, Redirect, page, redirect
from zhiren.web.fields import AnyRequest, Fields, Form, read_form

SETTINGS: Final = access.SETTINGS
BASE: Final = "/recruiting/settings/tasks"
#: what a newcomer does; the rest is done by somebody here, in a role
_BY_NEWCOMER: Final[dict[str, str]] = {"paper": N_("新同事：上传材料"), "newcomer": N_("新同事：做一件事")}


@get(BASE, permission=SETTINGS)
async def plan_page(ctx: Context, plan: FromQuery[UUID | None] = None) -> Page:
    """A plan of the customer's own, or a new one that begins as the usual one."""
    if plan is not None:
        return await _form(ctx, await taskplans.find(ctx, plan))
    return await _form(ctx, msgspec.structs.replace(taskplans.usual(), name=""))


@post(BASE, permission=SETTINGS, status_code=303)
async def save_plan(request: AnyRequest, ctx: Context) -> Page | Redirect:
    fields = Fields(await read_form(request))
    plan = TaskPlan(
        id=fields.identity("plan"),
        name=fields.text("name"),
        place=fields.text("place"),
        lines=tuple(rearranged(read_lines(fields.form), fields.form["do"])),
        active=fields.flag("active"),
        version=fields.whole("version", 0),
    )
    if fields.form["do"].startswith(("up:", "down:", "remove:")):
        return await _form(ctx, plan)
    try:
        async with ctx.session.begin_nested():
            await taskplans.save(ctx, plan)
    except ZhirenError as refusal:
        return await _form(ctx, plan, refusal)
    return redirect("/recruiting/settings", _("已保存，以后的入职按新计划准备。"))


def read_lines(form: Form) -> list[Line]:
    """The lines that have a title; each keeps the code it had."""
    found: list[Line] = []
    typed = [row for _at, row in rows(form.starting("line.")) if row.get("title")]
    taken = [row["code"] for row in typed if row.get("code")]
    for row in typed:
        code = row.get("code", "")[:30] or new_code("t", taken)
        taken.append(code)
        days = row.get("days_before", "")
        found.append(
            line_of(
                row["title"][:60],
                row.get("doer", "")[:40] or "hr",
                code=code,
                guide=row.get("guide", "")[:300],
                required=bool(row.get("required")),
                days_before=int(days) if days.isascii() and days.isdecimal() and len(days) < 4 else 3,
            )
        )
    return found


async def _form(ctx: Context, plan: TaskPlan, refusal: ZhirenError | None = None) -> Page:
    by_newcomer: list[tuple[str, str]] = [(code, _(title)) for code, title in _BY_NEWCOMER.items()]
    here = [(role.code, role_title(role)) for role in await every_role(ctx) if role.code != "employee"]
    return page(
        "recruiting/settings_tasks.html",
        status_code=refusal.status if refusal else 200,
        plan=plan,
        doers=by_newcomer + here,
        error=refusal,
        errors=refusal.fields if refusal else {},
    )


route_handlers: tuple[Any, ...] = (plan_page, save_plan)
