"""A browser's end of a websocket, spoken to an application in this process."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any, cast
from uuid import UUID

import msgspec
from litestar import Litestar

from zhiren.context import TenantRef

WAIT_S = 30.0


class Refused(Exception):
    """The socket was closed, before it was accepted or afterwards."""

    def __init__(self, code: int, *, before: bool) -> None:
        super().__init__(f"closed with {code}")
        self.code, self.before = code, before


class Page:
    """One socket. ``await page.until("state")`` is the next message of that kind."""

    def __init__(self, app: Litestar, path: str, headers: dict[str, str], query: str) -> None:
        self._inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._outbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        scope = {
            "type": "websocket",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "scheme": "ws",
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            "client": ("127.0.0.1", 5000),
            "server": ("127.0.0.1", 80),
            "subprotocols": [],
            "state": {},
        }
        self._inbox.put_nowait({"type": "websocket.connect"})
        self.seen: list[dict[str, Any]] = []
        self.accepted = False
        self.task = asyncio.create_task(cast(Any, app)(scope, self._inbox.get, self._outbox.put))

    async def opened(self) -> Page:
        """Raises Refused."""
        message = await self._next()
        assert message["type"] == "websocket.accept", message
        self.accepted = True
        return self

    async def _next(self) -> dict[str, Any]:
        message = await asyncio.wait_for(self._outbox.get(), WAIT_S)
        if message["type"] == "websocket.close":
            await self.task
            raise Refused(message.get("code", 1000), before=not self.accepted)
        return message

    async def receive(self) -> dict[str, Any]:
        message = msgspec.json.decode((await self._next())["text"])
        self.seen.append(message)
        return dict(message)

    async def until(self, kind: str, **values: Any) -> dict[str, Any]:
        """The next message of this kind with these values."""
        while True:
            message = await self.receive()
            if message["t"] == kind and all(message.get(name) == value for name, value in values.items()):
                return message

    async def state(self, *names: str, **values: Any) -> dict[str, Any]:
        """The next state in which exactly these people are here."""
        while True:
            message = await self.until("state", **values)
            if not names or {person["name"] for person in message["people"]} == set(names):
                return message

    async def nothing(self, kind: str, *, within_s: float = 0.7) -> bool:
        """Whether no message of this kind comes."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while True:
                    if (await self.receive())["t"] == kind:
                        return False
        return True

    def say(self, kind: str, **values: Any) -> None:
        self.say_text(msgspec.json.encode({"t": kind, **values}).decode())

    def say_text(self, text: str) -> None:
        self._inbox.put_nowait({"type": "websocket.receive", "text": text})

    async def closed(self) -> int:
        """Waits for the close; the code."""
        try:
            while True:
                await self.receive()
        except Refused as refused:
            return refused.code

    async def close(self) -> None:
        """The browser goes away."""
        self._inbox.put_nowait({"type": "websocket.disconnect", "code": 1001})
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self.task, WAIT_S)


def headers_of(tenant: TenantRef, cookie: str, **more: str) -> dict[str, str]:
    host = f"{tenant.slug}.localhost"
    found = {"host": host, "origin": f"http://{host}", "cookie": cookie, "user-agent": "test"}
    return {name: value for name, value in {**found, **more}.items() if value}


def connect(app: Litestar, headers: dict[str, str], room_id: UUID, *, sid: str = "aaaaaaaa") -> Page:
    return Page(app, f"/meet/{room_id}/ws", headers, f"sid={sid}")
