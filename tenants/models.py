"""The control plane: which customers there are, under which names, and how far their schemas have come."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, func
from sqlalchemy.orm import mapped_column

from zhiren.db import ControlBase, CreatedAt, Mapped

STATUSES = ("provisioning", "active", "suspended")


class Tenant(ControlBase):
    """A customer. ``id`` names its schema, its role and its transit key; nothing else in the database tells them."""

    __tablename__ = "tenant"
    __table_args__ = (
        CheckConstraint("id ~ '^t_[a-z2-7]{16}$'", name="id"),
        CheckConstraint("slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'", name="slug"),
        CheckConstraint("name <> ''", name="name"),
        CheckConstraint("status in ('provisioning', 'active', 'suspended')", name="status"),
        {"info": {"rights": ("select",), "sequencer": ("select",)}},
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    #: first label of the host name
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    status: Mapped[str] = mapped_column(default="provisioning", server_default="provisioning")
    status_reason: Mapped[str] = mapped_column(default="", server_default="")
    status_changed_at: Mapped[datetime] = mapped_column(server_default=func.now())
    created_at: Mapped[CreatedAt]


class TenantHost(ControlBase):
    """A host name of the customer's own, besides ``<slug>.<base domain>``."""

    __tablename__ = "tenant_host"
    __table_args__ = (CheckConstraint("host = lower(host) and host <> ''", name="host"),)
    host: Mapped[str] = mapped_column(primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("control.tenant.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[CreatedAt]


class TenantMigration(ControlBase):
    """How the last migration of a tenant went, for people to read.

    ``version`` is written in the transaction that changes the schema. The truth is the tenant's own
    ``alembic_version``, written there too.
    """

    __tablename__ = "tenant_migration"
    __table_args__ = (
        CheckConstraint("state in ('current', 'failed')", name="state"),
        {"info": {"rights": ()}},
    )
    tenant_id: Mapped[str] = mapped_column(ForeignKey("control.tenant.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[str]
    state: Mapped[str]
    error: Mapped[str] = mapped_column(default="", server_default="")
    changed_at: Mapped[datetime] = mapped_column(server_default=func.now())
