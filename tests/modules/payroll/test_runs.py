"""A month's run from opening to publishing, against a real database, key service and job executor."""

from __future__ import annotations

from datetime import date

import pytest

from modules.payroll.errors import PeopleParked, RunClosed, RunExists, RunNotReady, RunStale
from modules.payroll.service import mending, runs
from tests.factories.payroll import Payroll


async def test_a_month_goes_through(payroll: Payroll) -> None:
    zhang = await payroll.hire("A1", "张三", hired_on=date(2020, 3, 2))
    await payroll.terms(zhang)
    run_id = await payroll.month(3)
    run = await payroll.run(run_id)
    assert (run.status, run.people, run.parked) == ("published", 1, 0)
    document = await payroll.document(run_id, "A1")
    assert document.person.name == "张三"
    assert document.totals.gross_fen == 1_000_000
    assert document.before.income_fen == 0
    async with payroll.acting() as ctx:
        summary = (await runs.get(ctx, run_id)).summary
    assert summary is not None
    assert summary.totals == document.totals


async def test_the_next_month_goes_on_from_the_last(payroll: Payroll) -> None:
    await payroll.terms(await payroll.hire("B1", "李四"), 30000)
    first, second = await payroll.month(1), await payroll.month(2)
    before, after = await payroll.document(first, "B1"), await payroll.document(second, "B1")
    assert after.before == before.after
    assert after.previous == before.totals


async def test_one_bad_record_is_parked_and_the_rest_go_through(payroll: Payroll) -> None:
    await payroll.terms(await payroll.hire("C1", "好"))
    await payroll.terms(await payroll.hire("C2", "坏"), fund_employer_ppm=10_000)
    await payroll.hire("C3", "无")
    run_id = await payroll.open(3)
    job = await payroll.calculate(run_id)
    assert (job.state, job.result) == ("succeeded", {"people": 3, "parked": 2})
    slips = await payroll.slips(run_id)
    assert {number: slip.parked_reason for number, slip in slips.items()} == {
        "C1": None,
        "C2": "fund_rate",
        "C3": "no_terms",
    }
    await payroll.review(run_id)
    with pytest.raises(PeopleParked) as caught:
        await payroll.close(run_id)
    assert caught.value.params == {"parked": 2}
    await payroll.close(run_id, leave_parked=True)


async def test_mending_one_person(payroll: Payroll) -> None:
    bad = await payroll.hire("D1", "甲")
    await payroll.terms(await payroll.hire("D2", "乙"))
    run_id = await payroll.open(3)
    await payroll.calculate(run_id)
    other = (await payroll.slips(run_id))["D2"]
    await payroll.terms(bad, 8000)
    async with payroll.acting() as ctx:
        await mending.recalculate(ctx, run_id, bad)
    run = await payroll.run(run_id)
    assert (run.status, run.people, run.parked) == ("calculated", 2, 0)
    slips = await payroll.slips(run_id)
    assert slips["D1"].parked_reason is None
    assert slips["D2"].id == other.id
    documents = [await payroll.document(run_id, number) for number in ("D1", "D2")]
    async with payroll.acting() as ctx:
        summary = (await runs.get(ctx, run_id)).summary
    assert summary is not None
    assert summary.totals.net_fen == sum(document.totals.net_fen for document in documents)


async def test_amounts_for_one_run_alone(payroll: Payroll) -> None:
    who = await payroll.hire("E1", "丙")
    await payroll.terms(who)
    run_id = await payroll.open(3)
    async with payroll.acting() as ctx:
        await mending.set_input(ctx, run_id, who, {"bonus": 50_000})
    await payroll.calculate(run_id)
    assert (await payroll.document(run_id, "E1")).totals.gross_fen == 1_050_000


async def test_calculating_again_replaces_what_was(payroll: Payroll) -> None:
    who = await payroll.hire("F1", "丁")
    await payroll.terms(who)
    run_id = await payroll.open(3)
    await payroll.calculate(run_id)
    await payroll.terms(who, 12000)
    await payroll.calculate(run_id)
    slips = await payroll.slips(run_id)
    assert (len(slips), slips["F1"].revision) == (1, 2)
    assert (await payroll.document(run_id, "F1")).totals.gross_fen == 1_200_000


async def test_a_closed_run_never_changes(payroll: Payroll) -> None:
    who = await payroll.hire("G1", "戊")
    await payroll.terms(who)
    run_id = await payroll.month(3)
    async with payroll.acting() as ctx:
        for change in (
            runs.calculate(ctx, run_id),
            runs.review(ctx, run_id),
            runs.close(ctx, run_id),
            runs.discard(ctx, run_id),
            mending.set_input(ctx, run_id, who, {}),
            mending.recalculate(ctx, run_id, who),
        ):
            with pytest.raises(RunClosed):
                await change
    with pytest.raises(RunNotReady):
        await payroll.publish(run_id)


async def test_a_correction_pays_the_difference_and_the_next_month_goes_on(payroll: Payroll) -> None:
    who = await payroll.hire("H1", "己")
    await payroll.terms(who)
    wrong = await payroll.month(3)
    await payroll.terms(who, 12000, since=date(2026, 3, 1))
    async with payroll.acting() as ctx:
        run = await runs.open_correction(ctx, wrong, [who], "调薪漏录", date(2026, 3, 31))
        run_id = run.id
    await payroll.calculate(run_id)
    await payroll.review(run_id)
    await payroll.close(run_id)
    found = await payroll.document(run_id, "H1")
    assert found.totals.gross_fen == 200_000
    assert found.before == (await payroll.document(wrong, "H1")).after
    april = await payroll.month(4)
    assert (await payroll.document(april, "H1")).before == found.after


async def test_steps_come_in_order(payroll: Payroll) -> None:
    await payroll.terms(await payroll.hire("I1", "庚"))
    run_id = await payroll.open(3)
    for step in (payroll.review, payroll.close, payroll.publish):
        with pytest.raises(RunNotReady):
            await step(run_id)
    with pytest.raises(RunExists):
        await payroll.open(3)


async def test_what_changed_since_must_be_calculated_again(payroll: Payroll) -> None:
    who = await payroll.hire("J1", "辛")
    await payroll.terms(who)
    run_id = await payroll.open(3)
    await payroll.calculate(run_id)
    await payroll.terms(who, 11000)
    with pytest.raises(RunStale):
        await payroll.review(run_id)
    await payroll.calculate(run_id)
    await payroll.review(run_id)
