"""Brings messages between the pages of a room, whichever web process each of them is connected to.

Redis carries them and forgets them. Who is here is a key for each person that goes when nobody renews it: a process
that dies, or a Redis that comes back empty, is made good within seconds by those who are still there.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from typing import Any, Final, Protocol
from uuid import UUID

import msgspec
from litestar import Litestar
from redis.asyncio import Redis
from redis.exceptions import RedisError

from zhiren.meet.schemas import Presence
from zhiren.tasks import end

log = logging.getLogger("zhiren.meet")

#: somebody of whom nothing was heard for so long is no longer here
GONE_AFTER_S: Final = 12
_PAUSE_S: Final = 0.5
_PRESENCE: Final = msgspec.json.Decoder(Presence)
_CHANGED: Final = b'{"t":"changed"}'
#: deletes what is still ours
_FORGET: Final = """
local said = redis.call('get', KEYS[1])
if said and cjson.decode(said)['connection'] == ARGV[1] then return redis.call('del', KEYS[1]) end
return 0
"""

Listener = Callable[[bytes], None]


class Messages(Protocol):
    """What a page's connection needs of the hub."""

    async def join(self, room: str, listener: Listener) -> None: ...
    async def leave(self, room: str, listener: Listener) -> None: ...
    async def publish(self, room: str, message: bytes) -> None: ...
    async def here(self, room: str, seat_id: UUID, presence: Presence) -> None: ...
    async def gone(self, room: str, seat_id: UUID, presence: Presence) -> None: ...
    async def roster(self, room: str, seat_ids: Iterable[UUID]) -> dict[UUID, Presence]: ...


class Hub:
    """One for each web process. ``namespace`` keeps installations that share a Redis apart; a room's name begins with
    its customer's id, which comes from the host name and never from a message."""

    def __init__(self, redis_url: str, namespace: str) -> None:
        self._commands = Redis.from_url(redis_url, socket_timeout=2, socket_connect_timeout=2)
        # a connection that waits for messages has no time to answer in
        self._waiting = Redis.from_url(
            redis_url, socket_timeout=None, socket_connect_timeout=2, health_check_interval=0
        )
        self._pubsub = self._waiting.pubsub(ignore_subscribe_messages=True)
        self._prefix = f"zhiren:{namespace}:meet:"
        self._listeners: dict[str, list[Listener]] = {}
        self._reader: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def lifespan(self, _app: Litestar) -> AsyncIterator[None]:
        try:
            yield
        finally:
            await self.close()

    async def close(self) -> None:
        if self._reader is not None:
            await end(self._reader)
        await self._pubsub.aclose()  # type: ignore[no-untyped-call]
        await self._waiting.aclose()
        await self._commands.aclose()

    async def join(self, room: str, listener: Listener) -> None:
        """From now on ``listener`` gets every message of ``room``. Raises RedisError when Redis does not answer."""
        first = room not in self._listeners
        self._listeners.setdefault(room, []).append(listener)
        if first:
            try:
                await self._pubsub.subscribe(self._prefix + room)
            except RedisError:
                await self.leave(room, listener)
                raise
        if self._reader is None:
            self._reader = asyncio.create_task(self._read())

    async def leave(self, room: str, listener: Listener) -> None:
        listeners = self._listeners.get(room, [])
        with suppress(ValueError):
            listeners.remove(listener)
        if room in self._listeners and not listeners:
            del self._listeners[room]
            with suppress(RedisError, OSError):
                await self._pubsub.unsubscribe(self._prefix + room)

    async def publish(self, room: str, message: bytes) -> None:
        await self._commands.publish(self._prefix + room, message)

    async def here(self, room: str, seat_id: UUID, presence: Presence) -> None:
        """Says (again) that somebody is here; everybody is told when that is news."""
        said = msgspec.json.encode(presence)
        before = await self._commands.set(self._seat(room, seat_id), said, ex=GONE_AFTER_S, get=True)
        if before != said:
            await self.publish(room, _CHANGED)

    async def gone(self, room: str, seat_id: UUID, presence: Presence) -> None:
        """Unless another connection of the same person has taken over."""
        reply: Any = self._commands.eval(_FORGET, 1, self._seat(room, seat_id), presence.connection)
        if await reply:
            await self.publish(room, _CHANGED)

    async def roster(self, room: str, seat_ids: Iterable[UUID]) -> dict[UUID, Presence]:
        """Which of these are here."""
        ids = list(seat_ids)
        values = await self._commands.mget([self._seat(room, one) for one in ids]) if ids else []
        return {one: _PRESENCE.decode(value) for one, value in zip(ids, values, strict=True) if value}

    def _seat(self, room: str, seat_id: UUID) -> str:
        return f"{self._prefix}{room}:{seat_id}"

    async def _read(self) -> None:
        while True:
            try:
                message = await self._pubsub.get_message(timeout=5) if self._pubsub.subscribed else None
                if message is None and not self._pubsub.subscribed:
                    await asyncio.sleep(_PAUSE_S)
            except (RedisError, OSError) as error:
                log.warning("meeting rooms: Redis is away (%s)", type(error).__name__)
                await asyncio.sleep(_PAUSE_S)
                # what was said meanwhile is lost: everybody looks anew
                self._tell(None, _CHANGED)
                continue
            if message is not None and message["type"] == "message":
                self._tell(message["channel"].decode().removeprefix(self._prefix), message["data"])

    def _tell(self, room: str | None, message: bytes) -> None:
        rooms = list(self._listeners) if room is None else [room]
        for one in rooms:
            for listener in list(self._listeners.get(one, ())):
                listener(message)
