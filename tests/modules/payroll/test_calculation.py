"""Calculation under trouble: workers that die, people who stop it, records that change; and who is in a run."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from modules.payroll import jobs as payroll_jobs
from modules.payroll import repository
from modules.payroll.errors import (
    FormulaInvalid,
    InUse,
    NothingToPay,
    PeriodInvalid,
    RunNotReady,
    RunStale,
    SettingNotFound,
)
from modules.payroll.models import Payslip
from modules.payroll.rules.tax import YearToDate
from modules.payroll.schemas import ItemCreate, ProfileCreate, TermsIn
from modules.payroll.service import calculation, mending, opening, runs, settings, setup, slips
from modules.records.schemas import Leave
from modules.records.service import seats
from tests.factories.payroll import OFFICER, Payroll
from tests.factories.payroll import payroll as make_payroll
from zhiren.context import Actor
from zhiren.db import Database
from zhiren.helpers import Helpers
from zhiren.ids import new_id
from zhiren.jobs import JobCancelled, JobHandedBack


async def begun(payroll: Payroll, run_id: UUID) -> int:
    async with payroll.acting() as ctx:
        await runs.calculate(ctx, run_id)
    return (await payroll.run(run_id)).revision


async def test_a_second_worker_goes_on_where_the_first_died(payroll: Payroll, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calculation, "CHUNK", 2)
    for number in range(5):
        await payroll.terms(await payroll.hire(f"K{number}", f"员工{number}"), 10000 + number)
    run_id = await payroll.open(3)
    revision = await begun(payroll, run_id)
    async with payroll.acting() as ctx:
        first = await calculation.prepare(ctx, run_id, revision)
    assert first is not None
    chunk = next(first.chunks())
    async with payroll.acting() as ctx:
        made = slips.make(await calculation.gather(ctx, first, chunk))
    async with payroll.acting() as ctx:
        assert await calculation.store(ctx, first, chunk, made)
    stored = {number: slip.id for number, slip in (await payroll.slips(run_id)).items()}
    assert sorted(stored) == ["K0", "K1"]
    # the first worker is gone; its successor begins anew
    job_id = (await payroll.run(run_id)).job_id
    assert job_id is not None
    job = await payroll.work(job_id)
    assert (job.state, job.result) == ("succeeded", {"people": 5, "parked": 0})
    found = await payroll.slips(run_id)
    assert sorted(found) == ["K0", "K1", "K2", "K3", "K4"]
    assert {number: found[number].id for number in stored} == stored, "what was made stays"
    async with payroll.acting() as ctx:
        run = await runs.get(ctx, run_id)
        assert run.summary is not None
        assert run.summary.totals.gross_fen == sum((10000 + n) * 100 for n in range(5))


async def test_a_late_worker_finds_the_door_shut(payroll: Payroll) -> None:
    await payroll.terms(await payroll.hire("L1", "员工"))
    run_id = await payroll.open(3)
    revision = await begun(payroll, run_id)
    async with payroll.acting() as ctx:
        late = await calculation.prepare(ctx, run_id, revision)
    assert late is not None
    async with payroll.acting() as ctx:
        made = slips.make(await calculation.gather(ctx, late, late.members))
    job_id = (await payroll.run(run_id)).job_id
    assert job_id is not None
    await payroll.work(job_id)
    await payroll.review(run_id)
    await payroll.close(run_id)
    before = await payroll.slips(run_id)
    async with payroll.acting() as ctx:
        assert await calculation.prepare(ctx, run_id, revision) is None
        assert not await calculation.store(ctx, late, late.members, made)
        assert not await calculation.finish(ctx, late)
    assert {slip.id for slip in (await payroll.slips(run_id)).values()} == {slip.id for slip in before.values()}


class StoppedRun:
    """A job run whose asker says stop at the first progress."""

    def __init__(self, payroll: Payroll, stop: type[BaseException]) -> None:
        self._payroll, self._stop = payroll, stop
        self.helpers = Helpers(0)

    def tenant(self):  # type: ignore[no-untyped-def]
        return self._payroll.acting()

    async def progress(self, done: int, total: int, note: str = "") -> None:
        raise self._stop


@pytest.mark.parametrize(("stop", "status"), [(JobCancelled, "open"), (JobHandedBack, "calculating")])
async def test_stopping(payroll: Payroll, stop: type[BaseException], status: str) -> None:
    await payroll.terms(await payroll.hire(f"M-{status}", "员工"))
    run_id = await payroll.open(3)
    revision = await begun(payroll, run_id)
    with pytest.raises(stop):
        await payroll_jobs.calculate.body(StoppedRun(payroll, stop), run_id=str(run_id), revision=revision)  # type: ignore[arg-type]
    assert (await payroll.run(run_id)).status == status


async def test_pressing_twice_calculates_once(payroll: Payroll) -> None:
    await payroll.terms(await payroll.hire("N1", "员工"))
    run_id = await payroll.open(3)
    await begun(payroll, run_id)
    async with payroll.acting() as ctx:
        with pytest.raises(RunNotReady):
            await runs.calculate(ctx, run_id)


async def test_leavers_and_joiners_are_paid_for_their_days(payroll: Payroll) -> None:
    leaver = await payroll.hire("O1", "离")
    await payroll.terms(leaver, 22000)
    joiner = await payroll.hire("O2", "入", hired_on=date(2026, 3, 16))
    await payroll.terms(joiner, 22000, since=date(2026, 3, 16))
    gone = await payroll.hire("O3", "早")
    await payroll.terms(gone, 22000)
    async with payroll.acting(OFFICER) as ctx:
        await seats.leave(ctx, leaver, Leave(last_day=date(2026, 3, 6)), 1)
        await seats.leave(ctx, gone, Leave(last_day=date(2026, 2, 27)), 1)
    run_id = await payroll.open(3)
    await payroll.calculate(run_id)
    assert sorted(await payroll.slips(run_id)) == ["O1", "O2"]
    left = await payroll.document(run_id, "O1")
    assert (left.variables["在职计薪日"], left.person.unit) == ("5", "总部")
    assert (await payroll.document(run_id, "O2")).variables["在职计薪日"] == "12"


async def test_two_groups_of_one_person(payroll: Payroll) -> None:
    """Somebody is in the run of the group their terms name, whichever employer they have."""
    other = await payroll.open(3)
    await payroll.terms(await payroll.hire("Q1", "员工"))
    await payroll.calculate(other)
    async with payroll.acting() as ctx:
        group = await settings.create_group(ctx, settings.GroupCreate(name=f"高管 {new_id()}", pay_day=5))
        run = await runs.open_run(ctx, group.id, 2026, 3)
    await payroll.calculate(run.id)
    assert sorted(await payroll.slips(other)) == ["Q1"]
    assert await payroll.slips(run.id) == {}
    await payroll.review(run.id)
    with pytest.raises(NothingToPay):
        await payroll.close(run.id)


async def test_a_formula_that_breaks_later_is_told_when_pressing(payroll: Payroll) -> None:
    run_id = await payroll.open(3)
    async with payroll.acting() as ctx:
        await settings.save_item(
            ctx, ItemCreate(code="r_one", name="甲项", kind="earning", valid_from=date(2026, 1, 1), formula="1")
        )
        item = (await repository.item_versions(ctx.session, "r_one"))[0]
        item.formula = "没有这项+1"
    try:
        async with payroll.acting() as ctx:
            with pytest.raises(FormulaInvalid):
                await runs.calculate(ctx, run_id)
    finally:
        async with payroll.acting() as ctx:
            (await repository.item_versions(ctx.session, "r_one"))[0].formula = "0"


async def test_mending_waits_for_everybody_when_items_have_changed(payroll: Payroll) -> None:
    who = await payroll.hire("T1", "员工")
    await payroll.terms(who)
    run_id = await payroll.open(3)
    await payroll.calculate(run_id)
    async with payroll.acting() as ctx:
        await settings.save_item(
            ctx, ItemCreate(code="t_item", name="乙项", kind="earning", valid_from=date(2026, 1, 1), formula="0*1")
        )
        with pytest.raises(RunStale):
            await mending.recalculate(ctx, run_id, who)


async def test_wages_of_an_import_become_terms(payroll: Payroll, monkeypatch: pytest.MonkeyPatch) -> None:
    who = await payroll.hire("U1", "员工")
    known = await payroll.hire("U2", "员工")
    await payroll.terms(known, 5000)
    import_id = new_id()

    async def imported(_ctx: object, _import_id: UUID) -> list[setup.records.ImportedPay]:
        return [
            setup.records.ImportedPay(who, 990_000, date(2020, 3, 2)),
            setup.records.ImportedPay(known, 990_000, date(2020, 3, 2)),
        ]

    monkeypatch.setattr(setup.records, "imported_pay", imported)
    for _twice in range(2):
        async with payroll.acting(Actor(None, "job", kind="job")) as ctx:
            await setup.take_imported_wages(ctx, {"import_id": str(import_id)})
    run_id = await payroll.open(3)
    await payroll.calculate(run_id)
    assert (await payroll.document(run_id, "U1")).totals.gross_fen == 990_000
    assert (await payroll.document(run_id, "U2")).totals.gross_fen == 500_000
    async with payroll.acting() as ctx:
        await setup.drop_imported_wages(ctx, {"import_id": str(import_id)})
        assert await repository.profiles(ctx.session, who) == []


async def test_paid_people_cannot_be_taken_away(payroll: Payroll) -> None:
    paid, unpaid = await payroll.hire("V1", "甲"), await payroll.hire("V2", "乙")
    await payroll.terms(paid)
    await payroll.month(3, leave_parked=True)
    async with payroll.acting() as ctx:
        assert list(await setup.standing_on(ctx, [paid, unpaid])) == [paid]


async def test_a_year_begins_anew_with_the_first_payment(payroll: Payroll) -> None:
    await payroll.terms(await payroll.hire("W1", "员工"), 30000)
    await payroll.month(12, year=2025)
    january = await payroll.month(1)
    found = await payroll.document(january, "W1")
    assert (found.before.income_fen, found.tax.months) == (0, 1)
    assert found.previous is not None


async def test_opening_sums_are_used_until_a_payslip_closes(payroll: Payroll) -> None:
    who = await payroll.hire("X1", "员工")
    await payroll.terms(who, 30000)
    sums = YearToDate(income_fen=21_000_000, special_fen=3_000_000, withheld_fen=1_098_000)
    run_id = await payroll.open(8)
    await payroll.calculate(run_id)
    assert (await payroll.run(run_id)).doubts > 0
    assert (await payroll.document(run_id, "X1")).warnings == ["no_sums"]
    async with payroll.acting() as ctx:
        await opening.set_opening(ctx, [(who, 2026, YearToDate(income_fen=1))])
        await opening.set_opening(ctx, [(who, 2026, sums)])
    with pytest.raises(RunStale):
        await payroll.review(run_id)
    await payroll.calculate(run_id)
    found = await payroll.document(run_id, "X1")
    assert (found.before, found.before_from, found.warnings) == (sums, "opening", [])
    await payroll.review(run_id)
    await payroll.close(run_id)
    async with payroll.acting() as ctx:
        with pytest.raises(InUse):
            await opening.set_opening(ctx, [(who, 2026, sums)])
        for wrong in ((who, 2026, YearToDate(income_fen=-1)), (who, 1999, sums), (new_id(), 2026, sums)):
            with pytest.raises((PeriodInvalid, SettingNotFound)):
                await opening.set_opening(ctx, [wrong])
    september = await payroll.month(9)
    later = await payroll.document(september, "X1")
    assert (later.before, later.before_from) == (found.after, "payslip")


async def test_a_mover_begins_anew_at_the_other_withholding_agent(payroll: Payroll, database: Database) -> None:
    other = await make_payroll(database, payroll.tenant)
    who = await payroll.hire("Y1", "员工")
    await payroll.terms(who, 30000)
    await payroll.month(1)
    february = await payroll.month(2)
    async with payroll.acting() as ctx:
        terms = ProfileCreate(
            who, other.group_id, date(2026, 3, 1), TermsIn(amounts={setup.MONTHLY_WAGE: 3_000_000}), city="北京"
        )
        await settings.set_terms(ctx, terms)
    march, april = await other.month(3), await other.month(4)
    first, second = await payroll.document(march, "Y1"), await payroll.document(april, "Y1")
    assert (first.before, first.tax.months, first.tax.start_month, first.warnings) == (YearToDate(), 1, 3, [])
    assert first.previous == (await payroll.document(february, "Y1")).totals
    assert (second.before, second.tax.months) == (first.after, 2)


async def test_a_helper_makes_what_would_be_made_here(payroll: Payroll) -> None:
    for number in range(3):
        await payroll.terms(await payroll.hire(f"H{number}", f"员工{number}"), 12345 + number)
    await payroll.month(3)
    await payroll.hire("H3", "没有档案")
    run_id = await payroll.open(4)
    revision = await begun(payroll, run_id)
    async with payroll.acting() as ctx:
        work = await calculation.prepare(ctx, run_id, revision)
        assert work is not None
        batch = await calculation.gather(ctx, work, work.members)
        helped = Helpers(1)
        helped.start(slips.make)
        await helped.standing()
        both = [slips.made_of(slips.make(batch)), slips.made_of(await helped.run(slips.make, batch))]
        helped.close()
        open_all = Payslip.document.open_values
        here, there = ([*open_all(((s.row_id, s.sealed) for s in made.slips), ctx.keyring)] for made in both)
    assert here == there
    assert [document is None for document in here] == [False, False, False, True]
    assert here[0] is not None
    assert here[0].previous is not None, "March was opened and carried on"
    assert both[0].summary == both[1].summary
