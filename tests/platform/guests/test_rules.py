"""Addresses and codes as people type them."""

from __future__ import annotations

import pytest

from zhiren.guests.rules import new_code, normal_address, typed_code


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        (" Lin.Xiao@Example.CN ", "lin.xiao@example.cn"),
        ("138 0013 8000", "13800138000"),
        ("+86 138-0013-8000", "13800138000"),
        ("0086 13800138000", "13800138000"),
        ("+1 (415) 555-0100", "+14155550100"),
        ("12345678901", None),
        ("010-12345678", None),
        ("lin@localhost", None),
        ("lin@@example.cn", None),
        ("lin@example.cn, other@example.cn", None),
        ("lin\r\nbcc: x@example.cn", None),
        ("<lin@example.cn>", None),
        ("a" * 250 + "@example.cn", None),
        ("１３８００１３８０００", None),
        ("", None),
    ],
)
def test_addresses(typed: str, address: str | None) -> None:
    assert normal_address(typed) == address


def test_codes_have_six_digits_and_differ() -> None:
    codes = {new_code() for _ in range(200)}
    assert all(len(code) == 6 and code.isdigit() for code in codes)
    assert len(codes) > 190
    assert typed_code(" 012 345\n") == "012345"
