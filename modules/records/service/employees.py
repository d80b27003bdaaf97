"""Adding people, correcting what is said about them, looking at what is sealed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from modules.records import errors
from modules.records.models import Assignment, Employee
from modules.records.repository import employees, organisation
from modules.records.rules.masks import FIELD_CLASSES
from modules.records.rules.people import check_person
from modules.records.schemas import EmployeeCreate, EmployeeUpdate, SeatCreate, given
from modules.records.service.access import EVERYONE, scope_of
from modules.records.service.findings import refuse
from zhiren import audit
from zhiren.clock import today
from zhiren.context import Context
from zhiren.errors import Forbidden
from zhiren.events import emit
from zhiren.i18n import _

READ = "records.employee.read"
EDIT = "records.employee.edit"
CHANGED = "records.employee.changed"


async def find(ctx: Context, employee_id: UUID, *, permission: str = READ) -> Employee:
    """The person, if the caller's scope reaches them today. Raises EmployeeNotFound."""
    found = await employees.get(ctx.session, employee_id, scope=scope_of(ctx, permission), as_of=today())
    if found is None:
        raise errors.EmployeeNotFound(_("没有这名员工，或者不在您的查看范围内。"))
    return found


async def lock(ctx: Context, employee_id: UUID, version: int | None) -> Employee:
    """The person's row, held for a change. Raises EmployeeNotFound, EditedMeanwhile."""
    await find(ctx, employee_id, permission=EDIT)
    person = await employees.lock(ctx.session, employee_id)
    if person is None:
        raise errors.EmployeeNotFound(_("没有这名员工。"))
    if version is not None and person.version != version:
        raise errors.EditedMeanwhile(_("打开之后，这份档案已被别人修改。"), hint=_("请刷新页面，核对后再改。"))
    return person


async def create(ctx: Context, data: EmployeeCreate) -> Employee:
    """Adds a person with a first seat from the day of hiring. Raises InvalidRecord, NumberTaken, IdNumberTaken."""
    values, findings = check_person(given(data, leave_out=frozenset({"seat"})), today=today())
    refuse(findings)
    await check_seat(ctx, data.seat)
    await _refuse_taken(ctx, None, values)
    person = Employee(**values)
    ctx.session.add(person)
    await _flush(ctx)
    seat = Assignment(
        employee_id=person.id,
        unit_id=data.seat.unit_id,
        legal_entity_id=data.seat.legal_entity_id,
        position_id=data.seat.position_id,
        manager_id=data.seat.manager_id,
        city=data.seat.city,
        valid_from=person.hired_on,
        reason=_("入职"),
    )
    ctx.session.add(seat)
    await ctx.session.flush()
    audit.record(
        ctx,
        "records.employee.create",
        object_type="records.employee",
        object_id=person.id,
        changes={name: (None, value) for name, value in values.items() if value not in (None, "")},
    )
    await emit(ctx, CHANGED, {"employee_id": str(person.id)})
    return person


async def update(ctx: Context, employee_id: UUID, data: EmployeeUpdate, version: int | None) -> Employee:
    """Corrects what is said about a person. Raises EditedMeanwhile, InvalidRecord, NumberTaken, IdNumberTaken."""
    person = await lock(ctx, employee_id, version)
    sent = given(data)
    # rules look at several fields together, so those that were not sent take part
    whole = {
        name: sent.get(name, getattr(person, name))
        for name in ("hired_on", "birth_date", "gender", "id_kind", "left_on")
    } | sent
    if "id_number" not in sent and sent.keys() & {"birth_date", "gender", "id_kind"}:
        whole["id_number"] = person.id_number
    values, findings = check_person(whole, today=today())
    refuse(findings)
    await _refuse_taken(ctx, person.id, values)
    changes: dict[str, tuple[object, object]] = {}
    for name, value in values.items():
        before = getattr(person, name)
        if before != value:
            changes[name] = (before, value)
    if not changes:
        return person
    if "hired_on" in changes:
        await _move_start(ctx, person, values["hired_on"])
    for name, (_before, value) in changes.items():
        setattr(person, name, value)
    await _flush(ctx)
    audit.record(ctx, "records.employee.update", object_type="records.employee", object_id=person.id, changes=changes)
    await emit(ctx, CHANGED, {"employee_id": str(person.id)})
    return person


async def reveal(ctx: Context, employee_id: UUID, fields: Sequence[str], reason: str) -> dict[str, str | None]:
    """Opened values of sealed fields, which is recorded. Raises Forbidden where the field's class is not granted for
    this person."""
    person = await find(ctx, employee_id)
    for field_class in {FIELD_CLASSES[name] for name in fields}:
        if not await reaches(ctx, f"field.{field_class}.read", employee_id):
            raise Forbidden(_("您没有查看这类信息的权限。"), hint=_("可以请系统管理员在角色里授予。"))
    opened: dict[str, str | None] = {name: getattr(person, name) for name in fields}
    audit.record(
        ctx,
        "records.employee.reveal",
        object_type="records.employee",
        object_id=employee_id,
        fields=list(fields),
        reason=reason,
        sensitive=True,
    )
    return opened


async def reaches(ctx: Context, permission: str, employee_id: UUID) -> bool:
    """Whether the scope of ``permission`` holds this person today."""
    scope = scope_of(ctx, permission)
    if scope.everyone or not scope:
        return scope.everyone
    return await employees.get(ctx.session, employee_id, scope=scope, as_of=today()) is not None


async def suggest(ctx: Context, text: str) -> Sequence[Any]:
    """A few people whose name or number holds ``text``: id, number, name."""
    text = text.strip()[:64]
    if not text:
        return []
    return await employees.named(ctx.session, text.split()[0], scope_of(ctx, READ), today())


async def by_text(ctx: Context, text: str) -> UUID | None:
    """The one person meant by a number, a name, or both. None for nothing. Raises InvalidRecord."""
    words = text.split()
    if not words:
        return None
    for word in reversed(words):
        if (found := await employees.by_number(ctx.session, word)) is not None:
            return found.id
    named = [row for row in await employees.named(ctx.session, words[0], EVERYONE, today()) if row.name == text.strip()]
    if len(named) == 1:
        return UUID(str(named[0].id))
    why = _("有 {n} 人同名，请写工号", n=len(named)) if named else _("找不到这个人，请写工号或姓名")
    raise errors.InvalidRecord(_("找不到上级“{text}”。", text=text[:40]), fields={"manager": why})


async def check_seat(ctx: Context, seat: SeatCreate) -> None:
    """Raises InvalidRecord with the fields that name nothing."""
    fields: dict[str, str] = {}
    if await organisation.unit(ctx.session, seat.unit_id) is None:
        fields["unit_id"] = _("没有这个部门")
    if await organisation.legal_entity(ctx.session, seat.legal_entity_id) is None:
        fields["legal_entity_id"] = _("没有这个用人单位")
    if seat.position_id is not None and await organisation.position(ctx.session, seat.position_id) is None:
        fields["position_id"] = _("没有这个岗位")
    if seat.manager_id is not None:
        manager = await employees.get(ctx.session, seat.manager_id, scope=EVERYONE, as_of=today())
        if manager is None:
            fields["manager_id"] = _("没有这名员工")
    if fields:
        raise errors.InvalidRecord(_("有 {n} 处需要更正。", n=len(fields)), fields=fields)


async def _refuse_taken(ctx: Context, own_id: UUID | None, values: dict[str, Any]) -> None:
    number = values.get("number")
    if number and (other := await employees.by_number(ctx.session, number)) and other.id != own_id:
        raise _number_taken(number)
    if values.get("id_number"):
        blind = Employee.id_number.blind_index(values["id_number"])
        if (other := await employees.by_id_number(ctx.session, blind)) and other.id != own_id:
            raise _id_number_taken()


def _number_taken(number: str) -> errors.NumberTaken:
    return errors.NumberTaken(
        _("工号 {number} 已有人使用。", number=number),
        fields={"number": _("已有人使用")},
        hint=_("请换一个工号，或去修改已有的那份档案。"),
    )


def _id_number_taken() -> errors.IdNumberTaken:
    return errors.IdNumberTaken(
        _("这个证件号码已在另一份档案里。"),
        fields={"id_number": _("已在另一份档案里")},
        hint=_("再次入职的员工请在原来的档案里办理。"),
    )


async def _flush(ctx: Context) -> None:
    """Two people saving the same number in the same moment: the second meets the constraint."""
    try:
        await ctx.session.flush()
    except IntegrityError as error:
        # no constraint's exact name is relied on: it may carry a suffix
        text = str(error.orig)
        if "id_number_bidx" in text:
            raise _id_number_taken() from error
        if "number" in text:
            raise _number_taken("") from error
        raise


async def _move_start(ctx: Context, person: Employee, hired_on: Any) -> None:
    """The first seat begins with the employment."""
    seats = await employees.assignments(ctx.session, person.id)
    if not seats:
        return
    first = seats[0]
    if first.valid_to is not None and first.valid_to < hired_on:
        raise errors.AssignmentOverlap(
            _("入职日期晚于第一段任职的结束日期 {day}。", day=first.valid_to.isoformat()),
            fields={"hired_on": _("晚于第一段任职的结束日期")},
        )
    first.valid_from = hired_on
