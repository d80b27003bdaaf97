"""Legal figures in words, for the page that shows them."""

from __future__ import annotations

from typing import Any, Final

from modules.payroll import words
from modules.payroll.rules.parameters import Bounds, CalendarYear, Rate, RateBounds, TaxTable, WorkingTime
from modules.payroll.rules.plan import Citation
from zhiren.i18n import N_, _
from zhiren.money import percent, yuan
from zhiren.web.filters import fen

_NAMES: Final = {
    "annual_table": N_("综合所得税率表"),
    "basic_deduction": N_("每月减除费用"),
    "first_wage_rule": N_("当年首次取得工资的累计减除"),
    "sixty_thousand_rule": N_("上年收入不超过6万元直接减除"),
    "working_time": N_("制度工作时间"),
    "year": N_("放假与调休"),
    "insurance_base": N_("社会保险缴费基数"),
    "injury": N_("工伤保险费率"),
    "fund_base": N_("住房公积金缴存基数"),
    "fund_rate": N_("住房公积金缴存比例"),
    "supplementary_fund_rate": N_("补充住房公积金缴存比例"),
    **words.LINES,
}


def figure_name(timeline: str) -> str:
    name = timeline.split(".", 1)[1]
    return _(_NAMES.get(name, name))


def citation_title(citation: Citation) -> str:
    """Which figure a citation is about: 失业保险."""
    return figure_name(citation.key.split("@", 1)[0])


def describe(value: Any) -> str:  # noqa: PLR0911
    """One line for a figure of any kind."""
    match value:
        case TaxTable():
            rates = [f"{percent(rate)}%" for rate in value.rates_ppm]
            bounds = [f"{yuan(upper):,.0f}" for upper in value.uppers_fen]
            return _("{rates}；分界 {bounds} 元", rates=" / ".join(rates), bounds=" / ".join(bounds))
        case Bounds():
            return _("{floor} 至 {cap} 元", floor=fen(value.floor_fen), cap=fen(value.cap_fen))
        case Rate():
            told = _(
                "单位 {employer}%，个人 {employee}%",
                employer=percent(value.employer_ppm),
                employee=percent(value.employee_ppm),
            )
            return told + (
                _("，另加 {fixed} 元", fixed=fen(value.employee_fixed_fen)) if value.employee_fixed_fen else ""
            )
        case RateBounds():
            unit = _("，单边取整到元") if value.unit_fen == 100 else ""
            return f"{percent(value.low_ppm)}% – {percent(value.high_ppm)}%{unit}"
        case WorkingTime():
            return _(
                "全年 {days} 天，休息日 {rest} 天，法定节假日 {holidays} 天",
                days=value.year_days,
                rest=value.rest_days,
                holidays=value.statutory_holidays,
            )
        case CalendarYear():
            return _(
                "{year} 年：放假 {off} 天，其中法定 {statutory} 天，补班 {worked} 天",
                year=value.year,
                off=len(value.off),
                statutory=len(value.statutory),
                worked=len(value.worked),
            )
        case bool():
            return _("施行")
        case int():
            return _("{amount} 元", amount=fen(value))
    return str(value)
