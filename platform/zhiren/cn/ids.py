"""Chinese identifiers: resident ID (GB 11643), company code (GB 32100), mobile, bank card. Pure: no clock, no look-up.

Every check takes what a person typed, forgives only what is certainly noise (spaces around it, a small ``x``,
full-width digits), and answers with a *fault code* rather than a sentence; ``FAULTS`` has the source text of each.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

Gender = Literal["male", "female"]
Fault = Literal["", "length", "characters", "region", "birth", "check_digit"]

#: fault code -> what to tell the person (gettext source text)
FAULTS: Final[dict[str, str]] = {
    "length": "位数不对",
    "characters": "含有不允许的字符",
    "region": "前两位不是有效的省级代码",
    "birth": "出生日期不存在或晚于今天",
    "check_digit": "校验位不符,请核对是否录错",
}

_ID_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECK: Final = "10X98765432"
# GB/T 2260 provinces, 71/81/82/83 for residents of Taiwan, Hong Kong, Macao and their residence permits,
# 9x for the foreigners' permanent residence card of 2023. County codes of the past are valid for life: not judged.
_PROVINCES: Final = frozenset(
    str(code)
    for codes in (
        range(11, 16),
        range(21, 24),
        range(31, 38),
        range(41, 47),
        range(50, 55),
        range(61, 66),
        (71, 81, 82, 83),
    )
    for code in codes
)
_USCC_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_VALUE: Final = {letter: value for value, letter in enumerate(_USCC_ALPHABET)}
_USCC_WEIGHTS: Final = tuple(pow(3, i, 31) for i in range(17))
_MOBILE: Final = re.compile(r"1[3-9][0-9]{9}")
_DIGITS: Final = frozenset("0123456789")


def normalise(text: str) -> str:
    """Full-width forms to half-width, outer spaces and invisible marks off, letters large. Inner characters stay."""
    folded = unicodedata.normalize("NFKC", text)
    return folded.strip(" \t\r\n\u200b\u200e\u200f\ufeff'").upper()


@dataclass(frozen=True, slots=True)
class IdNumber:
    """What a resident ID number says. When ``fault`` is set the other fields hold what could still be read."""

    number: str
    fault: Fault = ""
    region: str = ""
    birth: date | None = None
    gender: Gender | None = None
    #: given in the 15-digit form that was issued until 1999; ``number`` holds the 18-digit form
    legacy: bool = False

    @property
    def valid(self) -> bool:
        return not self.fault


def id_check_digit(first17: str) -> str:
    """The eighteenth character (ISO 7064 MOD 11-2) for seventeen digits."""
    return _ID_CHECK[sum(int(d) * w for d, w in zip(first17, _ID_WEIGHTS, strict=True)) % 11]


def check_id_number(text: str, *, today: date | None = None) -> IdNumber:
    """Judge a resident ID number (公民身份号码, GB 11643-1999). A birth after ``today``, where given, is a fault.

    The 15-digit form is read as the person born in 19xx and answered in its 18-digit form with ``legacy`` set.
    """
    number = normalise(text)
    legacy = len(number) == 15
    if legacy and set(number) <= _DIGITS:
        first17 = number[:6] + "19" + number[6:]
        number = first17 + id_check_digit(first17)
    if len(number) != 18:
        return IdNumber(number, "length", legacy=legacy)
    if not set(number[:17]) <= _DIGITS or number[17] not in _ID_CHECK:
        return IdNumber(number, "characters")
    region = number[:6]
    gender: Gender = "male" if int(number[16]) % 2 else "female"
    try:
        birth = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return IdNumber(number, "birth", region, None, gender, legacy)
    fault: Fault = ""
    if number[:2] not in _PROVINCES and number[0] != "9":
        fault = "region"
    elif today is not None and birth > today:
        fault = "birth"
    elif id_check_digit(number[:17]) != number[17]:
        fault = "check_digit"
    return IdNumber(number, fault, region, birth, gender, legacy)


@dataclass(frozen=True, slots=True)
class CompanyCode:
    """A unified social credit code, with the figures of its check: sum of value × 3^i mod 31, and that sum mod 31."""

    code: str
    fault: Fault = ""
    weighted_sum: int | None = None
    mod31: int | None = None
    #: the check character the first seventeen ask for
    check: str = ""

    @property
    def valid(self) -> bool:
        return not self.fault


def check_uscc(text: str) -> CompanyCode:
    """Judge a unified social credit code (统一社会信用代码, GB 32100-2015): 18 characters without I, O, S, V, Z."""
    code = normalise(text)
    if len(code) != 18:
        return CompanyCode(code, "length")
    if any(letter not in _USCC_VALUE for letter in code[:17]):
        return CompanyCode(code, "characters")
    total = sum(_USCC_VALUE[letter] * weight for letter, weight in zip(code[:17], _USCC_WEIGHTS, strict=True))
    check = _USCC_ALPHABET[(31 - total % 31) % 31]
    fault: Fault = ""
    if code[17] not in _USCC_VALUE or not set(code[2:8]) <= _DIGITS:
        fault = "characters"
    elif code[17] != check:
        fault = "check_digit"
    return CompanyCode(code, fault, total, total % 31, check)


def is_mobile(text: str) -> bool:
    """Eleven digits, the first 1, the second 3 to 9: a mainland mobile number without country code."""
    return _MOBILE.fullmatch(text) is not None


def normalise_mobile(text: str) -> str:
    """Spaces, dashes and the country code 86 taken off; judge the answer with ``is_mobile``."""
    number = re.sub(r"[\s\-()]", "", normalise(text))
    return re.sub(r"^(\+|00)?86(?=1[0-9]{10}$)", "", number)


def normalise_bank_card(text: str) -> str:
    """Spaces and dashes taken off."""
    return re.sub(r"[\s\-]", "", normalise(text))


def luhn_ok(number: str) -> bool:
    """The Luhn sum (ISO/IEC 7812-1). Advisory only: some domestic debit cards and passbooks do not keep it."""
    if not number or not set(number) <= _DIGITS:
        return False
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def bank_card_length_ok(number: str) -> bool:
    """12 to 19 digits, what cards and account numbers of mainland banks have."""
    return 12 <= len(number) <= 19 and set(number) <= _DIGITS
