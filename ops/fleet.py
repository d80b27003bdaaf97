"""Several processes of one installation, watched: started again when they die, ended in good order."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, Literal

import zhiren
from zhiren.settings import Settings

log = logging.getLogger("zhiren.fleet")

Role = Literal["web", "worker", "scheduler"]

_TICK_S: Final = 0.1
#: a worker may need this long to bring the part of a job it is at to an end
PATIENCE_S: Final = 60.0
_SLOWEST_S: Final = 10.0


class Member:
    """One process of a role. It dies with its parent, so that nothing is left behind by a kill."""

    def __init__(self, name: str, role: Role, composition: str, env: Mapping[str, str]) -> None:
        self.name = name
        self.role = role
        self._command = [sys.executable, "-m", "ops.run", role, composition]
        self._env = dict(env)
        self._deaths: list[float] = []
        #: the status each of its processes ended with before its time
        self.died: list[int] = []
        self._not_before_s = 0.0
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(self._command, env=self._env, start_new_session=True)
        log.info("%s: started, process %d", self.name, self.process.pid)

    def check(self) -> None:
        """Start it again when it died; slower each time it dies within a minute."""
        now = time.monotonic()
        if self.process is not None and self.process.poll() is not None:
            log.warning("%s: process %d ended with status %d", self.name, self.process.pid, self.process.returncode)
            self.died.append(self.process.returncode)
            self._deaths = [*(death for death in self._deaths if now - death < 60), now]
            self._not_before_s = now + min(_SLOWEST_S, 0.2 * (2 ** (len(self._deaths) - 1) - 1))
            self.process = None
        if self.process is None and now >= self._not_before_s:
            self.start()

    def ask_to_end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def end(self, deadline_s: float) -> None:
        if self.process is None:
            return
        try:
            self.process.wait(max(0.1, deadline_s - time.monotonic()))
        except subprocess.TimeoutExpired:
            log.warning("%s: process %d did not end, killing it", self.name, self.process.pid)
            self.process.kill()
            self.process.wait()
        self.process = None


class Fleet:
    """The processes of ``roles`` (role, how many), each with ``settings`` as its environment.

    ``composition`` is the module that puts their parts together, as ``ops.hosted`` does.
    """

    def __init__(
        self, settings: Settings, roles: Sequence[tuple[Role, int]], *, composition: str = "ops.hosted"
    ) -> None:
        env = {name: value for name, value in os.environ.items() if not name.startswith("ZHIREN_")}
        paths = dict.fromkeys((str(Path(__file__).parents[1]), str(Path(zhiren.__file__).parents[1])))
        env |= settings.to_env() | {"PYTHONPATH": os.pathsep.join(paths)}
        self.members = [
            Member(f"{role} {number}" if count > 1 else role, role, composition, env)
            for role, count in roles
            for number in range(1, count + 1)
        ]
        self._ending = threading.Event()

    def start(self, *roles: Role) -> None:
        """Start those of ``roles`` that do not run; without any, all."""
        for member in self.members:
            if member.process is None and (not roles or member.role in roles):
                member.start()

    def watch(self, until: Callable[[], bool] = lambda: False) -> None:
        """Keep all alive until ``until()`` or ``ask_to_end()``."""
        while not self._ending.wait(_TICK_S) and not until():
            for member in self.members:
                member.check()

    def ask_to_end(self, *_signal: object) -> None:
        self._ending.set()

    def stop(self) -> None:
        """End all of them, those that take work first to finish it. Returns when they are gone."""
        self._ending.set()
        for member in self.members:
            member.ask_to_end()
        deadline_s = time.monotonic() + PATIENCE_S
        for member in self.members:
            member.end(deadline_s)

    def run(self) -> None:
        """Start, keep alive until SIGTERM or SIGINT, end in good order."""
        before = {number: signal.signal(number, self.ask_to_end) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            self.start()
            self.watch()
        finally:
            self.stop()
            for number, handler in before.items():
                with contextlib.suppress(TypeError):
                    signal.signal(number, handler)
