"""The audit trail of a tenant: events, the chain over them, and the chain's head.

The app may add and read events and change none. The chain is written by the sequencer alone, which in turn can write
no event.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, Identity, Index, LargeBinary, Text, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import mapped_column

from zhiren.db.base import Mapped, PrimaryKey, TenantBase


class AuditEvent(TenantBase):
    """One act: who, as what, from where, on what, which fields, why. Values, old and new, are sealed."""

    __tablename__ = "audit_event"
    __table_args__ = (
        Index("ix_audit_event_at", "at", "id"),
        Index("ix_audit_event_object", "object_type", "object_id"),
        # the sequencer's: what may have come since it last looked
        Index("ix_audit_event_xid", "xid"),
        CheckConstraint("actor_kind in ('user', 'job', 'operator', 'system', 'guest')", name="actor_kind"),
        {"info": {"rights": ("select", "insert"), "sequencer": ("select",)}},
    )
    __mapper_args__ = {"eager_defaults": False}  # noqa: RUF012  # nobody reads an event in the transaction that wrote it

    id: Mapped[PrimaryKey]
    #: the order in which events were written, with holes where a transaction was rolled back
    position: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    #: the transaction that wrote it
    xid: Mapped[int] = mapped_column(BigInteger, server_default=text("(pg_current_xact_id()::text::bigint)"))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp())
    action: Mapped[str]
    actor_kind: Mapped[str]
    #: of a user; of a guest the guest's own, ``actor_roles`` then names the kind
    actor_user_id: Mapped[UUID | None]
    actor_name: Mapped[str]
    actor_roles: Mapped[list[str]] = mapped_column(ARRAY(Text))
    session_id: Mapped[UUID | None]
    request_id: Mapped[str]
    ip: Mapped[str]
    user_agent: Mapped[str]
    object_type: Mapped[str]
    object_id: Mapped[str]
    fields: Mapped[list[str]] = mapped_column(ARRAY(Text))
    reason: Mapped[str]
    sensitive: Mapped[bool]
    #: msgpack of {field: [old, new]}, sealed to this row with the audit data key
    changes_ct: Mapped[bytes | None] = mapped_column(LargeBinary, info={"sealed": True})


class AuditLink(TenantBase):
    """One link of the chain: what event number ``sequence`` is, and the hash over it and the link before."""

    __tablename__ = "audit_link"
    __table_args__ = ({"info": {"rights": ("select",), "sequencer": ("select", "insert")}},)

    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    event_id: Mapped[UUID] = mapped_column(ForeignKey("audit_event.id"), unique=True)
    hash: Mapped[bytes]
    chained_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp())


class AuditHead(TenantBase):
    """The end of the chain, one row. ``cursor_xid``: every event of an older transaction is chained."""

    __tablename__ = "audit_head"
    __table_args__ = (
        CheckConstraint("id = 1", name="one_row"),
        {"info": {"rights": ("select",), "sequencer": ("select", "insert", "update")}},
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sequence: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[bytes]
    cursor_xid: Mapped[int] = mapped_column(BigInteger)
    chained_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp())
