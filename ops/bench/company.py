"""One customer with many people, as ``zhiren demo`` would have it after an import, but put there by COPY."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from modules.payroll import repository as pay_rows
from modules.payroll.models import PayProfile
from modules.payroll.rules.document import Terms
from modules.payroll.service import setup
from modules.records.models import Assignment, Employee, LegalEntity, Position, Unit, UnitPeriod
from ops import memory
from ops.bench.measure import Bench
from ops.demo import customers
from ops.demo.customers import Customer
from ops.hosted import Hosted
from zhiren.context import Actor, Context, Scope, TenantRef
from zhiren.db import copy_in
from zhiren.ids import new_id
from zhiren.jobs.runtime import Runtime
from zhiren.settings import Settings

UNITS: Final = 100
POSITIONS: Final = ("操作工", "技术员", "工程师", "主管", "专员", "检验员", "仓管员", "销售")
TEAM: Final = 20
FOUNDED: Final = date(2020, 1, 1)
_BATCH: Final = 5000
_EVERYONE: Final = Scope(kinds=frozenset({"all"}))
_SURNAMES: Final = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高"
_GIVEN: Final = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚"


@dataclass(frozen=True, slots=True)
class Crowd:
    """A customer of many people, in this process."""

    settings: Settings
    parts: Hosted
    tenant: TenantRef
    group_id: UUID
    password: str
    #: a worker's surroundings
    runtime: Runtime

    @asynccontextmanager
    async def work(self) -> AsyncIterator[Context]:
        """A transaction of someone who may do anything."""
        grants = dict.fromkeys(self.parts.permissions, _EVERYONE)
        actor = Actor(user_id=None, name="zhiren bench", kind="system", grants=grants)
        modules = frozenset(module.name for module in self.parts.modules)
        async with self.parts.database.tenant(self.tenant, actor=actor, modules=modules) as ctx:
            yield ctx


@asynccontextmanager
async def crowd(bench: Bench, people: int) -> AsyncIterator[Crowd]:
    """A customer of ``people`` who all have terms of pay, in a database of its own that is gone afterwards."""
    settings = bench.fresh_database()
    password = secrets.token_urlsafe(20)
    try:
        tenant = await customers.ensure(settings, Customer("bench", "测速有限公司", people), password)
        async with customers.parts_of(settings) as parts:
            runtime = Runtime(parts.database, parts.tenants)
            made = Crowd(settings, parts, tenant, new_id(), password, runtime)
            async with made.work() as ctx:
                group_id = await _hire(ctx, people)
            # as a worker does at its start
            memory.settle()
            try:
                yield replace(made, group_id=group_id)
            finally:
                runtime.helpers.close()
    finally:
        bench.drop_database()


async def _hire(ctx: Context, people: int) -> UUID:
    """The company, its people and their terms; returns their pay group."""
    entity = LegalEntity(name="测速有限公司", short_name="测速", city="北京")
    units = [Unit(code=f"U{number:03}") for number in range(UNITS)]
    positions = [Position(name=name) for name in POSITIONS]
    ctx.session.add_all([entity, *units, *positions])
    await ctx.session.flush()
    ctx.session.add_all(
        UnitPeriod(
            unit_id=unit.id, name=f"第{number}车间", parent_id=units[0].id if number else None, valid_from=FOUNDED
        )
        for number, unit in enumerate(units)
    )
    await ctx.session.flush()
    group = (await setup.begin(ctx))[0]
    ids = [new_id() for _ in range(people)]
    await _copy(ctx, Employee, _EMPLOYEE, _employees(ctx, ids))
    seats = (
        (
            new_id(),
            each,
            units[number // TEAM % UNITS].id,
            positions[number % len(positions)].id,
            None if number % TEAM == 0 else ids[number - number % TEAM],
            entity.id,
            ("北京", "上海")[number % 2],
            FOUNDED,
        )
        for number, each in enumerate(ids)
    )
    await _copy(ctx, Assignment, _SEAT, seats)
    seal = PayProfile.terms.seal_value
    terms = (
        (row_id := new_id(), each, group.id, None, FOUNDED, None, seal(row_id, _terms(number), ctx.keyring))
        for number, each in enumerate(ids)
    )
    for batch in _batches(terms):
        await pay_rows.copy_profiles(ctx.session, batch)
        await ctx.keyring.ready(ctx.session)
    return group.id


_EMPLOYEE: Final = (
    "id", "version", "number", "name", "gender", "hired_on", "status", "id_kind", "bank_name",
    "id_number_ct", "id_number_bidx", "mobile_ct", "mobile_bidx",
)  # fmt: skip
_SEAT: Final = (
    "id", "employee_id", "unit_id", "position_id", "manager_id", "legal_entity_id", "city", "valid_from",
)  # fmt: skip


def _employees(ctx: Context, ids: Sequence[UUID]) -> Iterator[Sequence[object]]:
    identity, mobile = Employee.id_number, Employee.mobile
    for number, each in enumerate(ids):
        name = _SURNAMES[number % 20] + _GIVEN[number // 20 % 20] + _GIVEN[number // 400 % 20]
        id_number, phone = f"11010119900101{number % 10**4:04}{number}", f"138{number:08}"
        yield (
            each, 1, f"B{number:06}", name, ("male", "female")[number % 2], FOUNDED + timedelta(days=number % 1500),
            "regular", "other", "",
            identity.seal_value(each, id_number, ctx.keyring), identity.blind_index(id_number, ctx.keyring),
            mobile.seal_value(each, phone, ctx.keyring), mobile.blind_index(phone, ctx.keyring),
        )  # fmt: skip


def _terms(number: int) -> Terms:
    wage_fen = (6_000 + number * 7 % 30_000) * 100
    additional = ({"children": 200_000, "elderly": 150_000}, {"rent": 150_000}, {})[number % 3]
    return Terms(
        amounts={setup.MONTHLY_WAGE: wage_fen, "post_allowance": 50_000 + number % 7 * 10_000},
        insurance_base_fen=wage_fen,
        fund_base_fen=wage_fen,
        additional=additional,
    )


async def _copy(ctx: Context, model: Any, columns: Sequence[str], rows: Iterator[Sequence[object]]) -> None:
    for batch in _batches(rows):
        await copy_in(ctx.session, model.__table__, columns, batch)
        await ctx.keyring.ready(ctx.session)


def _batches(rows: Iterator[Sequence[object]]) -> Iterator[list[Sequence[object]]]:
    while batch := [row for _, row in zip(range(_BATCH), rows, strict=False)]:
        yield batch
