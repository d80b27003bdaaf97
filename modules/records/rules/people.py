"""What may be written about a person: normalised values, or what is wrong with them."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from zhiren.cn import ids
from zhiren.i18n import N_

#: fault code -> gettext source text of what is wrong and what to do
FAULTS: Final[dict[str, str]] = {
    "required": N_("不能为空"),
    "formula": N_("以 {first} 开头，像是公式；请改成普通文字"),
    "control": N_("含有不可见的控制字符"),
    "too_long": N_("太长，最多 {limit} 个字"),
    "id_number.length": N_("身份证号应为 18 位"),
    "id_number.characters": N_("身份证号只能是数字，末位可以是 X"),
    "id_number.region": N_("身份证号前两位不是有效的省级代码"),
    "id_number.birth": N_("身份证号里的出生日期不存在或晚于今天"),
    "id_number.check_digit": N_("身份证号校验位不对，请核对是否录错"),
    "id_number.birth_differs": N_("与身份证号里的出生日期 {expected} 不一致"),
    "id_number.gender_differs": N_("与身份证号里的性别不一致"),
    "mobile": N_("不是有效的手机号"),
    "mobile.foreign": N_("不是大陆手机号，按原样保存"),
    "email": N_("不是邮箱地址，这一格不保存"),
    "bank_account": N_("银行账号应为 12 至 19 位数字"),
    "bank_account.luhn": N_("银行卡号未通过校验位检查，请核对"),
    "left_before_hired": N_("离职日期早于入职日期"),
    "birth_after_hired": N_("出生日期不早于入职日期"),
}

#: things that are said but do not stand in the way
ADVISORY: Final = frozenset({"mobile.foreign", "email", "bank_account.luhn"})

_FOREIGN_PHONE = re.compile(r"(?=(?:[^0-9]*[0-9]){5,18}[^0-9]*$)[+0-9(][0-9 ().\-]*")
_EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\".]+")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """Something about one field: ``code`` names a text of ``FAULTS``, ``params`` fill its braces."""

    field: str
    code: str
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def blocks(self) -> bool:
        return self.code not in ADVISORY


def check_text(name: str, value: str, limit: int) -> Finding | None:
    """Free text that will be shown and exported: no formula when it lands in a spreadsheet, nothing invisible."""
    if value.startswith(_FORMULA) and value not in {"-", "--"}:
        return Finding(name, "formula", {"first": value[0]})
    if _CONTROL.search(value):
        return Finding(name, "control")
    if len(value) > limit:
        return Finding(name, "too_long", {"limit": limit})
    return None


def check_id_number(text: str, today: date) -> tuple[ids.IdNumber, Finding | None]:
    """A resident ID number (GB 11643), normalised to 18 characters."""
    found = ids.check_id_number(text, today=today)
    return found, Finding("id_number", f"id_number.{found.fault}") if found.fault else None


def check_mobile(text: str) -> tuple[str, Finding | None]:
    """A mainland mobile without country code, or a foreign number as it was given."""
    number = ids.normalise_mobile(text)
    if ids.is_mobile(number):
        return number, None
    given = ids.normalise(text)
    mainland = re.fullmatch(r"1[0-9]{7,12}", number) is not None and not given.startswith(("+", "00"))
    if not mainland and re.search(r"[+ .()\-]", given) and _FOREIGN_PHONE.fullmatch(given):
        return given, Finding("mobile", "mobile.foreign")
    return given, Finding("mobile", "mobile")


def check_email(text: str) -> tuple[str | None, Finding | None]:
    address = text.strip()
    if _EMAIL.fullmatch(address) and len(address) <= 254:
        return address, None
    return None, Finding("email", "email")


def check_bank_account(text: str) -> tuple[str, Finding | None]:
    """12 to 19 digits; a wrong Luhn sum is only remarked, since passbooks and some debit cards do not keep it."""
    number = ids.normalise_bank_card(text)
    if not ids.bank_card_length_ok(number):
        return number, Finding("bank_account", "bank_account")
    if not ids.luhn_ok(number):
        return number, Finding("bank_account", "bank_account.luhn")
    return number, None


_CHECKS: Final[dict[str, Callable[[str], tuple[str | None, Finding | None]]]] = {
    "mobile": check_mobile,
    "email": check_email,
    "bank_account": check_bank_account,
}
TEXT_LIMITS: Final[dict[str, int]] = {"number": 32, "name": 64, "bank_name": 64, "home_address": 200}


def check_person(values: Mapping[str, Any], *, today: date) -> tuple[dict[str, Any], list[Finding]]:
    """Judges the values given of one person and answers with them normalised. Fields that are absent are not judged.

    From a resident ID number birth date and sex follow where they are not given; given ones must agree.
    """
    clean = dict(values)
    findings: list[Finding] = []
    for name, limit in TEXT_LIMITS.items():
        if name not in clean:
            continue
        text = clean[name] = (clean[name] or "").strip()
        if not text and name in {"number", "name"}:
            findings.append(Finding(name, "required"))
        elif fault := check_text(name, text, limit):
            findings.append(fault)
    if clean.get("id_number"):
        _judge_id_number(clean, findings, today)
    for name, check in _CHECKS.items():
        if clean.get(name):
            clean[name], finding = check(clean[name])
            findings.extend([finding] if finding else [])
    for name in ("id_number", "home_address", *_CHECKS):
        if clean.get(name) == "":
            clean[name] = None
    hired, left, birth = clean.get("hired_on"), clean.get("left_on"), clean.get("birth_date")
    if hired and left and left < hired:
        findings.append(Finding("left_on", "left_before_hired"))
    if hired and birth and birth >= hired:
        findings.append(Finding("birth_date", "birth_after_hired"))
    return clean, findings


def _judge_id_number(clean: dict[str, Any], findings: list[Finding], today: date) -> None:
    if clean.get("id_kind", "resident") != "resident":
        clean["id_number"] = ids.normalise(clean["id_number"])
        if fault := check_text("id_number", clean["id_number"], 32):
            findings.append(fault)
        return
    found, fault = check_id_number(clean["id_number"], today)
    clean["id_number"] = found.number
    if fault is not None:
        findings.append(fault)
        return
    if clean.get("birth_date") is None:
        clean["birth_date"] = found.birth
    elif found.birth is not None and clean["birth_date"] != found.birth:
        findings.append(Finding("birth_date", "id_number.birth_differs", {"expected": found.birth.isoformat()}))
    if not clean.get("gender"):
        clean["gender"] = found.gender
    elif clean["gender"] != found.gender:
        findings.append(Finding("gender", "id_number.gender_differs"))
