"""Tables: licences as they were installed, and what the administrator switched."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from zhiren.db.base import PrimaryKey, TenantBase


class InstalledLicence(TenantBase):
    """A licence text. Its signature is checked whenever it is read: whoever changes the row only makes it invalid."""

    __tablename__ = "licensing_licence"
    __table_args__ = (Index("ix_licensing_licence_installed_at", text("installed_at DESC")),)

    id: Mapped[PrimaryKey]
    #: the licence's own id
    licence_id: Mapped[UUID] = mapped_column(unique=True)
    text: Mapped[str]
    installed_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    installed_by_name: Mapped[str] = mapped_column(default="", server_default="")


class Toggle(TenantBase):
    """A module that the administrator has switched; one never touched is on as soon as it is bought."""

    __tablename__ = "licensing_toggle"

    module: Mapped[str] = mapped_column(primary_key=True)
    enabled: Mapped[bool]
    changed_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    changed_by_name: Mapped[str] = mapped_column(default="", server_default="")


MODELS: tuple[type, ...] = (InstalledLicence, Toggle)
