"""The demonstration: two customers side by side, the main job done on real input, served until Ctrl-C.

Whoever comes back waits for the web process and nothing else: it starts first, and what this process needs for itself
is loaded beside it.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Sequence
from importlib import import_module
from typing import Protocol, cast

import httpx
import msgspec

from ops.demo.notes import notes
from ops.fleet import Fleet, Role
from zhiren.context import TenantRef
from zhiren.settings import Settings

ROLES: tuple[tuple[Role, int], ...] = (("web", 1), ("worker", 1), ("scheduler", 1))
_READY_WITHIN_S = 60.0


class Stage(Protocol):
    """``ops.demo.stage``, which brings the whole program with it."""

    def stands(self, settings: Settings) -> bool: ...

    def make(self, settings: Settings, password: str) -> list[TenantRef]: ...

    def fill(self, settings: Settings, tenants: Sequence[TenantRef], password: str) -> None: ...

    def check(self, settings: Settings, port: int, password: str) -> int: ...

    def tell(self, settings: Settings, port: int, password: str) -> None: ...


def run(settings: Settings, *, port: int, check: bool) -> int:
    """Make the demo customers, serve on ``port`` until Ctrl-C, or check everything over HTTP and return 0 or 1."""
    kept = notes(settings.var_dir)
    # the terminal is for people: the processes speak up only when something is wrong
    quiet = msgspec.structs.replace(settings, log_level="warning")
    fleet = Fleet(quiet, ROLES, composition="ops.demo.composition")
    before = {number: signal.signal(number, fleet.ask_to_end) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        if kept.complete:
            fleet.start("web")
        stage = cast("Stage", import_module("ops.demo.stage"))
        # the notes may be older than the database: then what is to be served is made under the web process
        ready = kept.complete and stage.stands(settings)
        tenants = [] if ready else stage.make(settings, kept.password)
        if not ready:
            fleet.start("web")
        wait_until_it_answers(port)
        fleet.start("worker", "scheduler")
        if not ready:
            stage.fill(settings, tenants, kept.password)
            kept.write(complete=True)
        if check:
            return stage.check(settings, port, kept.password)
        stage.tell(settings, port, kept.password)
        fleet.watch()
        return 0
    finally:
        fleet.stop()
        for number, handler in before.items():
            signal.signal(number, handler)


def wait_until_it_answers(port: int) -> None:
    """Returns when ``/readyz`` says 200. Raises TimeoutError after a minute."""
    deadline_s = time.monotonic() + _READY_WITHIN_S
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=5) as http:
        while time.monotonic() < deadline_s:
            try:
                if http.get("/readyz").status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.05)
    raise TimeoutError(f"no answer on port {port} within {_READY_WITHIN_S:.0f} s")
