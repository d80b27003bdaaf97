"""Pay groups, pay items and people's terms of pay: what a run is calculated from, each with the days it holds."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from uuid import UUID

from modules.payroll import legal, repository
from modules.payroll.errors import FormulaInvalid, PeriodInvalid, SettingNotFound
from modules.payroll.models import PayGroup, PayItem, PayProfile
from modules.payroll.rules.document import Terms
from modules.payroll.rules.formula import Formula, FormulaError, evaluation_order, parse
from modules.payroll.rules.plan import VARIABLES
from modules.payroll.schemas import FormulaCheck, FormulaFinding, GroupCreate, ItemCreate, ProfileCreate
from modules.payroll.words import ADDITIONAL, fault
from modules.records import api as records
from zhiren import audit
from zhiren.context import Context
from zhiren.i18n import _
from zhiren.money import AMOUNT_LIMIT_FEN

_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")
_NAME = re.compile(r"[A-Za-z_\u4e00-\u9fff][A-Za-z0-9_\u4e00-\u9fff]{0,39}")
MAX_ITEMS = 150
FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2100, 12, 31)
_TRIAL_VALUES = {
    "计薪日": "22",
    "在职计薪日": "22",
    "工作日": "21",
    "在职工作日": "21",
    "月计薪天数": "21.75",
    "工龄月数": "24",
}


# ---- groups


async def create_group(ctx: Context, data: GroupCreate) -> PayGroup:
    """Raises PeriodInvalid for a name that is empty or taken, or a day outside 1 to 31."""
    name = data.name.strip()
    faults: dict[str, str] = {}
    if not name or len(name) > 60:
        faults["name"] = _("请填写名称，最多 60 个字")
    elif any(group.name == name for group in await repository.groups(ctx.session)):
        faults["name"] = _("已有同名的薪资组")
    if not 1 <= data.pay_day <= 31:
        faults["pay_day"] = _("请填 1 到 31")
    if data.legal_entity_id and data.legal_entity_id not in {entity.id for entity in await records.legal_entities(ctx)}:
        faults["legal_entity_id"] = _("没有这个用人单位")
    if faults:
        raise PeriodInvalid(_("薪资组没有保存。"), fields=faults)
    group = PayGroup(
        name=name, pay_day=data.pay_day, legal_entity_id=data.legal_entity_id, pays_next_month=data.pays_next_month
    )
    ctx.session.add(group)
    await ctx.session.flush()
    audit.record(ctx, "payroll.group.create", object_type="payroll.group", object_id=group.id)
    return group


# ---- items


async def save_item(ctx: Context, data: ItemCreate) -> PayItem:
    """A new item, or the next version of one; formulas of all items must still stand together from that day on.

    Raises PeriodInvalid at the field that is wrong, FormulaInvalid at the place in the formula.
    """
    versions = await repository.item_versions(ctx.session, data.code)
    _check_item(data, versions)
    others = [item for item in await repository.items(ctx.session, data.valid_from) if item.code != data.code]
    if len(others) >= MAX_ITEMS:
        raise PeriodInvalid(_("薪资项目最多 {count} 个。", count=MAX_ITEMS))
    if any(data.name in (item.name, item.code) or data.code == item.name for item in others) or data.name in VARIABLES:
        raise PeriodInvalid(_("薪资项目没有保存。"), fields={"name": _("名称已被使用")})
    check_formulas([*((item.code, item.name, item.formula) for item in others), (data.code, data.name, data.formula)])
    current = versions[0] if versions else None
    if current is not None and current.valid_from == data.valid_from:
        item = current
        item.name, item.kind, item.formula, item.sort = data.name, data.kind, data.formula.strip(), data.sort
        item.taxable, item.insurable = data.taxable, data.insurable
    else:
        if current is not None:
            current.valid_to = data.valid_from - timedelta(days=1)
            await ctx.session.flush()
        item = PayItem(
            code=data.code,
            name=data.name,
            kind=data.kind,
            taxable=data.taxable,
            insurable=data.insurable,
            formula=data.formula.strip(),
            sort=data.sort,
            valid_from=data.valid_from,
        )
        ctx.session.add(item)
    await ctx.session.flush()
    audit.record(
        ctx,
        "payroll.item.save",
        object_type="payroll.item",
        object_id=item.id,
        changes={"formula": (current.formula if current else None, item.formula)},
    )
    return item


def _in_range(day: date) -> bool:
    return FIRST_DAY <= day <= LAST_DAY


def _check_item(data: ItemCreate, versions: list[PayItem]) -> None:
    faults: dict[str, str] = {}
    if not _CODE.fullmatch(data.code) or data.code in VARIABLES.values():
        faults["code"] = _("用小写字母开头，只含小写字母、数字和下划线")
    if not _NAME.fullmatch(data.name):
        faults["name"] = _("用汉字、字母、数字和下划线，不以数字开头")
    if not -10_000 <= data.sort <= 10_000:
        faults["sort"] = _("请填 -10000 到 10000")
    if not _in_range(data.valid_from):
        faults["valid_from"] = _("日期超出范围")
    elif data.valid_from.day != 1:
        faults["valid_from"] = _("请选择某月 1 日起生效")
    if versions and data.valid_from < versions[0].valid_from:
        faults["valid_from"] = _("不能早于现行版本的 {day}", day=versions[0].valid_from.isoformat())
    if versions and versions[0].kind != data.kind:
        faults["kind"] = _("已有项目的类型不能改，请另建一个")
    if faults:
        raise PeriodInvalid(_("薪资项目没有保存。"), fields=faults)


async def end_item(ctx: Context, item_id: UUID, last_day: date) -> PayItem:
    """Let an item's current version end. Raises SettingNotFound, PeriodInvalid, FormulaInvalid when others read it."""
    item = await repository.item(ctx.session, item_id)
    if item is None:
        raise SettingNotFound(_("没有这个薪资项目。"))
    if last_day < item.valid_from:
        raise PeriodInvalid(_("结束日早于生效日。"), fields={"last_day": _("不能早于生效日")})
    if not _in_range(last_day):
        raise PeriodInvalid(_("日期超出范围。"), fields={"last_day": _("日期超出范围")})
    after = await repository.items(ctx.session, last_day + timedelta(days=1))
    check_formulas((other.code, other.name, other.formula) for other in after if other.code != item.code)
    item.valid_to = last_day
    await ctx.session.flush()
    audit.record(ctx, "payroll.item.end", object_type="payroll.item", object_id=item.id)
    return item


def check_formulas(items: Iterable[tuple[str, str, str]]) -> None:
    """(code, name, formula) of every item of a day. Raises FormulaInvalid."""
    listed = list(items)
    by_name = {name: code for code, name, _formula in listed}
    formulas: dict[str, Formula] = {}
    for code, name, text in listed:
        if text.strip():
            try:
                formulas[code] = parse(text).renamed(by_name)
            except FormulaError as error:
                raise _invalid(error, name) from error
    plain = [code for code, _name, text in listed if not text.strip()]
    try:
        evaluation_order(formulas, [*plain, *VARIABLES, *VARIABLES.values()])
    except FormulaError as error:
        names = {code: name for name, code in by_name.items()}
        detail = re.sub(r"[a-z][a-z0-9_]*", lambda match: names.get(match[0], match[0]), error.detail)
        error.detail = detail
        raise _invalid(error, "") from error


def _invalid(error: FormulaError, name: str) -> FormulaInvalid:
    told = fault(error)
    return FormulaInvalid(
        _("“{name}”的公式：{fault}", name=name, fault=told) if name else told,
        fields={"formula": told},
        params={"fault": error.fault, "position": error.position},
    )


async def try_formula(ctx: Context, data: FormulaCheck, today: date) -> FormulaFinding:
    """What a formula gives on sample values, or what is wrong with it. Nothing is saved, nothing is raised."""
    items = [item for item in await repository.items(ctx.session, data.on or today) if item.code != data.code]
    known = {name: item.name for item in items for name in (item.code, item.name)}
    known |= {name: name for pair in VARIABLES.items() for name in pair}
    try:
        formula = parse(data.formula)
        unknown = sorted(formula.names - known.keys())
        if unknown:
            raise FormulaError("unknown_name", data.formula.find(unknown[0]), unknown[0])
        check_formulas(
            [*((i.code, i.name, i.formula) for i in items), (data.code or "this_item", "本项目", data.formula)]
        )
        values = _trial_values(formula.names, data.values)
        amount = formula.evaluate({name: values.get(name, Decimal(0)) for name in formula.names})
    except FormulaError as error:
        return FormulaFinding(fault=error.fault, message=fault(error), position=error.position)
    except FormulaInvalid as error:
        return FormulaFinding(fault=str(error.params["fault"]), message=error.message)
    missing = sorted(name for name in formula.names if name not in values)
    fen = int((amount * 100).to_integral_value("ROUND_HALF_UP"))
    return FormulaFinding(amount_fen=fen, names=sorted(formula.names), missing=missing)


def _trial_values(names: frozenset[str], given: dict[str, str]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    ascii_names = {ascii_name: name for name, ascii_name in VARIABLES.items()}
    for name in names:
        text = given.get(name, "").replace(",", "").strip()
        usual = _TRIAL_VALUES.get(ascii_names.get(name, name))
        try:
            if text:
                found[name] = Decimal(text)
            elif usual is not None:
                found[name] = Decimal(usual)
        except InvalidOperation as error:
            raise FormulaError("needs_number", 0, name) from error
    return found


# ---- terms of pay


async def set_terms(ctx: Context, data: ProfileCreate, *, import_id: UUID | None = None) -> PayProfile:
    """A person's terms from a day on; what held before ends the day before. Terms that begin later are replaced.

    Raises PeriodInvalid at the field that is wrong, SettingNotFound for an unknown group.
    """
    if await repository.group(ctx.session, data.group_id) is None:
        raise SettingNotFound(_("没有这个薪资组。"))
    if data.employee_id not in await records.employee_refs(ctx, [data.employee_id]):
        raise SettingNotFound(_("没有这名员工。"))
    if not _in_range(data.valid_from):
        raise PeriodInvalid(_("薪资档案没有保存。"), fields={"valid_from": _("日期超出范围")})
    terms = data.terms.stored()
    check_terms(terms, {item.code for item in await repository.item_versions(ctx.session)})
    before: Terms | None = None
    for profile in await repository.lock_profiles(ctx.session, data.employee_id):
        if profile.valid_from > data.valid_from:
            await ctx.session.delete(profile)
        elif before is None:
            before = profile.terms
            if profile.valid_from == data.valid_from:
                await ctx.session.delete(profile)
            else:
                profile.valid_to = data.valid_from - timedelta(days=1)
    await ctx.session.flush()
    made = PayProfile(
        employee_id=data.employee_id,
        group_id=data.group_id,
        city=(data.city or "").strip() or None,
        valid_from=data.valid_from,
        note=data.note.strip()[:500],
        import_id=import_id,
        terms=terms,
    )
    ctx.session.add(made)
    await ctx.session.flush()
    changed = {
        name: (getattr(before, name, None), getattr(terms, name))
        for name in Terms.__struct_fields__
        if getattr(before, name, None) != getattr(terms, name)
    }
    audit.record(
        ctx,
        "payroll.terms.set",
        object_type="records.employee",
        object_id=data.employee_id,
        changes=changed,
        sensitive=True,
    )
    return made


def check_terms(terms: Terms, known_items: Collection[str]) -> None:
    """Raises PeriodInvalid at the field that is wrong. Limits of a city are checked where the city is known."""
    faults = {f"amounts.{code}": _("没有这个薪资项目") for code in terms.amounts if code not in known_items}
    for name in ("first_wage_year", "previous_year"):
        year = getattr(terms, name)
        if year is not None and not FIRST_DAY.year <= year <= LAST_DAY.year:
            faults[name] = _("请填四位年份")
    plain = {"insurance_base_fen": terms.insurance_base_fen, "fund_base_fen": terms.fund_base_fen}
    plain["previous_year_wages_fen"] = terms.previous_year_wages_fen
    plain |= {f"amounts.{code}": fen for code, fen in terms.amounts.items()}
    plain |= {f"additional.{kind}": fen for kind, fen in terms.additional.items()}
    for name, fen in plain.items():
        if fen is not None and not 0 <= fen <= AMOUNT_LIMIT_FEN:
            faults[name] = _("请填不小于零的金额")
    for kind in terms.additional.keys() - ADDITIONAL.keys():
        faults[f"additional.{kind}"] = _("没有这种专项附加扣除")
    for name in ("injury_ppm", "fund_employer_ppm", "fund_employee_ppm", "supplementary_ppm"):
        rate = getattr(terms, name)
        if rate is not None and not 0 <= rate <= 1_000_000:
            faults[name] = _("请填 0 到 100 的百分数")
    if faults:
        raise PeriodInvalid(_("薪资档案没有保存。"), fields=faults)


def paying_cities() -> list[str]:
    return [region.name for region in legal.load().regions.values() if region.pays]
