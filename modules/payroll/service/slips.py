"""Payslips of some people at a time, away from the database: what they bring along comes sealed, and so it goes back.

``make`` is pure work on bytes, so that a helper process can do it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

import msgspec

from modules.payroll.models import PayOpening, PayProfile, Payslip, RunInput
from modules.payroll.rules.document import Carried, Document, Past, Person, Terms
from modules.payroll.rules.payslip import Calculator, Parked
from modules.payroll.rules.plan import Plan
from modules.payroll.rules.tax import YearToDate
from modules.payroll.schemas import RunSummary
from modules.payroll.service.summary import Tally
from zhiren.crypto import Box, LentBox, LentKeys, json_of
from zhiren.ids import new_id

#: reads of a payslip what the next one goes on from
_CARRIED = json_of(Carried)


class Ciphertext(NamedTuple):
    """A sealed value and the row it is sealed to."""

    row_id: UUID
    sealed: bytes


class ClosedSlip(NamedTuple):
    """A person's last closed payslip at one withholding agent."""

    row_id: UUID
    sealed: bytes
    legal_entity_id: UUID | None
    pay_on: date


class Brought(msgspec.Struct, array_like=True):
    """One person, and what they bring along."""

    employee_id: UUID
    legal_entity_id: UUID | None
    person: Person
    terms: Ciphertext | None
    #: amounts for this run alone
    amounts: Ciphertext | None
    #: one of each withholding agent, the latest first
    closed: list[ClosedSlip]
    opening: Ciphertext | None
    #: in a correction, what closed runs have paid for the month, by line code
    paid: dict[str, int] | None
    paid_additional_fen: int


class Batch(msgspec.Struct, array_like=True):
    #: a Plan, packed: the same for all batches of a calculation
    plan: bytes
    keys: LentKeys
    people: list[Brought]


class Slip(NamedTuple):
    """A payslip as stored: sealed, or the reason why the person is parked."""

    row_id: UUID
    parked_reason: str | None
    parked_detail: str
    doubtful: bool
    sealed: bytes | None


class Made(msgspec.Struct, array_like=True):
    """A slip for each of the batch's people in order, and the sums over them."""

    slips: list[Slip]
    summary: RunSummary


_PACK = msgspec.msgpack.Encoder(uuid_format="bytes").encode
_PLAN = msgspec.msgpack.Decoder(Plan)
_BATCH = msgspec.msgpack.Decoder(Batch)
_MADE = msgspec.msgpack.Decoder(Made)


def pack(value: Plan | Batch | Made) -> bytes:
    return _PACK(value)


def made_of(packed: bytes) -> Made:
    return _MADE.decode(packed)


def make(packed: bytes) -> bytes:
    """A Made from a Batch, both packed. Raises SealBroken; KeyServiceUnavailable when the time of the keys is over."""
    batch = _BATCH.decode(packed)
    box, calculator = LentBox(batch.keys), _calculator(batch.plan)
    tally, seal = Tally(), Payslip.document.seal_value
    slips: list[Slip] = []
    for brought, opened in zip(batch.people, _opened(batch.people, box), strict=True):
        row_id = new_id()
        try:
            document = _document(calculator, brought, opened)
        except Parked as parked:
            slips.append(Slip(row_id, parked.reason, parked.detail, False, None))
            continue
        doubtful = bool(document.doubts or document.warnings)
        slips.append(Slip(row_id, None, "", doubtful, seal(row_id, document, box)))
        tally.add(brought.employee_id, document)
    return pack(Made(slips, tally.summary()))


@lru_cache(maxsize=4)
def _calculator(plan: bytes) -> Calculator:
    return Calculator(_PLAN.decode(plan))


class _Opened(NamedTuple):
    terms: Terms | None
    amounts: dict[str, int] | None
    closed: list[Carried]
    opening: YearToDate | None


def _opened(people: Sequence[Brought], box: Box) -> list[_Opened]:
    terms = PayProfile.terms.open_values([each.terms or (each.employee_id, None) for each in people], box)
    amounts = RunInput.amounts.open_values([each.amounts or (each.employee_id, None) for each in people], box)
    openings = PayOpening.sums.open_values([each.opening or (each.employee_id, None) for each in people], box)
    closed = ((slip.row_id, slip.sealed) for each in people for slip in each.closed)
    carried = iter(Payslip.document.open_values_as(_CARRIED, closed, box))
    return [
        _Opened(terms[place], amounts[place], [next(carried) for _ in each.closed], openings[place])
        for place, each in enumerate(people)
    ]


def _document(calculator: Calculator, brought: Brought, opened: _Opened) -> Document:
    if opened.terms is None:
        raise Parked("no_terms")
    pay_on = calculator.plan.pay_on
    if any(slip.pay_on > pay_on for slip in brought.closed):
        raise Parked("paid_later")
    return calculator.calculate(
        brought.person,
        opened.terms,
        _past(brought, opened, pay_on),
        this_run=opened.amounts,
        paid=brought.paid,
        paid_additional_fen=brought.paid_additional_fen,
        previous=opened.closed[0].totals if opened.closed else None,
    )


def _past(brought: Brought, opened: _Opened, pay_on: date) -> Past:
    """What the tax year brings along at this withholding agent (累计预扣 is kept by each 扣缴义务人 alone).

    The opening balance belongs to whoever paid last before the customer came here: it counts until anything has closed
    in the year. Whoever then moves to another employer of the customer begins anew there, with this month.
    """
    begun = False
    for slip, carried in zip(brought.closed, opened.closed, strict=True):
        if slip.pay_on.year == pay_on.year:
            if slip.legal_entity_id == brought.legal_entity_id:
                return Past(carried.after, "payslip", carried.tax.start_month)
            begun = True
    if begun:
        return Past(YearToDate(), "nothing", pay_on.month)
    return Past(opened.opening, "opening") if opened.opening is not None else Past()
