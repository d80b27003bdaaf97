"""Interviews: when, where, with whom, and what each interviewer thought."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from zhiren.crypto import JSON, Sealed, sealed_column
from zhiren.db.base import CreatedAt, PrimaryKey, TenantBase, one_of

INTERVIEW_MODES = ("video", "onsite", "phone")
INTERVIEW_STATES = ("proposed", "booked", "done", "no_show", "cancelled")
QUEUE_STATES = ("", "waiting", "called", "seen", "missed")
VERDICTS = ("strong_yes", "yes", "no", "strong_no")


class Interview(TenantBase):
    """面试: one round of one application. ``uid`` and ``sequence`` are those of its calendar entry (RFC 5546)."""

    __tablename__ = "recruiting_interview"
    __table_args__ = (
        CheckConstraint(one_of("mode", INTERVIEW_MODES), name="mode"),
        CheckConstraint(one_of("state", INTERVIEW_STATES), name="state"),
        CheckConstraint(one_of("queue_state", QUEUE_STATES), name="queue_state"),
        CheckConstraint("ends_at IS NULL OR ends_at > starts_at", name="period"),
        CheckConstraint("state <> 'booked' OR starts_at IS NOT NULL", name="booked_when"),
        Index("ix_recruiting_interview_application_id", "application_id"),
        Index("ix_recruiting_interview_starts_at", "starts_at"),
        UniqueConstraint("queue_day", "queue_number"),
    )

    id: Mapped[PrimaryKey]
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    application_id: Mapped[UUID] = mapped_column(ForeignKey("recruiting_application.id"))
    #: code and name of the round in the job's plan
    round: Mapped[str]
    name: Mapped[str]
    mode: Mapped[str] = mapped_column(server_default="video", default="video")
    state: Mapped[str] = mapped_column(server_default="proposed", default="proposed")
    duration_min: Mapped[int] = mapped_column(server_default="45", default=45)
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    #: the candidate chooses until then
    choose_by: Mapped[datetime | None]
    place: Mapped[str] = mapped_column(server_default="", default="")
    room_id: Mapped[UUID | None]
    meet_room_id: Mapped[UUID | None]
    uid: Mapped[str] = mapped_column(unique=True)
    sequence: Mapped[int] = mapped_column(server_default="0", default=0)
    #: said to the candidate
    message: Mapped[str] = mapped_column(server_default="", default="")
    #: "", "accepted" or "declined", from the portal or a calendar's reply
    answer: Mapped[str] = mapped_column(server_default="", default="")
    moves_by_candidate: Mapped[int] = mapped_column(server_default="0", default=0)
    queue_day: Mapped[date | None]
    queue_number: Mapped[int | None]
    queue_state: Mapped[str] = mapped_column(server_default="", default="")
    queue_desk: Mapped[str] = mapped_column(server_default="", default="")
    planned_by: Mapped[UUID | None]
    created_at: Mapped[CreatedAt]
    reminded_at: Mapped[datetime | None]

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class Slot(TenantBase):
    """A time that may be chosen: by one candidate it was proposed to, or by any of a round whoever comes first.

    Booking is one UPDATE that finds ``interview_id`` empty; the unique constraint is the second lock.
    """

    __tablename__ = "recruiting_slot"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="period"),
        Index("ix_recruiting_slot_job_id_round_starts_at", "job_id", "round", "starts_at"),
    )

    id: Mapped[PrimaryKey]
    job_id: Mapped[UUID] = mapped_column(ForeignKey("recruiting_job.id"))
    round: Mapped[str]
    #: None: open to all who are asked to choose for this round
    proposed_to_id: Mapped[UUID | None] = mapped_column(ForeignKey("recruiting_interview.id"), index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    panel_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()), server_default="{}", default=list)
    room_id: Mapped[UUID | None]
    interview_id: Mapped[UUID | None] = mapped_column(ForeignKey("recruiting_interview.id"), unique=True)
    taken_at: Mapped[datetime | None]
    withdrawn: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    created_at: Mapped[CreatedAt]


class Panelist(TenantBase):
    """One interviewer of one interview, and the scorecard, which the others see once they have given theirs."""

    __tablename__ = "recruiting_panelist"
    __table_args__ = (
        UniqueConstraint("interview_id", "user_id"),
        CheckConstraint(f"verdict IS NULL OR {one_of('verdict', VERDICTS)}", name="verdict"),
        Index("ix_recruiting_panelist_user_id", "user_id"),
    )

    id: Mapped[PrimaryKey]
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    interview_id: Mapped[UUID] = mapped_column(ForeignKey("recruiting_interview.id"))
    user_id: Mapped[UUID]
    #: "interviewer", "lead" or "observer"; observers give no scorecard
    role: Mapped[str] = mapped_column(server_default="interviewer", default="interviewer")
    #: "", "accepted", "declined", "tentative"
    answer: Mapped[str] = mapped_column(server_default="", default="")
    verdict: Mapped[str | None]
    scores_ct: Mapped[bytes | None] = sealed_column()
    notes_ct: Mapped[bytes | None] = sealed_column()
    submitted_at: Mapped[datetime | None]

    #: criterion code -> 1 to 5
    scores = Sealed[dict[str, Any] | None]("scores_ct", field_class="contact", codec=JSON)
    #: what was written: {"summary": ..., "private": ...}
    notes = Sealed[dict[str, Any] | None]("notes_ct", field_class="contact", codec=JSON)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012
