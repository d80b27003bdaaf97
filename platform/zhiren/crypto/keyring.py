"""One tenant's data keys in memory, for as long as the key service's word is trusted."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from zhiren.crypto import envelope
from zhiren.crypto.box import Box, Keys, LentKey, LentKeys
from zhiren.crypto.errors import key_service_unavailable
from zhiren.crypto.models import DataKey
from zhiren.crypto.service import Unwrapper
from zhiren.errors import KeyServiceUnavailable

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

#: after a refusal, requests for the same tenant are refused without asking again for this long
REFUSAL_KEPT_S = 1.0


class WrappedKey(NamedTuple):
    number: int
    purpose: str
    suite: int
    wrapped: str
    active_from: datetime


class Keyring(Box):
    """Seals and opens one tenant's values. Local once ready; shared by all requests of a process.

    Keys live for ``cache_s`` seconds at most from the moment they were asked for. From half of that on they are asked
    for anew, so that a key service that is away for less is not noticed; later every use raises KeyServiceUnavailable.
    """

    def __init__(
        self,
        tenant_id: str,
        service: Unwrapper,
        *,
        cache_s: float = 60.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(tenant_id)
        self._service = service
        self._cache_s = cache_s
        self._clock = clock
        self._lock = Lock()
        self._keys: Keys | None = None
        self._wrapped: Sequence[WrappedKey] = ()
        self._flight: Future[None] | None = None
        self._refusal: KeyServiceUnavailable | None = None
        self._refused_s = float("-inf")
        self._refresh_s = float("-inf")
        self._loop: asyncio.AbstractEventLoop | None = None
        self._refresh: asyncio.Task[None] | None = None

    # ---- getting ready

    @property
    def is_ready(self) -> bool:
        keys = self._keys
        return keys is not None and self._clock() < keys.expires_s

    @property
    def is_fresh(self) -> bool:
        """True while ``ready`` would do nothing."""
        keys = self._keys
        return keys is not None and self._clock() < keys.unwrapped_s + self._cache_s / 2

    async def ready(self, session: AsyncSession | None = None) -> None:
        """Makes sure keys are at hand: nothing when warm, else one query in ``session`` and one call, shared by all
        who wait. Without a session the wrapped keys of the last time are used.

        Raises KeyServiceUnavailable when there are no keys and none can be had.
        """
        self._loop = asyncio.get_running_loop()
        while not self.is_fresh:
            if self._clock() - self._refused_s < REFUSAL_KEPT_S:
                break
            with self._lock:
                flight, leads = self._flight, self._flight is None
                if flight is None:
                    flight = self._flight = Future()
            if leads:
                await self._lead(flight, session)
                break
            await asyncio.shield(asyncio.wrap_future(flight))
        if not self.is_ready:
            raise self._why_not()

    def adopt(self, wrapped: Sequence[WrappedKey]) -> None:
        """Takes wrapped keys that were read elsewhere, so that ``ready`` needs no session."""
        self._wrapped = tuple(wrapped)

    async def prepare(self, session: AsyncSession) -> None:
        """``ready`` at best effort: a refusal is kept for whoever needs a key. Errors of the database do come out."""
        try:
            await self.ready(session)
        except KeyServiceUnavailable:
            return

    def forget(self) -> None:
        """Drops the keys from memory."""
        with self._lock:
            self._keys = None

    async def _lead(self, flight: Future[None], session: AsyncSession | None) -> None:
        try:
            if session is not None:
                self._wrapped = await wrapped_keys(session)
            await self._unwrap()
        finally:
            with self._lock:
                self._flight = None
            flight.set_result(None)

    async def _unwrap(self) -> None:
        wrapped = self._wrapped
        # the lifetime counts from before the question: the answer may be as old as that
        asked_s = self._clock()
        if not wrapped:
            self._refuse(key_service_unavailable())
            return
        try:
            plain = await self._service.unwrap(self.tenant_id, [key.wrapped for key in wrapped])
        except KeyServiceUnavailable as refusal:
            self._refuse(refusal)
            return
        keys = _assemble(wrapped, plain, asked_s, asked_s + self._cache_s)
        with self._lock:
            self._keys = keys
            self._refusal = None
            self._refused_s = float("-inf")

    def _refuse(self, refusal: KeyServiceUnavailable) -> None:
        self._refusal = refusal
        self._refused_s = self._clock()

    def _why_not(self) -> KeyServiceUnavailable:
        kept = self._refusal
        if kept is None:
            return key_service_unavailable()
        # a fresh one each time: an exception collects tracebacks of every place it is raised
        return type(kept)(kept.message, hint=kept.hint)

    def _held(self) -> Keys:
        keys = self._keys
        now = self._clock()
        if keys is None or now >= keys.expires_s:
            self._keys = None
            raise self._why_not()
        if now >= keys.unwrapped_s + self._cache_s / 2 and self._refresh is None:
            self._refresh_later()
        return keys

    def _refresh_later(self) -> None:
        """Long work that never comes back to ``ready`` keeps its keys too, as long as the service grants them."""
        loop = self._loop
        now = self._clock()
        if loop is None or loop.is_closed() or now - max(self._refused_s, self._refresh_s) < REFUSAL_KEPT_S:
            return
        self._refresh_s = now

        def start() -> None:
            if self._refresh is None:
                self._refresh = loop.create_task(self._unwrap())
                self._refresh.add_done_callback(done)

        def done(task: asyncio.Task[None]) -> None:
            self._refresh = None
            if not task.cancelled():
                task.exception()

        loop.call_soon_threadsafe(start)

    # ---- handing on

    def lend(self) -> LentKeys:
        """The keys of fields for a helper process, good for as long as they are here. Raises as ``seal`` does."""
        keys = self._held()
        fields = tuple(
            LentKey(number, suite, active_from, keys.material[number])
            for number, suite, active_from in keys.order["fields"]
        )
        return LentKeys(self.tenant_id, keys.expires_s, fields)

    def blind(self, purpose: str, value: str) -> bytes:
        """32 bytes that are equal where ``value`` is, for search by equality within a ``purpose``."""
        return hmac.digest(self._held().blind, envelope.length_prefixed(purpose.encode(), value.encode()), "sha256")


def _assemble(wrapped: Sequence[WrappedKey], plain: Sequence[bytes], unwrapped_s: float, expires_s: float) -> Keys:
    found = Keys(unwrapped_s, expires_s)
    blind = b""
    for key, material in zip(wrapped, plain, strict=True):
        if key.purpose == "blind":
            # derived, so that the bytes that index are never the bytes of an encryption key
            blind = hmac.digest(material, b"zhiren blind index 1", hashlib.sha256)
            continue
        found.add(key.purpose, key.number, key.suite, key.active_from, material)
    return replace(found, blind=blind)


async def wrapped_keys(session: AsyncSession) -> list[WrappedKey]:
    """The wrapped keys of the tenant whose transaction this is."""
    key = DataKey.__table__.c
    rows = await session.execute(select(key.number, key.purpose, key.suite, key.wrapped, key.active_from))
    return [WrappedKey(*row) for row in rows]
