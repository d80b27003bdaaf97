"""Reading an example's inputs strictly, and comparing its expected figures with computed ones."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from zhiren.money import AMOUNT_LIMIT_FEN, exact_int

#: what a computed figure may be; money and rates are yuan and parts of one, as in the examples
Value = int | Decimal | bool | str | list[Any] | dict[str, Any]
#: an expected key's name → how to compute it; called only for keys that are expected
Computed = Callable[[str], "Value | Computed"]

_NOTES: Final = frozenset({"note", "notes", "comment", "remark", "备注", "说明", "explanation", "source", "confidence"})
_MONTH: Final = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")
_SPAN: Final = re.compile(r"\s*(?:\.\.|~|\uff5e|\u2014+|\u2013|/|至|到|\u2192|->)\s*")


class NotCovered(Exception):
    """The rules have no meaning for this form of example; the text names what is missing."""


def is_note(key: str) -> bool:
    """A key that explains rather than claims."""
    return key.lower() in _NOTES or key.lower().endswith(("_note", "_comment"))


class Inputs:
    """An example's inputs. Every key must be asked for by the judge: ``close`` names those that were not."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values
        self._asked = {key for key in values if is_note(key)}

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def keys(self) -> set[str]:
        return set(self._values) - self._asked

    def close(self) -> None:
        if unknown := sorted(self.keys()):
            raise NotCovered("inputs: " + ", ".join(unknown))

    def raw(self, key: str) -> Any:
        self._asked.add(key)
        if key not in self._values:
            raise NotCovered(f"inputs: {key} is not given")
        return self._values[key]

    def text(self, key: str) -> str:
        value = self.raw(key)
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str):
            raise NotCovered(f"inputs: {key} must be text")
        return value

    def integer(self, key: str, low: int, high: int, default: int | None = None) -> int:
        if default is not None and key not in self._values:
            return default
        value = _number(key, self.raw(key))
        if value != value.to_integral_value() or not low <= value <= high:
            raise NotCovered(f"inputs: {key} must be a whole number from {low} to {high}")
        return int(value)

    def flag(self, key: str, default: bool = False) -> bool:
        if key not in self._values:
            return default
        value = self.raw(key)
        if not isinstance(value, bool):
            raise NotCovered(f"inputs: {key} must be true or false")
        return value

    def fen(self, key: str, default_yuan: int | None = None) -> int:
        if default_yuan is not None and key not in self._values:
            return default_yuan * 100
        return to_fen(key, self.raw(key))

    def fen_list(self, key: str) -> list[int]:
        value = self.raw(key)
        if not isinstance(value, list) or not value:
            raise NotCovered(f"inputs: {key} must be a list of amounts")
        return [to_fen(key, item) for item in value]

    def fen_each(self, key: str, count: int) -> list[int]:
        """One amount for every month, or a list of as many; nothing given is nothing deducted."""
        if key not in self._values:
            return [0] * count
        value = self.raw(key)
        if not isinstance(value, list):
            return [to_fen(key, value)] * count
        if len(value) != count:
            raise NotCovered(f"inputs: {key} has {len(value)} amounts for {count} months")
        return [to_fen(key, item) for item in value]

    def rate_ppm(self, key: str) -> int:
        """A rate as a part of one (``0.07``) or as text with a percent sign (``"7%"``)."""
        value = self.raw(key)
        if isinstance(value, str) and value.strip().endswith("%"):
            return _exact(key, _number(key, value.strip().rstrip("%")), 10_000)
        rate = _exact(key, _number(key, value), 1_000_000)
        if not 0 <= rate <= 1_000_000:
            raise NotCovered(f"inputs: {key} must lie between 0 and 1")
        return rate

    def day(self, key: str) -> date:
        try:
            return date.fromisoformat(self.text(key))
        except ValueError as error:
            raise NotCovered(f"inputs: {key} must be a date, YYYY-MM-DD") from error

    def period(self, key: str = "period") -> tuple[date, date] | None:
        """First days of the first and last month of ``2025-07`` or ``2025-07..2026-06``; None when not given."""
        if key not in self._values:
            return None
        ends = _SPAN.split(self.text(key).strip())
        months = [_MONTH.fullmatch(end) for end in ends]
        if not 1 <= len(ends) <= 2 or not all(months):
            raise NotCovered(f"inputs: {key} must be YYYY-MM or YYYY-MM..YYYY-MM")
        first, last = (date(int(m[1]), int(m[2]), 1) for m in (months[0], months[-1]) if m)
        if last < first:
            raise NotCovered(f"inputs: {key} ends before it begins")
        return first, last


def _number(key: str, value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise NotCovered(f"inputs: {key} must be a number")
    try:
        number = Decimal(value)
    except ArithmeticError as error:
        raise NotCovered(f"inputs: {key} must be a number") from error
    if not number.is_finite() or number.adjusted() > 15:
        raise NotCovered(f"inputs: {key} is out of range")
    return number


def _exact(key: str, value: Decimal, scale: int) -> int:
    try:
        return exact_int(value, scale)
    except ValueError as error:
        raise NotCovered(f"inputs: {key}: {error}") from error


def to_fen(key: str, value: Any) -> int:
    amount = _exact(key, _number(key, value), 100)
    if abs(amount) > AMOUNT_LIMIT_FEN:
        raise NotCovered(f"inputs: {key} is out of range")
    return amount


def differences(expected: Mapping[str, Any], computed: Computed, prefix: str = "") -> list[dict[str, Any]]:
    """Every expected figure that differs from the computed one. Raises NotCovered for a key nothing computes."""
    wrong: list[dict[str, Any]] = []
    for key, wanted in expected.items():
        if is_note(key):
            continue
        try:
            got = computed(key)
        except NotCovered as missing:
            raise NotCovered(str(missing).replace(f"expected: {key}", f"expected: {prefix}{key}")) from missing
        if callable(got):
            if not isinstance(wanted, Mapping):
                raise NotCovered(f"expected: {prefix}{key} must be an object")
            wrong += differences(wanted, got, f"{prefix}{key}.")
        elif isinstance(got, list) and not isinstance(wanted, list | Mapping):
            # one figure for a list: the same in every month
            if any(item != got[0] for item in got):
                raise NotCovered(f"expected: {prefix}{key} must be a list, its months differ")
            if not same(wanted, got[0]):
                wrong.append({"key": prefix + key, "expected": plain(wanted), "got": plain(got)})
        elif not same(wanted, got):
            wrong.append({"key": prefix + key, "expected": plain(wanted), "got": plain(got)})
    return wrong


def same(wanted: Any, got: Any) -> bool:
    """Exactly equal; true is not 1, and a list equals only a list of as many."""
    if isinstance(got, list):
        return isinstance(wanted, list) and len(wanted) == len(got) and all(map(same, wanted, got))
    if isinstance(got, bool) or isinstance(wanted, bool):
        return wanted is got
    if isinstance(got, int | Decimal):
        return isinstance(wanted, int | Decimal) and Decimal(wanted) == Decimal(got)
    return type(wanted) is type(got) and bool(wanted == got)


def plain(value: Any) -> Any:
    """For JSON: decimals as numbers."""
    if isinstance(value, Decimal):
        if not value.is_finite() or value.adjusted() > 15:
            return str(value)
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    return value


def unknown(key: str) -> NotCovered:
    return NotCovered(f"expected: {key}")
