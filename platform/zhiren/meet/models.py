"""Rooms, who may come in, and what happened there that may have to be shown later."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from zhiren.crypto import TEXT, Sealed, sealed_column
from zhiren.db.base import CreatedAt, PrimaryKey, TenantBase


class Room(TenantBase):
    """A meeting at a time. What was noted is about a person, and sealed."""

    __tablename__ = "meet_room"
    __table_args__ = (CheckConstraint("closes_at > opens_at", name="times"), Index(None, "about_type", "about_id"))
    id: Mapped[PrimaryKey]
    about_type: Mapped[str]
    about_id: Mapped[UUID]
    title: Mapped[str]
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    #: a host ended it before its time, or it was called off
    ended_at: Mapped[datetime | None]
    #: recordings are kept so many days
    keep_days: Mapped[int] = mapped_column(default=90, server_default="90")
    notes_ct: Mapped[bytes | None] = sealed_column()
    notes_version: Mapped[int] = mapped_column(default=0, server_default="0")
    #: the recording that runs, and whose browser makes it
    recording_id: Mapped[UUID | None]
    recorder_id: Mapped[UUID | None]
    created_at: Mapped[CreatedAt]

    notes = Sealed[str | None]("notes_ct", field_class="contact", codec=TEXT)


class Seat(TenantBase):
    """Somebody who may come in. ``consents`` is what they said of being recorded, None when nothing yet."""

    __tablename__ = "meet_member"
    __table_args__ = (
        UniqueConstraint("room_id", "kind", "person_id"),
        CheckConstraint("kind in ('user', 'guest')", name="kind"),
        CheckConstraint("role in ('host', 'guest', 'observer')", name="role"),
    )
    id: Mapped[PrimaryKey]
    room_id: Mapped[UUID] = mapped_column(ForeignKey("meet_room.id", ondelete="CASCADE"))
    kind: Mapped[str]
    person_id: Mapped[UUID]
    name: Mapped[str]
    role: Mapped[str]
    #: when a host let them in; hosts and observers need nobody to
    admitted_at: Mapped[datetime | None]
    consents: Mapped[bool | None]
    created_at: Mapped[CreatedAt]


class Event(TenantBase):
    """What happened: evidence of who was there and who agreed to what; and the chat."""

    __tablename__ = "meet_event"
    __table_args__ = (
        CheckConstraint(
            "kind in ('joined', 'admitted', 'left', 'consented', 'declined', 'recording', 'stopped', 'erased', "
            "'ended', 'said')",
            name="kind",
        ),
        Index(None, "room_id", "id"),
    )
    id: Mapped[PrimaryKey]
    room_id: Mapped[UUID] = mapped_column(ForeignKey("meet_room.id", ondelete="CASCADE"))
    seat_id: Mapped[UUID | None] = mapped_column(ForeignKey("meet_member.id", ondelete="SET NULL"))
    kind: Mapped[str]
    recording_id: Mapped[UUID | None]
    text_ct: Mapped[bytes | None] = sealed_column()
    ip: Mapped[str] = mapped_column(default="", server_default="")
    user_agent: Mapped[str] = mapped_column(default="", server_default="")
    created_at: Mapped[CreatedAt]

    text = Sealed[str | None]("text_ct", field_class="contact", codec=TEXT)


MODELS: tuple[type[TenantBase], ...] = (Room, Seat, Event)
