"""Formulas of pay items: what they mean, what is refused, and that nothing else can be said in them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modules.payroll.rules.formula import MAX_LENGTH, FormulaError, evaluation_order, parse

VALUES = {"月薪": Decimal(10000), "base": Decimal("21.75"), "天数": Decimal(3), "零": Decimal(0)}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1+2*3", "7"),
        ("(1+2)*3", "9"),
        ("7-2-1", "4"),
        ("8/4/2", "1"),
        ("-2*-3", "6"),
        ("--2", "2"),
        ("月薪*8%", "800"),
        (".5+0.25", "0.75"),
        ("ROUND(月薪/base*天数, 2)", "1379.31"),
        ("round(2.5)", "3"),
        ("ROUND(-2.5)", "-3"),
        ("ROUND(12345, -2)", "12300"),
        ("MIN(月薪, 5000, 7000)", "5000"),
        ("最大(1,2)", "2"),
        ("ABS(1-3)", "2"),
        ("IF(月薪>=10000, 300, 200)", "300"),
        ("如果(月薪≠10000,300,200)", "200"),
        ("IF(AND(月薪>1, NOT(天数=4)), 1, 2)", "1"),
        ("IF(或(月薪<1, 天数<>3), 1, 2)", "2"),
        ("IF(零=0, 0, 月薪/零)", "0"),
        ("\uff08\u6708\u85aa\uff0b100\uff09\u00d72", "20200"),
    ],
)
def test_meaning(text: str, value: str) -> None:
    assert parse(text).evaluate(VALUES) == Decimal(value)


@pytest.mark.parametrize(
    ("text", "fault", "position"),
    [
        ("  ", "empty", 0),
        ("1+", "unfinished", 2),
        ("(1", "unfinished", 2),
        ("1 2", "unexpected", 2),
        ("1)", "unexpected", 1),
        ("1 < 2 < 3", "unexpected", 6),
        ("月薪.x", "character", 2),
        ("__import__('os')", "character", 11),
        ("open(1)", "unknown_name", 0),
        ("1 # 2", "character", 2),
        ("[1]", "character", 0),
        ("IF(1,2,3)", "needs_condition", 3),
        ("1+(2<3)", "needs_number", 3),
        ("2<3", "needs_number", 0),
        ("IF(1<2,3)", "arguments", 0),
        ("MIN(1)", "arguments", 0),
        ("ROUND()", "arguments", 0),
        ("1" * (MAX_LENGTH + 1), "too_long", MAX_LENGTH),
        ("(" * 30 + "1" + ")" * 30, "too_deep", 24),
        ("+".join("1" * 150), "too_deep", None),
    ],
)
def test_faults_are_named_where_they_are(text: str, fault: str, position: int | None) -> None:
    with pytest.raises(FormulaError) as caught:
        parse(text)
    assert caught.value.fault == fault
    assert position is None or caught.value.position == position


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("1/零", "division_by_zero"),
        ("1/(月薪-10000)", "division_by_zero"),
        ("999999999*999999999", "too_large"),
        ("ROUND(1, 1.5)", "rounding_places"),
        ("ROUND(1, 99)", "rounding_places"),
        ("*".join(["999999999"] * 40) + "*ROUND(1,0)", "too_large"),
    ],
)
def test_what_cannot_be_computed(text: str, fault: str) -> None:
    with pytest.raises(FormulaError, match=fault):
        parse(text).evaluate(VALUES)


def test_names_are_collected() -> None:
    assert parse("IF(月薪>1, base, 天数)*2").names == {"月薪", "base", "天数"}


@given(st.text(max_size=60))
def test_any_text_is_understood_or_refused(text: str) -> None:
    try:
        formula = parse(text)
        formula.evaluate(dict.fromkeys(formula.names, Decimal(3)))
    except FormulaError as error:
        assert 0 <= error.position <= max(len(text), MAX_LENGTH)  # noqa: PT017 - both ends are right


NUMBERS = st.decimals(-1000, 1000, places=2)


@given(NUMBERS, NUMBERS, NUMBERS)
def test_arithmetic_is_decimal(a: Decimal, b: Decimal, c: Decimal) -> None:
    values = {"a": a, "b": b, "c": c}
    assert parse("a+b*c-a").evaluate(values) == a + b * c - a
    assert parse("MAX(a,b,c)-MIN(a,b,c)").evaluate(values) == max(a, b, c) - min(a, b, c)


def test_items_are_ordered_by_what_they_read() -> None:
    formulas = {"total": parse("基本+补贴"), "补贴": parse("基本*10%"), "基本": parse("月薪")}
    order = evaluation_order(formulas, ["月薪"])
    assert order.index("基本") < order.index("补贴") < order.index("total")


def test_a_circle_is_shown() -> None:
    formulas = {"a": parse("b"), "b": parse("c+1"), "c": parse("a")}
    with pytest.raises(FormulaError, match="cycle") as caught:
        evaluation_order(formulas, [])
    assert caught.value.detail == "a → b → c → a"


def test_an_unknown_name_is_named_with_its_item() -> None:
    with pytest.raises(FormulaError, match="unknown_name") as caught:
        evaluation_order({"a": parse("1+月新")}, ["月薪"])
    assert caught.value.detail == "a: 月新"
    assert caught.value.position == 2
