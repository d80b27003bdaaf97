"""Tables of the calendar: what is booked, where people's other calendars are, meeting rooms, and how each person works.

Times are instants; a booking reaches from ``starts_at`` up to and without ``ends_at``.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, literal_column, text
from sqlalchemy.dialects.postgresql import JSONB, TSTZMULTIRANGE, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from zhiren.calendar.schemas import Access
from zhiren.crypto import Sealed, blind_column, json_of, sealed_column
from zhiren.db.base import CreatedAt, PrimaryKey, TenantBase, Version


class Room(TenantBase):
    """会议室. One that is no longer used is switched off, since bookings point to it."""

    __tablename__ = "calendar_room"
    __table_args__ = (
        CheckConstraint("name <> ''", name="named"),
        CheckConstraint("seats BETWEEN 1 AND 10000", name="seats"),
    )

    id: Mapped[PrimaryKey]
    version: Mapped[Version] = mapped_column()
    name: Mapped[str] = mapped_column(unique=True)
    place: Mapped[str] = mapped_column(server_default="", default="")
    seats: Mapped[int]
    active: Mapped[bool] = mapped_column(server_default=text("true"), default=True)
    created_at: Mapped[CreatedAt]

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class Feed(TenantBase):
    """How one person's days go (working hours), and the secret link by which their programs read their calendar here.

    Of the link only the SHA-256 is kept.
    """

    __tablename__ = "calendar_feed"

    id: Mapped[PrimaryKey]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("auth_user.id", ondelete="CASCADE"), unique=True)
    #: ``schemas.Hours`` as builtins; empty: the house's usual hours
    hours: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default="{}")
    token_hash: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    token_made_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]


class Source(TenantBase):
    """A calendar a person keeps elsewhere. Of it only *when* the person is busy is stored, never with what."""

    __tablename__ = "calendar_source"
    __table_args__ = (
        CheckConstraint("kind IN ('caldav', 'ics')", name="kind"),
        CheckConstraint("NOT write_back OR kind = 'caldav'", name="written_by_caldav"),
        Index(None, "user_id"),
    )

    id: Mapped[PrimaryKey]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("auth_user.id", ondelete="CASCADE"))
    kind: Mapped[str]
    name: Mapped[str]
    #: the address is a secret too: many calendars are read by whoever knows it
    access_ct: Mapped[bytes | None] = sealed_column()
    access = Sealed[Access]("access_ct", field_class="secret", codec=json_of(Access))
    #: accepted interviews are entered there
    write_back: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    busy: Mapped[Any | None] = mapped_column(TSTZMULTIRANGE)
    #: the last time it was read; ``busy`` is of then
    fetched_at: Mapped[datetime | None]
    tried_at: Mapped[datetime | None]
    #: why the last try failed: a word of ``sources.errors``; empty when it did not
    error: Mapped[str] = mapped_column(server_default="", default="")
    failures: Mapped[int] = mapped_column(server_default="0", default=0)
    created_at: Mapped[CreatedAt]


class Entry(TenantBase):
    """One booking of one person (or guest, or room); those of one meeting share ``about`` and ``uid``.

    Nobody and no room is booked twice at one time: the exclusion needs no extension, since a holder's hash, as a range
    of one value, is a type GiST knows. Two holders with one 64-bit hash would be refused overlapping bookings; among a
    million people the odds are one in 37 million.
    """

    __tablename__ = "calendar_entry"
    __table_args__ = (
        CheckConstraint("holder_kind IN ('user', 'guest', 'room')", name="holder_kind"),
        CheckConstraint("state IN ('booked', 'cancelled')", name="state"),
        CheckConstraint("answer IN ('', 'accepted', 'declined', 'tentative')", name="answer"),
        CheckConstraint("ends_at > starts_at", name="period"),
        UniqueConstraint("about_type", "about_id", "holder_id"),
        ExcludeConstraint(
            (
                literal_column("int8range(uuid_hash_extended(holder_id, 0), uuid_hash_extended(holder_id, 0), '[]')"),
                "=",
            ),
            (literal_column("tstzrange(starts_at, ends_at, '[)')"), "&&"),
            where=text("state = 'booked'"),
            using="gist",
            name="ex_calendar_entry_holder",
        ),
        Index(None, "holder_id", "starts_at"),
        Index(None, "uid"),
    )

    id: Mapped[PrimaryKey]
    about_type: Mapped[str]
    about_id: Mapped[UUID]
    #: of the meeting in everybody's calendar (RFC 5545, 3.8.4.7), and how often it was changed (3.8.7.4)
    uid: Mapped[str]
    sequence: Mapped[int] = mapped_column(server_default="0", default=0)
    holder_kind: Mapped[str]
    holder_id: Mapped[UUID]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(server_default="booked", default="booked")
    #: names people: "面试 王某 · 前端工程师"
    title_ct: Mapped[bytes | None] = sealed_column()
    title = Sealed[str]("title_ct", field_class="contact")
    place: Mapped[str] = mapped_column(server_default="", default="")
    #: the page here that says more
    path: Mapped[str] = mapped_column(server_default="", default="")
    #: where the invitation went: who answers is known by it
    mail_ct: Mapped[bytes | None] = sealed_column()
    mail_bidx: Mapped[bytes | None] = blind_column()
    mail = Sealed[str | None]("mail_ct", field_class="contact", blind="mail_bidx", normalise=str.lower)
    answer: Mapped[str] = mapped_column(server_default="", default="")
    answered_at: Mapped[datetime | None]
    #: another time, as the one invited proposed it
    counter_starts_at: Mapped[datetime | None]
    counter_ends_at: Mapped[datetime | None]
    #: where it stands in the person's own calendar
    written_source_id: Mapped[UUID | None]
    written_href: Mapped[str] = mapped_column(server_default="", default="")
    written_etag: Mapped[str] = mapped_column(server_default="", default="")
    written_sequence: Mapped[int | None]
    changed_at: Mapped[datetime]
    created_at: Mapped[CreatedAt]


MODELS: tuple[type[TenantBase], ...] = (Room, Feed, Source, Entry)
