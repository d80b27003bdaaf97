"""The list of employees as HR sees it, through the whole application, against the barest handler on the same server.

Both are served by Granian with two processes each, idle while the other is asked. The asking goes on in this process,
on the same machine: it takes its share of the processor from both alike.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Final

import msgspec

from ops.bench import bare
from ops.bench.company import crowd
from ops.bench.measure import Bench, Result
from ops.demo.visitor import Visitor
from ops.fleet import Fleet
from zhiren.settings import Settings

PEOPLE: Final = 10_000
QUICK_PEOPLE: Final = 200
PATH: Final = "/records/employees"
ROUNDS: Final = 7
SECONDS: Final = 3.0
CONNECTIONS: Final = 8
WORKERS: Final = 2
_PATIENCE_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Load:
    """Answers a second, and the slowest twentieth of them in seconds."""

    per_s: float
    p95_s: float


async def employee_list(bench: Bench) -> list[Result]:
    """50 of 10,000 a page, by HR; and the bare handler, in turn."""
    people = bench.size(PEOPLE, QUICK_PEOPLE)
    rounds, seconds = bench.size(ROUNDS, 2), SECONDS if not bench.quick else 0.5
    async with crowd(bench, people) as company:
        with (
            served(company.settings, "ops.demo.composition") as ours,
            served(company.settings, "ops.bench.bare") as it,
        ):
            host = f"{bare.SLUG}.{company.settings.base_domain}"
            cookies = await asyncio.to_thread(_log_in, ours, company.settings.base_domain, company.password)
            asked = {"ours": (ours, _request(PATH, host, cookies)), "bare": (it, _request(bare.PATH, host, ""))}
            for port, request in asked.values():
                await _until_it_answers(port, request)
                await _load(port, request, seconds)
            pairs = []
            for number in range(rounds):
                order = ("ours", "bare") if number % 2 else ("bare", "ours")
                took = {name: await _load(*asked[name], seconds) for name in order}
                pairs.append((took["ours"], took["bare"]))
    slower = median(bare_.per_s / ours_.per_s for ours_, bare_ in pairs)
    longer = median(ours_.p95_s / bare_.p95_s for ours_, bare_ in pairs)
    rates = [median(pair[place].per_s for pair in pairs) for place in (0, 1)]
    waits = [median(pair[place].p95_s for pair in pairs) * 1000 for place in (0, 1)]
    what = f"{people:,} people, {WORKERS} processes, {CONNECTIONS} connections"
    return [
        Result("employee list, throughput", slower, 3.0, f"{what}: {rates[0]:.0f} a second, bare {rates[1]:.0f}"),
        Result("employee list, p95", longer, 3.0, f"{waits[0]:.1f} ms, bare {waits[1]:.1f} ms"),
    ]


@contextmanager
def served(settings: Settings, composition: str) -> Iterator[int]:
    """The port on which ``composition`` is served."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    changed = msgspec.structs.replace(settings, host="127.0.0.1", port=port, web_workers=WORKERS, log_level="warning")
    fleet = Fleet(changed, [("web", 1)], composition=composition)
    fleet.start()
    try:
        yield port
    finally:
        fleet.stop()


def _log_in(port: int, domain: str, password: str) -> str:
    deadline_s = time.monotonic() + _PATIENCE_S
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                break
        except OSError:
            if time.monotonic() > deadline_s:
                raise
            time.sleep(0.1)
    with Visitor(port, bare.SLUG, domain) as hr:
        hr.log_in("hr", password)
        hr.page(PATH, contains="B000001")
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in hr.cookies.jar)


def _request(path: str, host: str, cookies: str) -> bytes:
    lines = [f"GET {path} HTTP/1.1", f"Host: {host}", "Accept: text/html", "Accept-Language: zh-CN"]
    if cookies:
        lines.append(f"Cookie: {cookies}")
    return "\r\n".join([*lines, "", ""]).encode()


async def _until_it_answers(port: int, request: bytes) -> None:
    deadline_s = time.monotonic() + _PATIENCE_S
    while True:
        try:
            await _load(port, request, 0.0)
            return
        except (OSError, asyncio.IncompleteReadError):
            if time.monotonic() > deadline_s:
                raise
            await asyncio.sleep(0.1)


async def _load(port: int, request: bytes, seconds: float) -> Load:
    """Asks over and over on each connection; raises RuntimeError when an answer is not 200."""
    began_s = time.perf_counter()
    waits: list[float] = []

    async def visitor() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            while True:
                asked_s = time.perf_counter()
                writer.write(request)
                head = await reader.readuntil(b"\r\n\r\n")
                if not head.startswith(b"HTTP/1.1 200"):
                    raise RuntimeError(head[:200].decode(errors="replace"))
                length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
                await reader.readexactly(int(length))
                now_s = time.perf_counter()
                waits.append(now_s - asked_s)
                if now_s - began_s >= seconds:
                    return
        finally:
            writer.close()

    await asyncio.gather(*(visitor() for _ in range(CONNECTIONS)))
    took_s = time.perf_counter() - began_s
    return Load(len(waits) / took_s, quantiles(waits, n=20)[-1])


MEASURES = (employee_list,)
