"""What travels in and out of the records: ``X`` is read, ``XCreate`` and ``XUpdate`` are written.

Days are ISO dates; ``valid_to`` and ``left_on`` are the last day included. Sealed values go out masked.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

Gender = Literal["male", "female"]
Status = Literal["probation", "regular", "suspended"]
IdKind = Literal["resident", "hk_macau", "taiwan", "foreign_permit", "passport", "other"]
Name = Annotated[str, Meta(min_length=1, max_length=64)]
Number = Annotated[str, Meta(min_length=1, max_length=32)]
Short = Annotated[str, Meta(max_length=64)]
Long = Annotated[str, Meta(max_length=200)]
Reason = Annotated[str, Meta(max_length=200)]
SealedField = Literal["id_number", "bank_account", "mobile", "email", "home_address"]


class Seat(msgspec.Struct, kw_only=True):
    """Where somebody works from ``valid_from`` to ``valid_to``."""

    valid_from: date
    valid_to: date | None
    unit_id: UUID
    unit_name: str
    position_id: UUID | None
    position_name: str | None
    manager_id: UUID | None
    manager_name: str | None
    legal_entity_id: UUID
    legal_entity_name: str
    city: str
    reason: str


class Employee(msgspec.Struct, kw_only=True):
    """A person. ``state`` on the day asked for: pending, probation, regular, suspended or left. Identity and contact
    are masked; ``POST …/reveal`` opens them, which is recorded."""

    id: UUID
    version: int
    number: str
    name: str
    state: str
    gender: Gender | None
    birth_date: date | None
    hired_on: date
    left_on: date | None
    id_kind: IdKind
    id_number_masked: str | None
    mobile_masked: str | None
    email_masked: str | None
    home_address_masked: str | None
    bank_account_masked: str | None
    bank_name: str
    seat: Seat | None


class EmployeeRow(msgspec.Struct, kw_only=True):
    """A person as a list shows them."""

    id: UUID
    version: int
    number: str
    name: str
    state: str
    gender: Gender | None
    hired_on: date
    left_on: date | None
    unit_id: UUID | None
    unit_name: str | None
    position_name: str | None
    manager_id: UUID | None
    manager_name: str | None
    legal_entity_name: str | None
    city: str | None
    mobile_masked: str | None = None
    id_number_masked: str | None = None


class SeatCreate(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    unit_id: UUID
    legal_entity_id: UUID
    position_id: UUID | None = None
    manager_id: UUID | None = None
    city: Short = ""


class EmployeeCreate(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    number: Number
    name: Name
    hired_on: date
    seat: SeatCreate
    gender: Gender | None = None
    birth_date: date | None = None
    status: Status = "regular"
    id_kind: IdKind = "resident"
    id_number: Short | None = None
    mobile: Short | None = None
    email: Annotated[str, Meta(max_length=254)] | None = None
    home_address: Long | None = None
    bank_account: Short | None = None
    bank_name: Short = ""


class EmployeeUpdate(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A correction of what is said about a person; what is left out stays. Seats change through ``SeatChange``."""

    number: Number | UnsetType = UNSET
    name: Name | UnsetType = UNSET
    gender: Gender | UnsetType | None = UNSET
    birth_date: date | UnsetType | None = UNSET
    hired_on: date | UnsetType = UNSET
    status: Status | UnsetType = UNSET
    id_kind: IdKind | UnsetType = UNSET
    id_number: Short | UnsetType | None = UNSET
    mobile: Short | UnsetType | None = UNSET
    email: Annotated[str, Meta(max_length=254)] | UnsetType | None = UNSET
    home_address: Long | UnsetType | None = UNSET
    bank_account: Short | UnsetType | None = UNSET
    bank_name: Short | UnsetType = UNSET


class SeatChange(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """``change``: from ``effective_on`` on it is so. ``correct``: the seat in force on ``effective_on`` was always so.

    What is left out stays as it is in the seat in force.
    """

    effective_on: date
    kind: Literal["change", "correct"] = "change"
    unit_id: UUID | UnsetType = UNSET
    position_id: UUID | UnsetType | None = UNSET
    manager_id: UUID | UnsetType | None = UNSET
    legal_entity_id: UUID | UnsetType = UNSET
    city: Short | UnsetType = UNSET
    reason: Reason = ""


class Leave(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """``last_day`` is still a day of employment; None takes a leaving back."""

    last_day: date | None
    reason: Reason = ""


class Reveal(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    fields: Annotated[list[SealedField], Meta(min_length=1, max_length=5)]
    reason: Reason = ""


class Unit(msgspec.Struct, kw_only=True):
    id: UUID
    version: int
    code: str | None
    name: str
    parent_id: UUID | None
    leader_id: UUID | None
    leader_name: str | None
    #: seated right in it, and in it with all below
    people: int
    people_below: int
    path: str


class UnitCreate(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    name: Name
    valid_from: date
    parent_id: UUID | None = None
    code: Annotated[str, Meta(max_length=32)] | None = None
    leader_id: UUID | None = None
    sort: int = 0


class UnitChange(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Renames, moves or gives a leader from ``effective_on`` on; ``correct`` rewrites the period in force instead."""

    effective_on: date
    kind: Literal["change", "correct"] = "change"
    name: Name | UnsetType = UNSET
    parent_id: UUID | UnsetType | None = UNSET
    leader_id: UUID | UnsetType | None = UNSET
    sort: int | UnsetType = UNSET


class UnitClose(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    last_day: date


class Position(msgspec.Struct, kw_only=True):
    id: UUID
    version: int
    name: str
    code: str | None
    family: str
    active: bool
    people: int = 0


class PositionCreate(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    name: Name
    code: Annotated[str, Meta(max_length=32)] | None = None
    family: Short = ""


class PositionUpdate(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    name: Name | UnsetType = UNSET
    code: Annotated[str, Meta(max_length=32)] | UnsetType | None = UNSET
    family: Short | UnsetType = UNSET
    active: bool | UnsetType = UNSET


class LegalEntity(msgspec.Struct, kw_only=True):
    id: UUID
    version: int
    name: str
    short_name: str
    uscc: str | None
    city: str
    address: str
    active: bool
    people: int = 0


class LegalEntityCreate(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    name: Annotated[str, Meta(min_length=1, max_length=100)]
    short_name: Short = ""
    uscc: Annotated[str, Meta(max_length=18)] | None = None
    city: Short = ""
    address: Long = ""


class LegalEntityUpdate(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    name: Annotated[str, Meta(min_length=1, max_length=100)] | UnsetType = UNSET
    short_name: Short | UnsetType = UNSET
    uscc: Annotated[str, Meta(max_length=18)] | UnsetType | None = UNSET
    city: Short | UnsetType = UNSET
    address: Long | UnsetType = UNSET
    active: bool | UnsetType = UNSET


class ImportColumn(msgspec.Struct, kw_only=True):
    index: int
    letter: str
    heading: str
    guess: str


class Import(msgspec.Struct, kw_only=True):
    """One uploaded spreadsheet. ``mapping`` is field to column index; ``counts`` has ready, fault, skipped, added,
    updated, undone, and ``joining``: how many seats of the licence committing it needs."""

    id: UUID
    version: int
    state: str
    file_name: str
    created_at: datetime
    created_by_name: str
    sheet: str
    header_row: int
    columns: list[ImportColumn]
    mapping: dict[str, int]
    mode: str
    effective_on: str
    legal_entity_id: UUID | None
    counts: dict[str, int]
    notices: list[str]
    job_id: UUID | None


class ImportFault(msgspec.Struct, kw_only=True):
    """What is wrong at a cell. ``blocks`` holds the row back; others are remarks."""

    column: int | None
    letter: str
    field: str
    text: str
    blocks: bool


class ImportRow(msgspec.Struct, kw_only=True):
    row_number: int
    state: str
    faults: list[ImportFault]


class ImportPlan(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """``mapping``: column index → field code, empty for none. ``tolerated``: optional fields whose unreadable cells are
    left out instead of holding the row back."""

    mapping: dict[str, str] | UnsetType = UNSET
    mode: Literal["add_update", "add_only", "update_only"] | UnsetType = UNSET
    effective_on: date | UnsetType = UNSET
    legal_entity_id: UUID | UnsetType | None = UNSET
    tolerated: list[str] | UnsetType = UNSET


class ImportCell(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    row_number: Annotated[int, Meta(ge=1)]
    column: Annotated[int, Meta(ge=0, lt=200)]
    text: Annotated[str, Meta(max_length=500)]


def given(data: msgspec.Struct, *, leave_out: frozenset[str] = frozenset()) -> dict[str, Any]:
    """The fields that were sent."""
    return {
        name: value
        for name in data.__struct_fields__
        if name not in leave_out and (value := getattr(data, name)) is not UNSET
    }
