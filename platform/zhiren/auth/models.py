"""Who may log in, as what, and from where they are logged in now."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.orm import Mapped, mapped_column

from zhiren.crypto import Sealed, sealed_column
from zhiren.db.base import CreatedAt, PrimaryKey, TenantBase, Version


class User(TenantBase):
    """A log-in. ``login`` is stored folded (NFKC, lower case); ``employee_id`` points to records without a key, since
    records may be absent."""

    __tablename__ = "auth_user"
    __table_args__ = (
        UniqueConstraint("login"),
        CheckConstraint("status in ('active', 'disabled')", name="status"),
        Index(None, "employee_id", postgresql_where="employee_id is not null"),
    )
    id: Mapped[PrimaryKey]
    login: Mapped[str]
    name: Mapped[str]
    employee_id: Mapped[UUID | None]
    status: Mapped[str] = mapped_column(default="active", server_default="active")
    #: Argon2id in PHC form
    password_hash: Mapped[str]
    password_changed_at: Mapped[datetime | None]
    must_change_password: Mapped[bool] = mapped_column(default=False, server_default="false")
    totp_secret_ct: Mapped[bytes | None] = sealed_column()
    totp_enabled_at: Mapped[datetime | None]
    #: the 30-second step of the last code taken: a code works once (RFC 6238, 5.2)
    totp_last_step: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    last_login_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]
    version: Mapped[Version] = mapped_column()
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012
    #: base32, as authenticator apps take it
    totp_secret = Sealed[str | None]("totp_secret_ct", field_class="secret")


class Session(TenantBase):
    """One device that is logged in. Only the SHA-256 of its token is kept; deleting the row ends it at once."""

    __tablename__ = "auth_session"
    __table_args__ = (
        UniqueConstraint("token_hash"),
        CheckConstraint("stage in ('second_factor', 'new_password', 'full')", name="stage"),
        Index(None, "user_id"),
    )
    id: Mapped[PrimaryKey]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("auth_user.id", ondelete="CASCADE"))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary)
    #: what is still asked before this session may do anything
    stage: Mapped[str]
    ip: Mapped[str] = mapped_column(default="", server_default="")
    user_agent: Mapped[str] = mapped_column(default="", server_default="")
    created_at: Mapped[CreatedAt]
    last_seen_at: Mapped[datetime]
    #: absolute end
    expires_at: Mapped[datetime]
    authenticated_at: Mapped[datetime]


class Attempt(TenantBase):
    """Failed tries in a row, and until when no further one is heard.

    ``subject`` is a SHA-256 of what was tried, known to us or not, so that a locked log-in does not betray that it
    exists, and a password typed into the wrong field is not kept.
    """

    __tablename__ = "auth_attempt"
    subject: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    failed_count: Mapped[int]
    failed_at: Mapped[datetime]
    locked_until: Mapped[datetime | None]


class Role(TenantBase):
    """A named set of grants. Built-in roles follow the modules' declarations and are copied, not edited."""

    __tablename__ = "auth_role"
    __table_args__ = (UniqueConstraint("code"),)
    id: Mapped[PrimaryKey]
    code: Mapped[str]
    title: Mapped[str]
    description: Mapped[str] = mapped_column(default="", server_default="")
    builtin: Mapped[bool] = mapped_column(default=False, server_default="false")
    created_at: Mapped[CreatedAt]
    version: Mapped[Version] = mapped_column()
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class RoleGrant(TenantBase):
    """One permission of a role, and whose data it reaches."""

    __tablename__ = "auth_role_grant"
    __table_args__ = (CheckConstraint("scope in ('self', 'direct_reports', 'reports', 'unit', 'all')", name="scope"),)
    role_id: Mapped[UUID] = mapped_column(ForeignKey("auth_role.id", ondelete="CASCADE"), primary_key=True)
    permission: Mapped[str] = mapped_column(Text, primary_key=True)
    scope: Mapped[str]


class UserRole(TenantBase):
    """A role of a user. ``unit_ids`` are the roots of the organisation subtrees for grants scoped ``unit``."""

    __tablename__ = "auth_user_role"
    __table_args__ = (Index(None, "role_id"),)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("auth_user.id", ondelete="CASCADE"), primary_key=True)
    role_id: Mapped[UUID] = mapped_column(ForeignKey("auth_role.id", ondelete="CASCADE"), primary_key=True)
    unit_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()), default=list, server_default="{}")


class Recovery(TenantBase):
    """Something that works once: a recovery code in place of TOTP, or the link that sets a new password.

    Only SHA-256 is kept: codes and links are random with at least 80 bits, so a slow hash adds nothing.
    """

    __tablename__ = "auth_recovery"
    __table_args__ = (
        UniqueConstraint("secret_hash"),
        CheckConstraint("kind in ('code', 'link')", name="kind"),
        Index(None, "user_id"),
    )
    id: Mapped[PrimaryKey]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("auth_user.id", ondelete="CASCADE"))
    kind: Mapped[str]
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]


class ApiToken(TenantBase):
    """A person's own bearer token: never more than ``permissions`` of what the person holds at that moment."""

    __tablename__ = "auth_api_token"
    __table_args__ = (UniqueConstraint("token_hash"), Index(None, "user_id"))
    id: Mapped[PrimaryKey]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("auth_user.id", ondelete="CASCADE"))
    name: Mapped[str]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary)
    permissions: Mapped[list[str]] = mapped_column(ARRAY(Text()))
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]


MODELS: tuple[type[TenantBase], ...] = (User, Session, Attempt, Role, RoleGrant, UserRole, Recovery, ApiToken)
