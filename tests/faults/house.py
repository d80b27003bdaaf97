"""A whole installation of its own on this machine: services, web, worker and scheduler, any of which may be killed."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from ops.fleet import Fleet
from ops.services import Running, remove, start
from ops.services.processes import started_ticks
from zhiren.settings import Settings

VAR: Final = Path(__file__).parents[2] / "var" / "test-faults"
SERVICES: Final = ("postgres", "redis", "openbao")
KEYS_KEPT_S: Final = 5.0
COMPOSITION: Final = "ops.demo.composition"


class House:
    """The processes by name: ``web``, ``server`` (the child that answers requests), ``worker``, and the services."""

    def __init__(self, services: Running, fleet: Fleet, settings: Settings) -> None:
        self._services, self._fleet, self.settings = services, fleet, settings

    def pid(self, name: str) -> int | None:
        """The process that does this now; None while there is none."""
        if name in SERVICES:
            found = self._services.pids().get(name)
        elif name == "server":
            web = self.pid("web")
            found = next(iter(children(web)), None) if web else None
        else:
            process = next(member for member in self._fleet.members if member.name == name).process
            found = process.pid if process is not None and process.poll() is None else None
        return found if found and started_ticks(found) is not None else None

    def kill(self, name: str) -> int:
        """SIGKILL. Returns the process id that is no more."""
        pid = self.pid(name)
        assert pid is not None, f"{name} does not run"
        os.kill(pid, signal.SIGKILL)
        return pid

    def stands(self, name: str, not_pid: int | None = None) -> bool:
        pid = self.pid(name)
        return pid is not None and pid != not_pid


def children(pid: int) -> list[int]:
    """Live child processes that serve requests; the one that only tracks shared memory is not among them."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for word in task.read_text().split():
            command = Path(f"/proc/{word}/cmdline").read_bytes()
            if b"resource_tracker" not in command:
                found.append(int(word))
    return found


@contextmanager
def services() -> Iterator[tuple[Running, Settings]]:
    """Services whose data lie in a folder of their own, empty before and after."""
    remove(VAR)
    with start(VAR, {}) as running:
        yield running, msgspec.structs.replace(Settings.load(running.settings_env), port=_free_port())
    remove(VAR)


@contextmanager
def inhabited(running: Running, settings: Settings) -> Iterator[House]:
    """The fleet over these services. Opened keys are forgotten soon, so that the key service is missed when away."""
    theirs = msgspec.structs.replace(settings, web_workers=1, log_level="warning", data_key_cache_s=KEYS_KEPT_S)
    fleet = Fleet(theirs, [("web", 1), ("worker", 1), ("scheduler", 1)], composition=COMPOSITION)
    # a process ends with the thread that started it, so one thread keeps them all
    keeper = threading.Thread(target=_keep, args=(fleet,), name="fleet")
    keeper.start()
    try:
        yield House(running, fleet, settings)
    finally:
        fleet.ask_to_end()
        keeper.join()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _keep(fleet: Fleet) -> None:
    try:
        fleet.start()
        fleet.watch()
    finally:
        fleet.stop()


def eventually(what: Callable[[], bool], limit_s: float, told: str) -> None:
    end_s = time.monotonic() + limit_s
    while not what():
        assert time.monotonic() < end_s, f"{told}: not within {limit_s:.0f} s"
        time.sleep(0.05)
