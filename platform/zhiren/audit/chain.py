"""The arithmetic of the chain: what exactly is hashed. Changing a byte here breaks every chain ever made.

A link's hash is SHA-256 over, each preceded by its length: the format's name, the link's number, the hash of the link
before, and every stored field of the event in the order below. The first link follows on a value made from the tenant's
id, so that no tenant's chain passes for another's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

FORMAT: Final = b"zhiren audit link 1"
#: every column of ``audit_event``; a test fails when one is missing
HASHED: Final = (
    "id",
    "position",
    "xid",
    "at",
    "action",
    "actor_kind",
    "actor_user_id",
    "actor_name",
    "actor_roles",
    "session_id",
    "request_id",
    "ip",
    "user_agent",
    "object_type",
    "object_id",
    "fields",
    "reason",
    "sensitive",
    "changes_ct",
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def first_hash(tenant_id: str) -> bytes:
    """What the first link of a tenant's chain follows on."""
    return hashlib.sha256(_prefixed(FORMAT) + _prefixed(tenant_id.encode())).digest()


def link_hash(sequence: int, previous: bytes, event: Sequence[Any]) -> bytes:
    """``event`` holds the values of ``HASHED``, in that order."""
    parts = [_prefixed(FORMAT), _prefixed(sequence.to_bytes(8, "big")), _prefixed(previous)]
    parts.extend(_prefixed(_canonical(value)) for value in event)
    return hashlib.sha256(b"".join(parts)).digest()


def _prefixed(part: bytes) -> bytes:
    return len(part).to_bytes(4, "big") + part


def _canonical(value: Any) -> bytes:  # noqa: PLR0911  # one line for each type there is
    """One letter for the type, then the value: None, "" and [] differ, and so do 1 and True."""
    if value is None:
        return b"n"
    if isinstance(value, str):
        return b"s" + value.encode()
    if isinstance(value, bool):
        return b"b1" if value else b"b0"
    if isinstance(value, int):
        return b"i" + value.to_bytes(8, "big", signed=True)
    if isinstance(value, UUID):
        return b"u" + value.bytes
    if isinstance(value, bytes | bytearray | memoryview):
        return b"x" + bytes(value)
    if isinstance(value, datetime):
        # exact: a float of seconds would not hold microseconds
        return b"t" + ((value - _EPOCH) // _MICROSECOND).to_bytes(8, "big", signed=True)
    if isinstance(value, list):
        return b"l" + b"".join(_prefixed(_canonical(item)) for item in value)
    raise TypeError(f"no canonical form for {type(value).__name__}")
