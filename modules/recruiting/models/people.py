"""Candidates: who they are, what they sent, where they stand, what happened, and what they agreed to.

Mobile, mail, ID number, wishes of pay, parsed documents and notes are sealed. Name, city, school, employers and skills
are not: they are searched. The text for search is kept without numbers that reach the person.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Numeric, Text, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from modules.recruiting.shapes import DEGREES
from zhiren.crypto import INT, JSON, Sealed, blind_column, sealed_column
from zhiren.db.base import CreatedAt, PrimaryKey, TenantBase, one_of

APPLICATION_STATES = ("active", "set_aside", "on_hold", "rejected", "withdrawn", "hired")
RESUME_STATES = ("waiting", "parsed", "checked", "failed")
EVENT_KINDS = (
    "applied",
    "moved",
    "screened",
    "set_aside",
    "restored",
    "rejected",
    "withdrew",
    "hired",
    "note",
    "message",
    "tagged",
    "merged",
    "resume",
    "interview",
    "scorecard",
    "offer",
    "onboarding",
    "survey",
    "consent",
    "corrected",
    "referral",
    "checked_in",
)


class Candidate(TenantBase):
    """A person who may come to work here."""

    __tablename__ = "recruiting_candidate"
    __table_args__ = (
        CheckConstraint(one_of("degree", DEGREES), name="degree"),
        Index("ix_recruiting_candidate_search", "search", postgresql_using="gin"),
        Index("ix_recruiting_candidate_tags", "tags", postgresql_using="gin"),
        Index("ix_recruiting_candidate_created_at", "created_at"),
        Index("ix_recruiting_candidate_keep_until", "keep_until"),
    )

    id: Mapped[PrimaryKey]
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    name: Mapped[str]
    mobile_ct: Mapped[bytes | None] = sealed_column()
    mobile_bidx: Mapped[bytes | None] = blind_column()
    mail_ct: Mapped[bytes | None] = sealed_column()
    mail_bidx: Mapped[bytes | None] = blind_column()
    id_number_ct: Mapped[bytes | None] = sealed_column()
    id_number_bidx: Mapped[bytes | None] = blind_column()
    salary_wish_fen_ct: Mapped[bytes | None] = sealed_column()
    gender: Mapped[str] = mapped_column(server_default="", default="")
    born_on: Mapped[date | None] = mapped_column(Date)
    city: Mapped[str] = mapped_column(server_default="", default="")
    degree: Mapped[str] = mapped_column(server_default="", default="")
    school: Mapped[str] = mapped_column(server_default="", default="")
    major: Mapped[str] = mapped_column(server_default="", default="")
    employer: Mapped[str] = mapped_column(server_default="", default="")
    title: Mapped[str] = mapped_column(server_default="", default="")
    #: of work, with one decimal; None where not known
    years: Mapped[float | None] = mapped_column(Numeric(4, 1, asdecimal=False))
    #: ``shapes.Profile``
    profile: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}", default=dict)
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text()), server_default="{}", default=list)
    #: characters and pairs of characters of everything that may be searched (``rules.search``)
    search: Mapped[Any] = mapped_column(TSVECTOR, server_default=text("''::tsvector"), deferred=True)
    #: in the talent pool since; None is not in it
    pooled_at: Mapped[datetime | None]
    channel_id: Mapped[UUID | None] = mapped_column(ForeignKey("recruiting_channel.id"))
    #: whose introduction it is, and until when
    agency_id: Mapped[UUID | None] = mapped_column(ForeignKey("recruiting_agency.id"))
    owned_until: Mapped[date | None]
    locale: Mapped[str] = mapped_column(server_default="zh_CN", default="zh_CN")
    #: the person's data are erased after this day
    keep_until: Mapped[date]
    #: the one they were merged into
    merged_into_id: Mapped[UUID | None] = mapped_column(ForeignKey("recruiting_candidate.id"))
    created_at: Mapped[CreatedAt]

    mobile = Sealed[str | None]("mobile_ct", field_class="contact", blind="mobile_bidx")
    mail = Sealed[str | None]("mail_ct", field_class="contact", blind="mail_bidx", normalise=str.lower)
    id_number = Sealed[str | None]("id_number_ct", field_class="identity", blind="id_number_bidx", normalise=str.upper)
    #: a month's
    salary_wish_fen = Sealed[int | None]("salary_wish_fen_ct", field_class="pay", codec=INT)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class Resume(TenantBase):
    """简历: one document, what was read from it, and what people corrected."""

    __tablename__ = "recruiting_resume"
    __table_args__ = (
        CheckConstraint(one_of("state", RESUME_STATES), name="state"),
        # the same file once in a batch, however often it is sent
        UniqueConstraint("batch_id", "digest_bidx"),
    )

    id: Mapped[PrimaryKey]
    #: None until it is known whose it is
    candidate_id: Mapped[UUID | None] = mapped_column(ForeignKey("recruiting_candidate.id"), index=True)
    job_id: Mapped[UUID | None] = mapped_column(ForeignKey("recruiting_job.id"))
    file_id: Mapped[UUID | None]
    #: "portal", "upload", "mail", "paste", "agency", "referral"
    source: Mapped[str]
    channel_id: Mapped[UUID | None]
    state: Mapped[str] = mapped_column(server_default="waiting", default="waiting")
    error: Mapped[str] = mapped_column(server_default="", default="")
    #: what the parser read, with confidence
    parsed_ct: Mapped[bytes | None] = sealed_column()
    added_by: Mapped[UUID | None]
    #: of the files sent together
    batch_id: Mapped[UUID | None]
    #: blind index of the file's SHA-256
    digest_bidx: Mapped[bytes | None] = blind_column()
    #: Message-ID of the mail it came with
    mail_id: Mapped[str | None] = mapped_column(index=True)
    #: what became of it: ``shapes.Outcome``
    outcome: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}", default=dict)
    created_at: Mapped[CreatedAt]

    parsed = Sealed[dict[str, Any] | None]("parsed_ct", field_class="contact", codec=JSON)


class Application(TenantBase):
    """应聘: one person for one job."""

    __tablename__ = "recruiting_application"
    __table_args__ = (
        CheckConstraint(one_of("state", APPLICATION_STATES), name="state"),
        Index(
            "uq_recruiting_application_live",
            "candidate_id",
            "job_id",
            unique=True,
            postgresql_where=text("state IN ('active', 'set_aside', 'on_hold')"),
        ),
        Index("ix_recruiting_application_job_id_state", "job_id", "state"),
        Index("ix_recruiting_application_candidate_id", "candidate_id"),
    )

    id: Mapped[PrimaryKey]
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    candidate_id: Mapped[UUID] = mapped_column(ForeignKey("recruiting_candidate.id"))
    job_id: Mapped[UUID] = mapped_column(ForeignKey("recruiting_job.id"))
    resume_id: Mapped[UUID | None] = mapped_column(ForeignKey("recruiting_resume.id"))
    #: code of the job's stage; it stays where it was when the application ends
    stage: Mapped[str]
    stage_kind: Mapped[str]
    stage_since: Mapped[datetime] = mapped_column(server_default=func.now())
    state: Mapped[str] = mapped_column(server_default="active", default="active")
    #: order on the board within its stage, small first
    rank: Mapped[int] = mapped_column(server_default="0", default=0)
    channel_id: Mapped[UUID | None] = mapped_column(ForeignKey("recruiting_channel.id"))
    agency_id: Mapped[UUID | None] = mapped_column(ForeignKey("recruiting_agency.id"))
    #: the employee who referred, and what became of the reward
    referrer_id: Mapped[UUID | None]
    reward_state: Mapped[str] = mapped_column(server_default="", default="")
    batch_id: Mapped[UUID | None] = mapped_column(ForeignKey("recruiting_batch.id"))
    #: question code -> answer
    answers: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}", default=dict)
    #: list of ``shapes.Finding`` of the last screening
    findings: Mapped[list[Any]] = mapped_column(JSONB, server_default="[]", default=list)
    #: catalogue code of the reason it ended for
    reason: Mapped[str] = mapped_column(server_default="", default="")
    #: what HR chose to tell the candidate, shown in the portal
    feedback: Mapped[str] = mapped_column(server_default="", default="")
    applied_at: Mapped[CreatedAt]
    ended_at: Mapped[datetime | None]

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class TimelineEvent(TenantBase):
    """Something that happened to a candidate. ``data`` holds codes and figures; words about the person are sealed."""

    __tablename__ = "recruiting_event"
    __table_args__ = (
        CheckConstraint(one_of("kind", EVENT_KINDS), name="kind"),
        Index("ix_recruiting_event_candidate_id_at", "candidate_id", "at"),
        Index("ix_recruiting_event_kind_at", "kind", "at"),
    )

    id: Mapped[PrimaryKey]
    candidate_id: Mapped[UUID] = mapped_column(ForeignKey("recruiting_candidate.id"))
    application_id: Mapped[UUID | None] = mapped_column(ForeignKey("recruiting_application.id"), index=True)
    kind: Mapped[str]
    data: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}", default=dict)
    note_ct: Mapped[bytes | None] = sealed_column()
    #: "user", "guest", "job" or "system", and the name at that time
    actor_kind: Mapped[str] = mapped_column(server_default="system", default="system")
    actor_id: Mapped[UUID | None]
    actor_name: Mapped[str] = mapped_column(server_default="", default="")
    at: Mapped[CreatedAt]

    note = Sealed[str | None]("note_ct", field_class="contact")


class Merge(TenantBase):
    """Two candidates made one, with all that is needed to part them again."""

    __tablename__ = "recruiting_merge"

    id: Mapped[PrimaryKey]
    kept_id: Mapped[UUID] = mapped_column(ForeignKey("recruiting_candidate.id"), index=True)
    merged_id: Mapped[UUID] = mapped_column(ForeignKey("recruiting_candidate.id"))
    before_ct: Mapped[bytes | None] = sealed_column()
    merged_by: Mapped[UUID | None]
    merged_at: Mapped[CreatedAt]
    undone_at: Mapped[datetime | None]

    #: both rows' fields and the ids of what moved
    before = Sealed[dict[str, Any] | None]("before_ct", field_class="contact", codec=JSON)


class Consent(TenantBase):
    """What a candidate agreed to, by purpose and edition of the text (PIPL 13 to 17, 23, 29)."""

    __tablename__ = "recruiting_consent"
    __table_args__ = (UniqueConstraint("candidate_id", "purpose", "edition", "given_at"),)

    id: Mapped[PrimaryKey]
    candidate_id: Mapped[UUID] = mapped_column(ForeignKey("recruiting_candidate.id"))
    #: "recruiting", "talent_pool", "recording"
    purpose: Mapped[str]
    edition: Mapped[int]
    text_sha256: Mapped[str]
    given_at: Mapped[CreatedAt]
    withdrawn_at: Mapped[datetime | None]
    ip: Mapped[str] = mapped_column(server_default="", default="")


class Erasure(TenantBase):
    """Proof that a candidate's data are gone: whose is known only by a keyed hash of the id."""

    __tablename__ = "recruiting_erasure"

    id: Mapped[PrimaryKey]
    #: blind index of the candidate's id: answers "was this person erased", tells nobody who it was
    subject_bidx: Mapped[bytes | None] = blind_column()
    #: "asked" by the person, "expired", "admin"
    cause: Mapped[str]
    #: table -> rows removed or emptied
    counts: Mapped[dict[str, int]] = mapped_column(JSONB)
    sha256: Mapped[str]
    erased_at: Mapped[CreatedAt]
