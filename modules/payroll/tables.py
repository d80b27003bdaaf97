"""Tables of payroll's pages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement

from modules.payroll import words
from modules.payroll.models import PayRun, Payslip
from modules.payroll.rules.document import Document
from modules.payroll.service.access import sees_all_pay
from zhiren.context import Context
from zhiren.i18n import N_, _
from zhiren.web.tables import Column, Filter, TableSpec


class ReviewRow(msgspec.Struct, frozen=True):
    """A person in the review; amounts are None for who is parked, and for a reader without the right."""

    id: UUID
    employee_id: UUID
    run_id: UUID
    number: str
    name: str
    unit_name: str
    state: str
    why: str = ""
    gross_fen: int | None = None
    deducted_fen: int | None = None
    tax_fen: int | None = None
    net_fen: int | None = None
    previous_fen: int | None = None
    change_fen: int | None = None


def review_row(payslip: Payslip, document: Document | None) -> ReviewRow:
    state, why = "done", ""
    if payslip.parked_reason is not None:
        state, why = "parked", "，".join(words.parked(payslip.parked_reason, payslip.parked_detail))
    elif payslip.doubtful:
        state = "doubtful"
    row = ReviewRow(
        payslip.id, payslip.employee_id, payslip.run_id, payslip.number, payslip.name, payslip.unit_name, state, why
    )
    if document is None:
        return row
    totals, previous = document.totals, document.previous
    return msgspec.structs.replace(
        row,
        gross_fen=totals.gross_fen,
        deducted_fen=totals.insurance_fen + totals.fund_fen,
        tax_fen=totals.tax_fen,
        net_fen=totals.net_fen,
        previous_fen=previous.net_fen if previous else None,
        change_fen=totals.net_fen - previous.net_fen if previous else None,
    )


async def open_rows(ctx: Context, rows: list[Payslip]) -> list[ReviewRow]:
    """Rows of a page, opened at once where the reader may see pay."""
    if not sees_all_pay(ctx):
        return [review_row(row, None) for row in rows]
    opened = Payslip.document.open_rows(rows, ctx.keyring)
    return [review_row(row, document) for row, document in zip(rows, opened, strict=True)]


def _link(row: ReviewRow) -> str:
    if row.state == "parked":
        return f"/payroll/runs/{row.run_id}/people/{row.employee_id}"
    return f"/payroll/payslips/{row.id}"


def _why(row: ReviewRow) -> Any:
    return row.why or "—"


def _in_state(value: str) -> ColumnElement[bool]:
    return Payslip.parked_reason.is_not(None) if value == "parked" else Payslip.doubtful.is_(True)


REVIEW = TableSpec(
    name="payroll.review",
    title=N_("工资核对"),
    columns=(
        Column("name", N_("姓名"), Payslip.name, main=True, href=_link, search=True),
        Column("number", N_("工号"), Payslip.number, search=True),
        Column("unit_name", N_("部门"), Payslip.unit_name, search=True),
        Column("gross_fen", N_("应发"), kind="money"),
        Column("deducted_fen", N_("社保公积金"), kind="money"),
        Column("tax_fen", N_("个税"), kind="money"),
        Column("net_fen", N_("实发"), kind="money"),
        Column("previous_fen", N_("上次实发"), kind="money", shown=False),
        Column("change_fen", N_("较上次"), kind="money"),
        Column(
            "state",
            N_("状态"),
            badges={
                "done": ("success", N_("已算出")),
                "doubtful": ("warning", N_("参数待核对")),
                "parked": ("danger", N_("未算出")),
            },
        ),
        Column("why", N_("原因与办法"), value=_why, shown=False),
    ),
    filters=(
        Filter(
            "state",
            N_("状态"),
            choices=(("parked", N_("未算出")), ("doubtful", N_("参数待核对"))),
            apply=_in_state,
        ),
    ),
    order_by=(Payslip.number, Payslip.id),
)


class TermsRow(msgspec.Struct, frozen=True):
    id: UUID
    number: str
    name: str
    unit_name: str
    group_name: str
    city: str
    state: str


TERMS = TableSpec(
    name="payroll.terms",
    title=N_("薪资档案"),
    columns=(
        Column("name", N_("姓名"), main=True, href=lambda row: f"/payroll/terms/{row.id}", search=True),
        Column("number", N_("工号"), search=True),
        Column("unit_name", N_("部门"), search=True),
        Column("group_name", N_("薪资组")),
        Column("city", N_("参保城市")),
        Column(
            "state",
            N_("状态"),
            badges={"set": ("success", N_("已建立")), "missing": ("danger", N_("没有薪资档案"))},
        ),
    ),
    filters=(Filter("state", N_("状态"), choices=(("missing", N_("没有薪资档案")), ("set", N_("已建立")))),),
)


def run_title(run: PayRun, group_name: str) -> str:
    month = words.month(run.year, run.month)
    if run.kind == "correction":
        return _("{group} {month} 更正", group=group_name, month=month)
    return f"{group_name} {month}"
