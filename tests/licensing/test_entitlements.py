"""What a customer may use follows the licence and the switches in the database, within a second."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from sqlalchemy import select, text

from licensing import development, keys, service
from licensing.cards import PERMISSION, reminder
from licensing.document import Licence, Verifier, sign
from licensing.entitlements import Entitlements
from licensing.errors import (
    LicenceExpired,
    LicenceInvalid,
    ModuleNotLicensed,
    ModuleOff,
    ModuleRequired,
    SeatsExceeded,
)
from licensing.models import InstalledLicence
from tests.catalogue import untranslated
from tests.licensing.test_rules import MODULES, PAYROLL, RECORDS
from zhiren.audit import AuditEvent
from zhiren.context import SYSTEM, Context, Scope, TenantRef
from zhiren.db import Database
from zhiren.modules import Module

TODAY = date(2026, 6, 1)
ATTENDANCE = Module(name="attendance", title="考勤", summary="打卡与排班。", version="1", package="x")


def licence_for(tenant: TenantRef, **changes: object) -> str:
    fields = {
        "id": uuid4(),
        "customer": tenant.name,
        "tenant": tenant.id,
        "modules": ("payroll", "records"),
        "seats": 100,
        "valid_from": date(2026, 1, 1),
        "valid_until": date(2026, 12, 31),
        "issued_at": datetime.now(UTC),
    }
    return sign(Licence(**(fields | changes)), development.PRIVATE_KEY)  # type: ignore[arg-type]


class Seats:
    used = 90

    async def __call__(self, ctx: Context) -> int:
        return self.used


def entitlements_on(database: Database, day: date = TODAY, seats: Seats | None = None) -> Entitlements:
    return Entitlements(
        database,
        Verifier([development.PUBLIC_KEY]),
        (*MODULES, ATTENDANCE),
        count_seats=seats or Seats(),
        today=lambda: day,
    )


@pytest.fixture
def entitlements(database: Database) -> Entitlements:
    return entitlements_on(database)


async def in_use(ctx: Context, entitlements: Entitlements) -> set[str]:
    return set((await entitlements.read(ctx)).in_use)


async def test_nothing_before_a_licence(ctx: Context, entitlements: Entitlements) -> None:
    assert await in_use(ctx, entitlements) == set()


async def test_install_then_switch(ctx: Context, entitlements: Entitlements) -> None:
    await service.install(ctx, entitlements, "  " + licence_for(ctx.tenant) + "\n")
    assert await in_use(ctx, entitlements) == {"payroll", "records"}
    await service.switch(ctx, entitlements, "payroll", on=False)
    assert await in_use(ctx, entitlements) == {"records"}
    await service.switch(ctx, entitlements, "payroll", on=True)
    assert await in_use(ctx, entitlements) == {"payroll", "records"}
    actions = (await ctx.session.execute(select(AuditEvent.action).order_by(AuditEvent.id))).scalars().all()
    assert list(actions) == ["licensing.licence.install", "licensing.module.switch", "licensing.module.switch"]


async def test_requirements_in_words(ctx: Context, entitlements: Entitlements) -> None:
    await service.install(ctx, entitlements, licence_for(ctx.tenant))
    with pytest.raises(ModuleRequired, match="工资依赖档案，先关闭工资。"):
        await service.switch(ctx, entitlements, "records", on=False)
    await service.switch(ctx, entitlements, "payroll", on=False)
    await service.switch(ctx, entitlements, "records", on=False)
    with pytest.raises(ModuleRequired, match="工资依赖档案，先打开档案。"):
        await service.switch(ctx, entitlements, "payroll", on=True)


async def test_not_bought_cannot_be_switched_on(ctx: Context, entitlements: Entitlements) -> None:
    await service.install(ctx, entitlements, licence_for(ctx.tenant))
    with pytest.raises(ModuleNotLicensed):
        await service.switch(ctx, entitlements, "attendance", on=True)


async def test_anothers_licence_is_refused(ctx: Context, entitlements: Entitlements, other_tenant: TenantRef) -> None:
    with pytest.raises(LicenceInvalid, match="不能用在这里"):
        await service.install(ctx, entitlements, licence_for(other_tenant))
    assert await in_use(ctx, entitlements) == set()


async def test_the_demonstrations_licence_is_refused_in_production(ctx: Context, database: Database) -> None:
    production = Entitlements(database, Verifier(keys.PRODUCTION), MODULES)
    with pytest.raises(LicenceInvalid, match="签名"):
        await service.install(ctx, production, licence_for(ctx.tenant))


async def test_writing_into_the_table_buys_nothing(
    ctx: Context, entitlements: Entitlements, other_tenant: TenantRef
) -> None:
    await service.install(ctx, entitlements, licence_for(ctx.tenant))
    for forged in (licence_for(other_tenant), licence_for(ctx.tenant).replace(".e", ".f", 1), "zhiren-licence-1.a.b"):
        ctx.session.add(InstalledLicence(licence_id=uuid4(), text=forged))
        await ctx.session.flush()
        assert await in_use(ctx, entitlements) == set()


async def test_the_last_one_installed_counts(ctx: Context, entitlements: Entitlements) -> None:
    first = licence_for(ctx.tenant, modules=("records",))
    await service.install(ctx, entitlements, licence_for(ctx.tenant))
    await service.install(ctx, entitlements, first)
    assert await in_use(ctx, entitlements) == {"records"}
    await service.install(ctx, entitlements, licence_for(ctx.tenant))
    await service.install(ctx, entitlements, first)
    assert await in_use(ctx, entitlements) == {"records"}


async def test_a_switch_holds_within_a_second_in_another_process(
    database: Database, tenant: TenantRef, entitlements: Entitlements
) -> None:
    elsewhere = entitlements_on(database)
    async with database.tenant(tenant) as ctx:
        await service.install(ctx, entitlements, licence_for(tenant))
        await ctx.session.execute(text("SELECT 1"))
    try:
        assert await elsewhere.of(tenant) == {"payroll", "records"}
        async with database.tenant(tenant) as ctx:
            await service.switch(ctx, entitlements, "payroll", on=False)
        assert await entitlements.of(tenant) == {"records"}, "at once where it was switched"
        await asyncio.sleep(0.9)
        assert await elsewhere.of(tenant) == {"records"}
    finally:
        async with database.tenant(tenant) as ctx:
            await ctx.session.execute(text("DELETE FROM licensing_toggle"))
            await ctx.session.execute(text("DELETE FROM licensing_licence"))


async def test_refusals_say_who_can_help(database: Database, other_tenant: TenantRef) -> None:
    entitlements = entitlements_on(database)
    async with database.tenant(other_tenant) as ctx:
        await service.install(ctx, entitlements, licence_for(other_tenant))
    not_bought = await entitlements.refusal(other_tenant, ATTENDANCE)
    assert isinstance(not_bought, ModuleNotLicensed)
    assert "考勤" in not_bought.message
    assert "管理员" in not_bought.hint
    async with database.tenant(other_tenant) as ctx:
        await service.switch(ctx, entitlements, "payroll", on=False)
        await service.switch(ctx, entitlements, "records", on=False)
    assert isinstance(await entitlements.refusal(other_tenant, RECORDS), ModuleOff)
    async with database.tenant(other_tenant) as ctx:
        await ctx.session.execute(text("UPDATE licensing_toggle SET enabled = true WHERE module = 'payroll'"))
    entitlements.forget(other_tenant)
    waiting = await entitlements.refusal(other_tenant, PAYROLL)
    assert isinstance(waiting, ModuleRequired)
    assert "档案" in waiting.message


@pytest.mark.parametrize(("day", "refused"), [(date(2027, 1, 30), False), (date(2027, 1, 31), True)])
async def test_the_end_stops_new_runs_only(ctx: Context, database: Database, day: date, refused: bool) -> None:
    entitlements = entitlements_on(database, day)
    await service.install(ctx, entitlements, licence_for(ctx.tenant))
    assert await in_use(ctx, entitlements) == {"payroll", "records"}
    standing = await entitlements.read(ctx)
    if refused:
        with pytest.raises(LicenceExpired):
            service.check_new_run(standing)
    else:
        service.check_new_run(standing)


@pytest.mark.parametrize(("used", "refused"), [(99, False), (109, False), (110, True)])
async def test_seats_are_refused_beyond_the_tolerance(
    ctx: Context, database: Database, used: int, refused: bool
) -> None:
    seats = Seats()
    seats.used = used
    entitlements = entitlements_on(database, seats=seats)
    await service.install(ctx, entitlements, licence_for(ctx.tenant))
    standing = await entitlements.read(ctx)
    if refused:
        with pytest.raises(SeatsExceeded):
            await service.check_seats(ctx, entitlements, standing)
    else:
        await service.check_seats(ctx, entitlements, standing)


@pytest.mark.parametrize(
    ("day", "used", "said"),
    [
        (date(2026, 6, 1), 90, None),
        (date(2026, 6, 1), 100, "110"),
        (date(2026, 12, 10), 90, "2026-12-31"),
        (date(2027, 1, 5), 90, "宽限"),
        (date(2027, 3, 1), 90, "不能新建"),
    ],
)
async def test_the_administrator_is_reminded(
    database: Database, other_tenant: TenantRef, day: date, *, used: int, said: str | None
) -> None:
    seats = Seats()
    seats.used = used
    entitlements = entitlements_on(database, day, seats)
    card = reminder(entitlements)
    administrator = replace(SYSTEM, grants={PERMISSION: Scope(frozenset({"all"}))})
    async with database.tenant(other_tenant) as ctx:
        await service.install(ctx, entitlements, licence_for(other_tenant))
    async with database.tenant(other_tenant, actor=administrator) as ctx:
        shown = await card(ctx)
        assert (shown is None) if said is None else (shown is not None and said in shown)
        assert await card(ctx.with_actor(SYSTEM)) is None


def test_english_is_complete() -> None:
    assert untranslated("licensing") == []
