"""From models to what the API answers."""

from __future__ import annotations

import msgspec

from modules.payroll import words
from modules.payroll.models import PayGroup, PayItem, PayProfile, PayRun, Payslip
from modules.payroll.rules.document import Document
from modules.payroll.schemas import (
    CitationOut,
    Group,
    Item,
    LineOut,
    PayslipOut,
    PayslipRow,
    Profile,
    Run,
    TermsIn,
    TotalsOut,
)
from modules.payroll.service.payslips import Opened
from modules.payroll.trace import Line, explain


def group(found: PayGroup) -> Group:
    return msgspec.convert(found, Group, from_attributes=True)


def item(found: PayItem) -> Item:
    return msgspec.convert(found, Item, from_attributes=True)


def profile(found: PayProfile, *, sees_pay: bool) -> Profile:
    return Profile(
        id=found.id,
        employee_id=found.employee_id,
        group_id=found.group_id,
        city=found.city,
        valid_from=found.valid_from,
        valid_to=found.valid_to,
        note=found.note,
        version=found.version,
        terms=TermsIn.of(found.terms) if sees_pay else None,
    )


def run(found: PayRun, *, sees_pay: bool) -> Run:
    summary = found.summary if sees_pay and found.status not in ("open", "calculating") else None
    return Run(
        id=found.id,
        group_id=found.group_id,
        year=found.year,
        month=found.month,
        pay_on=found.pay_on,
        kind=found.kind,
        corrects_id=found.corrects_id,
        reason=found.reason,
        status=found.status,
        revision=found.revision,
        job_id=found.job_id,
        people=found.people,
        parked=found.parked,
        doubts=found.doubts,
        version=found.version,
        calculated_at=found.calculated_at,
        closed_at=found.closed_at,
        published_at=found.published_at,
        totals=TotalsOut.of(summary.totals) if summary else None,
        previous=TotalsOut.of(summary.previous) if summary else None,
    )


def payslip_row(found: Payslip, document: Document | None) -> PayslipRow:
    message = ""
    if found.parked_reason is not None:
        message = " ".join(words.parked(found.parked_reason, found.parked_detail))
    return PayslipRow(
        id=found.id,
        employee_id=found.employee_id,
        number=found.number,
        name=found.name,
        unit_name=found.unit_name,
        parked_reason=found.parked_reason,
        parked_message=message,
        doubtful=found.doubtful,
        totals=TotalsOut.of(document.totals) if document else None,
        previous=TotalsOut.of(document.previous) if document and document.previous else None,
    )


def payslip(opened: Opened, previous: Document | None) -> PayslipOut:
    statement = explain(opened.document, opened.plan, previous)
    return PayslipOut(
        id=opened.payslip.id,
        run_id=opened.run.id,
        employee_id=opened.payslip.employee_id,
        year=opened.run.year,
        month=opened.run.month,
        pay_on=opened.run.pay_on,
        name=opened.document.person.name,
        number=opened.document.person.number,
        totals=TotalsOut.of(opened.document.totals),
        lines=[_line(each) for each in statement.lines()],
    )


def _line(line: Line) -> LineOut:
    return LineOut(
        code=line.code,
        title=line.title,
        amount_fen=line.amount_fen,
        employer_fen=line.employer_fen,
        previous_fen=line.previous_fen,
        working=line.working,
        inputs=list(line.inputs),
        articles=list(line.articles),
        citations=[CitationOut(**msgspec.structs.asdict(each)) for each in line.citations],
    )
