"""What travels in and out of the log-in, account and role endpoints."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

import msgspec

GrantScope = Literal["self", "direct_reports", "reports", "unit", "all"]


class RoleAssignment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A role for a user; ``unit_ids`` are the roots of the subtrees its ``unit`` grants reach."""

    role: str
    unit_ids: tuple[UUID, ...] = ()
