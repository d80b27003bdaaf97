"""Messages, their wording, the channels they go by, and where people want to be reached."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from zhiren.crypto import JSON, TEXT, Sealed, blind_column, sealed_column
from zhiren.crypto.sealed import json_of
from zhiren.db.base import CreatedAt, PrimaryKey, TenantBase, Version
from zhiren.notices.schemas import Content, Enclosure


class Message(TenantBase):
    """One notice on one channel. Text and address are sealed; what a timeline needs is not.

    ``waiting`` is a message whose channel has no provider yet: it goes out when there is one.
    """

    __tablename__ = "notice_message"
    __table_args__ = (
        CheckConstraint("channel in ('inapp', 'mail', 'sms', 'im', 'push')", name="channel"),
        CheckConstraint(
            "state in ('queued', 'waiting', 'sent', 'bounced', 'failed', 'expired', 'skipped')", name="state"
        ),
        # nothing twice: the same occasion, channel and recipient are one message
        UniqueConstraint("kind", "key", "channel", "recipient_key"),
        Index(None, "about_type", "about_id"),
        Index(None, "recipient_key", "id", postgresql_where=text("channel = 'inapp'")),
        Index(None, "channel", postgresql_where=text("state = 'waiting'")),
    )
    id: Mapped[PrimaryKey]
    kind: Mapped[str]
    key: Mapped[str]
    channel: Mapped[str]
    about_type: Mapped[str]
    about_id: Mapped[UUID]
    recipient_kind: Mapped[str]
    recipient_id: Mapped[UUID | None]
    #: kind and id, or a blind index of the address: whose message it is, without telling the address
    recipient_key: Mapped[str]
    recipient_name: Mapped[str]
    locale: Mapped[str]
    address_ct: Mapped[bytes | None] = sealed_column()
    content_ct: Mapped[bytes] = sealed_column(nullable=False)
    enclosure_ct: Mapped[bytes | None] = sealed_column()
    urgent: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    state: Mapped[str] = mapped_column(default="queued", server_default="queued")
    #: counts the jobs asked for; a job of an earlier attempt does nothing
    attempt: Mapped[int] = mapped_column(default=0, server_default="0")
    #: tries that failed, which the pauses between tries grow with
    failures: Mapped[int] = mapped_column(default=0, server_default="0")
    #: not before this moment: a pause after a failure, or quiet hours
    due_at: Mapped[datetime | None]
    #: no later than this moment
    expires_at: Mapped[datetime | None]
    #: a stable code of what went wrong, and what the other side said
    problem: Mapped[str] = mapped_column(default="", server_default="")
    problem_detail: Mapped[str] = mapped_column(default="", server_default="")
    #: the other side's name for the message: Message-ID, msgid, task id
    external_id: Mapped[str] = mapped_column(default="", server_default="")
    sent_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]

    address = Sealed[str | None]("address_ct", field_class="contact", codec=TEXT)
    content = Sealed[Content]("content_ct", field_class="contact", codec=json_of(Content))
    enclosure = Sealed[Enclosure | None]("enclosure_ct", field_class="contact", codec=json_of(Enclosure))


class Template(TenantBase):
    """A customer's own words for a kind of notice in one language."""

    __tablename__ = "notice_template"
    __table_args__ = (UniqueConstraint("kind", "locale"),)
    id: Mapped[PrimaryKey]
    kind: Mapped[str]
    locale: Mapped[str]
    subject: Mapped[str]
    body: Mapped[str]
    short: Mapped[str] = mapped_column(default="", server_default="")
    created_at: Mapped[CreatedAt]
    version: Mapped[Version] = mapped_column()
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class ChannelSetting(TenantBase):
    """How a customer's messages leave on one channel; ``quiet`` holds the hours of rest. Settings are sealed whole:
    passwords and secrets are among them."""

    __tablename__ = "notice_channel"
    __table_args__ = (
        UniqueConstraint("channel"),
        CheckConstraint("channel in ('mail', 'sms', 'im', 'push', 'quiet')", name="channel"),
    )
    id: Mapped[PrimaryKey]
    channel: Mapped[str]
    provider: Mapped[str] = mapped_column(default="", server_default="")
    settings_ct: Mapped[bytes | None] = sealed_column()
    created_at: Mapped[CreatedAt]
    version: Mapped[Version] = mapped_column()
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    settings = Sealed[dict[str, str] | None]("settings_ct", field_class="secret", codec=JSON)


class Subscription(TenantBase):
    """Where a person wants to be reached on a channel (a browser, a number, an IM account), or, as ``off``, which kind
    of notice not at all."""

    __tablename__ = "notice_subscription"
    __table_args__ = (
        CheckConstraint("channel in ('mail', 'sms', 'im', 'push', 'off')", name="channel"),
        UniqueConstraint("channel", "recipient_key", "notice_kind", "address_bidx", postgresql_nulls_not_distinct=True),
        Index(None, "recipient_key"),
    )
    id: Mapped[PrimaryKey]
    channel: Mapped[str]
    recipient_key: Mapped[str]
    notice_kind: Mapped[str] = mapped_column(default="", server_default="")
    address_ct: Mapped[bytes | None] = sealed_column()
    address_bidx: Mapped[bytes | None] = blind_column(index=False)
    #: of a browser: what a push message is encrypted with
    keys_ct: Mapped[bytes | None] = sealed_column()
    #: what the person knows the device by
    label: Mapped[str] = mapped_column(default="", server_default="")
    created_at: Mapped[CreatedAt]

    address = Sealed[str | None]("address_ct", field_class="contact", codec=TEXT, blind="address_bidx")
    keys = Sealed[dict[str, str] | None]("keys_ct", field_class="secret", codec=JSON)


MODELS: tuple[type[TenantBase], ...] = (Message, Template, ChannelSetting, Subscription)
