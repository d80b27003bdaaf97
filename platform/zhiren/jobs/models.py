"""Tables of background work: what was asked for (``job_job``) and what still has to be handed out (``job_outbox``)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from zhiren.db.base import CreatedAt, PrimaryKey, TenantBase

STATES = ("queued", "running", "succeeded", "failed", "cancelled")
FINISHED = ("succeeded", "failed", "cancelled")


class Job(TenantBase):
    """One piece of background work and how it went. Kept as history; never holds personal data: ids only."""

    __tablename__ = "job_job"
    __table_args__ = (CheckConstraint("state IN ('queued','running','succeeded','failed','cancelled')", name="state"),)

    id: Mapped[PrimaryKey]
    name: Mapped[str]
    #: what tells this one from others of its name, for people: "2026年5月 上海工厂"
    label: Mapped[str] = mapped_column(default="", server_default="")
    #: the page that shows what the job works on
    url: Mapped[str] = mapped_column(default="", server_default="")
    args: Mapped[dict[str, Any]] = mapped_column(JSONB)
    #: idempotency key: asking twice with the same key is asking once
    key: Mapped[str | None] = mapped_column(unique=True)
    #: deliveries of events and the like: not shown unless they fail
    quiet: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    state: Mapped[str] = mapped_column(default="queued", server_default="queued")
    progress_done: Mapped[int] = mapped_column(default=0, server_default="0")
    progress_total: Mapped[int] = mapped_column(default=0, server_default="0")
    progress_note: Mapped[str] = mapped_column(default="", server_default="")
    cancel_requested: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    #: exceptions, and workers lost, since the job last made progress
    failures: Mapped[int] = mapped_column(default=0, server_default="0")
    losses: Mapped[int] = mapped_column(default=0, server_default="0")
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    error_code: Mapped[str] = mapped_column(default="", server_default="")
    error_message: Mapped[str] = mapped_column(default="", server_default="")
    requested_by_id: Mapped[UUID | None]
    requested_by_name: Mapped[str] = mapped_column(default="", server_default="")
    requested_by_employee_id: Mapped[UUID | None]
    request_id: Mapped[str] = mapped_column(default="", server_default="")
    locale: Mapped[str] = mapped_column(default="zh_CN", server_default="zh_CN")
    created_at: Mapped[CreatedAt]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class Outbox(TenantBase):
    """What has to be handed out, and when. A row lives until its job is finished, so that nothing else needs sweeping.

    ``due_at`` is when the relay hands the row out (again): at once when new, after a pause when it failed, when the
    hint in Redis must have been lost, or when the worker's lease runs out. A row is a job's or an event's.
    """

    __tablename__ = "job_outbox"
    __table_args__ = (
        CheckConstraint("(job_id IS NULL) <> (event IS NULL)", name="one_kind"),
        Index("ix_job_outbox_due_at", "due_at"),
    )

    id: Mapped[PrimaryKey]
    job_id: Mapped[UUID | None] = mapped_column(ForeignKey("job_job.id", ondelete="CASCADE"), unique=True)
    event: Mapped[str | None]
    payload: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    due_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    #: when it was last handed to Redis; empty while it waits
    handed_at: Mapped[datetime | None]
    #: who holds the job; a holder that lost the lease may not write any more
    lease: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]
