"""Identifiers made by the client: known before the row is written, so that a field can be sealed to its row."""

from __future__ import annotations

import secrets
from typing import Final
from uuid import UUID

import uuid_utils.compat as uuid_utils

#: the nil UUID (RFC 9562, 5.9), which no row has: what is asked for by it is refused as anything unknown is
NO_ID: Final = UUID(int=0)
_BASE32 = "abcdefghijklmnopqrstuvwxyz234567"


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562): sorts by the time it was made, so that indexes grow at one end."""
    return uuid_utils.uuid7()


def new_tenant_id() -> str:
    """An opaque name for a tenant's schema, role and key: ``t_`` and 16 base32 letters (80 random bits)."""
    return "t_" + "".join(secrets.choice(_BASE32) for _ in range(16))
