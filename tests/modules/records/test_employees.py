"""People: what is checked, what is sealed, what is recorded."""

from __future__ import annotations

from datetime import date
from random import Random

import msgspec
import pytest
from sqlalchemy import select, text

from modules.records import errors, schemas
from modules.records.models import Employee
from modules.records.repository import employees as queries
from modules.records.service import employees, seats
from tests.factories import people
from tests.factories.records import company, granted
from zhiren.audit import AuditEvent, opened_changes
from zhiren.context import Context
from zhiren.errors import Forbidden

RANDOM = Random(11)


async def events(ctx: Context, action: str) -> list[AuditEvent]:
    await ctx.session.flush()
    return list((await ctx.session.scalars(select(AuditEvent).where(AuditEvent.action == action))).all())


async def test_a_new_person_is_sealed_and_found_by_number(ctx: Context) -> None:
    firm = await company(ctx)
    number = people.id_number(RANDOM, birth=date(1990, 3, 7), female=True)
    person = await firm.hire("王芳", id_number=number.lower(), mobile="+86 138-0013-8000", home_address="某路 1 号")
    assert (person.id_number, person.mobile) == (number, "13800138000")
    assert (person.birth_date, person.gender) == (date(1990, 3, 7), "female")
    row = (await ctx.session.execute(text("SELECT * FROM records_employee WHERE id = :id"), {"id": person.id})).one()
    stored = repr(tuple(bytes(v) if isinstance(v, memoryview) else v for v in row))
    for secret in (number, "13800138000", "某路"):
        assert secret not in stored
        assert secret.encode().hex() not in stored
    found = await ctx.session.scalar(select(Employee).where(Employee.id_number.matches(f" {number} ")))
    assert found is person


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"id_number": "11010119900307123X"}, "id_number"),
        ({"mobile": "12345678901"}, "mobile"),
        ({"bank_account": "12345"}, "bank_account"),
        ({"name": '=HYPERLINK("http://x")'}, "name"),
        ({"home_address": "-2+3"}, "home_address"),
        ({"name": "王\u202e芳"}, "name"),
        ({"birth_date": date(2021, 1, 1)}, "birth_date"),
    ],
)
async def test_what_cannot_be_is_refused_at_its_field(ctx: Context, values: dict[str, object], field: str) -> None:
    firm = await company(ctx)
    with pytest.raises(errors.InvalidRecord) as refusal:
        await firm.hire(**values)  # type: ignore[arg-type]
    assert set(refusal.value.fields) == {field}


async def test_birth_date_must_agree_with_the_id_number(ctx: Context) -> None:
    firm = await company(ctx)
    number = people.id_number(RANDOM, birth=date(1990, 3, 7))
    with pytest.raises(errors.InvalidRecord) as refusal:
        await firm.hire(id_number=number, birth_date=date(1990, 3, 8))
    assert "1990-03-07" in refusal.value.fields["birth_date"]


async def test_a_passport_is_not_judged_as_a_resident_id(ctx: Context) -> None:
    firm = await company(ctx)
    person = await firm.hire("Anna Schmidt", id_kind="passport", id_number="c01x00t47")
    assert person.id_number == "C01X00T47"


async def test_number_and_id_number_belong_to_one_person(ctx: Context) -> None:
    firm = await company(ctx)
    number = people.id_number(RANDOM)
    await firm.hire(number="A1", id_number=number)
    with pytest.raises(errors.NumberTaken):
        await firm.hire(number="A1")
    with pytest.raises(errors.IdNumberTaken):
        await firm.hire(number="A2", id_number=number)


async def test_a_correction_changes_what_was_sent_and_says_so(ctx: Context) -> None:
    firm = await company(ctx)
    person = await firm.hire("王伟", mobile="13800138000")
    version = person.version
    update = msgspec.convert({"name": "王炜", "mobile": None}, schemas.EmployeeUpdate)
    await employees.update(ctx, person.id, update, version)
    assert (person.name, person.mobile, person.mobile_bidx) == ("王炜", None, None)
    assert person.version == version + 1
    (event,) = await events(ctx, "records.employee.update")
    assert opened_changes(ctx, event) == {"name": ("王伟", "王炜"), "mobile": ("13800138000", None)}
    with pytest.raises(errors.EditedMeanwhile):
        await employees.update(ctx, person.id, update, version)


async def test_looking_needs_the_class_of_the_field_and_is_recorded(ctx: Context) -> None:
    firm = await company(ctx)
    person = await firm.hire("王伟", mobile="13800138000", id_number=people.id_number(RANDOM))
    manager = ctx.with_actor(granted("records.employee.read", "field.contact.read"))
    assert await employees.reveal(manager, person.id, ["mobile"], "核对") == {"mobile": "13800138000"}
    (event,) = await events(ctx, "records.employee.reveal")
    assert (event.fields, event.sensitive, event.reason) == (["mobile"], True, "核对")
    with pytest.raises(Forbidden):
        await employees.reveal(manager, person.id, ["id_number"], "")
    stranger = ctx.with_actor(granted("records.employee.read", kind="self", employee_id=(await firm.hire()).id))
    with pytest.raises(errors.EmployeeNotFound):
        await employees.reveal(stranger, person.id, ["mobile"], "")


async def test_a_change_and_a_correction_of_the_seat(ctx: Context) -> None:
    firm = await company(ctx)
    await firm.unit("研发", "总部")
    person = await firm.hire(hired_on=date(2020, 3, 2))
    rd = firm.units["研发"].id
    await seats.change_seat(
        ctx, person.id, schemas.SeatChange(effective_on=date(2022, 1, 1), unit_id=rd, reason="调岗"), person.version
    )
    rows = await queries.assignments(ctx.session, person.id)
    assert [(r.valid_from, r.valid_to) for r in rows] == [
        (date(2020, 3, 2), date(2021, 12, 31)),
        (date(2022, 1, 1), None),
    ]
    assert [r.unit_id for r in rows] == [firm.units["总部"].id, rd]
    await seats.change_seat(
        ctx,
        person.id,
        schemas.SeatChange(effective_on=date(2020, 5, 1), kind="correct", city="北京"),
        person.version,
    )
    rows = await queries.assignments(ctx.session, person.id)
    assert [r.city for r in rows] == ["北京", "上海"]
    await seats.remove_change(ctx, person.id, date(2022, 1, 1), person.version)
    (only,) = await queries.assignments(ctx.session, person.id)
    assert (only.valid_from, only.valid_to) == (date(2020, 3, 2), None)
    assert only.unit_id == firm.units["总部"].id


async def test_leaving_ends_the_seat_and_can_be_taken_back(ctx: Context) -> None:
    firm = await company(ctx)
    person = await firm.hire(hired_on=date(2020, 3, 2))
    await seats.leave(ctx, person.id, schemas.Leave(last_day=date(2024, 6, 30), reason="个人原因"), person.version)
    (seat,) = await queries.assignments(ctx.session, person.id)
    assert (person.left_on, seat.valid_to) == (date(2024, 6, 30), date(2024, 6, 30))
    await seats.leave(ctx, person.id, schemas.Leave(last_day=None), person.version)
    (seat,) = await queries.assignments(ctx.session, person.id)
    assert (person.left_on, seat.valid_to) == (None, None)


async def test_nobody_reports_to_their_own_reports(ctx: Context) -> None:
    firm = await company(ctx)
    boss = await firm.hire()
    middle = await firm.hire(manager=boss)
    low = await firm.hire(manager=middle)
    change = schemas.SeatChange(effective_on=date(2023, 1, 1), manager_id=low.id)
    for person in (boss, middle, low):
        with pytest.raises(errors.OrganisationLoop):
            await seats.change_seat(ctx, person.id, change, None)
