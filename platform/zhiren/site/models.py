"""How a customer's public pages look."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from zhiren.db.base import TenantBase, Version


class SiteLook(TenantBase):
    """One row at most; without it everything is the product's own. Pictures are in ``zhiren.files``, room "site"."""

    __tablename__ = "web_site"
    __table_args__ = (
        CheckConstraint("id = 1", name="one_row"),
        CheckConstraint("accent ~ '^(#[0-9a-f]{6})?$'", name="accent"),
    )
    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(default="", server_default="")
    accent: Mapped[str] = mapped_column(default="", server_default="")
    logo_id: Mapped[UUID | None]
    favicon_id: Mapped[UUID | None]
    changed_at: Mapped[datetime]
    version: Mapped[Version] = mapped_column()
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


MODELS: tuple[type[TenantBase], ...] = (SiteLook,)
