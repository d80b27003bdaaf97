"""What travels in and out of the log-in, account and role endpoints."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

GrantScope = Literal["self", "direct_reports", "reports", "unit", "all"]
Text = Annotated[str, Meta(max_length=200)]


class RoleAssignment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A role for a user; ``unit_ids`` are the roots of the subtrees its ``unit`` grants reach."""

    role: Annotated[str, Meta(max_length=64)]
    unit_ids: Annotated[tuple[UUID, ...], Meta(max_length=100)] = ()


class Credentials(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    login: Text
    password: Annotated[str, Meta(max_length=1000)]
    #: code of the second factor, where one is on
    code: Annotated[str, Meta(max_length=64)] = ""


class Reauthentication(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    password: Annotated[str, Meta(max_length=1000)]
    code: Annotated[str, Meta(max_length=64)] = ""


class UserCreate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    login: Text
    name: Text
    roles: Annotated[tuple[RoleAssignment, ...], Meta(max_length=50)] = ()
    employee_id: UUID | None = None


class UserUpdate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: Annotated[str, Meta(min_length=1, max_length=100)] | UnsetType = UNSET
    status: Literal["active", "disabled"] | UnsetType = UNSET
    employee_id: UUID | UnsetType | None = UNSET
    roles: Annotated[tuple[RoleAssignment, ...], Meta(max_length=50)] | None = None

    def changed(self) -> dict[str, Any]:
        """Plain columns that were sent."""
        values = {name: getattr(self, name) for name in ("name", "status", "employee_id")}
        return {name: value for name, value in values.items() if value is not UNSET}


class UserOut(msgspec.Struct, frozen=True):
    id: UUID
    login: str
    name: str
    status: str
    employee_id: UUID | None
    roles: tuple[RoleAssignment, ...]
    second_factor: bool
    must_change_password: bool
    last_login_at: datetime | None
    created_at: datetime
    version: int


class UserCreated(msgspec.Struct, frozen=True):
    """``password_link`` is shown this once; it sets the password and is good for 24 hours."""

    user: UserOut
    password_link: str


class PasswordLink(msgspec.Struct, frozen=True):
    password_link: str


class RoleCreate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    code: Annotated[str, Meta(max_length=32)]
    title: Annotated[str, Meta(min_length=1, max_length=60)]
    description: Text = ""
    grants: dict[str, GrantScope] = {}


class RoleUpdate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    title: Annotated[str, Meta(min_length=1, max_length=60)] | UnsetType = UNSET
    description: Text | UnsetType = UNSET
    grants: dict[str, GrantScope] | UnsetType = UNSET


class RoleOut(msgspec.Struct, frozen=True):
    id: UUID
    code: str
    title: str
    description: str
    builtin: bool
    grants: dict[str, str]
    users: int
    version: int


class GrantOut(msgspec.Struct, frozen=True):
    permission: str
    scopes: tuple[str, ...]
    unit_ids: tuple[UUID, ...] = ()


class SessionOut(msgspec.Struct, frozen=True):
    """Who asks, and what they may do now."""

    user_id: UUID
    name: str
    employee_id: UUID | None
    roles: tuple[str, ...]
    grants: tuple[GrantOut, ...]
