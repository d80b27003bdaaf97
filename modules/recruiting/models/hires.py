"""From the offer to the first day."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from modules.recruiting.shapes import Evidence, Package
from zhiren.crypto import JSON, Sealed, json_of, sealed_column
from zhiren.db.base import CreatedAt, PrimaryKey, TenantBase, one_of

OFFER_STATES = ("draft", "pending", "approved", "rejected", "sent", "accepted", "declined", "expired", "withdrawn")
ONBOARDING_STATES = ("preparing", "ready", "joined", "no_show", "cancelled")
TASK_KINDS = ("form", "paper", "task")
TASK_STATES = ("open", "handed_in", "returned", "done", "dropped")


class Offer(TenantBase):
    """录用通知: the package, its approval, the letter, and the answer with its evidence."""

    __tablename__ = "recruiting_offer"
    __table_args__ = (
        CheckConstraint(one_of("state", OFFER_STATES), name="state"),
        Index(
            "uq_recruiting_offer_live",
            "application_id",
            unique=True,
            postgresql_where=text("state IN ('draft', 'pending', 'approved', 'sent', 'accepted')"),
        ),
    )

    id: Mapped[PrimaryKey]
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    number: Mapped[str] = mapped_column(unique=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("recruiting_application.id"), index=True)
    state: Mapped[str] = mapped_column(server_default="draft", default="draft")
    title: Mapped[str]
    unit_id: Mapped[UUID]
    position_id: Mapped[UUID | None]
    legal_entity_id: Mapped[UUID | None]
    manager_id: Mapped[UUID | None]
    place: Mapped[str] = mapped_column(server_default="", default="")
    start_on: Mapped[date]
    probation_months: Mapped[int] = mapped_column(server_default="3", default=3)
    #: of the contract; None is without a fixed term
    contract_months: Mapped[int | None]
    package_ct: Mapped[bytes | None] = sealed_column()
    #: catalogue entry of the letter, and its language
    letter_id: Mapped[UUID | None]
    locale: Mapped[str] = mapped_column(server_default="zh_CN", default="zh_CN")
    #: the signed PDF in ``zhiren.files``
    file_id: Mapped[UUID | None]
    file_sha256: Mapped[str] = mapped_column(server_default="", default="")
    expires_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    evidence_ct: Mapped[bytes | None] = sealed_column()
    #: of the sealed evidence, told to the candidate: shows later that nothing was changed
    evidence_sha256: Mapped[str] = mapped_column(server_default="", default="")
    reason: Mapped[str] = mapped_column(server_default="", default="")
    created_by: Mapped[UUID | None]
    created_at: Mapped[CreatedAt]

    package = Sealed[Package | None]("package_ct", field_class="pay", codec=json_of(Package))
    evidence = Sealed[Evidence | None]("evidence_ct", field_class="contact", codec=json_of(Evidence))

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class Onboarding(TenantBase):
    """入职: from the accepted offer to the employee in records."""

    __tablename__ = "recruiting_onboarding"
    __table_args__ = (CheckConstraint(one_of("state", ONBOARDING_STATES), name="state"),)

    id: Mapped[PrimaryKey]
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    offer_id: Mapped[UUID] = mapped_column(ForeignKey("recruiting_offer.id"), unique=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("recruiting_application.id"), index=True)
    candidate_id: Mapped[UUID] = mapped_column(ForeignKey("recruiting_candidate.id"), index=True)
    state: Mapped[str] = mapped_column(server_default="preparing", default="preparing")
    start_on: Mapped[date]
    #: what the newcomer filled in: ID number, bank account, address, whom to call
    form_ct: Mapped[bytes | None] = sealed_column()
    #: the employee in records, once there is one
    employee_id: Mapped[UUID | None]
    owner_id: Mapped[UUID | None]
    created_at: Mapped[CreatedAt]
    ended_at: Mapped[datetime | None]

    form = Sealed[dict[str, Any] | None]("form_ct", field_class="identity", codec=JSON)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class Task(TenantBase):
    """Something to be done or handed in before the first day."""

    __tablename__ = "recruiting_task"
    __table_args__ = (
        CheckConstraint(one_of("kind", TASK_KINDS), name="kind"),
        CheckConstraint(one_of("state", TASK_STATES), name="state"),
        Index("ix_recruiting_task_onboarding_id", "onboarding_id", "sort"),
    )

    id: Mapped[PrimaryKey]
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    onboarding_id: Mapped[UUID] = mapped_column(ForeignKey("recruiting_onboarding.id"))
    kind: Mapped[str]
    #: "id_card", "diploma", "bank_card", "leaving_certificate", "health_check", "equipment", "accounts" or free
    code: Mapped[str]
    title: Mapped[str]
    guide: Mapped[str] = mapped_column(server_default="", default="")
    #: who does it: the newcomer, a role, or one person
    by_newcomer: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    role: Mapped[str] = mapped_column(server_default="", default="")
    user_id: Mapped[UUID | None]
    required: Mapped[bool] = mapped_column(server_default=text("true"), default=True)
    due_on: Mapped[date | None]
    state: Mapped[str] = mapped_column(server_default="open", default="open")
    #: why it was returned
    remark: Mapped[str] = mapped_column(server_default="", default="")
    file_id: Mapped[UUID | None]
    done_by: Mapped[UUID | None]
    done_at: Mapped[datetime | None]
    sort: Mapped[int] = mapped_column(server_default="100", default=100)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012
