"""One open page of one person: what it may say, what it is told, and when it is shown the door."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, suppress
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import WebSocket
from redis.exceptions import RedisError

from zhiren.context import Context
from zhiren.errors import Unavailable, ZhirenError
from zhiren.ids import new_id
from zhiren.meet import rules
from zhiren.meet.access import require_module
from zhiren.meet.runtime import Meet, meet_of
from zhiren.meet.schemas import Presence, Sent, View
from zhiren.meet.service import recording, seats, talk
from zhiren.tasks import end
from zhiren.web.sockets import REFUSED, TOO_LARGE, TOO_MUCH, Allowance, again, context_of

log = logging.getLogger("zhiren.meet")

MAX_MESSAGE: Final = 256 * 1024
#: who sits there and what has changed is asked for so often, and whenever somebody says that something has
LOOK_S: Final = 2.0
#: a page that says nothing for so long is gone; it says something every five seconds
SILENT_S: Final = 20.0
_QUEUE: Final = 512
_SENT: Final = msgspec.json.Decoder(Sent)
#: this person's page was opened elsewhere
TAKEN_OVER: Final = 4001

Socket = WebSocket[Any, Any, Any]
Door = Callable[[], AbstractAsyncContextManager[Context]]


class Over(Exception):
    """The socket is to be closed with ``code``."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


class Attendance:
    """``door`` opens a transaction as the person; ``sid`` is the page's own name."""

    def __init__(self, socket: Socket, door: Door, look: seats.Look, sid: str) -> None:
        self._socket, self._door = socket, door
        self._meet: Meet = meet_of(socket)
        self._look = look
        self._room_id, self._seat_id = look.room.id, look.own.id
        #: the name the hub knows the room by: the customer is the one of the host name
        self._room = f"{context_of(socket).tenant.id}:{look.room.id}"
        self._queue: asyncio.Queue[bytes] = asyncio.Queue(_QUEUE)
        self._changed = asyncio.Event()
        self._overflow = asyncio.Event()
        self._presence = Presence(sid=sid, connection=new_id().hex, state=look.state)
        self._roster: dict[UUID, Presence] = {}
        self._told: View | None = None
        self._inside = False
        self._allowance = Allowance(per_s=40, burst=300)
        self._left = False
        self._acts: dict[str, Callable[[Sent], Awaitable[None]]] = {
            "signal": self._signal,
            "chat": self._chat,
            "notes": self._notes,
            "read": self._read_notes,
            "media": self._media,
            "ice": self._ice,
            "admit": lambda sent: self._do(lambda ctx: seats.admit(ctx, self._room_id, _id(sent.to))),
            "out": lambda sent: self._do(lambda ctx: seats.send_out(ctx, self._room_id, _id(sent.to))),
            "consent": lambda sent: self._do(lambda ctx: seats.consent(ctx, self._room_id, agrees=sent.on)),
            "record": self._record,
            "end": lambda _sent: self._do(lambda ctx: seats.end(ctx, self._room_id)),
            "leave": self._leave,
        }

    async def run(self) -> None:
        """Until the page goes, or has to."""
        hub = self._meet.hub
        try:
            await hub.join(self._room, self._hear)
        except (RedisError, OSError):
            await self._close(Over(1013, "try again later"))
            return
        tasks = [asyncio.create_task(work()) for work in (self._read, self._write, self._watch)]
        try:
            self._welcome()
            done, _running = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        except Over as over:
            await self._close(over)
        finally:
            await end(*tasks)
            await hub.leave(self._room, self._hear)
            with suppress(RedisError, OSError):
                await hub.gone(self._room, self._seat_id, self._presence)

    # -- what the page says --------------------------------------------------------------------------------------------

    async def _read(self) -> None:
        while True:
            try:
                async with asyncio.timeout(SILENT_S):
                    text = await self._socket.receive_text()
            except TimeoutError:
                raise Over(1001, "silent") from None
            if len(text) > MAX_MESSAGE:
                raise Over(TOO_LARGE, "too large")
            if not self._allowance.take():
                raise Over(TOO_MUCH, "too many messages")
            try:
                sent = _SENT.decode(text)
            except msgspec.DecodeError:
                raise Over(REFUSED + 400, "meet.bad_message") from None
            if sent.t == "ping":
                self._put({"t": "pong"})
                continue
            await self._act(sent)
            if self._left:
                raise Over(1000, "left")

    async def _act(self, sent: Sent) -> None:
        act = self._acts.get(sent.t)
        if act is None:
            raise Over(REFUSED + 400, "meet.bad_message")
        try:
            await act(sent)
        except ZhirenError as error:
            self._put({"t": "refused", "what": sent.t, "code": error.code, "text": error.message, "hint": error.hint})
        except (RedisError, OSError) as error:
            log.warning("meeting rooms: %s (%s)", sent.t, type(error).__name__)
            self._put({"t": "refused", "what": sent.t, "code": "zhiren.unavailable", "text": "", "hint": ""})

    async def _signal(self, sent: Sent) -> None:
        """To one other page, whose browser alone understands it; dropped unless both are in the room."""
        if not self._inside:
            return
        message = {"t": "signal", "to": sent.to, "sid": sent.sid, "from": str(self._seat_id)}
        await self._publish({**message, "from_sid": self._presence.sid, "data": sent.data})

    async def _chat(self, sent: Sent) -> None:
        async with self._door() as ctx:
            line = await talk.say(ctx, self._room_id, sent.text)
        await self._publish({"t": "said", "line": line})

    async def _notes(self, sent: Sent) -> None:
        async with self._door() as ctx:
            version, text = await talk.write_notes(
                ctx, self._room_id, version=sent.version, base=sent.base, text=sent.text
            )
        self._put({"t": "notes", "version": version, "text": text, "mine": True})
        if version != sent.version:
            await self._publish({"t": "noted", "version": version, "by": self._presence.connection})

    async def _read_notes(self, _sent: Sent) -> None:
        async with self._door() as ctx:
            version, text = await talk.notes(ctx, self._room_id)
        self._put({"t": "notes", "version": version, "text": text, "mine": False})

    async def _media(self, sent: Sent) -> None:
        self._presence = msgspec.structs.replace(self._presence, mic=sent.mic, cam=sent.cam, screen=sent.screen)
        await self._meet.hub.here(self._room, self._seat_id, self._presence)

    async def _ice(self, _sent: Sent) -> None:
        self._put({"t": "ice", "ice": self._ice_now()})

    async def _record(self, sent: Sent) -> None:
        if not sent.on:
            await self._do(lambda ctx: recording.stop(ctx, self._room_id))
            return
        roster = await self._meet.hub.roster(self._room, [seat.id for seat in self._look.seats])
        async with self._door() as ctx:
            recording_id = await recording.start(ctx, self._room_id, set(roster))
        self._put({"t": "record", "recording": str(recording_id)})
        await self._publish({"t": "changed"})

    async def _leave(self, _sent: Sent) -> None:
        await self._do(lambda ctx: seats.leave(ctx, self._room_id))
        self._left = True

    async def _do(self, act: Callable[[Context], Awaitable[None]]) -> None:
        async with self._door() as ctx:
            await act(ctx)
        await self._publish({"t": "changed"})

    # -- what the page is told -----------------------------------------------------------------------------------------

    def _hear(self, message: bytes) -> None:
        """From the hub, for all pages of the room: passed on to this one if it concerns it."""
        try:
            heard = msgspec.json.decode(message)
        except msgspec.DecodeError:
            return
        kind = heard.get("t")
        if kind == "changed":
            self._changed.set()
        elif not self._inside:
            return
        elif kind == "signal":
            if heard["to"] == str(self._seat_id) and heard["sid"] == self._presence.sid:
                self._put_bytes(message)
        elif kind == "said" or (kind == "noted" and self._concerns(heard)):
            self._put_bytes(message)

    def _concerns(self, noted: dict[str, Any]) -> bool:
        return self._look.own.role != "guest" and noted["by"] != self._presence.connection

    def _put(self, message: Any) -> None:
        self._put_bytes(msgspec.json.encode(message))

    def _put_bytes(self, message: bytes) -> None:
        try:
            self._queue.put_nowait(message)
        except asyncio.QueueFull:
            self._overflow.set()

    async def _write(self) -> None:
        while True:
            message = await self._queue.get()
            if self._overflow.is_set():
                raise Over(1013, "too slow")
            await self._socket.send_text(message.decode())

    def _welcome(self) -> None:
        own = self._look.own
        you = {"id": str(own.id), "name": own.name, "role": own.role}
        self._put({"t": "welcome", "you": you, "ice": self._ice_now()})

    def _ice_now(self) -> dict[str, Any]:
        lasts_s = max(0, (self._look.room.closes_at - self._look.now).total_seconds())
        return self._meet.ice(self._seat_id, int(time.time() + lasts_s) + rules.LEEWAY_S)

    async def _publish(self, message: Any) -> None:
        await self._meet.hub.publish(self._room, msgspec.json.encode(message))

    # -- whether it may stay -------------------------------------------------------------------------------------------

    async def _watch(self) -> None:
        """Looks at session, membership and who is here, at every change and every two seconds."""
        while True:
            self._changed.clear()
            try:
                await self._look_again()
            except (Unavailable, RedisError, OSError) as error:
                # pictures and sound go on without us; the next look may succeed
                log.warning("meeting rooms: %s", type(error).__name__)
            except ZhirenError as error:
                raise Over(REFUSED + error.status, error.code) from error
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S):
                    await self._changed.wait()

    async def _look_again(self) -> None:
        async with self._door() as ctx:
            found = await again(self._socket, ctx)
            if found is None:
                raise Over(REFUSED + 401, "zhiren.not_signed_in")
            self._look = look = await seats.look(found, self._room_id)
            await require_module(self._socket, found, look.room.about_type)
        hub, state = self._meet.hub, look.state
        self._roster = await hub.roster(self._room, [seat.id for seat in look.seats])
        taken = self._roster.get(self._seat_id)
        if taken is not None and taken.connection > self._presence.connection:
            raise Over(TAKEN_OVER, "meet.taken_over")
        self._presence = msgspec.structs.replace(self._presence, state=state)
        await hub.here(self._room, self._seat_id, self._presence)
        self._roster[self._seat_id] = self._presence
        await self._tell_state(look)

    async def _tell_state(self, look: seats.Look) -> None:
        came_in = look.state == "in" and not self._inside
        self._inside = look.state == "in"
        told = seats.view(look, self._roster)
        if told != self._told:
            self._told = told
            self._put(told)
        if came_in:
            async with self._door() as ctx:
                self._put({"t": "chat", "lines": await talk.said(ctx, self._room_id)})
        if look.room.recorder_id is not None and look.own.role == "host" and look.room.recorder_id not in self._roster:
            # whose browser recorded has gone: nothing is being recorded, and nobody shall think so
            await self._do(lambda ctx: recording.stop(ctx, self._room_id))

    async def _close(self, over: Over) -> None:
        with suppress(Exception):
            await self._socket.close(over.code, over.reason)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)
