"""A customer with something of everything, and somebody who may do everything there."""

from __future__ import annotations

import io
import os
from random import Random

import openpyxl
import pytest
import pytest_asyncio
from litestar import Litestar

from modules.records.service.imports import checking, staging
from ops.hosted import Hosted
from tenants.provisioning import Provisioner
from tests.conftest import make_tenant
from tests.factories.payroll import OFFICER, payroll
from tests.factories.records import granted
from tests.factories.recruiting import make_application, make_job
from tests.fuzz.stock import Stock
from tests.fuzz.visitor import Visitor
from zhiren.context import TenantRef

#: another number explores other requests
SEED = int(os.environ.get("ZHIREN_TEST_FUZZ_SEED", "20261122"))


@pytest.fixture(scope="module")
def chance() -> Random:
    return Random(SEED)


@pytest_asyncio.fixture(scope="module")
async def inhabited(provisioner: Provisioner, parts: Hosted) -> TenantRef:
    """A small company: two months paid, one of them open, somebody nobody gave terms, an import not yet committed."""
    tenant = await make_tenant(provisioner, "fuzz")
    made = await payroll(parts.database, tenant)
    for number in range(1, 7):
        employee_id = await made.hire(f"F{number:03d}", f"员工{number}")
        if number < 6:
            await made.terms(employee_id, 9000 + 500 * number)
    await made.month(8, leave_parked=True)
    await made.calculate(await made.open(9))
    async with parts.database.tenant(tenant, actor=OFFICER) as ctx:
        found = await staging.stage(ctx, "花名册.xlsx", _workbook())
        await checking.check(ctx, found.id)
    async with parts.database.tenant(tenant, actor=granted("recruiting.manage")) as ctx:
        job = await make_job(ctx)
        for _ in range(4):
            await make_application(ctx, job=job)
    return tenant


def _workbook() -> bytes:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["工号", "姓名", "入职日期", "部门", "手机号"])
    for number in range(20):
        book.active.append([f"N{number:03d}", f"新人{number}", "2026-09-01", "总部", "13800138000"])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


@pytest_asyncio.fixture(scope="module")
async def visitor(parts: Hosted, app: Litestar, inhabited: TenantRef) -> Visitor:
    found = Visitor(parts, app, inhabited)
    await found.renew()
    return found


@pytest_asyncio.fixture(scope="module")
async def stock(parts: Hosted, inhabited: TenantRef, visitor: Visitor, chance: Random) -> Stock:
    found = Stock(parts.database, inhabited, chance)
    await found.refresh(without=visitor.user_id)
    return found
