"""Calculating a run: who is in it, by what plan, in chunks of which each is a transaction of its own.

A chunk may be made again at any time: whoever has a payslip of this revision is left alone. A person who cannot be
paid is parked with the reason, and the others go on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Iterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from modules.payroll import legal, repository
from modules.payroll.errors import FormulaInvalid, LawMissing
from modules.payroll.models import PayBasis, PayItem, PayRun, Payslip
from modules.payroll.repository.arrays import Rows
from modules.payroll.rules import plan as plans
from modules.payroll.rules.calendar import month_span
from modules.payroll.rules.formula import FormulaError
from modules.payroll.rules.parameters import NoParameters
from modules.payroll.rules.payslip import Calculator, line_amounts
from modules.payroll.service import slips
from modules.payroll.service.population import Member, population
from modules.payroll.service.summary import Tally
from modules.payroll.words import fault
from zhiren.context import Context
from zhiren.i18n import _

CHUNK = 1000


@dataclass(slots=True)
class Calculation:
    """One calculation of a run, between its transactions."""

    run_id: UUID
    revision: int
    kind: str
    basis_id: UUID
    plan: plans.Plan
    members: list[Member]
    #: who had a payslip of this revision when the work began
    done: set[UUID]
    #: whether there are payslips of an earlier calculation to take away
    replaces: bool
    tally: Tally = field(default_factory=Tally)
    parked: int = 0
    packed_plan: bytes = field(init=False)

    def __post_init__(self) -> None:
        self.packed_plan = slips.pack(self.plan)

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
    check(plan)
    return Calculation(
        run_id=run_id,
        revision=revision,
        kind=run.kind,
        basis_id=basis_id,
        plan=plan,
        members=members,
        done=await repository.calculated_employees(ctx.session, run_id, revision),
        replaces=await repository.has_payslips(ctx.session, run_id),
    )


def check(plan: plans.Plan) -> None:
    """Raises FormulaInvalid when the plan's formulas do not stand together."""
    try:
        Calculator(plan)
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


async def gather(ctx: Context, work: Calculation, members: Sequence[Member]) -> bytes:
    """What these people bring along, for ``slips.make``."""
    session = ctx.session
    ids = [member.employee_id for member in members]
    profile_ids = [member.profile_id for member in members if member.profile_id]
    terms = {row.id: slips.Ciphertext(*row) for row in await repository.sealed_terms(session, profile_ids)}
    amounts = await _by_employee(repository.inputs(session, work.run_id, ids))
    openings = await _by_employee(repository.openings(session, ids, work.plan.pay_on.year))
    closed: dict[UUID, list[slips.ClosedSlip]] = defaultdict(list)
    for employee_id, *slip in await repository.last_closed(session, ids):
        closed[employee_id].append(slips.ClosedSlip(*slip))
    paid = await _paid_before(ctx, work, ids) if work.kind == "correction" else {}
    people = [
        slips.Brought(
            member.employee_id,
            member.legal_entity_id,
            member.person,
            terms[member.profile_id] if member.profile_id else None,
            amounts.get(member.employee_id),
            closed.get(member.employee_id, []),
            openings.get(member.employee_id),
            *paid.get(member.employee_id, (None, 0)),
        )
        for member in members
    ]
    return slips.pack(slips.Batch(work.packed_plan, ctx.keyring.lend(), people))


async def _by_employee(rows: Awaitable[Rows]) -> dict[UUID, slips.Ciphertext]:
    return {employee_id: slips.Ciphertext(*rest) for employee_id, *rest in await rows}


async def _paid_before(ctx: Context, work: Calculation, ids: list[UUID]) -> dict[UUID, tuple[dict[str, int], int]]:
    """For each: what was paid for the month by line code, and the special additional deductions that were taken."""
    plan = work.plan
    rows = await repository.closed_of_month(ctx.session, ids, plan.year, plan.month)
    documents = Payslip.document.open_values(((row.id, row.document_ct) for row in rows), ctx.keyring)
    rules: dict[UUID, dict[str, plans.ItemRule]] = {}
    paid: dict[UUID, dict[str, int]] = {employee_id: defaultdict(int) for employee_id in ids}
    additional_fen: dict[UUID, int] = defaultdict(int)
    for row, document in zip(rows, documents, strict=True):
        if document is None:
            continue
        if row.basis_id not in rules:
            rules[row.basis_id] = {item.code: item for item in (await stored_plan(ctx, row.basis_id)).items}
        for code, amount in line_amounts(document, rules[row.basis_id]).items():
            paid[row.employee_id][code] += amount
        additional_fen[row.employee_id] += document.amounts.additional_fen
    return {employee_id: (lines, additional_fen[employee_id]) for employee_id, lines in paid.items()}


async def store(ctx: Context, work: Calculation, members: Sequence[Member], packed: bytes) -> bool:
    """Keep what ``slips.make`` made. False when the run was taken out of this calculation meanwhile."""
    if not await repository.hold_calculation(ctx.session, work.run_id, work.revision):
        return False
    await put(ctx, work, members, packed)
    return True


async def put(ctx: Context, work: Calculation, members: Sequence[Member], packed: bytes) -> None:
    """``store`` for who holds the run already."""
    made = slips.made_of(packed)
    if work.replaces:
        await repository.drop_payslips(ctx.session, work.run_id, [member.employee_id for member in members])
    await repository.copy_payslips(ctx.session, _rows(work, members, made.slips))
    work.tally.merge(made.summary)
    work.parked += sum(slip.parked_reason is not None for slip in made.slips)


def _rows(work: Calculation, members: Sequence[Member], made: Sequence[slips.Slip]) -> Iterator[tuple[object, ...]]:
    for member, slip in zip(members, made, strict=True):
        person = member.person
        yield (
            slip.row_id,
            work.run_id,
            member.employee_id,
            work.revision,
            work.basis_id,
            member.legal_entity_id,
            person.number,
            person.name,
            person.unit,
            slip.parked_reason,
            slip.parked_detail,
            slip.doubtful,
            slip.sealed,
        )


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
