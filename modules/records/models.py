"""Who works here, where they sit and since when.

Dates are whole days in the customer's own calendar, ``valid_to`` and ``left_on`` being the last day *included*; an
open end is NULL. What changes over time (a unit's name and place, a person's assignment) is a row per period, so that
any day past or to come can be shown as it was, is, or will be.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    UniqueConstraint,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from zhiren.cn import ids
from zhiren.crypto import JSON, Sealed, blind_column, sealed_column
from zhiren.db.base import CreatedAt, PrimaryKey, TenantBase, one_of

GENDERS = ("male", "female")
EMPLOYMENT_STATUSES = ("probation", "regular", "suspended")
ID_KINDS = ("resident", "hk_macau", "taiwan", "foreign_permit", "passport", "other")
IMPORT_STATES = ("staged", "checked", "committing", "committed", "undoing", "undone", "cancelled")
ROW_STATES = ("staged", "ready", "fault", "skipped", "added", "updated", "undone")


def _no_overlap(table: str, owner: str) -> tuple[Any, ...]:
    """Constraints of a table of periods: ends not before it begins, and periods of one owner never overlap.

    The exclusion needs no extension: the owner's hash, as a range of one value, is a type GiST knows. Two owners with
    one 64-bit hash would be refused overlapping periods; among a million people the odds are one in 37 million.
    """
    return (
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="period"),
        UniqueConstraint(owner, "valid_from"),
        ExcludeConstraint(
            (
                literal_column(f"int8range(uuid_hash_extended({owner}, 0), uuid_hash_extended({owner}, 0), '[]')"),
                "=",
            ),
            (literal_column("daterange(valid_from, valid_to, '[]')"), "&&"),
            using="gist",
            name=f"ex_{table}_period",
        ),
    )


class LegalEntity(TenantBase):
    """用人单位: the company that signs labour contracts, withholds tax and pays contributions."""

    __tablename__ = "records_legal_entity"

    id: Mapped[PrimaryKey]
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    name: Mapped[str] = mapped_column(unique=True)
    short_name: Mapped[str] = mapped_column(server_default="")
    #: 统一社会信用代码, GB 32100-2015; empty where not known yet
    uscc: Mapped[str | None] = mapped_column(unique=True)
    city: Mapped[str] = mapped_column(server_default="")
    address: Mapped[str] = mapped_column(server_default="")
    active: Mapped[bool] = mapped_column(server_default=text("true"), default=True)
    created_at: Mapped[CreatedAt]

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class Unit(TenantBase):
    """An organisation unit's identity; its name and place in the tree are in ``UnitPeriod``."""

    __tablename__ = "records_unit"

    id: Mapped[PrimaryKey]
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    code: Mapped[str | None] = mapped_column(unique=True)
    created_at: Mapped[CreatedAt]
    #: the import that made it, so that undoing the import can take it away again
    import_id: Mapped[UUID | None]

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class UnitPeriod(TenantBase):
    """What a unit is called, what it hangs under and who leads it, from ``valid_from`` to ``valid_to``."""

    __tablename__ = "records_unit_period"
    __table_args__ = (
        *_no_overlap("records_unit_period", "unit_id"),
        CheckConstraint("parent_id IS NULL OR parent_id <> unit_id", name="not_its_own_parent"),
        CheckConstraint("name <> ''", name="named"),
    )

    id: Mapped[PrimaryKey]
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("records_unit.id"))
    name: Mapped[str]
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("records_unit.id"))
    leader_id: Mapped[UUID | None] = mapped_column(ForeignKey("records_employee.id", use_alter=True))
    sort: Mapped[int] = mapped_column(server_default="0", default=0)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class Position(TenantBase):
    """岗位: a kind of post, held by any number of people."""

    __tablename__ = "records_position"

    id: Mapped[PrimaryKey]
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    name: Mapped[str] = mapped_column(unique=True)
    code: Mapped[str | None] = mapped_column(unique=True)
    #: 序列, such as 管理, 技术, 操作
    family: Mapped[str] = mapped_column(server_default="", default="")
    active: Mapped[bool] = mapped_column(server_default=text("true"), default=True)
    created_at: Mapped[CreatedAt]
    import_id: Mapped[UUID | None]

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class Employee(TenantBase):
    """A person employed. What identifies them or reaches them is sealed; where they sit is in ``Assignment``."""

    __tablename__ = "records_employee"
    __table_args__ = (
        CheckConstraint("left_on IS NULL OR left_on >= hired_on", name="left_after_hired"),
        CheckConstraint(f"gender IS NULL OR {one_of('gender', GENDERS)}", name="gender"),
        CheckConstraint(one_of("status", EMPLOYMENT_STATUSES), name="status"),
        CheckConstraint(one_of("id_kind", ID_KINDS), name="id_kind"),
        CheckConstraint("number <> '' AND name <> ''", name="named"),
    )

    id: Mapped[PrimaryKey]
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    #: 工号
    number: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    gender: Mapped[str | None]
    birth_date: Mapped[date | None]
    hired_on: Mapped[date]
    #: the last day employed; NULL while employed
    left_on: Mapped[date | None]
    #: probation 试用, regular 正式, suspended 停薪留职; whether someone is still employed follows from the dates
    status: Mapped[str] = mapped_column(server_default="regular", default="regular")
    id_kind: Mapped[str] = mapped_column(server_default="resident", default="resident")

    id_number_ct: Mapped[bytes | None] = sealed_column()
    # a person is entered once; those without a number on file do not collide
    id_number_bidx: Mapped[bytes | None] = blind_column(unique=True)
    id_number = Sealed[str | None](
        "id_number_ct", field_class="identity", blind="id_number_bidx", normalise=ids.normalise
    )
    bank_account_ct: Mapped[bytes | None] = sealed_column()
    bank_account_bidx: Mapped[bytes | None] = blind_column()
    bank_account = Sealed[str | None](
        "bank_account_ct", field_class="identity", blind="bank_account_bidx", normalise=ids.normalise_bank_card
    )
    bank_name: Mapped[str] = mapped_column(server_default="", default="")
    mobile_ct: Mapped[bytes | None] = sealed_column()
    mobile_bidx: Mapped[bytes | None] = blind_column()
    mobile = Sealed[str | None]("mobile_ct", field_class="contact", blind="mobile_bidx", normalise=ids.normalise_mobile)
    email_ct: Mapped[bytes | None] = sealed_column()
    email = Sealed[str | None]("email_ct", field_class="contact")
    home_address_ct: Mapped[bytes | None] = sealed_column()
    home_address = Sealed[str | None]("home_address_ct", field_class="contact")

    created_at: Mapped[CreatedAt]
    #: the import that added the person
    import_id: Mapped[UUID | None]

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class Assignment(TenantBase):
    """任职: where a person works from ``valid_from`` to ``valid_to``. One at a time for each person."""

    __tablename__ = "records_assignment"
    __table_args__ = (
        *_no_overlap("records_assignment", "employee_id"),
        CheckConstraint("manager_id IS NULL OR manager_id <> employee_id", name="not_own_manager"),
        Index("ix_records_assignment_unit_id", "unit_id"),
        Index("ix_records_assignment_manager_id", "manager_id"),
    )

    id: Mapped[PrimaryKey]
    employee_id: Mapped[UUID] = mapped_column(ForeignKey("records_employee.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("records_unit.id"))
    position_id: Mapped[UUID | None] = mapped_column(ForeignKey("records_position.id"))
    manager_id: Mapped[UUID | None] = mapped_column(ForeignKey("records_employee.id"))
    legal_entity_id: Mapped[UUID] = mapped_column(ForeignKey("records_legal_entity.id"))
    #: where contributions are paid, such as 北京: the name without 市
    city: Mapped[str] = mapped_column(server_default="", default="")
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    #: why it changed: 入职, 调岗, 晋升 ... free text, shown in the history
    reason: Mapped[str] = mapped_column(server_default="", default="")
    import_id: Mapped[UUID | None]
    created_at: Mapped[CreatedAt]


class Import(TenantBase):
    """One uploaded spreadsheet on its way into the records. Its bytes are sealed, like the rows read from it."""

    __tablename__ = "records_import"
    __table_args__ = (CheckConstraint(one_of("state", IMPORT_STATES), name="state"),)

    id: Mapped[PrimaryKey]
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    state: Mapped[str] = mapped_column(server_default="staged", default="staged")
    created_at: Mapped[CreatedAt]
    created_by_id: Mapped[UUID | None]
    created_by_name: Mapped[str] = mapped_column(server_default="", default="")
    file_name: Mapped[str]
    file_bytes: Mapped[int]
    file_ct: Mapped[bytes | None] = sealed_column()
    #: sheet, header row, columns with their headings, notices: what reading the file found
    layout: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    #: which column is which field, and how rows meet people already here
    plan: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    #: figures by row state
    counts: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    job_id: Mapped[UUID | None]
    committed_at: Mapped[datetime | None]

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class ImportRow(TenantBase):
    """A row of an import: cells as read and as mended, its faults, and what is needed to undo it. All sealed."""

    __tablename__ = "records_import_row"
    __table_args__ = (
        UniqueConstraint("import_id", "row_number"),
        CheckConstraint(one_of("state", ROW_STATES), name="state"),
    )

    id: Mapped[PrimaryKey]
    import_id: Mapped[UUID] = mapped_column(ForeignKey("records_import.id", ondelete="CASCADE"))
    #: as the spreadsheet program shows it: the first row is 1
    row_number: Mapped[int]
    state: Mapped[str] = mapped_column(server_default="staged", default="staged")
    #: managers go before those who report to them
    commit_order: Mapped[int] = mapped_column(server_default="0", default=0)
    employee_id: Mapped[UUID | None]
    #: the employee's version right after the commit; another one later forbids the undo
    employee_version: Mapped[int | None]
    cells_ct: Mapped[bytes | None] = sealed_column()
    cells = Sealed[Any]("cells_ct", field_class="identity", codec=JSON)
    #: what the check made of the cells: normalised values and resolved ids, ready to be written
    values_ct: Mapped[bytes | None] = sealed_column()
    values = Sealed[Any]("values_ct", field_class="identity", codec=JSON)
    faults_ct: Mapped[bytes | None] = sealed_column()
    faults = Sealed[Any]("faults_ct", field_class="identity", codec=JSON)
    #: the person's values before an update
    before_ct: Mapped[bytes | None] = sealed_column()
    before = Sealed[Any]("before_ct", field_class="identity", codec=JSON)


MODELS: tuple[type[TenantBase], ...] = (
    LegalEntity,
    Unit,
    UnitPeriod,
    Position,
    Employee,
    Assignment,
    Import,
    ImportRow,
)
