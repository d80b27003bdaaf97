"""Where people work over time: changes from a day, corrections, leaving, taking back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from modules.records import errors
from modules.records.models import Assignment, Employee
from modules.records.repository import employees
from modules.records.rules import periods
from modules.records.rules.periods import Period
from modules.records.schemas import Leave, SeatChange, SeatCreate, given
from modules.records.service.employees import CHANGED, check_seat, lock
from zhiren import audit
from zhiren.clock import today
from zhiren.context import Context
from zhiren.events import emit
from zhiren.i18n import _


class SeatValue(NamedTuple):
    unit_id: UUID
    position_id: UUID | None
    manager_id: UUID | None
    legal_entity_id: UUID
    city: str
    reason: str
    import_id: UUID | None = None


def history_of(rows: Sequence[Assignment]) -> list[Period[SeatValue]]:
    return [
        Period(
            row.valid_from,
            row.valid_to,
            SeatValue(
                row.unit_id,
                row.position_id,
                row.manager_id,
                row.legal_entity_id,
                row.city,
                row.reason,
                row.import_id,
            ),
        )
        for row in rows
    ]


async def change_seat(ctx: Context, employee_id: UUID, data: SeatChange, version: int | None) -> Employee:
    """A change from a day on, or a correction of the seat then in force. Raises EditedMeanwhile, InvalidRecord,
    AssignmentNotFound, OrganisationLoop."""
    person = await lock(ctx, employee_id, version)
    history = history_of(await employees.assignments(ctx.session, employee_id))
    day = data.effective_on
    if day < person.hired_on or (person.left_on is not None and day > person.left_on):
        raise errors.InvalidRecord(
            _("生效日期不在任职期间内。"), fields={"effective_on": _("请填写入职之后、离职之前的日期")}
        )
    current = periods.at(history, day)
    if current is None:
        raise errors.AssignmentNotFound(_("{day} 没有任职记录。", day=day.isoformat()))
    fields: dict[str, Any] = given(data, leave_out=frozenset({"effective_on", "kind"}))
    if data.kind == "correct" and not data.reason:
        del fields["reason"]
    value = current.value._replace(**fields, import_id=None)
    await check_seat(
        ctx,
        SeatCreate(
            unit_id=value.unit_id,
            legal_entity_id=value.legal_entity_id,
            position_id=value.position_id,
            manager_id=value.manager_id,
        ),
    )
    await refuse_loop(ctx, employee_id, value.manager_id, day)
    if data.kind == "correct":
        after = periods.correct(history, current.valid_from, value)
    else:
        after = periods.change(history, day, value)
    changed = {
        name: (getattr(current.value, name), new)
        for name, new in fields.items()
        if name != "reason" and getattr(current.value, name) != new
    }
    if not changed:
        return person
    await store(ctx, employee_id, after)
    person.version += 1
    await ctx.session.flush()
    audit.record(
        ctx,
        f"records.assignment.{data.kind}",
        object_type="records.employee",
        object_id=employee_id,
        changes={**changed, "effective_on": (None, day.isoformat())},
        reason=data.reason,
    )
    await emit(ctx, CHANGED, {"employee_id": str(employee_id)})
    return person


async def remove_change(ctx: Context, employee_id: UUID, valid_from: date, version: int | None) -> Employee:
    """Takes back the seat that begins on ``valid_from``: the one before goes on. The first cannot be taken back."""
    person = await lock(ctx, employee_id, version)
    history = history_of(await employees.assignments(ctx.session, employee_id))
    if not any(period.valid_from == valid_from for period in history):
        raise errors.AssignmentNotFound(_("没有从 {day} 开始的任职。", day=valid_from.isoformat()))
    if history[0].valid_from == valid_from:
        raise errors.StillInUse(_("第一段任职不能撤销。"), hint=_("可以更正它的内容，或修改入职日期。"))
    await store(ctx, employee_id, periods.remove(history, valid_from))
    person.version += 1
    await ctx.session.flush()
    audit.record(
        ctx,
        "records.assignment.remove",
        object_type="records.employee",
        object_id=employee_id,
        changes={"valid_from": (valid_from.isoformat(), None)},
    )
    await emit(ctx, CHANGED, {"employee_id": str(employee_id)})
    return person


async def leave(ctx: Context, employee_id: UUID, data: Leave, version: int | None) -> Employee:
    """Ends the employment after ``last_day``, or takes the ending back when it is None."""
    person = await lock(ctx, employee_id, version)
    before = person.left_on
    if before == data.last_day:
        return person
    history = history_of(await employees.assignments(ctx.session, employee_id))
    if before is not None:
        history = periods.reopen(history, before)
    if data.last_day is not None:
        if data.last_day < person.hired_on:
            raise errors.InvalidRecord(_("离职日期早于入职日期。"), fields={"last_day": _("不能早于入职日期")})
        history = periods.end(history, data.last_day)
    await store(ctx, employee_id, history)
    person.left_on = data.last_day
    await ctx.session.flush()
    audit.record(
        ctx,
        "records.employee.leave" if data.last_day else "records.employee.rejoin",
        object_type="records.employee",
        object_id=employee_id,
        changes={"left_on": (before, data.last_day)},
        reason=data.reason,
    )
    await emit(ctx, CHANGED, {"employee_id": str(employee_id)})
    return person


async def store(ctx: Context, employee_id: UUID, history: Sequence[Period[SeatValue]]) -> None:
    """Makes the table say what ``history`` says. Shrinking goes before growing, so that no two rows overlap even for
    a moment; the caller holds the person's row."""
    rows = {row.valid_from: row for row in await employees.assignments(ctx.session, employee_id)}
    wanted = {period.valid_from: period for period in history}
    for start in rows.keys() - wanted.keys():
        await ctx.session.delete(rows.pop(start))
    await ctx.session.flush()
    growing: list[tuple[Assignment, Period[SeatValue]]] = []
    for start, row in rows.items():
        period = wanted[start]
        for name, value in period.value._asdict().items():
            setattr(row, name, value)
        if row.valid_to != period.valid_to:
            if _shorter(period.valid_to, row.valid_to):
                row.valid_to = period.valid_to
            else:
                growing.append((row, period))
    await ctx.session.flush()
    for row, period in growing:
        row.valid_to = period.valid_to
    await ctx.session.flush()
    for start in wanted.keys() - rows.keys():
        period = wanted[start]
        ctx.session.add(
            Assignment(
                employee_id=employee_id,
                valid_from=period.valid_from,
                valid_to=period.valid_to,
                **period.value._asdict(),
            )
        )
    await ctx.session.flush()


def _shorter(new: date | None, old: date | None) -> bool:
    return new is not None and (old is None or new < old)


async def refuse_loop(ctx: Context, employee_id: UUID, manager_id: UUID | None, day: date) -> None:
    """Raises OrganisationLoop when the manager reports to this person, at any depth."""
    if manager_id is None:
        return
    if manager_id == employee_id or manager_id in await employees.below(ctx.session, employee_id, max(day, today())):
        raise errors.OrganisationLoop(
            _("不能选自己或自己的下属做上级。"),
            fields={"manager_id": _("这会形成循环汇报"), "manager": _("这会形成循环汇报")},
        )
