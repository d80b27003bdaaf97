"""The list of people: its columns, filters and search, for a day and a reader."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_

from modules.records.models import Assignment, Employee
from modules.records.repository.employees import ENTITY_NAME, MANAGER_NAME, POSITION_NAME, in_units, unit_name
from modules.records.repository.scopes import visible
from modules.records.service.access import scope_of
from zhiren.clock import today
from zhiren.cn import ids
from zhiren.context import Context
from zhiren.i18n import N_
from zhiren.web.tables import Column, Filter, TableSpec

IDENTITY: Final = "field.identity.read"
CONTACT: Final = "field.contact.read"
STATES: Final[dict[Any, tuple[str, str]]] = {
    "regular": ("success", N_("正式")),
    "probation": ("warning", N_("试用")),
    "suspended": ("info", N_("停薪留职")),
    "pending": ("info", N_("待入职")),
    "left": ("", N_("已离职")),
}
GENDERS: Final[dict[Any, tuple[str, str]]] = {"male": ("", N_("男")), "female": ("", N_("女"))}


@lru_cache(maxsize=64)
def employees_table(as_of: date, *, exportable: bool) -> TableSpec:
    """The table of ``repository.employees.listed``. Sealed columns appear only for those who may open their class."""
    return TableSpec(
        name="records.employees",
        title=N_("员工"),
        columns=(
            Column("name", N_("姓名"), Employee.name, main=True, search=True, href=_href),
            Column("number", N_("工号"), Employee.number, search=True),
            Column("unit_name", N_("部门"), unit_name(as_of)),
            Column("position_name", N_("岗位"), POSITION_NAME),
            Column("manager_name", N_("直接上级"), MANAGER_NAME),
            Column("city", N_("工作城市"), Assignment.city),
            Column("hired_on", N_("入职日期"), Employee.hired_on, kind="date"),
            Column("state", N_("状态"), badges=STATES, sort=False),
            Column("legal_entity_name", N_("用人单位"), ENTITY_NAME, shown=False),
            Column("gender", N_("性别"), Employee.gender, shown=False, badges=GENDERS),
            Column("left_on", N_("离职日期"), Employee.left_on, kind="date", shown=False),
            Column("mobile_masked", N_("手机号"), sort=False, shown=False),
            Column("id_number_masked", N_("证件号码"), sort=False, shown=False),
        ),
        filters=(
            Filter("unit", N_("部门"), apply=lambda value: _uuid(value, lambda found: in_units(found, as_of))),
            Filter("position", N_("岗位"), apply=lambda value: _uuid(value, lambda f: Assignment.position_id == f)),
            Filter(
                "entity", N_("用人单位"), apply=lambda value: _uuid(value, lambda f: Assignment.legal_entity_id == f)
            ),
            Filter(
                "status",
                N_("状态"),
                Employee.status,
                choices=(("regular", N_("正式")), ("probation", N_("试用")), ("suspended", N_("停薪留职"))),
            ),
        ),
        order_by=(Employee.number, Employee.id),
        search=sealed_search,
        row_href=_href,
        exportable=exportable,
    )


def sealed_search(ctx: Context, text: str) -> ColumnElement[bool] | None:
    """A whole ID number, bank account or mobile is found by its blind index, of people whose field the reader may see:
    anybody else's would be given away by being found."""
    conditions: list[ColumnElement[bool]] = []
    if ctx.actor.can(IDENTITY) and 8 <= len(ids.normalise(text)) <= 32:
        either = or_(Employee.id_number.matches(text), Employee.bank_account.matches(text))
        conditions.append(and_(either, visible(scope_of(ctx, IDENTITY), today())))
    if ctx.actor.can(CONTACT) and ids.is_mobile(ids.normalise_mobile(text)):
        conditions.append(and_(Employee.mobile.matches(text), visible(scope_of(ctx, CONTACT), today())))
    return or_(*conditions) if conditions else None


def _href(row: Any) -> str:
    return f"/records/employees/{row.id}"


def _uuid(value: str, condition: Any) -> ColumnElement[bool]:
    """An id from an address that is none matches nobody."""
    try:
        found: ColumnElement[bool] = condition(UUID(value))
    except ValueError:
        return Employee.id.is_(None)
    return found
