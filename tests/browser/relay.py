"""A real TURN relay (coturn) on loopback, and a line that can be cut: networks that tests can take away."""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

TURNSERVER = Path("/usr/bin/turnserver")
START_S = 30.0
ATTEMPTS = 3


@dataclass(frozen=True)
class Relay:
    """``url`` for browsers; ``secret`` is what credentials are made with."""

    port: int
    secret: str
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"turn:127.0.0.1:{self.port}?transport=udp"

    @contextmanager
    def cut(self) -> Iterator[None]:
        """Packets that arrive meanwhile are not passed on."""
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)


@contextmanager
def coturn(folder: Path, secret: str) -> Iterator[Relay]:
    """As an installation runs it (``use-auth-secret``), save that it serves loopback alone. Where it does not answer,
    it is started again on another port: the one that was free may be somebody's by now."""
    for _attempt in range(ATTEMPTS):
        port = _free(socket.SOCK_DGRAM)
        with _started(folder, port, secret) as process:
            if _answers(port, process):
                yield Relay(port, secret, process)
                return
    raise TimeoutError(f"coturn did not answer: {(folder / 'turn.log').read_text(errors='replace')[-2000:]}")


@contextmanager
def _started(folder: Path, port: int, secret: str) -> Iterator[subprocess.Popen[bytes]]:
    settings = (
        "listening-ip=127.0.0.1",
        f"listening-port={port}",
        "relay-ip=127.0.0.1",
        "use-auth-secret",
        f"static-auth-secret={secret}",
        "realm=zhiren.test",
        "allow-loopback-peers",
        "no-cli",
        "no-tls",
        "no-dtls",
        "fingerprint",
        f"userdb={folder / 'turn.db'}",
        f"pidfile={folder / 'turn.pid'}",
        "log-file=stdout",
    )
    file = folder / "turnserver.conf"
    file.write_text("\n".join(settings) + "\n")
    with (folder / "turn.log").open("ab") as log:
        process = subprocess.Popen([str(TURNSERVER), "-c", str(file)], stdout=log, stderr=log)
        try:
            yield process
        finally:
            process.send_signal(signal.SIGCONT)
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=5)
            process.kill()


def _answers(port: int, process: subprocess.Popen[bytes]) -> bool:
    """Whether it answers a binding request (RFC 5389) in time."""
    request = b"\x00\x01\x00\x00\x21\x12\xa4\x42" + b"zhiren-test!"
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, suppress(OSError):
            probe.settimeout(0.3)
            probe.sendto(request, ("127.0.0.1", port))
            if probe.recv(1500)[:2] == b"\x01\x01":
                return True
    return False


def _free(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Wire:
    """A TCP line to ``there``; somebody who goes by ``port`` is offline while it is cut."""

    there: int
    port: int = 0
    up: bool = True
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self.up:
            writer.transport.abort()
            return
        onward_reader, onward = await asyncio.open_connection("127.0.0.1", self.there)
        ends = {writer, onward}
        self._writers |= ends
        try:
            await asyncio.gather(_pump(reader, onward), _pump(onward_reader, writer))
        finally:
            self._writers -= ends
            for end in ends:
                end.transport.abort()

    @contextmanager
    def cut(self) -> Iterator[None]:
        self.up = False
        for writer in list(self._writers):
            writer.transport.abort()
        try:
            yield
        finally:
            self.up = True


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.transport.abort()


@asynccontextmanager
async def wire(there: int) -> AsyncIterator[Wire]:
    found = Wire(there)
    server = await asyncio.start_server(found.carry, "127.0.0.1", 0)
    found.port = int(server.sockets[0].getsockname()[1])
    try:
        yield found
    finally:
        with found.cut():
            server.close()
