"""Identifiers: the standards' own examples, and properties of their check digits."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhiren.cn import ids

DIGITS17 = st.builds(
    lambda region, birth, order: f"{region}{birth:%Y%m%d}{order:03d}",
    st.sampled_from(["110105", "440524", "310104", "810000", "830000", "932682"]),
    st.dates(date(1900, 1, 1), date(2026, 12, 31)),
    st.integers(0, 999),
)


def test_the_standards_example_is_read() -> None:
    found = ids.check_id_number("11010519491231002X")
    assert (found.valid, found.region, found.birth, found.gender) == (True, "110105", date(1949, 12, 31), "female")


def test_a_county_code_of_the_past_is_valid() -> None:
    assert ids.check_id_number("440524188001010014").gender == "male"


@pytest.mark.parametrize(
    ("number", "fault"),
    [
        ("110105194912310021", "check_digit"),
        ("11010519491331002X", "birth"),
        ("1101051949123100", "length"),
        ("", "length"),
        ("1101051949123100AX", "characters"),
        ("11010519491231002Y", "characters"),
        ("00010519491231002X", "region"),
        ("11010519490229002X", "birth"),
    ],
)
def test_each_fault_is_named(number: str, fault: str) -> None:
    found = ids.check_id_number(number)
    assert found.fault == fault
    assert fault in ids.FAULTS


def test_noise_around_a_number_is_forgiven() -> None:
    assert ids.check_id_number(" 11010519491231002x\u200b").number == "11010519491231002X"
    assert ids.check_id_number("11010519491231002X").valid


def test_digits_of_other_scripts_are_not_digits() -> None:
    assert not ids.check_id_number("١١٠١٠٥١٩٤٩١٢٣١٠٠٢X").valid


def test_a_birth_to_come_is_a_fault() -> None:
    number = "11010520491231002"
    number += ids.id_check_digit(number)
    assert ids.check_id_number(number).valid
    assert ids.check_id_number(number, today=date(2026, 1, 1)).fault == "birth"


def test_the_old_form_is_answered_in_the_new() -> None:
    found = ids.check_id_number("110105491231002")
    assert (found.legacy, found.number, found.valid) == (True, "11010519491231002X", True)


@given(DIGITS17)
def test_a_made_number_is_valid_and_no_other_last_digit_is(first17: str) -> None:
    check = ids.id_check_digit(first17)
    good = [c for c in "0123456789X" if ids.check_id_number(first17 + c).valid]
    assert good == [check]


@given(DIGITS17, st.integers(0, 15))
def test_two_neighbours_swapped_are_found(first17: str, place: int) -> None:
    number = first17 + ids.id_check_digit(first17)
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert swapped == number or not ids.check_id_number(swapped).valid


def test_uscc_example_shows_its_working() -> None:
    found = ids.check_uscc("91350100M000100Y43")
    assert (found.valid, found.weighted_sum, found.mod31, found.check) == (True, 1640, 28, "3")


WRONG_USCC = ("91350100M000100Y4Z", "91350100M000100Y44", "91350100M000100Y4", "9135O100M000100Y43")


@pytest.mark.parametrize("code", WRONG_USCC)
def test_wrong_uscc(code: str) -> None:
    assert not ids.check_uscc(code).valid


@pytest.mark.parametrize(
    ("number", "ok"),
    [
        ("13800138000", True),
        ("19912345678", True),
        ("12800138000", False),
        ("1380013800", False),
        ("13800138000\n", False),
    ],
)
def test_mobile(number: str, ok: bool) -> None:
    assert ids.is_mobile(number) is ok


@pytest.mark.parametrize("text", ["+86 138-0013-8000", "0086 13800138000", "8613800138000", "138 0013 8000"])
def test_mobile_as_people_write_it(text: str) -> None:
    assert ids.normalise_mobile(text) == "13800138000"


@pytest.mark.parametrize(
    ("number", "ok"),
    [("79927398713", True), ("79927398710", False), ("6222020000000000000", True), ("", False), ("7a", False)],
)
def test_luhn(number: str, ok: bool) -> None:
    assert ids.luhn_ok(number) is ok


@given(st.text("0123456789", min_size=11, max_size=18))
def test_exactly_one_last_digit_satisfies_luhn(body: str) -> None:
    assert sum(ids.luhn_ok(body + d) for d in "0123456789") == 1


def test_card_length() -> None:
    assert ids.bank_card_length_ok("622202" + "0" * 13)
    assert not ids.bank_card_length_ok("1" * 11)
