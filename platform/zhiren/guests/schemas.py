"""What a guest sees of the own devices."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec


class GuestSessionView(msgspec.Struct, frozen=True):
    """One device that is logged in. ``current`` is the one that asks."""

    id: UUID
    ip: str
    user_agent: str
    created_at: datetime
    last_seen_at: datetime
    current: bool
