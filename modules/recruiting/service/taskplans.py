"""The customer's own plans of what is done before the first day: one for a place, or one for all."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec

from modules.recruiting.errors import EntryNotFound, InvalidRecruiting
from modules.recruiting.models import CatalogueEntry
from modules.recruiting.repository import settings as queries
from modules.recruiting.rules.tasks import USUAL, Line, with_form
from zhiren import audit
from zhiren.context import Context
from zhiren.i18n import _
from zhiren.ids import new_id


class TaskPlan(msgspec.Struct, frozen=True, kw_only=True):
    """``place`` empty is every place that has no plan of its own. ``id`` is None for the one that came with us."""

    id: UUID | None = None
    name: str = ""
    place: str = ""
    lines: tuple[Line, ...] = ()
    active: bool = True
    version: int = 0


def usual() -> TaskPlan:
    return TaskPlan(
        name=_("通用计划"), lines=tuple(msgspec.structs.replace(line, title=_(line.title)) for line in USUAL)
    )


async def plans(ctx: Context, *, active: bool = True) -> list[TaskPlan]:
    """The customer's own; ours stands behind them for as long as none of theirs is for every place."""
    own = [_plan(row) for row in await queries.entries(ctx.session, "tasks", active=active)]
    return own if any(plan.active and not plan.place for plan in own) else [*own, usual()]


async def find(ctx: Context, plan_id: UUID) -> TaskPlan:
    """Raises EntryNotFound."""
    return _plan(await _row(ctx, plan_id))


async def save(ctx: Context, plan: TaskPlan) -> UUID:
    """A new one without ``id``. Raises InvalidRecruiting, EntryNotFound, and StaleDataError where somebody else saved
    in between."""
    faults: dict[str, str] = {}
    if not 1 <= len(plan.name.strip()) <= 40:
        faults["name"] = _("请填写名称，最多 40 字")
    others = [one for one in await plans(ctx) if one.id not in (None, plan.id)]
    if plan.active and any(one.place == plan.place.strip() for one in others):
        faults["place"] = _("这个地点已有计划") if plan.place.strip() else _("已有一份用于其他地点的计划")
    if faults:
        raise InvalidRecruiting(_("请检查标出的内容。"), fields=faults)
    row = await _row(ctx, plan.id) if plan.id else CatalogueEntry(kind="tasks", code=f"own-{new_id().hex[-12:]}")
    if plan.id and row.version != plan.version:
        raise InvalidRecruiting(_("这份计划刚被别人改过。"), hint=_("请刷新后再改。"))
    row.name, row.active = plan.name.strip(), plan.active
    row.data = {"place": plan.place.strip()[:40], "lines": msgspec.to_builtins(with_form(plan.lines))}
    ctx.session.add(row)
    await ctx.session.flush()
    audit.record(
        ctx,
        "recruiting.catalogue.save",
        object_type="recruiting.catalogue",
        object_id=row.id,
        changes={"name": (None, row.name), "lines": (None, _told(plan.lines)), "active": (None, row.active)},
    )
    return row.id


async def _row(ctx: Context, plan_id: UUID) -> CatalogueEntry:
    row = await ctx.session.get(CatalogueEntry, plan_id)
    if row is None or row.kind != "tasks":
        raise EntryNotFound(_("没有这份计划，可能已被删除。"))
    return row


def _plan(row: CatalogueEntry) -> TaskPlan:
    return TaskPlan(
        id=row.id,
        name=row.name,
        place=str(row.data.get("place", "")),
        lines=msgspec.convert(row.data.get("lines", []), tuple[Line, ...]),
        active=row.active,
        version=row.version,
    )


def _told(lines: Sequence[Line]) -> str:
    return "、".join(line.title for line in lines)
