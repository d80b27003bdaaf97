"""Reading payslips: the person whose pay it is, and who does the payroll; every reading leaves a trace."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from modules.payroll import repository
from modules.payroll.errors import PayslipNotFound
from modules.payroll.models import PayRun, Payslip
from modules.payroll.rules.document import Document
from modules.payroll.rules.plan import Plan
from modules.payroll.service import calculation
from modules.payroll.service.access import READ_PAY, READ_PAYSLIP, reaches, sees_all_pay
from zhiren import audit
from zhiren.context import Context
from zhiren.i18n import _


@dataclass(frozen=True, slots=True)
class Opened:
    """A payslip with all that explains it."""

    payslip: Payslip
    run: PayRun
    document: Document
    plan: Plan
    #: the reader's own
    own: bool


async def own_list(ctx: Context) -> list[tuple[Payslip, PayRun, Document]]:
    """The actor's own published payslips, newest first."""
    employee_id = ctx.actor.employee_id
    if employee_id is None:
        return []
    rows = await repository.published_of(ctx.session, employee_id)
    documents = Payslip.document.open_rows([payslip for payslip, _run in rows], ctx.keyring)
    if rows:
        audit.record(
            ctx,
            "payroll.payslip.list",
            object_type="records.employee",
            object_id=employee_id,
            fields=["net"],
            sensitive=True,
        )
    return [(payslip, run, doc) for (payslip, run), doc in zip(rows, documents, strict=True) if doc is not None]


async def open_payslip(ctx: Context, payslip_id: UUID) -> Opened:
    """A payslip with its explanation. Raises PayslipNotFound, also for one that is not the reader's to see.

    Who does the payroll sees it from calculation on; others once it is published, if their scope takes the person in.
    """
    found = await repository.payslip(ctx.session, payslip_id)
    if found is None or not await _may_read(ctx, *found):
        raise PayslipNotFound(_("没有这张工资条，或者它不是您的。"))
    payslip, run = found
    document = payslip.document
    if document is None:
        raise PayslipNotFound(_("这个人的工资还没有算出。"))
    own = ctx.actor.employee_id == payslip.employee_id
    audit.record(
        ctx,
        "payroll.payslip.read",
        object_type="payroll.payslip",
        object_id=payslip.id,
        fields=["lines", "totals", "trace"],
        sensitive=True,
    )
    return Opened(payslip, run, document, await calculation.stored_plan(ctx, payslip.basis_id), own)


async def _may_read(ctx: Context, payslip: Payslip, run: PayRun) -> bool:
    if ctx.actor.scope(READ_PAYSLIP).everyone and sees_all_pay(ctx):
        return True
    if run.status != "published":
        return False
    for permission in (READ_PAYSLIP, READ_PAY):
        if not await reaches(ctx, permission, payslip.employee_id, run.pay_on):
            return False
    return True


async def previous_of(ctx: Context, opened: Opened) -> Document | None:
    """The same person's closed payslip before this one, for comparison line by line."""
    before = await repository.closed_before(ctx.session, opened.payslip.employee_id, opened.run)
    return before.document if before else None
