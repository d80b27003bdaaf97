"""A kind of request to tell stories about, and a company whose people can log in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from modules.records.models import Employee
from tests.factories.records import Company, company
from zhiren.approvals import ApprovalKind, Card, CaseView, Fact, register, start
from zhiren.auth.models import User, UserRole
from zhiren.auth.repository.roles import roles_by_code
from zhiren.context import Actor, Context
from zhiren.ids import new_id

#: what the module that asked was told, by subject
TOLD: dict[UUID, list[str]] = {}


async def _describe(_ctx: Context, subject_id: UUID) -> Card:
    return Card("招聘 3 名后端工程师", (("人数", "3"), ("预算", "每月 30,000 元")), f"/test/{subject_id}")


async def _decided(_ctx: Context, case: CaseView) -> None:
    TOLD.setdefault(case.subject_id, []).append(case.state)


KIND = ApprovalKind(
    name="test.requisition",
    title="用人需求",
    facts=(
        Fact("headcount", "int", "人数"),
        Fact("salary_max_fen", "fen", "月薪上限"),
        Fact("urgent", "bool", "紧急"),
        Fact("city", "text", "城市"),
        Fact("unit_id", "unit", "部门"),
    ),
    describe=_describe,
    decided=_decided,
)
register(KIND)
FACTS: dict[str, Any] = {"headcount": 3, "salary_max_fen": 3_000_000, "urgent": False, "city": "北京", "unit_id": None}


async def log_in_for(ctx: Context, name: str, *roles: str, employee: Employee | None = None) -> Actor:
    """A log-in without a password that works: nobody here logs in by one."""
    user = User(
        login=f"u-{new_id().hex[-12:]}", name=name, password_hash="-", employee_id=employee.id if employee else None
    )
    ctx.session.add(user)
    await ctx.session.flush()
    held = await roles_by_code(ctx.session, roles or ("employee",))
    ctx.session.add_all(UserRole(user_id=user.id, role_id=role.id) for role in held.values())
    await ctx.session.flush()
    return Actor(user_id=user.id, name=user.name, employee_id=user.employee_id)


@dataclass
class Staff:
    """A chief above a head above a lead above a worker, each with a log-in; by name."""

    company: Company
    users: dict[str, Actor] = field(default_factory=dict)
    employees: dict[str, Employee] = field(default_factory=dict)

    def actor(self, name: str) -> Actor:
        return self.users[name]

    def id(self, name: str) -> UUID:
        found = self.users[name].user_id
        assert found is not None
        return found


async def staff(ctx: Context) -> Staff:
    made = Staff(await company(ctx))
    await made.company.unit("研发", "总部")
    await made.company.unit("后端", "研发")
    above: Employee | None = None
    for name, unit in (("总经理", "总部"), ("总监", "研发"), ("组长", "后端"), ("小工", "后端")):
        above = await made.company.hire(name, unit=unit, manager=above)
        made.employees[name] = above
        made.users[name] = await log_in_for(ctx, name, employee=above)
    for name, role in (("管理员", "admin"), ("人事甲", "hr"), ("人事乙", "hr")):
        made.users[name] = await log_in_for(ctx, name, role)
    return made


async def ask(ctx: Context, by: Actor, **facts: Any) -> CaseView:
    return await start(ctx, KIND.name, new_id(), facts=FACTS | facts, requested_by=by)
