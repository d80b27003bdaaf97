"""Guests' sessions and the codes that open them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from zhiren.crypto import TEXT, Sealed, blind_column, sealed_column
from zhiren.db.base import CreatedAt, PrimaryKey, TenantBase


class GuestSession(TenantBase):
    """One device of one guest. Only the SHA-256 of its token is kept; deleting the row ends it at once."""

    __tablename__ = "guest_session"
    __table_args__ = (UniqueConstraint("token_hash"), Index(None, "kind", "guest_id"))
    id: Mapped[PrimaryKey]
    kind: Mapped[str]
    guest_id: Mapped[UUID]
    name: Mapped[str]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary)
    ip: Mapped[str] = mapped_column(default="", server_default="")
    user_agent: Mapped[str] = mapped_column(default="", server_default="")
    created_at: Mapped[CreatedAt]
    last_seen_at: Mapped[datetime]
    #: absolute end
    expires_at: Mapped[datetime]


class GuestCode(TenantBase):
    """A code asked for an address, whether somebody has it or not: both look alike, here and from outside.

    The code itself is kept as an HMAC with the customer's key: a million guesses at a plain hash take no time.
    """

    __tablename__ = "guest_code"
    __table_args__ = (
        CheckConstraint("failed_count between 0 and 5", name="failed_count"),
        Index(None, "kind", "address_bidx"),
        Index(None, "expires_at"),
    )
    id: Mapped[PrimaryKey]
    kind: Mapped[str]
    address_ct: Mapped[bytes] = sealed_column(nullable=False)
    address_bidx: Mapped[bytes | None] = blind_column(index=False)
    #: whom it lets in; none when nobody has the address, or before it was sent
    guest_id: Mapped[UUID | None]
    name: Mapped[str] = mapped_column(default="", server_default="")
    code_hmac: Mapped[bytes | None] = mapped_column(LargeBinary)
    failed_count: Mapped[int] = mapped_column(default=0, server_default="0")
    #: no code is taken or sent for the address before
    locked_until: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]
    created_at: Mapped[CreatedAt]

    address = Sealed[str]("address_ct", field_class="contact", codec=TEXT, blind="address_bidx")


MODELS: tuple[type[TenantBase], ...] = (GuestSession, GuestCode)
