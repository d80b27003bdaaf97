"""Shapes of the JSON API and of what use cases hand to pages. Money is integer fen, rates parts per million."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec

from modules.payroll.rules.document import Terms, Totals


class PersonChange(msgspec.Struct, frozen=True, array_like=True):
    """One person's net pay now and in the last closed run, in fen."""

    employee_id: UUID
    number: str
    name: str
    net_fen: int
    previous_net_fen: int


class RunSummary(msgspec.Struct, frozen=True, array_like=True):
    """Sums of a run; ``previous`` sums up the last closed payslips of the same people."""

    totals: Totals
    previous: Totals
    #: people without an earlier payslip
    joined: int
    #: the largest differences of net pay, largest first
    changes: list[PersonChange]
    #: legal figures in doubt → how many payslips they touch
    doubts: dict[str, int]


class GroupCreate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    pay_day: int
    legal_entity_id: UUID | None = None
    pays_next_month: bool = False


class Group(msgspec.Struct, frozen=True):
    id: UUID
    name: str
    pay_day: int
    legal_entity_id: UUID | None
    pays_next_month: bool
    active: bool
    version: int


class ItemCreate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A pay item from ``valid_from`` on; with a code that exists, its next version."""

    code: str
    name: str
    kind: Literal["earning", "deduction", "figure"]
    valid_from: date
    taxable: bool = True
    insurable: bool = True
    formula: str = ""
    sort: int = 0


class Item(msgspec.Struct, frozen=True):
    id: UUID
    code: str
    name: str
    kind: str
    taxable: bool
    insurable: bool
    formula: str
    sort: int
    valid_from: date
    valid_to: date | None
    version: int


class FormulaCheck(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A formula to try: ``values`` are amounts in yuan, as text, of the names it reads."""

    formula: str
    code: str = ""
    on: date | None = None
    values: dict[str, str] = {}


class FormulaFinding(msgspec.Struct, frozen=True):
    """``amount_fen`` is the trial's result, None when a fault is found at ``position`` (from 0)."""

    amount_fen: int | None = None
    names: list[str] = []
    #: names without a value, taken as zero in the trial
    missing: list[str] = []
    fault: str = ""
    message: str = ""
    position: int = 0


class ProfileCreate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Terms of pay from ``valid_from`` on; earlier terms end the day before."""

    employee_id: UUID
    group_id: UUID
    valid_from: date
    terms: TermsIn
    city: str | None = None
    note: str = ""


class TermsIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``modules.payroll.rules.document.Terms`` with names, for the API."""

    amounts: dict[str, int] = {}
    insured: bool = True
    insurance_base_fen: int | None = None
    injury_ppm: int | None = None
    fund: bool = True
    fund_base_fen: int | None = None
    fund_employer_ppm: int | None = None
    fund_employee_ppm: int | None = None
    supplementary_ppm: int = 0
    additional: dict[str, int] = {}
    first_wage_year: int | None = None
    previous_year: int | None = None
    previous_year_wages_fen: int | None = None

    def stored(self) -> Terms:
        return Terms(**msgspec.structs.asdict(self))

    @classmethod
    def of(cls, terms: Terms) -> TermsIn:
        return cls(**msgspec.structs.asdict(terms))


class Profile(msgspec.Struct, frozen=True):
    id: UUID
    employee_id: UUID
    group_id: UUID
    city: str | None
    valid_from: date
    valid_to: date | None
    note: str
    version: int
    #: None for who may not see pay
    terms: TermsIn | None


class RunCreate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    group_id: UUID
    year: int
    month: int
    pay_on: date | None = None


class CorrectionCreate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    employee_ids: list[UUID]
    reason: str
    pay_on: date


class InputUpdate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Amounts for this run alone: item code → fen. An item that is left out goes by its terms or formula."""

    amounts: dict[str, int]


class CloseRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``leave_parked``: close although people are parked; they are paid by a correction later."""

    leave_parked: bool = False


class Run(msgspec.Struct, frozen=True):
    id: UUID
    group_id: UUID
    year: int
    month: int
    pay_on: date
    kind: str
    corrects_id: UUID | None
    reason: str
    status: str
    revision: int
    job_id: UUID | None
    people: int
    parked: int
    doubts: int
    version: int
    calculated_at: datetime | None
    closed_at: datetime | None
    published_at: datetime | None
    #: None before it is calculated, and for who may not see pay
    totals: TotalsOut | None = None
    previous: TotalsOut | None = None


class TotalsOut(msgspec.Struct, frozen=True):
    gross_fen: int
    earnings_fen: int
    deductions_fen: int
    insurance_fen: int
    fund_fen: int
    tax_fen: int
    net_fen: int
    employer_fen: int

    @classmethod
    def of(cls, totals: Totals) -> TotalsOut:
        return cls(**msgspec.structs.asdict(totals))


class PayslipRow(msgspec.Struct, frozen=True):
    """A line of the review. Amounts are None for a parked person and for who may not see pay."""

    id: UUID
    employee_id: UUID
    number: str
    name: str
    unit_name: str
    parked_reason: str | None
    parked_message: str
    doubtful: bool
    totals: TotalsOut | None
    previous: TotalsOut | None


class CitationOut(msgspec.Struct, frozen=True):
    """A legal figure that was used. ``standing``: verified, unverified, or provisional."""

    key: str
    source: str
    valid_from: date
    valid_to: date | None
    standing: str
    note: str


class LineOut(msgspec.Struct, frozen=True):
    """A line with its working. ``inputs`` are (what, value as written)."""

    code: str
    title: str
    amount_fen: int
    employer_fen: int | None
    previous_fen: int | None
    working: str
    inputs: list[tuple[str, str]]
    articles: list[str]
    citations: list[CitationOut]


class PayslipOut(msgspec.Struct, frozen=True):
    id: UUID
    run_id: UUID
    employee_id: UUID
    year: int
    month: int
    pay_on: date
    name: str
    number: str
    totals: TotalsOut
    lines: list[LineOut]


class OwnPayslip(msgspec.Struct, frozen=True):
    id: UUID
    year: int
    month: int
    pay_on: date
    kind: str
    net_fen: int


class ItemEnd(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    last_day: date


class LegalFigure(msgspec.Struct, frozen=True):
    """One version of a legal figure. ``region`` is empty for the whole country."""

    region: str
    figure: str
    key: str
    value: str
    valid_from: date
    valid_to: date | None
    source: str
    verified: bool
    note: str


class JobStarted(msgspec.Struct, frozen=True):
    job_id: UUID


class OpeningIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Sums of a tax year that were paid before the customer came here, in fen."""

    income_fen: int
    exempt_fen: int = 0
    special_fen: int = 0
    additional_fen: int = 0
    other_fen: int = 0
    relief_fen: int = 0
    withheld_fen: int = 0
