"""Who operates the hosted service, from where they are logged in, and what they did."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, func
from sqlalchemy.orm import mapped_column

from zhiren.db import ControlBase, CreatedAt, Mapped, PrimaryKey


class Operator(ControlBase):
    """A person of the vendor's. Made and disabled on the command line only: the web process reads."""

    __tablename__ = "operator"
    __table_args__ = (
        UniqueConstraint("login"),
        CheckConstraint("status in ('active', 'disabled')", name="status"),
        {"info": {"rights": ("select",)}},
    )
    id: Mapped[PrimaryKey]
    #: folded: NFKC, lower case
    login: Mapped[str]
    name: Mapped[str]
    #: Argon2id in PHC form
    password_hash: Mapped[str]
    status: Mapped[str] = mapped_column(default="active", server_default="active")
    created_at: Mapped[CreatedAt]


class OperatorSession(ControlBase):
    """One browser that is logged in. Only the SHA-256 of its token is kept; deleting the row ends it at once."""

    __tablename__ = "operator_session"
    __table_args__ = (
        UniqueConstraint("token_hash"),
        Index(None, "operator_id"),
        {"info": {"rights": ("select", "insert", "update", "delete")}},
    )
    id: Mapped[PrimaryKey]
    operator_id: Mapped[UUID] = mapped_column(ForeignKey("control.operator.id", ondelete="CASCADE"))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary)
    ip: Mapped[str] = mapped_column(default="", server_default="")
    created_at: Mapped[CreatedAt]
    last_seen_at: Mapped[datetime] = mapped_column(server_default=func.now())
    #: absolute end
    expires_at: Mapped[datetime]


class OperatorEvent(ControlBase):
    """One act of an operator. Written once: nobody but the owner of the schema could change it.

    ``operator_id`` is empty for what was done on the command line. Customers are named by id and short name, without a
    key, so that the line outlives them.
    """

    __tablename__ = "operator_event"
    __table_args__ = (
        Index(None, "created_at"),
        {"info": {"rights": ("select", "insert")}},
    )
    id: Mapped[PrimaryKey]
    operator_id: Mapped[UUID | None] = mapped_column(ForeignKey("control.operator.id"))
    #: log-in of who acted
    who: Mapped[str]
    action: Mapped[str]
    tenant_id: Mapped[str] = mapped_column(default="", server_default="")
    #: short name of the customer, or log-in of the operator, that was acted upon
    target: Mapped[str] = mapped_column(default="", server_default="")
    reason: Mapped[str] = mapped_column(default="", server_default="")
    ip: Mapped[str] = mapped_column(default="", server_default="")
    created_at: Mapped[CreatedAt]
