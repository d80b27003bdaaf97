"""Whose pay the reader may see."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from modules.records import api as records
from zhiren.context import Context

READ_PAYSLIP = "payroll.payslip.read"
READ_PAY = "field.pay.read"


def sees_all_pay(ctx: Context) -> bool:
    """Everybody's amounts: the payroll role, not the administrator who appoints it."""
    return ctx.actor.scope(READ_PAY).everyone


async def reaches(ctx: Context, permission: str, employee_id: UUID, as_of: date) -> bool:
    """Whether the scope the actor holds ``permission`` with takes in this person."""
    scope = ctx.actor.scope(permission)
    if not scope:
        return False
    if scope.everyone:
        return True
    if "self" in scope.kinds and ctx.actor.employee_id == employee_id:
        return True
    if not scope.kinds - {"none", "self"}:
        return False
    return employee_id in await records.visible_employee_ids(ctx, scope, as_of)
