"""The payroll sheet of a run as a spreadsheet: one row a person, one column a line."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import xlsxwriter  # type: ignore[import-untyped]

from modules.payroll import repository, words
from modules.payroll.errors import RunNotReady
from modules.payroll.models import Payslip
from modules.payroll.rules.document import Document
from modules.payroll.rules.plan import Plan
from modules.payroll.service import calculation, runs
from modules.payroll.service.access import sees_all_pay
from zhiren import audit
from zhiren.context import Context
from zhiren.errors import Forbidden
from zhiren.i18n import _
from zhiren.web.filters import CHINA
from zhiren.web.tables.export import defused


async def payroll_sheet(ctx: Context, run_id: UUID) -> tuple[str, bytes]:
    """The file's name and content. Raises RunNotFound, RunNotReady, Forbidden. The export is recorded."""
    run = await runs.get(ctx, run_id)
    if not sees_all_pay(ctx):
        raise Forbidden(_("您没有查看薪酬的权限。"))
    if run.basis_id is None or run.status == "calculating":
        raise RunNotReady(_("请先计算工资。"))
    plan = await calculation.stored_plan(ctx, run.basis_id)
    documents: list[Document] = []
    after: UUID | None = None
    while rows := await repository.documents(ctx.session, run_id, after, 1000):
        opened = Payslip.document.open_values(((row.id, row.document_ct) for row in rows), ctx.keyring)
        documents += [document for document in opened if document is not None]
        after = rows[-1].id
    documents.sort(key=lambda document: document.person.number)
    audit.record(
        ctx,
        "payroll.run.export",
        object_type="payroll.run",
        object_id=run_id,
        fields=["lines", "totals"],
        changes={"rows": (None, len(documents))},
        sensitive=True,
    )
    group = await runs.pay_group(ctx, run.group_id)
    name = f"{group.name} {words.month(run.year, run.month)}"
    mark = f"{ctx.tenant.name}  {ctx.actor.name} {datetime.now(CHINA):%Y-%m-%d %H:%M}"
    heading, lines = sheet(plan, documents)
    return f"{name}.xlsx", await asyncio.to_thread(_write, name, heading, lines, mark)


def sheet(plan: Plan, documents: Sequence[Document]) -> tuple[list[str], list[list[str | int]]]:
    """Headings, and a row for each person; amounts are integers of fen."""
    items = [item for item in plan.items if item.kind != "figure"]
    lines = list(dict.fromkeys(line.code for document in documents for line in document.contributions.lines))
    heading = [_("工号"), _("姓名"), _("部门"), _("参保城市"), *(item.name for item in items), _("应发")]
    heading += [_("个人{line}", line=words.line(code)) for code in lines if code != "injury"]
    heading += [_("个税"), _("实发")]
    heading += [_("单位{line}", line=words.line(code)) for code in lines] + [_("单位合计")]
    rows: list[list[str | int]] = []
    for document in documents:
        amounts = {line.code: line.amount_fen for line in document.items}
        sides = {line.code: line for line in document.contributions.lines}
        who, totals = document.person, document.totals
        row: list[str | int] = [who.number, who.name, who.unit, who.city]
        row += [amounts.get(item.code, 0) for item in items]
        row.append(totals.gross_fen)
        row += [sides[code].employee_fen if code in sides else 0 for code in lines if code != "injury"]
        row += [totals.tax_fen, totals.net_fen]
        row += [sides[code].employer_fen if code in sides else 0 for code in lines]
        row.append(totals.employer_fen)
        rows.append(row)
    return heading, rows


def _write(title: str, heading: Sequence[str], rows: Sequence[Sequence[str | int]], mark: str) -> bytes:
    buffer = io.BytesIO()
    options: dict[str, Any] = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        sheet_ = book.add_worksheet(_("工资表"))
        bold, money = (
            book.add_format({"bold": True, "bg_color": "#eef2f1"}),
            book.add_format({"num_format": "#,##0.00"}),
        )
        sheet_.freeze_panes(1, 2)
        sheet_.set_landscape()
        sheet_.set_footer(f"&L{title.replace('&', '&&')}&R{mark.replace('&', '&&')}")
        sheet_.set_column(0, 3, 12)
        sheet_.set_column(4, max(4, len(heading) - 1), 13)
        for place, text in enumerate(heading):
            sheet_.write_string(0, place, defused(text), bold)
        for number, row in enumerate(rows, 1):
            for place, value in enumerate(row):
                if isinstance(value, int):
                    # the file format knows binary fractions only: two decimal places survive it exactly when read back
                    sheet_.write_number(number, place, value / 100, money)
                else:
                    sheet_.write_string(number, place, defused(value))
    return buffer.getvalue()
