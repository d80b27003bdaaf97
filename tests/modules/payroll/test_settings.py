"""Pay items and terms: versions with their days, formulas that stand together, faults at their fields."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from modules.payroll import repository
from modules.payroll.errors import FormulaInvalid, PeriodInvalid, SettingNotFound
from modules.payroll.schemas import FormulaCheck, GroupCreate, ItemCreate, ProfileCreate, TermsIn
from modules.payroll.service import settings, setup
from tests.factories.payroll import Payroll
from zhiren.context import Context
from zhiren.ids import new_id

TODAY = date(2026, 11, 22)


@pytest.fixture
async def fresh(payroll: Payroll, ctx: Context) -> Context:
    """A transaction that is rolled back, at a customer whose company is there."""
    return ctx


def item(**changes: Any) -> ItemCreate:
    values: dict[str, Any] = {"code": "extra", "name": "额外", "kind": "earning", "valid_from": date(2026, 1, 1)}
    return ItemCreate(**values | changes)


async def test_a_new_version_ends_the_one_before(fresh: Context) -> None:
    await settings.save_item(fresh, item(formula="100"))
    await settings.save_item(fresh, item(formula="200", valid_from=date(2026, 7, 1)))
    versions = await repository.item_versions(fresh.session, "extra")
    assert [(v.formula, v.valid_from.month, v.valid_to) for v in versions] == [
        ("200", 7, None),
        ("100", 1, date(2026, 6, 30)),
    ]
    june = {i.code: i.formula for i in await repository.items(fresh.session, date(2026, 6, 30))}
    assert june["extra"] == "100"


async def test_the_same_day_again_mends_the_version(fresh: Context) -> None:
    first = await settings.save_item(fresh, item(formula="100"))
    again = await settings.save_item(fresh, item(formula="101"))
    assert first.id == again.id
    assert len(await repository.item_versions(fresh.session, "extra")) == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"code": "Extra"}, "code"),
        ({"code": "paid_days"}, "code"),
        ({"name": "1号"}, "name"),
        ({"name": "月薪"}, "name"),
        ({"name": "计薪日"}, "name"),
        ({"name": "基本 工资"}, "name"),
        ({"valid_from": date(2026, 1, 2)}, "valid_from"),
        ({"valid_from": date(1, 1, 1)}, "valid_from"),
        ({"sort": 10**9}, "sort"),
        ({"code": "basic", "name": "基本工资", "kind": "deduction"}, "kind"),
        ({"code": "basic", "name": "基本工资", "valid_from": date(2019, 1, 1)}, "valid_from"),
    ],
)
async def test_faults_are_at_their_field(fresh: Context, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(PeriodInvalid) as caught:
        await settings.save_item(fresh, item(**changes))
    assert field in caught.value.fields


@pytest.mark.parametrize(
    ("formula", "fault"),
    [("1+", "unfinished"), ("月新*2", "unknown_name"), ("额外+1", "cycle"), ("os.system(1)", "character")],
)
async def test_formulas_are_checked_before_they_are_saved(fresh: Context, formula: str, fault: str) -> None:
    with pytest.raises(FormulaInvalid) as caught:
        await settings.save_item(fresh, item(formula=formula))
    assert caught.value.params["fault"] == fault
    assert await repository.item_versions(fresh.session, "extra") == []


async def test_what_others_read_cannot_end(fresh: Context) -> None:
    wage = (await repository.item_versions(fresh.session, setup.MONTHLY_WAGE))[0]
    with pytest.raises(FormulaInvalid, match="月薪"):
        await settings.end_item(fresh, wage.id, date(2026, 12, 31))
    bonus = (await repository.item_versions(fresh.session, "bonus"))[0]
    assert (await settings.end_item(fresh, bonus.id, date(2026, 12, 31))).valid_to == date(2026, 12, 31)
    with pytest.raises(PeriodInvalid):
        await settings.end_item(fresh, bonus.id, date(2019, 1, 1))
    with pytest.raises(PeriodInvalid):
        await settings.end_item(fresh, bonus.id, date.max)
    with pytest.raises(SettingNotFound):
        await settings.end_item(fresh, new_id(), date(2026, 12, 31))


async def test_a_trial_says_what_is_missing_and_saves_nothing(fresh: Context) -> None:
    found = await settings.try_formula(fresh, FormulaCheck("月薪/计薪日+绩效奖金", values={"月薪": "2,200"}), TODAY)
    assert (found.amount_fen, found.missing) == (10_000, ["绩效奖金"])
    for text, fault in (("", "empty"), ("没有+1", "unknown_name"), ("1/0", "division_by_zero")):
        assert (await settings.try_formula(fresh, FormulaCheck(text), TODAY)).fault == fault
    wrong = await settings.try_formula(fresh, FormulaCheck("月薪", values={"月薪": "many"}), TODAY)
    assert wrong.fault == "needs_number"


async def test_groups_need_a_name_and_a_day(fresh: Context) -> None:
    for data in (GroupCreate("", 10), GroupCreate("甲", 0), GroupCreate("甲", 10, legal_entity_id=new_id())):
        with pytest.raises(PeriodInvalid):
            await settings.create_group(fresh, data)


async def test_terms_follow_each_other(payroll: Payroll) -> None:
    who = await payroll.hire("A1", "员工")
    for month in (1, 7, 4):
        await payroll.terms(who, 10000 + month, since=date(2026, month, 1))
    async with payroll.acting() as ctx:
        held = await repository.profiles(ctx.session, who)
        spans = [(p.valid_from.month, p.valid_to, p.terms.amounts[setup.MONTHLY_WAGE]) for p in held]
    # what began later is replaced: a raise put in between is the last word
    assert spans == [(4, None, 1_000_400), (1, date(2026, 3, 31), 1_000_100)]


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"amounts": {"nothing": 1}}, "amounts.nothing"),
        ({"amounts": {"bonus": -1}}, "amounts.bonus"),
        ({"insurance_base_fen": 10**15}, "insurance_base_fen"),
        ({"additional": {"yacht": 1}}, "additional.yacht"),
        ({"fund_employer_ppm": 2_000_000}, "fund_employer_ppm"),
        ({"first_wage_year": 10**30}, "first_wage_year"),
    ],
)
async def test_terms_are_checked(payroll: Payroll, terms: dict[str, Any], field: str) -> None:
    who = await payroll.hire(f"B{abs(hash(field)) % 10**6}", "员工")
    async with payroll.acting() as ctx:
        with pytest.raises(PeriodInvalid) as caught:
            await settings.set_terms(ctx, ProfileCreate(who, payroll.group_id, date(2026, 1, 1), TermsIn(**terms)))
    assert field in caught.value.fields


async def test_beginning_twice_changes_nothing(payroll: Payroll) -> None:
    async with payroll.acting() as ctx:
        groups = len(await repository.groups(ctx.session))
        items = len(await repository.item_versions(ctx.session))
        await setup.begin(ctx)
        assert len(await repository.groups(ctx.session)) == groups
        assert len(await repository.item_versions(ctx.session)) == items
