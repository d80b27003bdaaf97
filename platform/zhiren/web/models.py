"""What the web itself keeps for each customer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import mapped_column

from zhiren.db.base import CreatedAt, Mapped, PrimaryKey, TenantBase


class IdempotentAnswer(TenantBase):
    """The answer to a POST with an ``Idempotency-Key``, kept a day. ``answer_ct`` is sealed: answers may hold pay."""

    __tablename__ = "web_idempotency"
    __table_args__ = (
        UniqueConstraint("actor", "key", name="uq_web_idempotency_actor_key"),
        Index("ix_web_idempotency_created_at", "created_at"),
    )

    id: Mapped[PrimaryKey]
    #: user id, kind and id of a guest, or empty; keys of two people do not meet
    actor: Mapped[str]
    key: Mapped[str]
    request_hash: Mapped[bytes]
    answer_ct: Mapped[bytes | None]
    created_at: Mapped[CreatedAt]


class SavedView(TenantBase):
    """One person's way to look at one table: search, filters, sort and columns, by a name of their own."""

    __tablename__ = "web_saved_view"
    __table_args__ = (UniqueConstraint("user_id", "table_name", "name", name="uq_web_saved_view_user_table_name"),)

    id: Mapped[PrimaryKey]
    user_id: Mapped[UUID]
    table_name: Mapped[str]
    name: Mapped[str]
    query: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[CreatedAt]
