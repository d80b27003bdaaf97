"""Payroll's own words, for pages and refusals: names of lines and states, what is wrong and how to mend it."""

from __future__ import annotations

from typing import Final

from modules.payroll.rules.formula import FormulaError
from zhiren.i18n import N_, _

STATUSES: Final = {
    "open": N_("待计算"),
    "calculating": N_("计算中"),
    "calculated": N_("待复核"),
    "reviewed": N_("已复核"),
    "closed": N_("已关账"),
    "published": N_("已发布"),
}
ITEM_KINDS: Final = {"earning": N_("收入"), "deduction": N_("扣款"), "figure": N_("数据项")}
LINES: Final = {
    "pension": N_("养老保险"),
    "medical": N_("医疗保险"),
    "unemployment": N_("失业保险"),
    "injury": N_("工伤保险"),
    "fund": N_("住房公积金"),
    "supplementary_fund": N_("补充住房公积金"),
}
ADDITIONAL: Final = {
    "children": N_("子女教育"),
    "infants": N_("3岁以下婴幼儿照护"),
    "elderly": N_("赡养老人"),
    "mortgage": N_("住房贷款利息"),
    "rent": N_("住房租金"),
    "education": N_("继续教育"),
}
#: sums of a tax year, by the fields of ``YearToDate``
SUMS: Final = {
    "income_fen": N_("累计收入"),
    "exempt_fen": N_("累计免税收入"),
    "special_fen": N_("累计专项扣除"),
    "additional_fen": N_("累计专项附加扣除"),
    "other_fen": N_("累计其他扣除"),
    "relief_fen": N_("累计减免税额"),
    "withheld_fen": N_("累计已预扣税额"),
}
TAX_RULES: Final = {
    "standard": N_("累计预扣法"),
    "first_wage": N_("累计预扣法，当年首次取得工资"),
    "sixty_thousand": N_("累计预扣法，上年收入不超过6万元"),
}
STANDINGS: Final = {"verified": N_("已核对"), "unverified": N_("待核对"), "provisional": N_("暂按上期")}

_PARKED: Final = {
    "no_terms": (N_("没有薪资档案"), N_("为其建立薪资档案，再重算此人。")),
    "city": (N_("参保城市“{detail}”暂不支持"), N_("在薪资档案中改为北京或上海，或关闭社保与公积金。")),
    "law": (N_("缺少当期参数：{detail}"), N_("该月份早于收录的最早参数，请核对所属月份。")),
    "formula": (N_("公式无法计算：{detail}"), N_("修改薪资项目的公式后重算全部人员。")),
    "calendar": (N_("没有 {detail} 年的放假安排"), N_("放假安排收录后重算；或暂不使用与工作日有关的公式。")),
    "fund_rate": (N_("公积金比例超出{detail}允许的范围"), N_("在薪资档案中修改公积金比例。")),
    "injury_rate": (N_("工伤保险费率超出{detail}允许的范围"), N_("在薪资档案中修改工伤费率。")),
    "income_below_zero": (N_("本年累计收入为负"), N_("减少本月扣款，或分月扣回。")),
    "net_below_zero": (N_("扣款大于应发，实发为负"), N_("减少本月扣款，或分月扣回。")),
    "paid_later": (N_("之后的月份已经关账"), N_("请对已关账的月份建更正核算。")),
    "amount": (N_("“{detail}”的金额过大"), N_("核对录入的金额或公式。")),
}
_FAULTS: Final = {
    "empty": N_("公式是空的"),
    "too_long": N_("公式太长，最多 500 个字"),
    "too_deep": N_("公式太复杂，请拆成几个项目"),
    "character": N_("不认识的符号“{detail}”"),
    "unexpected": N_("这里不应出现“{detail}”"),
    "unfinished": N_("公式没有写完"),
    "arguments": N_("“{detail}”的参数个数不对"),
    "needs_number": N_("这里需要数值，而不是条件"),
    "needs_condition": N_("这里需要条件，例如 月薪>5000"),
    "unknown_name": N_("没有叫“{detail}”的项目或函数"),
    "cycle": N_("项目互相引用，绕成了圈：{detail}"),
    "division_by_zero": N_("除数为零"),
    "too_large": N_("结果过大"),
    "rounding_places": N_("ROUND 的位数应为 -6 到 6 的整数"),
}


def parked(reason: str, detail: str) -> tuple[str, str]:
    """What is wrong, and what to do about it."""
    told, hint = _PARKED[reason]
    if reason == "formula" and ": " in detail:
        name, fault = detail.split(": ", 1)
        detail = f"{name}，{_(_FAULTS.get(fault, fault))}"
    return _(told, detail=detail), _(hint)


def fault(error: FormulaError) -> str:
    return _(_FAULTS[error.fault], detail=error.detail)


def status(name: str) -> str:
    return _(STATUSES[name])


def line(code: str) -> str:
    return _(LINES.get(code, code))


def month(year: int, month_: int) -> str:
    return _("{year}年{month}月", year=year, month=month_)
