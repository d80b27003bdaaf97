"""A mailbox that speaks IMAP (RFC 3501) on this machine, as far as reading one needs it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class ImapServer:
    user: str = "jobs"
    password: str = "geheim+/@ 1"
    validity: int = 7
    port: int = 0
    mails: dict[int, bytes] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)
    #: UIDs whose bodies were asked for
    fetched: list[int] = field(default_factory=list)

    def add(self, data: bytes) -> int:
        uid = max(self.mails, default=100) + 1
        self.mails[uid] = data
        return uid

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK ready\r\n")
        while line := await reader.readline():
            tag, _space, rest = line.decode().rstrip("\r\n").partition(" ")
            writer.write(self._answer(tag, rest))
            await writer.drain()
            if rest.upper().startswith("LOGOUT"):
                break
        writer.close()

    def _answer(self, tag: str, rest: str) -> bytes:
        verb = rest.upper()
        body = b""
        if verb.startswith("CAPABILITY"):
            body = b"* CAPABILITY IMAP4rev1\r\n"
        elif verb.startswith("LOGIN") and rest != f'LOGIN "{self.user}" "{self.password}"':
            return f"{tag} NO wrong\r\n".encode()
        elif verb.startswith("SELECT"):
            body = f"* {len(self.mails)} EXISTS\r\n* OK [UIDVALIDITY {self.validity}] x\r\n".encode()
        elif verb.startswith("STATUS"):
            body = f'* STATUS "INBOX" (UIDVALIDITY {self.validity})\r\n'.encode()
        elif verb.startswith("UID SEARCH"):
            body = f"* SEARCH {' '.join(map(str, self._search(verb)))}\r\n".encode()
        elif verb.startswith("UID FETCH"):
            body = self._fetch(int(rest.split()[2]), verb)
        elif verb.startswith("LOGOUT"):
            body = b"* BYE\r\n"
        return body + f"{tag} OK done\r\n".encode()

    def _search(self, verb: str) -> list[int]:
        if "UNSEEN" in verb:
            return [uid for uid in self.mails if uid not in self.seen]
        start = re.search(r"UID (\d+):\*", verb)
        assert start is not None, verb
        low = min(int(start[1]), max(self.mails, default=0))
        return [uid for uid in self.mails if uid >= low]

    def _fetch(self, uid: int, verb: str) -> bytes:
        data = self.mails[uid]
        if "BODY" not in verb:
            return f"* 1 FETCH (UID {uid} RFC822.SIZE {len(data)})\r\n".encode()
        size, head = len(data), "[HEADER]" in verb
        if head:
            data = data.partition(b"\n\n")[0] + b"\n\n"
        else:
            self.fetched.append(uid)
        if "PEEK" not in verb:
            self.seen.add(uid)
        name = "BODY[HEADER]" if head else "BODY[]"
        start = f"* 1 FETCH (UID {uid} FLAGS () RFC822.SIZE {size} {name} {{{len(data)}}}\r\n".encode()
        return start + data + b")\r\n"


@asynccontextmanager
async def imap_server() -> AsyncIterator[ImapServer]:
    found = ImapServer()
    server = await asyncio.start_server(found.serve, "127.0.0.1", 0)
    found.port = server.sockets[0].getsockname()[1]
    async with server:
        yield found
