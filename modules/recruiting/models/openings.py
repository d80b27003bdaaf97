"""What a company looks for and where it looks: headcount, requisitions, jobs, channels, agencies, campus batches."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from zhiren.crypto import INT, Sealed, blind_column, sealed_column
from zhiren.db.base import CreatedAt, PrimaryKey, TenantBase, one_of

REQUISITION_STATES = ("draft", "pending", "approved", "rejected", "withdrawn", "closed")
REQUISITION_REASONS = ("new", "replacement", "project")
JOB_STATES = ("draft", "open", "paused", "closed")
EMPLOYMENT_TYPES = ("full_time", "part_time", "intern", "contractor")
HIRE_MODES = ("social", "campus", "internal")
CHANNEL_KINDS = ("site", "referral", "agency", "board", "campus", "mail", "event", "sourced")
#: the customer's own lists, versions included
CATALOGUE_KINDS = (
    "reason",  # why an application ended
    "message",  # texts HR writes again and again
    "letter",  # offer letters
    "tasks",  # onboarding plans
    "consent",  # what candidates agree to, a version each
    "search",  # saved searches of the talent pool
    "settings",  # one row: retention, referral rules, mailbox
)


class Headcount(TenantBase):
    """编制: how many people a unit may have in a position in a year."""

    __tablename__ = "recruiting_headcount"
    __table_args__ = (
        UniqueConstraint("unit_id", "position_id", "year", postgresql_nulls_not_distinct=True),
        CheckConstraint("planned >= 0", name="planned"),
    )

    id: Mapped[PrimaryKey]
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    unit_id: Mapped[UUID]
    position_id: Mapped[UUID | None]
    year: Mapped[int] = mapped_column(SmallInteger)
    planned: Mapped[int]
    note: Mapped[str] = mapped_column(server_default="", default="")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class Requisition(TenantBase):
    """用人需求: a manager's wish for people, approved before a job opens."""

    __tablename__ = "recruiting_requisition"
    __table_args__ = (
        CheckConstraint(one_of("state", REQUISITION_STATES), name="state"),
        CheckConstraint(one_of("reason", REQUISITION_REASONS), name="reason"),
        CheckConstraint("headcount > 0", name="headcount"),
    )

    id: Mapped[PrimaryKey]
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    #: R2026-0001, in the order of asking
    number: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    unit_id: Mapped[UUID]
    position_id: Mapped[UUID | None]
    headcount: Mapped[int]
    reason: Mapped[str] = mapped_column(default="new")
    #: who leaves, when somebody is replaced
    replaces_id: Mapped[UUID | None]
    city: Mapped[str] = mapped_column(server_default="", default="")
    employment_type: Mapped[str] = mapped_column(server_default="full_time", default="full_time")
    target_date: Mapped[date | None]
    justification: Mapped[str] = mapped_column(server_default="", default="")
    salary_min_fen_ct: Mapped[bytes | None] = sealed_column()
    salary_max_fen_ct: Mapped[bytes | None] = sealed_column()
    state: Mapped[str] = mapped_column(server_default="draft", default="draft")
    requester_id: Mapped[UUID]
    created_at: Mapped[CreatedAt]
    decided_at: Mapped[datetime | None]

    #: a month's pay, from and to
    salary_min_fen = Sealed[int | None]("salary_min_fen_ct", field_class="pay", codec=INT)
    salary_max_fen = Sealed[int | None]("salary_max_fen_ct", field_class="pay", codec=INT)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class Batch(TenantBase):
    """招聘批次: a campus season or a hiring day."""

    __tablename__ = "recruiting_batch"
    __table_args__ = (CheckConstraint("ends_on >= starts_on", name="period"),)

    id: Mapped[PrimaryKey]
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    name: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str] = mapped_column(server_default="campus", default="campus")
    school: Mapped[str] = mapped_column(server_default="", default="")
    city: Mapped[str] = mapped_column(server_default="", default="")
    place: Mapped[str] = mapped_column(server_default="", default="")
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    active: Mapped[bool] = mapped_column(server_default=text("true"), default=True)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class Job(TenantBase):
    """职位: what is open, who hires for it, and how people go through it."""

    __tablename__ = "recruiting_job"
    __table_args__ = (
        CheckConstraint(one_of("state", JOB_STATES), name="state"),
        CheckConstraint(one_of("employment_type", EMPLOYMENT_TYPES), name="employment_type"),
        CheckConstraint(one_of("hire_mode", HIRE_MODES), name="hire_mode"),
        CheckConstraint("headcount > 0", name="headcount"),
    )

    id: Mapped[PrimaryKey]
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    number: Mapped[str] = mapped_column(unique=True)
    #: in the address of its public page; never used again for another job
    slug: Mapped[str] = mapped_column(unique=True)
    requisition_id: Mapped[UUID | None] = mapped_column(ForeignKey("recruiting_requisition.id"))
    batch_id: Mapped[UUID | None] = mapped_column(ForeignKey("recruiting_batch.id"))
    title: Mapped[str]
    unit_id: Mapped[UUID]
    position_id: Mapped[UUID | None]
    legal_entity_id: Mapped[UUID | None]
    city: Mapped[str] = mapped_column(server_default="", default="")
    address: Mapped[str] = mapped_column(server_default="", default="")
    employment_type: Mapped[str] = mapped_column(server_default="full_time", default="full_time")
    hire_mode: Mapped[str] = mapped_column(server_default="social", default="social")
    headcount: Mapped[int] = mapped_column(server_default="1", default=1)
    duties: Mapped[str] = mapped_column(server_default="", default="")
    requirements: Mapped[str] = mapped_column(server_default="", default="")
    benefits: Mapped[str] = mapped_column(server_default="", default="")
    salary_min_fen_ct: Mapped[bytes | None] = sealed_column()
    salary_max_fen_ct: Mapped[bytes | None] = sealed_column()
    #: what the public page says of pay, in the customer's words; empty says nothing
    salary_text: Mapped[str] = mapped_column(server_default="", default="")
    state: Mapped[str] = mapped_column(server_default="draft", default="draft")
    #: shown on the career site, or reached by its link alone
    listed: Mapped[bool] = mapped_column(server_default=text("true"), default=True)
    opened_on: Mapped[date | None]
    closes_on: Mapped[date | None]
    closed_on: Mapped[date | None]
    target_date: Mapped[date | None]
    #: users: who answers for it, the manager who hires, and recruiters; interviewers stand in ``rounds``
    owner_id: Mapped[UUID]
    manager_id: Mapped[UUID | None]
    recruiter_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()), server_default="{}", default=list)
    #: agencies that may propose people
    agency_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()), server_default="{}", default=list)
    #: lists of the structs in ``shapes``
    stages: Mapped[list[Any]] = mapped_column(JSONB)
    questions: Mapped[list[Any]] = mapped_column(JSONB, server_default="[]", default=list)
    rules: Mapped[list[Any]] = mapped_column(JSONB, server_default="[]", default=list)
    rounds: Mapped[list[Any]] = mapped_column(JSONB, server_default="[]", default=list)
    #: reward of a referral that is hired, in fen; 0 for none
    referral_reward_fen: Mapped[int] = mapped_column(server_default="0", default=0)
    created_at: Mapped[CreatedAt]

    salary_min_fen = Sealed[int | None]("salary_min_fen_ct", field_class="pay", codec=INT)
    salary_max_fen = Sealed[int | None]("salary_max_fen_ct", field_class="pay", codec=INT)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class Channel(TenantBase):
    """渠道: where applications come from. ``code`` stands in tracked links."""

    __tablename__ = "recruiting_channel"
    __table_args__ = (CheckConstraint(one_of("kind", CHANNEL_KINDS), name="kind"),)

    id: Mapped[PrimaryKey]
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    name: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    code: Mapped[str] = mapped_column(unique=True)
    #: month "2026-09" -> fen spent
    costs: Mapped[dict[str, int]] = mapped_column(JSONB, server_default="{}", default=dict)
    visits: Mapped[int] = mapped_column(server_default="0", default=0)
    active: Mapped[bool] = mapped_column(server_default=text("true"), default=True)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class Agency(TenantBase):
    """猎头: a firm that proposes people, and owns whom it brought for ``ownership_days``."""

    __tablename__ = "recruiting_agency"
    __table_args__ = (CheckConstraint("ownership_days BETWEEN 0 AND 1095", name="ownership_days"),)

    id: Mapped[PrimaryKey]
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    name: Mapped[str] = mapped_column(unique=True)
    terms: Mapped[str] = mapped_column(server_default="", default="")
    ownership_days: Mapped[int] = mapped_column(server_default="180", default=180)
    active: Mapped[bool] = mapped_column(server_default=text("true"), default=True)
    created_at: Mapped[CreatedAt]

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class AgencyMember(TenantBase):
    """A person of an agency; logs in at the agencies' portal by a code sent to the mail address."""

    __tablename__ = "recruiting_agency_member"

    id: Mapped[PrimaryKey]
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("recruiting_agency.id"))
    name: Mapped[str]
    mail_ct: Mapped[bytes | None] = sealed_column()
    mail_bidx: Mapped[bytes | None] = blind_column(unique=True)
    active: Mapped[bool] = mapped_column(server_default=text("true"), default=True)
    created_at: Mapped[CreatedAt]

    mail = Sealed[str]("mail_ct", field_class="contact", blind="mail_bidx", normalise=str.lower)


class CatalogueEntry(TenantBase):
    """A row of one of the customer's own lists: reasons, texts, letters, task plans, consent texts, searches."""

    __tablename__ = "recruiting_catalogue"
    __table_args__ = (
        CheckConstraint(one_of("kind", CATALOGUE_KINDS), name="kind"),
        UniqueConstraint("kind", "code", "edition"),
        Index("ix_recruiting_catalogue_kind", "kind", "sort"),
    )

    id: Mapped[PrimaryKey]
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    kind: Mapped[str]
    code: Mapped[str]
    #: counts the versions of a text that people agreed to; 1 where old versions do not matter
    edition: Mapped[int] = mapped_column(server_default="1", default=1)
    name: Mapped[str]
    data: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}", default=dict)
    #: passwords of mailboxes and the like
    secret_ct: Mapped[bytes | None] = sealed_column()
    owner_id: Mapped[UUID | None]
    sort: Mapped[int] = mapped_column(server_default="100", default=100)
    active: Mapped[bool] = mapped_column(server_default=text("true"), default=True)
    created_at: Mapped[CreatedAt]

    secret = Sealed[str | None]("secret_ct", field_class="secret")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012
