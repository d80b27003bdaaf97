"""``law check``: published examples pass, changed ones fail, unknown forms are named and never guessed."""

from __future__ import annotations

import contextlib
import copy
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from modules.payroll import lawcheck, legal
from modules.payroll.cli import law
from modules.payroll.lawcheck.values import NotCovered

DATA = Path(__file__).parent / "data" / "law_examples.json"
EXAMPLES = lawcheck.read(DATA)
LAW = legal.load()
BY_ID = {example.id: example for example in EXAMPLES}
IDS = [example.id for example in EXAMPLES]


def judge(topic: str, inputs: dict[str, Any], expected: dict[str, Any]) -> list[dict[str, Any]]:
    return lawcheck.judge(LAW, lawcheck.Example("x", topic, exact(inputs), exact(expected)))


def exact(value: Any) -> Any:
    """As the reader of files gives it: no floats."""
    if isinstance(value, dict):
        return {key: exact(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [exact(inner) for inner in value]
    return Decimal(repr(value)) if isinstance(value, float) else value


def leaves(value: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, inner in value.items():
        if isinstance(inner, dict):
            yield from leaves(inner, (*path, key))
        elif key != "note":
            yield (*path, key), inner


def put(value: dict[str, Any], path: tuple[str, ...], leaf: Any) -> dict[str, Any]:
    changed = copy.deepcopy(value)
    inner = changed
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = leaf
    return changed


def other(value: Any) -> Any:
    """A wrong figure of the same kind."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, list):
        return [*value[:-1], other(value[-1])]
    return value + "?" if isinstance(value, str) else value + 1


@pytest.mark.parametrize("example_id", IDS)
def test_published_examples_pass(example_id: str) -> None:
    assert lawcheck.judge(LAW, BY_ID[example_id]) == []


@pytest.mark.parametrize("example_id", IDS)
def test_every_expected_figure_is_compared(example_id: str) -> None:
    example = BY_ID[example_id]
    for path, value in leaves(dict(example.expected)):
        wrong = put(dict(example.expected), path, other(value))
        found = judge(example.topic, dict(example.inputs), wrong)
        assert [difference["key"] for difference in found] == [".".join(path)]


@pytest.mark.parametrize("example_id", IDS)
def test_an_unknown_input_or_figure_is_named(example_id: str) -> None:
    example = BY_ID[example_id]
    with pytest.raises(NotCovered, match="moon_phase"):
        judge(example.topic, {**example.inputs, "moon_phase": 3}, dict(example.expected))
    with pytest.raises(NotCovered, match="tax_on_tea"):
        judge(example.topic, dict(example.inputs), {**example.expected, "tax_on_tea": 1})


def test_a_note_is_no_figure() -> None:
    assert judge("mobile", {"number": "13800138000", "note": "x"}, {"ok": True, "note": "y"}) == []
    with pytest.raises(NotCovered, match="nothing"):
        judge("mobile", {"number": "13800138000"}, {"note": "y"})


@pytest.mark.parametrize(
    ("topic", "inputs", "expected"),
    [
        (
            "iit.cumulative",
            {"monthly_income": [30000] * 3, "special_deduction_per_month": [4500] * 3, "additional_per_month": 2000},
            {"monthly_withholding": [555, 625, 1850], "cumulative_taxable": [18500, 37000, 55500]},
        ),
        (
            "iit.cumulative",
            {"monthly_income": 16000, "special_deduction_per_month": 6500},
            {"monthly_withholding": [135]},
        ),
        ("iit.cumulative", {"monthly_income": [8000] * 3, "additional_per_month": 2000}, {"monthly_withholding": 30}),
        ("iit.cumulative", {"monthly_income": 8000, "months": 2}, {"monthly_withholding": [90, 90]}),
        ("iit.cumulative", {"monthly_income": [20000], "start_month": 7}, {"monthly_withholding": [450]}),
        (
            "iit.cumulative.first_job",
            {"employer_start_month": 7, "pay_month": 9},
            {"basic_deduction_cumulative": 15000},
        ),
        (
            "iit.cumulative.60k",
            {
                "monthly_income": [8000] * 12,
                "prev_year_same_employer_12_months": True,
                "prev_year_wage_income": "60000.01",
            },
            {"method_2020_19": [90] * 12, "method_old": 90, "annual_refund_under_old_method": 0},
        ),
        ("iit.annual_table", {"taxable": 960000}, {"tax": 250080}),
        ("iit.annual_table", {"taxable": -5}, {"tax": 0}),
        (
            "si.beijing",
            {"base": 50000, "period": "2025-07"},
            {"pension_employee": 2864.88, "employer_pension": 5729.76},
        ),
        ("si.beijing", {"base": 5000, "period": "2025-12"}, {"pension": {"employee": 572.96, "total": 1718.88}}),
        ("si.beijing", {"base": 7162, "kind": "灵活就业", "period": "2025-07"}, {"pension_20pct": 1432.4}),
        ("si.shanghai", {"base": 20000, "injury_rate": "0.4%"}, {"injury": {"employer": 80, "employee": 0}}),
        ("si.guangzhou", {"base": 6000, "period": "2025-07..2025-12"}, {"pension_er": 960, "unemployment_ee": 12}),
        ("si.guangzhou", {"base": 6000, "period": "2024-08"}, {"pension_er": 900}),
        ("si.chengdu", {"pension_base": 4588}, {"pension_ee": 367.04, "pension_er": 734.08}),
        ("si.shenzhen", {"pension_base": 4775, "medical_base": 6733}, {"pension_er": 764, "medical1_er": 336.65}),
        ("hf.shanghai", {"base": 99999, "rate_each": "7%", "period": "2025-07"}, {"per_side": 2611, "combined": 5222}),
        ("calendar.workdays", {"year": 2026, "month": 2}, {"workdays": 16}),
        ("mobile", {"number": 13800138000}, {"ok": True}),
        ("mobile", {"number": "12345678901"}, {"ok": False}),
        ("bank_card_luhn", {"number": "79927398713"}, {"luhn_ok": True}),
    ],
)
def test_natural_variations_are_understood(topic: str, inputs: dict[str, Any], expected: dict[str, Any]) -> None:
    assert judge(topic, inputs, expected) == []


@pytest.mark.parametrize(
    ("topic", "inputs", "expected", "missing"),
    [
        ("iit.annual_bonus_separate", {"bonus": 1}, {"tax": 1}, "topic"),
        ("si.mars", {"base": 1}, {"pension_8pct": 1}, "region"),
        ("si.beijing", {"base": 7162, "period": "2031-01"}, {"pension": {"employee": 1}}, "2031-01"),
        ("si.beijing", {"base": 7162, "period": "2019-01"}, {"pension": {"employee": 1}}, "2019-01"),
        ("si.beijing", {"base": 7162, "period": "2025-06..2025-07"}, {"pension_ee": 1}, "change"),
        ("si.beijing", {"base": 7162, "period": "July"}, {"pension_ee": 1}, "period"),
        ("si.beijing", {"base": 7162, "period": "2025-07..2025-01"}, {"pension_ee": 1}, "ends before"),
        ("si.beijing", {"base": 7162, "period": "2025-07"}, {"pension_19pct": 1}, "no such rate"),
        ("si.beijing", {"base": 7162, "kind": "机关"}, {"pension_ee": 1}, "kind"),
        ("si.beijing", {"base": 7162, "kind": "个人身份", "period": "2025-07"}, {"total": 1}, "insures himself"),
        ("si.beijing", {"base": 7162, "injury_rate": 0.05}, {"injury": {"employer": 1}}, "injury_rate"),
        ("si.beijing", {"period": "2025-07"}, {"pension_ee": 1}, "base"),
        ("si.chengdu", {"base": 7162, "period": "2025-07"}, {"total": 1}, "total"),
        ("hf.chengdu", {"base": 7162, "rate_each": 0.05}, {"per_side": 1}, "housing fund"),
        ("hf.beijing", {"base": 7162}, {"per_side": 1}, "rate_each"),
        ("si.base_bounds", {"avg_monthly_wage": 7162, "rounding": "到分"}, {"floor": 1}, "rounding"),
        ("calendar.workdays", {"year": 2027}, {"total": 1}, "2027"),
        ("calendar.day_class", {"date": "2024-01-01"}, {"class": "statutory"}, "2024"),
        ("calendar.day_class", {"date": "2025-02-30"}, {"class": "rest"}, "date"),
        ("iit.cumulative", {"monthly_income": [1] * 13}, {"year_tax": 0}, "tax year"),
        ("iit.cumulative", {"monthly_income": [1] * 7, "start_month": 7}, {"year_tax": 0}, "tax year"),
        ("iit.cumulative", {"monthly_income": [1, 2], "additional_per_month": [1]}, {"year_tax": 0}, "additional"),
        ("iit.cumulative", {"monthly_income": [True]}, {"year_tax": 0}, "number"),
        ("iit.cumulative", {"monthly_income": ["x"]}, {"year_tax": 0}, "number"),
        ("iit.cumulative", {"monthly_income": [30000] * 3}, {"monthly_withholding": 750}, "must be a list"),
        (
            "iit.cumulative",
            {"monthly_income": [1], "start_month": 1, "employer_start_month": 2},
            {"year_tax": 0},
            "differ",
        ),
        ("iit.cumulative.first_job", {"pay_month": 7}, {"basic_deduction_cumulative": 1}, "start_month"),
        ("iit.cumulative.60k", {"monthly_income": [1]}, {"annual_refund_under_old_method": 1}, "whole year"),
        ("id_number", {"id": "110105491231002"}, {"valid": True}, "15 digits"),
        ("id_number", {"id": None}, {"valid": False}, "text"),
    ],
)
def test_what_is_not_covered_is_named(topic: str, inputs: dict[str, Any], expected: Any, missing: str) -> None:
    with pytest.raises(NotCovered, match=missing):
        judge(topic, inputs, expected)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@given(st.sampled_from(IDS), st.data())
def test_no_input_breaks_a_judge(example_id: str, data: st.DataObject) -> None:
    example = BY_ID[example_id]
    key = data.draw(st.sampled_from(sorted(example.inputs)))
    inputs = {**example.inputs, key: data.draw(ANYTHING)}
    leaf = data.draw(st.sampled_from(sorted(example.expected)))
    expected = {**example.expected, leaf: data.draw(ANYTHING)}
    for pair in ((inputs, dict(example.expected)), (dict(example.inputs), expected)):
        with contextlib.suppress(NotCovered):
            lawcheck.judge(LAW, lawcheck.Example("x", example.topic, *pair))


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(law, ["check", *arguments])
    return result.exit_code, result.stdout, result.stderr


def test_the_shared_file_passes_as_json_alone() -> None:
    code, out, err = run(str(DATA), "--json")
    document = json.loads(out)
    assert (code, err) == (0, "")
    assert list(document) == ["topics"]
    assert document["topics"]["si.beijing"] == {"passed": 4, "failed": 0, "not_covered": 0, "failures": []}
    assert sum(topic["passed"] for topic in document["topics"].values()) == len(EXAMPLES)


def write(path: Path, examples: Any) -> str:
    path.write_text(json.dumps(examples, ensure_ascii=False), encoding="utf-8")
    return str(path)


def test_a_failure_exits_with_one_and_shows_both_figures(tmp_path: Path) -> None:
    example = {"id": "a", "topic": "iit.annual_table", "inputs": {"taxable": 36000}, "expected": {"tax": 1080.01}}
    file = write(tmp_path / "x.json", [example])
    code, out, _err = run(file, "--json")
    assert code == 1
    assert json.loads(out)["topics"]["iit.annual_table"]["failures"] == [
        {"id": "a", "differences": [{"key": "tax", "expected": 1080.01, "got": 1080}]}
    ]
    code, out, _err = run(file)
    assert code == 1
    assert "1080.01" in out


def test_what_is_not_covered_is_no_failure_and_goes_to_standard_error(tmp_path: Path) -> None:
    example = {"id": "a", "topic": "poker", "inputs": {}, "expected": {"hand": 1}}
    code, out, err = run(write(tmp_path / "x.json", [example]), "--json")
    assert (code, json.loads(out)["topics"]["poker"]["not_covered"]) == (0, 1)
    assert "topic poker" in err


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe\x00",
        '[{"id": "工资"}]'.encode("gbk"),
        b"{}",
        b"[1]",
        b'[{"id": "a", "topic": "t", "inputs": []}]',
        b'[{"id": "a", "topic": "mobile", "inputs": {"number": NaN}, "expected": {}}]',
        b"[" * 100_000,
    ],
)
def test_an_unusable_file_is_told_and_exits_with_two(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(content)
    code, out, err = run(str(path), "--json")
    assert (code, out) == (2, "")
    assert "x.json" in err or "example" in err
    assert "Traceback" not in err


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert run(str(tmp_path / "no.json"))[0] == 2


def test_a_byte_order_mark_is_welcome(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(b"\xef\xbb\xbf[]")
    assert run(str(path), "--json") == (0, '{"topics": {}}\n', "")
