"""A database administrator sees who was paid, and never how much."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import text

from modules.payroll.models import MODELS
from tests.factories.payroll import Payroll
from tests.support import TestServices
from zhiren.context import TenantRef
from zhiren.crypto import SealBroken, sealed_fields

RANDOM = re.compile(r"\\\\x[0-9a-f]*|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d\d:\d\d:\d\d\.\d+")


async def test_no_amount_stands_in_any_table(payroll: Payroll, tenant: TenantRef, services: TestServices) -> None:
    who = await payroll.hire("S1", "密")
    await payroll.terms(who, 77777, insurance_base_fen=2_345_600, additional={"rent": 150_000})
    run_id = await payroll.month(3)
    net = (await payroll.document(run_id, "S1")).totals.net_fen
    figures = ("77777", "7777700", "2345600", "23456.00", "150000", str(net), f"{net / 100:.2f}")
    with services.admin() as admin:
        tables = admin.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = %s", (tenant.id,)
        ).fetchall()
        assert {model.__tablename__ for model in MODELS} <= {name for (name,) in tables}
        for (name,) in tables:
            for (row,) in admin.execute(f'SELECT t::text FROM "{tenant.id}"."{name}" t'):
                # ciphertexts and ids are random digits, in which any number may turn up
                plain = RANDOM.sub("", row)
                assert not [figure for figure in figures if figure in plain], (name, row)


async def test_amounts_are_sealed_under_the_class_pay() -> None:
    mine = {(field.table, field.name) for field in sealed_fields() if field.field_class == "pay"}
    assert {
        ("payroll_payslip", "document"),
        ("payroll_profile", "terms"),
        ("payroll_input", "amounts"),
        ("payroll_run", "summary"),
        ("payroll_basis", "plan"),
    } <= mine


async def test_a_payslip_opens_in_its_own_row_only(payroll: Payroll) -> None:
    await payroll.terms(await payroll.hire("S2", "甲"))
    await payroll.terms(await payroll.hire("S3", "乙"), 20000)
    run_id = await payroll.month(3)
    async with payroll.acting() as ctx:
        await ctx.session.execute(
            text(
                "UPDATE payroll_payslip a SET document_ct = b.document_ct FROM payroll_payslip b "
                "WHERE a.run_id = :run AND b.run_id = :run AND a.number = 'S2' AND b.number = 'S3'"
            ),
            {"run": run_id},
        )
    with pytest.raises(SealBroken):
        await payroll.document(run_id, "S2")
