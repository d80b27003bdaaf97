"""Examples of identifiers and their check digits."""

from __future__ import annotations

from collections.abc import Mapping

from modules.payroll.lawcheck.values import Computed, Inputs, NotCovered, Value, unknown
from modules.payroll.rules.parameters import Law
from zhiren.cn import ids


def id_number(_law: Law, _topic: str, inputs: Inputs) -> Computed:
    found = ids.check_id_number(inputs.text("id"))
    if found.legacy:
        raise NotCovered("inputs: id of 15 digits, which GB 11643-1999 no longer issues")
    figures: dict[str, Value | None] = {
        "valid": found.valid,
        "region": found.region or None,
        "birth": found.birth.isoformat() if found.birth else None,
        "gender": found.gender,
    }
    return _known(figures)


def uscc(_law: Law, _topic: str, inputs: Inputs) -> Computed:
    found = ids.check_uscc(inputs.text("code"))
    figures: dict[str, Value | None] = {
        "valid": found.valid,
        "weighted_sum": found.weighted_sum,
        "mod31": found.mod31,
        "check": found.check or None,
    }
    return _known(figures)


def mobile(_law: Law, _topic: str, inputs: Inputs) -> Computed:
    return _known({"ok": ids.is_mobile(inputs.text("number"))})


def bank_card_luhn(_law: Law, _topic: str, inputs: Inputs) -> Computed:
    return _known({"luhn_ok": ids.luhn_ok(inputs.text("number"))})


def _known(figures: Mapping[str, Value | None]) -> Computed:
    def figure(key: str) -> Value:
        value = figures.get(key)
        if value is None:
            raise unknown(key)
        return value

    return figure
