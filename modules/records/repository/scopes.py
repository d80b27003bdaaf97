"""Whose data a grant reaches, as a condition on ``Employee``: the only place where it is written."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import CTE, ColumnElement, and_, false, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, aliased

from modules.records.models import Assignment, Employee, UnitPeriod
from zhiren.context import Scope


def in_force(table: type[Assignment] | type[UnitPeriod], as_of: date) -> ColumnElement[bool]:
    """The period that holds on ``as_of``; both ends count."""
    return and_(table.valid_from <= as_of, or_(table.valid_to.is_(None), table.valid_to >= as_of))


def placed(employee: type[Employee], assignment: type[Assignment], as_of: date) -> ColumnElement[bool]:
    """Joins a person to where they sit on ``as_of``: for one who left before, the last seat; for one who has not begun
    yet, the first. At most one row for each person, since assignments never overlap nor outlast the employment."""
    return and_(
        assignment.employee_id == employee.id,
        or_(
            in_force(assignment, as_of),
            and_(employee.left_on < as_of, assignment.valid_to == employee.left_on),
            and_(employee.hired_on > as_of, assignment.valid_from == employee.hired_on),
        ),
    )


def employed(employee: type[Employee], as_of: date) -> ColumnElement[bool]:
    return and_(employee.hired_on <= as_of, or_(employee.left_on.is_(None), employee.left_on >= as_of))


def subtree(unit_ids: frozenset[UUID] | set[UUID], as_of: date) -> CTE:
    """The units with ``unit_ids`` as roots and all below them on ``as_of``: column ``unit_id``."""
    tree = (
        select(UnitPeriod.unit_id)
        .where(UnitPeriod.unit_id.in_(unit_ids), in_force(UnitPeriod, as_of))
        .cte("subtree", recursive=True)
    )
    below = aliased(UnitPeriod)
    return tree.union(select(below.unit_id).join(tree, below.parent_id == tree.c.unit_id).where(in_force(below, as_of)))


def reports_of(manager_id: UUID, as_of: date) -> CTE:
    """Everyone below a manager on ``as_of``, at any depth: column ``employee_id``. Loops end by themselves."""
    team = (
        select(Assignment.employee_id)
        .where(Assignment.manager_id == manager_id, in_force(Assignment, as_of))
        .cte("team", recursive=True)
    )
    below = aliased(Assignment)
    return team.union(
        select(below.employee_id).join(team, below.manager_id == team.c.employee_id).where(in_force(below, as_of))
    )


def visible(scope: Scope, as_of: date, employee_id: InstrumentedAttribute[UUID] = Employee.id) -> ColumnElement[bool]:
    """True for the people ``scope`` reaches on ``as_of``; the kinds of a scope add up, an empty one reaches nobody."""
    if scope.everyone:
        return true()
    reach: list[ColumnElement[bool]] = []
    me = scope.employee_id
    if me is not None:
        if "self" in scope.kinds:
            reach.append(employee_id == me)
        if "direct_reports" in scope.kinds:
            reach.append(
                employee_id.in_(
                    select(Assignment.employee_id).where(Assignment.manager_id == me, in_force(Assignment, as_of))
                )
            )
        if "reports" in scope.kinds:
            reach.append(employee_id.in_(select(reports_of(me, as_of).c.employee_id)))
    if "unit" in scope.kinds and scope.unit_ids:
        tree = subtree(scope.unit_ids, as_of)
        person, seat = aliased(Employee), aliased(Assignment)
        reach.append(
            employee_id.in_(
                select(seat.employee_id)
                .join(person, placed(person, seat, as_of))
                .where(seat.unit_id.in_(select(tree.c.unit_id)))
            )
        )
    return or_(*reach) if reach else false()
