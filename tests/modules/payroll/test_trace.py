"""Every figure explains itself, in both languages, and the explanation adds up."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest

from modules.payroll.rules.document import Past
from modules.payroll.rules.payslip import Calculator, line_amounts
from modules.payroll.rules.plan import ItemRule, build
from modules.payroll.rules.tax import YearToDate
from modules.payroll.trace import Line, Statement, explain
from tests.modules.payroll.rules.test_payslip import ITEMS, LAW, pay, person, plan, terms
from zhiren.money import fen


def statement(**how: Any) -> Statement:
    made = how.pop("by", None) or plan()
    return explain(pay(by=made, **how), made)


def by_code(found: Statement) -> dict[str, Line]:
    return {line.code: line for line in (*found.lines(), *found.figures)}


def test_a_formula_shows_what_it_read_and_the_holidays_it_rests_on() -> None:
    line = by_code(statement())["basic"]
    assert line.working == "基本工资 = ROUND(月薪*在职计薪日/计薪日, 2)"
    assert dict(line.inputs) == {"月薪": "10,000.00", "在职计薪日": "22", "计薪日": "22", "计税": "计入个税收入"}
    assert [citation.key for citation in line.citations] == ["calendar.year@2026-01-01"]


def test_entered_amounts_say_where_they_come_from() -> None:
    lines = by_code(statement(this_run={"bonus": 5000}))
    assert lines["bonus"].working == "本月单独录入"
    assert lines["monthly"].working == "薪资档案中的固定数"


def test_insurance_shows_base_bounds_rates_and_law() -> None:
    line = by_code(statement(what=terms(3000, fund=False)))["medical"]
    told = dict(line.inputs)
    assert (told["申报基数"], told["缴费基数"]) == ("按当月工资", "7,162.00")
    assert told["基数上下限"] == "7,162.00 – 35,811.00"
    assert told["比例"] == "单位 9.8%，个人 2%，另加 3.00 元"
    assert line.working.startswith("7,162.00 × 2% + 3.00")
    assert {citation.key for citation in line.citations} == {
        "beijing.insurance_base@2025-07-01",
        "beijing.medical@2023-07-01",
    }


def test_doubtful_figures_are_marked_on_their_lines() -> None:
    found = statement()
    lines = by_code(found)
    assert lines["unemployment"].doubtful
    assert not lines["pension"].doubtful
    assert [citation.key for citation in found.doubts] == ["beijing.unemployment@2026-01-01"]
    late = build(LAW, 2027, 8, date(2027, 8, 25), items=[ItemRule("w", "工资", "earning")], cities=["北京"])
    what = msgspec.structs.replace(terms(), amounts={"w": fen(9000)})
    document = Calculator(late).calculate(person(), what, Past())
    assert {c.standing for c in explain(document, late).doubts} == {"provisional", "unverified"}


def test_tax_tells_its_rule() -> None:
    low = terms(10000, previous_year=2025, previous_year_wages_fen=fen(50000))
    line = by_code(statement(what=low))["iit"]
    assert "6万元" in dict(line.inputs)["计税方法"]
    assert "iit.sixty_thousand_rule@2021-01-01" in {citation.key for citation in line.citations}
    assert line.working == "累计应纳税所得额不大于零，本月不预扣"
    over = statement(what=terms(10000), before=YearToDate(income_fen=fen(9000), withheld_fen=fen(500)))
    assert "留待以后月份" in by_code(over)["iit"].working


def test_a_correction_shows_right_paid_and_difference() -> None:
    wrong = pay(what=terms(10000))
    paid = line_amounts(wrong, {item.code: item for item in ITEMS})
    lines = by_code(statement(what=terms(12000), before=wrong.after, paid=paid))
    told = dict(lines["basic"].inputs)
    assert (told["应为"], told["已发"], told["本次差额"]) == ("12,000.00", "10,000.00", "2,000.00")


def test_lines_add_up_to_net() -> None:
    found = statement(this_run={"bonus": 123_456, "absence": 7_890, "rent": 10_000})
    earned = sum(line.amount_fen for line in found.earnings) - sum(line.amount_fen for line in found.deductions)
    assert found.gross.amount_fen == earned
    taken = sum(line.amount_fen for line in found.insurance) + found.tax.amount_fen
    assert found.net.amount_fen == earned - taken


@pytest.mark.parametrize("code", ["pension", "medical", "unemployment", "injury", "fund", "iit"])
def test_every_statutory_line_names_its_law(code: str) -> None:
    line = by_code(statement())[code]
    assert line.articles
    assert all(citation.source for citation in line.citations)
    assert line.citations
