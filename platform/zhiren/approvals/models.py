"""Flows and their versions, cases and the signatures they wait for, and who signs for whom while away."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from zhiren.crypto import JSON, Sealed, sealed_column
from zhiren.db.base import CreatedAt, PrimaryKey, TenantBase, Version


class Flow(TenantBase):
    """How one kind of request is approved: the draft being drawn; what is in force is the newest version."""

    __tablename__ = "approval_flow"
    __table_args__ = (UniqueConstraint("kind"),)
    id: Mapped[PrimaryKey]
    kind: Mapped[str]
    draft: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    created_at: Mapped[CreatedAt]
    version: Mapped[Version] = mapped_column()
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class FlowVersion(TenantBase):
    """A flow as it was published. Never changed: cases that began with it end with it."""

    __tablename__ = "approval_version"
    __table_args__ = (UniqueConstraint("flow_id", "number"),)
    id: Mapped[PrimaryKey]
    flow_id: Mapped[UUID] = mapped_column(ForeignKey("approval_flow.id"))
    number: Mapped[int]
    document: Mapped[dict[str, Any]] = mapped_column(JSONB)
    published_by_id: Mapped[UUID | None]
    published_by_name: Mapped[str] = mapped_column(default="", server_default="")
    created_at: Mapped[CreatedAt]


class Case(TenantBase):
    """One request on its way. Its facts are sealed: pay may be among them."""

    __tablename__ = "approval_case"
    __table_args__ = (
        CheckConstraint("state in ('running', 'approved', 'rejected', 'withdrawn')", name="state"),
        # a thing is asked for once at a time
        Index(
            "uq_approval_case_running", "kind", "subject_id", unique=True, postgresql_where=text("state = 'running'")
        ),
        Index(None, "kind", "subject_id", "id"),
        Index(None, "requested_by_id", "id"),
    )
    id: Mapped[PrimaryKey]
    kind: Mapped[str]
    subject_id: Mapped[UUID]
    title: Mapped[str]
    #: the page of what is asked for
    path: Mapped[str] = mapped_column(default="", server_default="")
    state: Mapped[str] = mapped_column(default="running", server_default="running")
    #: empty: the built-in flow
    version_id: Mapped[UUID | None] = mapped_column(ForeignKey("approval_version.id"))
    own_request: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    facts_ct: Mapped[bytes | None] = sealed_column()
    requested_by_id: Mapped[UUID | None]
    requested_by_employee_id: Mapped[UUID | None]
    requested_by_name: Mapped[str] = mapped_column(default="", server_default="")
    created_at: Mapped[CreatedAt]
    decided_at: Mapped[datetime | None]

    facts = Sealed[dict[str, Any] | None]("facts_ct", field_class="pay", codec=JSON)


class Task(TenantBase):
    """One signature. It is a person's, or anybody's who holds ``role``.

    ``stage`` follows stage; the steps of a stage run side by side; the lanes of a step are its signers, taken as
    ``mode`` says; ``turn`` orders who was added before or after a signer within the lane.
    """

    __tablename__ = "approval_task"
    __table_args__ = (
        CheckConstraint(
            "state in ('planned', 'waiting', 'approved', 'rejected', 'handed_over', 'skipped', 'dropped')", name="state"
        ),
        CheckConstraint("mode in ('all', 'any', 'sequential')", name="mode"),
        CheckConstraint("signer_id is not null or role <> '' or state = 'skipped'", name="somebody"),
        Index(None, "case_id"),
        Index(None, "signer_id", postgresql_where=text("state = 'waiting'")),
        Index(None, "principal_id", postgresql_where=text("state = 'waiting'")),
        Index(None, "role", postgresql_where=text("state = 'waiting' and role <> ''")),
        Index(None, "escalate_at", postgresql_where=text("state = 'waiting'")),
        Index(None, "acted_by_id", "acted_at"),
    )
    id: Mapped[PrimaryKey]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("approval_case.id", ondelete="CASCADE"))
    stage: Mapped[int]
    step: Mapped[int]
    step_name: Mapped[str] = mapped_column(default="", server_default="")
    mode: Mapped[str]
    lane: Mapped[int]
    turn: Mapped[int] = mapped_column(default=0, server_default="0")
    state: Mapped[str] = mapped_column(default="planned", server_default="planned")
    signer_id: Mapped[UUID | None]
    signer_name: Mapped[str] = mapped_column(default="", server_default="")
    role: Mapped[str] = mapped_column(default="", server_default="")
    #: who is away and is signed for
    principal_id: Mapped[UUID | None]
    principal_name: Mapped[str] = mapped_column(default="", server_default="")
    #: why this person signs, as a code, and whom it was about
    note: Mapped[str] = mapped_column(default="", server_default="")
    note_name: Mapped[str] = mapped_column(default="", server_default="")
    escalate_h: Mapped[int] = mapped_column(default=0, server_default="0")
    escalate_at: Mapped[datetime | None]
    waiting_since: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    acted_by_id: Mapped[UUID | None]
    acted_by_name: Mapped[str] = mapped_column(default="", server_default="")
    acted_at: Mapped[datetime | None]
    by_link: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    comment_ct: Mapped[bytes | None] = sealed_column()
    created_at: Mapped[CreatedAt]

    #: what was said about people
    comment = Sealed[str | None]("comment_ct", field_class="contact")


class Delegation(TenantBase):
    """Who signs for whom, from day to day, both included."""

    __tablename__ = "approval_delegation"
    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="period"),
        CheckConstraint("to_id <> user_id", name="somebody_else"),
        Index(None, "user_id", "ends_on"),
    )
    id: Mapped[PrimaryKey]
    user_id: Mapped[UUID]
    user_name: Mapped[str]
    to_id: Mapped[UUID]
    to_name: Mapped[str]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    revoked_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]


MODELS: tuple[type[TenantBase], ...] = (Flow, FlowVersion, Case, Task, Delegation)
