"""One's own payslips, on the phone: the list, one with every figure open, and the PDF."""

from __future__ import annotations

from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath

from modules.payroll import words
from modules.payroll.errors import PayslipNotFound
from modules.payroll.pages.files import PDF, download
from modules.payroll.pages.pdf import payslip_pdf
from modules.payroll.pages.statement import statement_context
from modules.payroll.service import payslips
from modules.payroll.service.access import READ_PAYSLIP
from zhiren.context import Context
from zhiren.i18n import _
from zhiren.web import Page, page
from zhiren.web.fields import AnyRequest


@get("/me/payslips", permission=READ_PAYSLIP)
async def own_list_page(ctx: Context) -> Page:
    rows = await payslips.own_list(ctx)
    return page(
        "payroll/own_list.html",
        rows=[(payslip, run, document.totals, words.month(run.year, run.month)) for payslip, run, document in rows],
        watermark=True,
    )


async def _own(ctx: Context, payslip_id: UUID) -> payslips.Opened:
    opened = await payslips.open_payslip(ctx, payslip_id)
    if not opened.own or opened.run.status != "published":
        # who does the payroll reads it in the run; this page and its file are the person's own
        raise PayslipNotFound(_("没有这张工资条，或者它不是您的。"))
    return opened


@get("/me/payslips/{payslip_id:uuid}", permission=READ_PAYSLIP)
async def own_page(ctx: Context, payslip_id: FromPath[UUID]) -> Page:
    opened = await _own(ctx, payslip_id)
    previous = await payslips.previous_of(ctx, opened)
    return page("payroll/own.html", **statement_context(opened, previous))


@get("/me/payslips/{payslip_id:uuid}/pdf", permission=READ_PAYSLIP)
async def own_pdf(request: AnyRequest, ctx: Context, payslip_id: FromPath[UUID]) -> Response[bytes]:
    opened = await _own(ctx, payslip_id)
    content = await payslip_pdf(request.app.state.templates, ctx, opened)
    month = f"{opened.run.year}-{opened.run.month:02d}"
    return download(_("工资条 {month}.pdf", month=month), content, PDF)


HANDLERS = (own_list_page, own_page, own_pdf)
