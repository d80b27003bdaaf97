"""编制: planned, in place, asked for, left, by unit and position."""

from __future__ import annotations

from uuid import UUID

import msgspec

from modules.records import api as records
from modules.recruiting.errors import InvalidRecruiting
from modules.recruiting.models import Headcount
from modules.recruiting.repository import openings as queries
from zhiren import audit
from zhiren.clock import today
from zhiren.context import Context
from zhiren.i18n import _

MAX_PLANNED = 100_000


class Line(msgspec.Struct, frozen=True):
    """``planned`` is None where nobody planned; ``left`` then too. Below zero is over the plan."""

    unit_id: UUID
    position_id: UUID | None
    planned: int | None
    in_place: int
    wanted: int
    note: str = ""

    @property
    def left(self) -> int | None:
        return None if self.planned is None else self.planned - self.in_place - self.wanted


async def lines(ctx: Context, year: int) -> list[Line]:
    """Every unit and position that has a plan, people or requests. A plan without a position is for the whole unit:
    its people and requests are those of all positions in the unit that have no plan of their own."""
    plans = {(plan.unit_id, plan.position_id): plan for plan in await queries.plans(ctx.session, year)}
    seats = await records.headcount_by_seat(ctx, today())
    asked = {
        (row.unit_id, row.position_id): int(row.asked) - int(row.hired) for row in await queries.wanted(ctx.session)
    }
    placed: dict[tuple[UUID, UUID | None], list[int]] = {key: [0, 0] for key in plans}
    for at, counts in enumerate((seats, asked)):
        for (unit_id, position_id), count in counts.items():
            own = (unit_id, position_id)
            key = (unit_id, None) if own not in plans and (unit_id, None) in plans else own
            placed.setdefault(key, [0, 0])[at] += count
    return [
        Line(
            unit_id=key[0],
            position_id=key[1],
            planned=plans[key].planned if key in plans else None,
            in_place=in_place,
            wanted=wanted,
            note=plans[key].note if key in plans else "",
        )
        for key, (in_place, wanted) in placed.items()
    ]


async def line_of(ctx: Context, unit_id: UUID, position_id: UUID | None, year: int) -> Line | None:
    """The plan that counts for a unit and position: its own, or the unit's. None where nothing was planned."""
    found = {(line.unit_id, line.position_id): line for line in await lines(ctx, year) if line.planned is not None}
    return found.get((unit_id, position_id)) or found.get((unit_id, None))


async def save(
    ctx: Context, *, unit_id: UUID, position_id: UUID | None, year: int, planned: int, note: str
) -> Headcount:
    """A new plan, or the figure of an old one. Raises InvalidRecruiting."""
    faults: dict[str, str] = {}
    if unit_id not in {unit.id for unit in await records.org_units(ctx, today())}:
        faults["unit_id"] = _("请选择部门")
    if position_id and position_id not in {row.id for row in await records.positions(ctx)}:
        faults["position_id"] = _("请重新选择")
    if not 2000 <= year <= 2100:
        faults["year"] = _("请填年份")
    if not 0 <= planned <= MAX_PLANNED:
        faults["planned"] = _("请填 0 到 {count}", count=MAX_PLANNED)
    if faults:
        raise InvalidRecruiting(_("请检查标出的内容。"), fields=faults)
    plan = await queries.plan(ctx.session, unit_id, position_id, year)
    before = plan.planned if plan else None
    if plan is None:
        plan = Headcount(unit_id=unit_id, position_id=position_id, year=year)
        ctx.session.add(plan)
    plan.planned, plan.note = planned, note.strip()[:200]
    await ctx.session.flush()
    audit.record(
        ctx,
        "recruiting.headcount.save",
        object_type="recruiting.headcount",
        object_id=plan.id,
        changes={"planned": (before, planned), "year": (None, year)},
    )
    return plan
