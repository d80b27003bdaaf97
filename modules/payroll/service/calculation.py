"""Calculating a run: who is in it, by what plan, in chunks of which each is a transaction of its own.

A chunk may be made again at any time: whoever has a payslip of this revision is left alone. A person who cannot be
paid is parked with the reason, and the others go on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple
from uuid import UUID

from modules.payroll import legal, repository
from modules.payroll.errors import FormulaInvalid, LawMissing
from modules.payroll.models import PayBasis, PayGroup, PayItem, PayOpening, PayProfile, PayRun, Payslip, RunInput
from modules.payroll.rules import plan as plans
from modules.payroll.rules.calendar import month_span
from modules.payroll.rules.document import Carried, Document, Past, Person, Terms
from modules.payroll.rules.formula import FormulaError
from modules.payroll.rules.parameters import NoParameters
from modules.payroll.rules.payslip import Calculator, Parked, line_amounts
from modules.payroll.rules.tax import YearToDate
from modules.payroll.service.summary import Tally
from modules.payroll.words import fault
from modules.records import api as records
from zhiren.context import Context
from zhiren.crypto import json_of
from zhiren.i18n import _
from zhiren.ids import new_id

CHUNK = 1000
#: reads of a payslip what the next one goes on from
_CARRIED = json_of(Carried)


@dataclass(frozen=True, slots=True)
class Member:
    """A person in a run; without ``profile_id`` nobody has said what they are paid."""

    employee_id: UUID
    person: Person
    profile_id: UUID | None
    #: who withholds: the group's employer, else the person's own
    legal_entity_id: UUID | None


@dataclass(slots=True)
class Calculation:
    """One calculation of a run, between its transactions."""

    run_id: UUID
    revision: int
    kind: str
    basis_id: UUID
    calculator: Calculator
    members: list[Member]
    #: who had a payslip of this revision when the work began
    done: set[UUID]
    #: whether there are payslips of an earlier calculation to take away
    replaces: bool
    tally: Tally = field(default_factory=Tally)
    parked: int = 0

    def chunks(self) -> Iterator[list[Member]]:
        todo = [member for member in self.members if member.employee_id not in self.done]
        for start in range(0, len(todo), CHUNK):
            yield todo[start : start + CHUNK]


async def prepare(ctx: Context, run_id: UUID, revision: int) -> Calculation | None:
    """What the calculation works with; None when the run is not at this revision any more.

    Raises LawMissing or FormulaInvalid when nobody at all could be paid.
    """
    if not await repository.hold_calculation(ctx.session, run_id, revision):
        return None
    run = await repository.run(ctx.session, run_id)
    group = await repository.group(ctx.session, run.group_id) if run else None
    if run is None or group is None:
        return None
    members = await population(ctx, run, group)
    if run.basis_id is None:
        basis = PayBasis()
        basis.plan = await plan_for(ctx, run, {member.person.city for member in members})
        ctx.session.add(basis)
        await ctx.session.flush()
        await repository.set_run(ctx.session, run_id, if_status=["calculating"], basis_id=basis.id)
        plan = basis.plan
        basis_id = basis.id
    else:
        basis_id = run.basis_id
        plan = await stored_plan(ctx, basis_id)
    return Calculation(
        run_id=run_id,
        revision=revision,
        kind=run.kind,
        basis_id=basis_id,
        calculator=calculator(plan),
        members=members,
        done=await repository.calculated_employees(ctx.session, run_id, revision),
        replaces=await repository.has_payslips(ctx.session, run_id),
    )


def calculator(plan: plans.Plan) -> Calculator:
    """Raises FormulaInvalid when the plan's formulas do not stand together."""
    try:
        return Calculator(plan)
    except FormulaError as error:
        raise FormulaInvalid(_("薪资项目的公式有误：{fault}", fault=fault(error))) from error


async def stored_plan(ctx: Context, basis_id: UUID) -> plans.Plan:
    basis = await repository.basis(ctx.session, basis_id)
    if basis is None:
        raise LookupError(f"basis {basis_id} is missing")
    return basis.plan


async def plan_for(ctx: Context, run: PayRun, cities: set[str]) -> plans.Plan:
    """Pay items and law as they hold for this run now. Raises LawMissing."""
    first, last = month_span(run.year, run.month)
    items = [item_rule(item) for item in await repository.items(ctx.session, last)]
    try:
        return plans.build(legal.load(), run.year, run.month, run.pay_on, items=items, cities=cities)
    except NoParameters as missing:
        raise LawMissing(
            _("{month} 没有可用的法定参数：{name}", month=f"{first:%Y-%m}", name=missing.name),
            hint=_("收录的参数自 2023 年 7 月起，请核对所属月份与发薪日。"),
        ) from missing


def item_rule(item: PayItem) -> plans.ItemRule:
    return plans.ItemRule(
        item.code,
        item.name,
        item.kind,  # type: ignore[arg-type]  # the table's CHECK
        taxable=item.taxable,
        insurable=item.insurable,
        formula=item.formula,
    )


async def population(ctx: Context, run: PayRun, group: PayGroup) -> list[Member]:
    """Who belongs in the run, by number.

    Everybody employed on a day of the month whose terms name this group, and the employer's people whom nobody gave
    terms, so that they are seen and not forgotten. In a correction, those it was opened for.
    """
    first, last = month_span(run.year, run.month)
    terms = {row.employee_id: row for row in await repository.profiles_in_force(ctx.session, first, last)}
    chosen: set[UUID] | None = None
    if run.kind == "correction":
        chosen = {row.employee_id for row in await repository.inputs(ctx.session, run.id)}
    alone = sum(other.active for other in await repository.groups(ctx.session)) == 1
    found: list[Member] = []
    for ref in await _employed(ctx, first, last):
        row = terms.get(ref.id)
        if chosen is not None:
            belongs = ref.id in chosen
        elif row is not None:
            belongs = row.group_id == group.id
        else:
            belongs = ref.legal_entity_id == group.legal_entity_id if group.legal_entity_id else alone
        if belongs:
            city = (row.city if row else None) or ref.city or ""
            person = Person(
                ref.number, ref.name, ref.unit_name or "", ref.position or "", city, ref.hired_on, ref.left_on
            )
            entity_id = group.legal_entity_id or ref.legal_entity_id
            found.append(Member(ref.id, person, row.id if row else None, entity_id))
    return found


async def _employed(ctx: Context, first: date, last: date) -> list[records.EmployeeRef]:
    """People employed in the month, who left with the seat of their last day."""
    refs = await records.list_employees(ctx, last, employed_since=first)
    leavers: dict[date, list[UUID]] = defaultdict(list)
    for ref in refs:
        if ref.left_on is not None and ref.left_on < last:
            leavers[ref.left_on].append(ref.id)
    seats: dict[UUID, records.EmployeeRef] = {}
    for day, ids in leavers.items():
        seats.update(await records.employee_refs(ctx, ids, as_of=day))
    return [seats.get(ref.id, ref) for ref in refs]


async def calculate_chunk(ctx: Context, work: Calculation, members: Sequence[Member]) -> bool:
    """Make and store the payslips of a few hundred people. False when the run was taken out of this calculation."""
    if not await repository.hold_calculation(ctx.session, work.run_id, work.revision):
        return False
    rows = await payslip_rows(ctx, work, members)
    if work.replaces:
        await repository.drop_payslips(ctx.session, work.run_id, [member.employee_id for member in members])
    await repository.copy_payslips(ctx.session, rows)
    return True


async def payslip_rows(ctx: Context, work: Calculation, members: Sequence[Member]) -> list[tuple[object, ...]]:
    """Payslips ready to be stored, parked people among them; sums go into ``work.tally``."""
    gathered = await _gather(ctx, work, members)
    seal = Payslip.document.seal_value
    rows: list[tuple[object, ...]] = []
    for member in members:
        row_id = new_id()
        reason, detail, sealed, doubtful = None, "", None, False
        try:
            document = _document(work, member, gathered)
            sealed = seal(row_id, document, ctx.keyring)
            doubtful = bool(document.doubts or document.warnings)
            work.tally.add(member.employee_id, document)
        except Parked as parked:
            reason, detail = parked.reason, parked.detail
            work.parked += 1
        person = member.person
        rows.append(
            (
                row_id,
                work.run_id,
                member.employee_id,
                work.revision,
                work.basis_id,
                member.legal_entity_id,
                person.number,
                person.name,
                person.unit,
                reason,
                detail,
                doubtful,
                sealed,
            )
        )
    return rows


class _Closed(NamedTuple):
    document: Carried
    legal_entity_id: UUID | None
    pay_on: date


@dataclass(slots=True)
class _Gathered:
    """What a chunk of people brings along, by employee."""

    terms: dict[UUID, Terms]
    inputs: dict[UUID, dict[str, int]]
    #: closed payslips, one of each withholding agent, the latest first
    last: dict[UUID, list[_Closed]]
    openings: dict[UUID, YearToDate]
    paid: dict[UUID, dict[str, int]]
    paid_additional_fen: dict[UUID, int]


async def _gather(ctx: Context, work: Calculation, members: Sequence[Member]) -> _Gathered:
    session, keyring = ctx.session, ctx.keyring
    ids = [member.employee_id for member in members]
    profile_ids = [member.profile_id for member in members if member.profile_id]
    sealed = await repository.sealed_terms(session, profile_ids)
    opened = PayProfile.terms.open_values(((row.id, row.terms_ct) for row in sealed), keyring)
    by_profile = {row.id: terms for row, terms in zip(sealed, opened, strict=True)}
    entered = await repository.inputs(session, work.run_id, ids)
    amounts = RunInput.amounts.open_values(((row.id, row.amounts_ct) for row in entered), keyring)
    previous = await repository.last_closed(session, ids)
    carried = Payslip.document.open_values_as(_CARRIED, ((row.id, row.document_ct) for row in previous), keyring)
    opening = await repository.openings(session, ids, work.calculator.plan.pay_on.year)
    opened_sums = PayOpening.sums.open_values(((row.id, row.sums_ct) for row in opening), keyring)
    found = _Gathered(
        terms={m.employee_id: by_profile[m.profile_id] for m in members if m.profile_id},  # type: ignore[misc]
        inputs={row.employee_id: each or {} for row, each in zip(entered, amounts, strict=True)},
        last=defaultdict(list),
        openings={row.employee_id: sums for row, sums in zip(opening, opened_sums, strict=True) if sums},
        paid={},
        paid_additional_fen=defaultdict(int),
    )
    for row, document in zip(previous, carried, strict=True):
        found.last[row.employee_id].append(_Closed(document, row.legal_entity_id, row.pay_on))
    if work.kind == "correction":
        await _paid_before(ctx, work, ids, found)
    return found


async def _paid_before(ctx: Context, work: Calculation, ids: list[UUID], found: _Gathered) -> None:
    plan = work.calculator.plan
    rows = await repository.closed_of_month(ctx.session, ids, plan.year, plan.month)
    documents = Payslip.document.open_values(((row.id, row.document_ct) for row in rows), ctx.keyring)
    rules: dict[UUID, dict[str, plans.ItemRule]] = {}
    found.paid = {employee_id: defaultdict(int) for employee_id in ids}
    for row, document in zip(rows, documents, strict=True):
        if document is None:
            continue
        if row.basis_id not in rules:
            rules[row.basis_id] = {item.code: item for item in (await stored_plan(ctx, row.basis_id)).items}
        for code, amount in line_amounts(document, rules[row.basis_id]).items():
            found.paid[row.employee_id][code] += amount
        found.paid_additional_fen[row.employee_id] += document.amounts.additional_fen


def _document(work: Calculation, member: Member, gathered: _Gathered) -> Document:
    employee_id = member.employee_id
    terms = gathered.terms.get(employee_id)
    if terms is None:
        raise Parked("no_terms")
    pay_on = work.calculator.plan.pay_on
    closed = gathered.last[employee_id]
    if any(each.pay_on > pay_on for each in closed):
        raise Parked("paid_later")
    return work.calculator.calculate(
        member.person,
        terms,
        _past(closed, member.legal_entity_id, pay_on, gathered.openings.get(employee_id)),
        this_run=gathered.inputs.get(employee_id),
        paid=gathered.paid.get(employee_id),
        paid_additional_fen=gathered.paid_additional_fen[employee_id],
        previous=closed[0].document.totals if closed else None,
    )


def _past(closed: list[_Closed], entity_id: UUID | None, pay_on: date, opening: YearToDate | None) -> Past:
    """What the tax year brings along at this withholding agent (累计预扣 is kept by each 扣缴义务人 alone).

    The opening balance belongs to whoever paid last before the customer came here: it counts until anything has closed
    in the year. Whoever then moves to another employer of the customer begins anew there, with this month.
    """
    this_year = [each for each in closed if each.pay_on.year == pay_on.year]
    for each in this_year:
        if each.legal_entity_id == entity_id:
            return Past(each.document.after, "payslip", each.document.tax.start_month)
    if this_year:
        return Past(YearToDate(), "nothing", pay_on.month)
    return Past(opening, "opening") if opening is not None else Past()


async def finish(ctx: Context, work: Calculation) -> bool:
    """The run is calculated: sums are stored, payslips of earlier calculations go."""
    if not await repository.hold_calculation(ctx.session, work.run_id, work.revision):
        return False
    await repository.drop_old_payslips(ctx.session, work.run_id, work.revision)
    if work.done:
        # an earlier worker made a part of them: add up what is stored
        work.tally = await stored_tally(ctx, work.run_id)
        work.parked = await repository.count_payslips(ctx.session, work.run_id, parked=True)
    summary = work.tally.summary()
    await repository.set_run(
        ctx.session,
        work.run_id,
        if_status=["calculating"],
        revision=work.revision,
        status="calculated",
        people=len(work.members),
        parked=work.parked,
        doubts=len(summary.doubts),
        summary_ct=PayRun.summary.seal_value(work.run_id, summary, ctx.keyring),
    )
    return True


async def stored_tally(ctx: Context, run_id: UUID) -> Tally:
    tally, after = Tally(), None
    while rows := await repository.documents(ctx.session, run_id, after, 1000):
        opened = Payslip.document.open_values(((row.id, row.document_ct) for row in rows), ctx.keyring)
        for row, document in zip(rows, opened, strict=True):
            if document is not None:
                tally.add(row.employee_id, document)
        after = rows[-1].id
    return tally


def same_basis(stored: plans.Plan, fresh: plans.Plan) -> bool:
    """Whether a person calculated by ``fresh`` stands beside people calculated by ``stored``: cities may be added,
    nothing else may differ."""
    cities = {name: fresh.cities.get(name) for name in stored.cities}
    plain = ("cities", "refused", "citations")
    return cities == stored.cities and all(
        getattr(stored, name) == getattr(fresh, name) for name in plans.Plan.__struct_fields__ if name not in plain
    )
