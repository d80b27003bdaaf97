"""Every figure of a payslip opened into what made it: inputs, rule, law, and how far the law can be relied on.

Nothing is computed anew: the document holds what was used, the plan kept beside it holds the rules.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from modules.payroll import words
from modules.payroll.rules.document import Document, InsuranceLine, ItemLine
from modules.payroll.rules.formula import FormulaError, parse
from modules.payroll.rules.payslip import FUND_LINES
from modules.payroll.rules.plan import CALENDAR_VARIABLES, VARIABLES, Citation, CityRules, ItemRule, Plan
from zhiren.i18n import _
from zhiren.money import percent
from zhiren.web.filters import fen

#: articles that a rule rests on, beside the figures' own sources
_ARTICLES = {
    "items": "个人所得税法第六条",
    "insurance": "社会保险法第十二条、第二十三条、第三十五条、第四十四条",
    "fund": "住房公积金管理条例第十六条、第十八条",
    "withholding": "国家税务总局公告2018年第61号第六条",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a payslip and its explanation. ``employer_fen`` is None where only the person pays or is paid."""

    code: str
    title: str
    amount_fen: int
    #: (what, value as written)
    inputs: tuple[tuple[str, str], ...] = ()
    #: the calculation in words
    working: str = ""
    articles: tuple[str, ...] = ()
    citations: tuple[Citation, ...] = ()
    employer_fen: int | None = None
    #: the same line of the payslip before
    previous_fen: int | None = None

    @property
    def doubtful(self) -> bool:
        return any(citation.standing != "verified" for citation in self.citations)


@dataclass(frozen=True, slots=True)
class Statement:
    """A payslip as it is read: blocks of lines from gross to net."""

    earnings: tuple[Line, ...]
    deductions: tuple[Line, ...]
    insurance: tuple[Line, ...]
    tax: Line
    gross: Line
    net: Line
    figures: tuple[Line, ...] = ()
    doubts: tuple[Citation, ...] = field(default=())

    def lines(self) -> tuple[Line, ...]:
        return (*self.earnings, *self.deductions, *self.insurance, self.tax, self.gross, self.net)


def explain(document: Document, plan: Plan, previous: Document | None = None) -> Statement:
    """The statement of a payslip; with ``previous``, each line beside the one before."""
    rules = {item.code: item for item in plan.items}
    before = {line.code: line.amount_fen for line in previous.items} if previous else {}
    kinds: dict[str, list[Line]] = {"earning": [], "deduction": [], "figure": []}
    for line in document.items:
        item = rules[line.code]
        if line.amount_fen or before.get(line.code) or item.kind == "figure":
            kinds[item.kind].append(_item(document, plan, item, line, before.get(line.code)))
    former = {line.code: line for line in previous.contributions.lines} if previous else {}
    city = plan.cities.get(document.person.city)
    insurance = tuple(
        _insurance(document, plan, city, line, former.get(line.code)) for line in document.contributions.lines if city
    )
    return Statement(
        earnings=tuple(kinds["earning"]),
        deductions=tuple(kinds["deduction"]),
        insurance=insurance,
        tax=_tax(document, plan, previous),
        gross=_gross(document, previous),
        net=_net(document, previous),
        figures=tuple(line for line in kinds["figure"] if line.amount_fen),
        doubts=tuple(plan.citations[key] for key in document.doubts),
    )


# ---- pay items


def _item(document: Document, plan: Plan, item: ItemRule, line: ItemLine, previous_fen: int | None) -> Line:
    inputs: list[tuple[str, str]] = []
    citations: list[Citation] = []
    if line.origin == "standing":
        working = _("薪资档案中的固定数")
    elif line.origin == "this_run":
        working = _("本月单独录入")
    else:
        working = f"{item.name} = {item.formula}"
        inputs = _read_by(document, plan, item.formula)
        names = {name for name, _value in inputs}
        if names & CALENDAR_VARIABLES:
            citations += [citation for key, citation in plan.citations.items() if key.startswith("calendar.")]
        if "月计薪天数" in names:
            citations += [citation for key, citation in plan.citations.items() if ".working_time@" in key]
    inputs += _corrected(document, line.code)
    if item.kind == "earning":
        inputs.append((_("计税"), _("计入个税收入") if item.taxable else _("不计入个税收入")))
    elif item.kind == "deduction":
        inputs.append((_("计税"), _("从个税收入中减去") if item.taxable else _("不影响个税")))
    return Line(
        line.code,
        item.name,
        line.amount_fen,
        inputs=tuple(inputs),
        working=working,
        citations=tuple(citations),
        previous_fen=previous_fen,
    )


def _read_by(document: Document, plan: Plan, formula: str) -> list[tuple[str, str]]:
    """The values a formula read, under their Chinese names."""
    try:
        names = parse(formula).names
    except FormulaError:
        return []
    chinese = {ascii_name: name for name, ascii_name in VARIABLES.items()}
    amounts = {line.code: line.amount_fen for line in document.items}
    by_name = {item.name: item.code for item in plan.items}
    titles = {item.code: item.name for item in plan.items}
    found = []
    for name in sorted(names, key=formula.find):
        code = name if name in amounts else by_name.get(name, "")
        variable = chinese.get(name, name)
        if code in amounts:
            found.append((titles[code], fen(amounts[code])))
        elif variable in document.variables:
            found.append((variable, document.variables[variable]))
    return found


def _corrected(document: Document, *codes: str) -> list[tuple[str, str]]:
    if document.corrected is None:
        return []
    pairs = [document.corrected[code] for code in codes if code in document.corrected]
    right, paid = sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs)
    return [(_("应为"), fen(right)), (_("已发"), fen(paid)), (_("本次差额"), fen(right - paid))]


# ---- social insurance and housing fund


def _insurance(
    document: Document, plan: Plan, city: CityRules, line: InsuranceLine, former: InsuranceLine | None
) -> Line:
    used = document.contributions
    fund = line.code in FUND_LINES
    declared, base = (used.fund_declared_fen, used.fund_base_fen) if fund else (used.declared_fen, used.base_fen)
    bounds, bounds_key = (city.fund_bounds, city.fund_bounds_citation) if fund else (city.bounds, city.bounds_citation)
    employer_ppm, employee_ppm, fixed_fen, key = _rates(document, city, line.code)
    rates = _("单位 {employer}%，个人 {employee}%", employer=percent(employer_ppm), employee=percent(employee_ppm))
    if fixed_fen:
        rates += _("，另加 {fixed} 元", fixed=fen(fixed_fen))
    inputs = [
        (_("参保城市"), city.name),
        (_("申报基数"), _("按当月工资") if declared is None else fen(declared)),
        (_("基数上下限"), f"{fen(bounds.floor_fen)} – {fen(bounds.cap_fen)}"),
        (_("缴费基数"), fen(base)),
        (_("比例"), rates),
        (_("单位缴"), fen(line.employer_fen)),
    ]
    inputs += _corrected(document, f"si.{line.code}.ee")
    unit = _("单边四舍五入到元") if fund else _("逐项四舍五入到分")
    working = f"{fen(base)} × {percent(employee_ppm)}%" + (f" + {fen(fixed_fen)}" if fixed_fen else "")
    return Line(
        line.code,
        words.line(line.code),
        line.employee_fen,
        inputs=tuple(inputs),
        working=f"{working}，{unit}" if employee_ppm else _("个人不缴"),
        articles=(_ARTICLES["fund" if fund else "insurance"],),
        citations=tuple(plan.citations[each] for each in dict.fromkeys((bounds_key, key)) if each),
        employer_fen=line.employer_fen,
        previous_fen=former.employee_fen if former else None,
    )


def _rates(document: Document, city: CityRules, code: str) -> tuple[int, int, int, str]:
    """Employer's and employee's rate, the employee's fixed amount, and where they come from."""
    used = document.contributions
    if code == "injury":
        return used.injury_ppm, 0, 0, city.injury_citation
    if code == "fund":
        return used.fund_employer_ppm, used.fund_employee_ppm, 0, city.fund_rate_citation
    if code == "supplementary_fund":
        return used.supplementary_ppm, used.supplementary_ppm, 0, city.supplementary_citation
    for rule in city.lines:
        if rule.code == code:
            rate = rule.rate
            return rate.employer_ppm, rate.employee_ppm, rate.employee_fixed_fen, rule.citation
    return 0, 0, 0, ""


# ---- tax and totals


def _tax(document: Document, plan: Plan, previous: Document | None) -> Line:
    working, after = document.tax, document.after
    level = working.level
    rate, quick = plan.table.rates_ppm[level], plan.table.quick_fen[level]
    basic = (
        fen(working.basic_fen)
        if working.rule == "sixty_thousand"
        else f"{fen(plan.basic_fen)} × {working.months} = {fen(working.basic_fen)}"
    )
    inputs = [
        (_("计税方法"), _(words.TAX_RULES[working.rule])),
        (_("累计收入"), fen(after.income_fen)),
        (_("累计减除费用"), basic),
        (_("累计专项扣除（社保、公积金）"), fen(after.special_fen)),
        (_("累计专项附加扣除"), fen(after.additional_fen)),
        (_("累计应纳税所得额"), fen(working.taxable_fen)),
        (_("税率与速算扣除数"), f"{percent(rate)}%，{fen(quick)}"),
        (_("累计应纳税额"), fen(working.cumulative_tax_fen)),
        (_("此前已预扣"), fen(document.before.withheld_fen)),
    ]
    if document.before_from == "opening":
        inputs.append((_("此前累计的来源"), _("期初录入")))
    elif document.before_from == "nothing" and working.start_month > 1:
        inputs.append((_("累计起点"), _("本单位 {month} 月起", month=working.start_month)))
    inputs += [
        (_("本月{kind}", kind=_(words.ADDITIONAL[kind])), fen(amount)) for kind, amount in document.additional.items()
    ]
    text = f"{fen(working.taxable_fen)} × {percent(rate)}% − {fen(quick)} − {fen(document.before.withheld_fen)}"
    if working.taxable_fen <= 0:
        text = _("累计应纳税所得额不大于零，本月不预扣")
    elif working.due_fen == 0:
        text += _("，不大于零，本月不预扣，多预扣的留待以后月份或年度汇算")
    keys = [plan.table_citation, plan.basic_citation]
    keys += [plan.first_wage_citation] if working.rule == "first_wage" else []
    keys += [plan.sixty_thousand_citation] if working.rule == "sixty_thousand" else []
    return Line(
        "iit",
        _("个人所得税"),
        working.due_fen,
        inputs=tuple(inputs),
        working=text,
        articles=(_ARTICLES["withholding"],),
        citations=tuple(plan.citations[key] for key in keys),
        previous_fen=previous.totals.tax_fen if previous else None,
    )


def _gross(document: Document, previous: Document | None) -> Line:
    totals = document.totals
    return Line(
        "gross",
        _("应发工资"),
        totals.gross_fen,
        inputs=((_("收入合计"), fen(totals.earnings_fen)), (_("扣款合计"), fen(totals.deductions_fen))),
        working=f"{fen(totals.earnings_fen)} − {fen(totals.deductions_fen)}",
        previous_fen=previous.totals.gross_fen if previous else None,
    )


def _net(document: Document, previous: Document | None) -> Line:
    totals = document.totals
    inputs = (
        (_("应发工资"), fen(totals.gross_fen)),
        (_("社会保险"), fen(totals.insurance_fen)),
        (_("住房公积金"), fen(totals.fund_fen)),
        (_("个人所得税"), fen(totals.tax_fen)),
    )
    return Line(
        "net",
        _("实发工资"),
        totals.net_fen,
        inputs=inputs,
        working=" − ".join(value for _name, value in inputs),
        previous_fen=previous.totals.net_fen if previous else None,
    )
