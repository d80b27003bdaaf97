"""A key service in memory, with a switch for each way it can fail, and a clock that is set by hand."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from datetime import UTC, datetime

from zhiren.crypto.errors import key_service_unavailable, tenant_key_disabled
from zhiren.crypto.keyring import Keyring, WrappedKey

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


class MemoryUnwrapper:
    def __init__(self) -> None:
        self.store: dict[str, bytes] = {}
        self.calls = 0
        self.away = False
        self.disabled = False
        self.delay_s = 0.0

    def new_key(self, number: int, purpose: str, active_from: datetime = LONG_AGO) -> WrappedKey:
        name = f"wrapped-{len(self.store)}"
        self.store[name] = os.urandom(32)
        return WrappedKey(number, purpose, 1, name, active_from)

    async def unwrap(self, tenant_id: str, wrapped: Sequence[str]) -> list[bytes]:
        self.calls += 1
        await asyncio.sleep(self.delay_s)
        if self.away:
            raise key_service_unavailable()
        if self.disabled:
            raise tenant_key_disabled()
        return [self.store[name] for name in wrapped]


def new_keyring(
    tenant_id: str = "t_aaaaaaaaaaaaaaaa", unwrapper: MemoryUnwrapper | None = None, clock: Clock | None = None
) -> Keyring:
    unwrapper = unwrapper or MemoryUnwrapper()
    ring = Keyring(tenant_id, unwrapper, clock=clock or Clock())
    ring.adopt([unwrapper.new_key(n, purpose) for n, purpose in enumerate(("fields", "blind", "audit"), start=1)])
    return ring
