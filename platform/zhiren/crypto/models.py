"""A tenant's data keys, wrapped by its transit key: useless without the key service."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, DateTime, Integer
from sqlalchemy.orm import mapped_column

from zhiren.db.base import CreatedAt, Mapped, TenantBase


class DataKey(TenantBase):
    """One data key. ``number`` stands in the header of every value sealed with it; ``purpose`` says for what.

    Written by provisioning alone. ``active_from`` lies ahead of ``created_at`` by more than a process caches keys, so
    that everyone can open a value before anyone seals with the new key.
    """

    __tablename__ = "crypto_data_key"
    __table_args__ = (
        CheckConstraint("purpose in ('fields', 'blind', 'audit')", name="purpose"),
        CheckConstraint("number between 1 and 65535", name="number"),
        {"info": {"rights": ("select",)}},
    )

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    purpose: Mapped[str]
    suite: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    wrapped: Mapped[str]
    active_from: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[CreatedAt]
