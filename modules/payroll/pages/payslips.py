"""A payslip with every figure open, for who does the payroll."""

from __future__ import annotations

from uuid import UUID

from litestar import get
from litestar.params import FromPath

from modules.payroll import words
from modules.payroll.pages.statement import statement_context
from modules.payroll.service import payslips
from zhiren.context import Context
from zhiren.web import Page, page


@get("/payroll/payslips/{payslip_id:uuid}", permission="payroll.run.read")
async def payslip_page(ctx: Context, payslip_id: FromPath[UUID]) -> Page:
    opened = await payslips.open_payslip(ctx, payslip_id)
    previous = await payslips.previous_of(ctx, opened)
    return page("payroll/payslip.html", **statement_context(opened, previous), status=words.status(opened.run.status))


HANDLERS = (payslip_page,)
