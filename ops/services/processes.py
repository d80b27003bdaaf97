"""One watched process: started, recognised again after a crash of its watcher, stopped."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import select
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from ops.services.errors import ServiceError
from ops.services.files import read_json, write_json
from ops.services.places import Account
from zhiren.i18n import _

_Started = TypeVar("_Started")
_BUSY_S = 5.0


def when_not_busy(start: Callable[[], _Started]) -> _Started:
    """Starts a program that may have been copied into place a moment ago.

    A child that another thread begins meanwhile holds the copy open for writing between its fork and its exec, and a
    file being written to cannot be run (ETXTBSY). That passes within milliseconds; after five seconds it is an error.
    """
    end = time.monotonic() + _BUSY_S
    while True:
        try:
            return start()
        except OSError as error:
            if error.errno != errno.ETXTBSY or time.monotonic() > end:
                raise
        time.sleep(0.01)


@dataclass(frozen=True, slots=True)
class Command:
    """How a service is started. ``config`` is the text of its configuration: another text, another process."""

    argv: Sequence[str]
    cwd: Path
    config: str
    stop_signal: signal.Signals = signal.SIGTERM
    env: dict[str, str] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256("\0".join([*self.argv, self.config]).encode()).hexdigest()


class Process:
    """A process known by its id *and* the time it was started, so that a reused id is never taken for it."""

    def __init__(self, pid: int, started_ticks: int, popen: subprocess.Popen[bytes] | None = None) -> None:
        self.pid = pid
        self.started_ticks = started_ticks
        self._popen = popen

    @classmethod
    def spawn(cls, command: Command, account: Account, log: Path) -> Process:
        base = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC", "HOME": str(command.cwd)}
        with log.open("ab") as output:
            popen = when_not_busy(
                lambda: subprocess.Popen(
                    list(command.argv),
                    cwd=command.cwd,
                    env=base | command.env,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,  # Ctrl-C in the terminal is not for it
                    umask=0o077,
                    user=account.drop_to[0],
                    group=account.drop_to[1],
                    extra_groups=account.drop_to[2],
                )
            )
        return cls(popen.pid, started_ticks(popen.pid) or 0, popen)

    @classmethod
    def remembered(cls, path: Path, command: Command) -> Process | None:
        """The process that ``remember`` noted in ``path``, if it still runs and was started by the same command."""
        note = read_json(path)
        pid = note.get("pid", 0)
        if not isinstance(pid, int) or pid <= 0 or note.get("fingerprint") != command.fingerprint:
            return None
        process = cls(pid, note.get("started_ticks", 0))
        return process if process.alive() and program_of(pid) == Path(command.argv[0]).name else None

    def remember(self, path: Path, command: Command) -> None:
        note = {"pid": self.pid, "started_ticks": self.started_ticks, "fingerprint": command.fingerprint}
        write_json(path, note)

    def alive(self) -> bool:
        if self._popen is not None:
            return self._popen.poll() is None
        return self.started_ticks != 0 and started_ticks(self.pid) == self.started_ticks

    def stop(self, first: signal.Signals, patience_s: float) -> None:
        """Ask with ``first``; kill after ``patience_s``. Returns once it is gone."""
        for ask, wait_s in ((first, patience_s), (signal.SIGKILL, 10.0)):
            if not self.alive():
                return
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, ask)
            self._wait(wait_s)
        if self.alive():
            raise ServiceError(_("进程 {pid} 结束不了。", pid=self.pid), _("请执行：kill -9 {pid}", pid=self.pid))

    def _wait(self, timeout_s: float) -> None:
        try:
            handle = os.pidfd_open(self.pid)
        except (ProcessLookupError, OSError):
            handle = -1
        try:
            deadline = time.monotonic() + timeout_s
            while self.alive() and (left := deadline - time.monotonic()) > 0:
                if handle >= 0:
                    select.select([handle], [], [], min(left, 0.2))
                else:
                    time.sleep(min(left, 0.02))
        finally:
            if handle >= 0:
                os.close(handle)


def started_ticks(pid: int) -> int | None:
    """When ``pid`` was started, in clock ticks since boot; None when there is no such process or it is a zombie."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    state, *rest = text.rpartition(")")[2].split()
    return None if state in "ZX" else int(rest[18])


def command_line(pid: int) -> str:
    try:
        raw = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return ""
    return os.fsdecode(raw.replace(b"\0", b" ")).strip()


def program_of(pid: int) -> str:
    try:
        return Path(os.readlink(f"/proc/{pid}/exe")).name.removesuffix(" (deleted)")
    except OSError:
        return Path(command_line(pid).split(" ")[0]).name


def strays(program: str, marks: Iterable[Path], known: int) -> list[Process]:
    """Running ``program``s whose command line names one of the folders ``marks``: left by a run that was killed."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) in (known, os.getpid()):
            continue
        pid = int(entry.name)
        if program_of(pid) != program:
            continue
        words, ticks = command_line(pid), started_ticks(pid)
        if ticks is not None and any(str(mark) in words for mark in marks) and _parent_differs(pid, program):
            found.append(Process(pid, ticks))
    return found


def _parent_differs(pid: int, program: str) -> bool:
    # PostgreSQL's own children go with their parent
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return program_of(int(text.rpartition(")")[2].split()[1])) != program
