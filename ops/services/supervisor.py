"""The process that keeps the services: starts them, starts them again when they die, stops them when nobody is left.

It belongs to no terminal and to no single user of the services. Users hold a shared lock (``users.lock``); when the
last one is gone, however it went, everything is stopped. Killed itself, it leaves the services running, and the next
one takes them over.

    python -m ops.services.supervisor CONTROL_VAR_DIR PROFILE SERVICE...
"""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, Literal, Protocol

from ops import terminal
from ops.services.errors import ServiceError
from ops.services.files import Lock, read_json, write_json
from ops.services.openbao import OpenBao
from ops.services.places import Places, lay_out
from ops.services.postgres import Postgres
from ops.services.processes import Command, Process, started_ticks, strays
from ops.services.redis import Redis
from zhiren.i18n import _

log = logging.getLogger("zhiren.services")

_TICK_S: Final = 0.1
_START_LIMIT_S: Final = 60.0
_LOG_LIMIT_BYTES: Final = 20 * 1024 * 1024
_SECRETS: Final = (
    *("postgres_admin", "postgres_owner", "postgres_app", "postgres_sequencer"),
    *("vault_app_role", "vault_app_secret", "vault_provisioner_role", "vault_provisioner_secret"),
    *("vault_steward_role", "vault_steward_secret"),
)


class Service(Protocol):
    """What the supervisor needs to know of a service."""

    name: str
    #: seconds it may take to stop before it is killed
    patience_s: float

    @property
    def marks(self) -> tuple[Path, ...]:
        """Paths that appear in its command line and in nobody else's."""
        ...

    def prepare(self) -> Command:
        """Write its configuration, make its data on the first start, say how to start it."""
        ...

    def clear(self) -> None:
        """Remove what a crash left that would keep a new process from starting. None runs while this is called."""
        ...

    def ready(self) -> bool:
        """Whether it does its work now; quick, never raises."""
        ...

    def set_up(self) -> dict[str, str]:
        """Once it is ready: what has to be there in it, and the settings it answers to."""
        ...

    def tend(self) -> None:
        """Called every few seconds."""
        ...


class Keeper:
    """One service and its process."""

    def __init__(self, service: Service, places: Places) -> None:
        self.service = service
        self._places = places
        self._note = places.control / f"{service.name}.pid"
        self._log = places.control / "log" / f"{service.name}.log"
        self._died_s: list[float] = []
        self._not_before_s = 0.0
        self.process: Process | None = None
        self._command: Command | None = None

    def start(self) -> dict[str, str]:
        """Take over what still runs, or start it. Returns its settings."""
        command = self._command = self.service.prepare()
        known = Process.remembered(self._note, command)
        program = Path(command.argv[0]).name
        for stray in strays(program, self.service.marks, known.pid if known else 0):
            log.info("stopping %s %d, left by a run that was killed", self.service.name, stray.pid)
            stray.stop(command.stop_signal, self.service.patience_s)
        if known is not None and self._becomes_ready(known, 3.0):
            log.info("took over %s %d", self.service.name, known.pid)
            self.process = known
        else:
            if known is not None:
                known.stop(command.stop_signal, self.service.patience_s)
            self._spawn(command)
        return self.service.set_up()

    def check(self) -> bool:
        """Start the service again if it died. Returns whether its process is another one now."""
        if self.process is not None and self.process.alive():
            return False
        now = time.monotonic()
        if self.process is not None:
            log.warning("%s %d died", self.service.name, self.process.pid)
            self._died_s = [*(t for t in self._died_s if now - t < 60), now]
            # at once the first time, then slower: a service that cannot live must not eat the machine
            self._not_before_s = now + min(5.0, 0.25 * (2 ** (len(self._died_s) - 1) - 1))
            self.process = None
        if now < self._not_before_s:
            return False
        try:
            self._spawn(self.service.prepare(), wait=False)
        except (ServiceError, OSError) as error:
            log.error("%s does not start: %s", self.service.name, error)
            self._not_before_s = now + 5.0
            return False
        return True

    def stop(self) -> None:
        if self.process is not None and self._command is not None:
            self.process.stop(self._command.stop_signal, self.service.patience_s)
            log.info("stopped %s %d", self.service.name, self.process.pid)
        self.process = None
        self._note.unlink(missing_ok=True)

    def turn_log(self) -> None:
        # the service appends: emptying the file in place is safe
        if self._log.exists() and self._log.stat().st_size > _LOG_LIMIT_BYTES:
            shutil.copyfile(self._log, self._log.with_suffix(".1.log"))
            os.truncate(self._log, 0)

    def _spawn(self, command: Command, *, wait: bool = True) -> None:
        self._command = command
        self.turn_log()
        self.service.clear()
        self.process = Process.spawn(command, self._places.account, self._log)
        self.process.remember(self._note, command)
        log.info("started %s %d", self.service.name, self.process.pid)
        if wait and not self._becomes_ready(self.process, _START_LIMIT_S):
            last = self._log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-3:]
            self.process.stop(command.stop_signal, self.service.patience_s)
            raise ServiceError(
                _("{name} 没有启动成功：{said}", name=self.service.name, said=" / ".join(last)),
                _("详情见 {file}", file=self._log),
            )

    def _becomes_ready(self, process: Process, limit_s: float) -> bool:
        end = time.monotonic() + limit_s
        while time.monotonic() < end and process.alive():
            if self.service.ready():
                return True
            time.sleep(0.03)
        return False


class Supervisor:
    def __init__(self, var_dir: Path, profile: Literal["durable", "test"], names: Sequence[str]) -> None:
        self._places = lay_out(var_dir)
        self._control = self._places.control
        (self._control / "log").mkdir(mode=0o700, exist_ok=True)
        self._state: dict[str, Any] = {
            "pid": os.getpid(),
            "phase": "starting",
            "services": sorted(names),
            "profile": profile,
        }
        self._stopping = False
        known = _secrets(self._control)
        self._postgres = Postgres(self._places, known, profile) if "postgres" in names else None
        services: list[Service] = [self._postgres] if self._postgres else []
        if "redis" in names:
            services.append(Redis(self._places, profile))
        if "openbao" in names:
            services.append(OpenBao(self._places, known))
        self._keepers = [Keeper(service, self._places) for service in services]

    def run(self, users: Lock) -> None:
        self._tell()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._ask_to_stop)
        try:
            with ThreadPoolExecutor(max_workers=3) as pool:
                found = list(pool.map(Keeper.start, self._keepers))
            settings = {name: value for part in found for name, value in part.items()}
            self._state |= {"phase": "ready", "settings": settings, "children": self._children()}
            if self._postgres is not None:
                self._state["admin_url"] = self._postgres.admin_url
            self._tell()
            self._watch(users)
        finally:
            self._state["phase"] = "stopping"
            self._tell()
            with ThreadPoolExecutor(max_workers=3) as pool:
                list(pool.map(Keeper.stop, self._keepers))
            (self._control / "state.json").unlink(missing_ok=True)

    def _watch(self, users: Lock) -> None:
        tended_s = time.monotonic()
        while not self._stopping and not users.exclusive(wait=False):
            changed = [keeper for keeper in self._keepers if keeper.check()]
            if changed:
                self._state["children"] = self._children()
                self._tell()
            if time.monotonic() - tended_s > 5:
                tended_s = time.monotonic()
                for keeper in self._keepers:
                    keeper.turn_log()
                    keeper.service.tend()
            time.sleep(_TICK_S)

    def _children(self) -> dict[str, int]:
        return {keeper.service.name: keeper.process.pid for keeper in self._keepers if keeper.process}

    def _tell(self) -> None:
        write_json(self._control / "state.json", self._state)

    def _ask_to_stop(self, *_: object) -> None:
        self._stopping = True


def _secrets(control: Path) -> dict[str, str]:
    path = control / "secrets.json"
    known = read_json(path)
    missing = [name for name in _SECRETS if name not in known]
    if missing:
        known |= {name: secrets.token_urlsafe(24) for name in missing}
        write_json(path, known)
    return {name: str(known[name]) for name in _SECRETS}


def main(arguments: Sequence[str]) -> int:
    var_dir, profile, *names = arguments
    control = Path(var_dir).absolute() / "services"
    lock, users = Lock(control / "supervisor.lock"), Lock(control / "users.lock")
    if not lock.exclusive(wait=False):
        return 0  # another one was quicker
    terminal.speak(os.environ)
    logging.basicConfig(level="INFO", format="%(asctime)s %(message)s")
    try:
        Supervisor(Path(var_dir), "test" if profile == "test" else "durable", names).run(users)
    except Exception as error:
        log.exception("the services do not start")
        said = error if isinstance(error, ServiceError) else ServiceError(f"{type(error).__name__}: {error}")
        failed = {"pid": os.getpid(), "started": started_ticks(os.getpid()), "phase": "failed"}
        write_json(control / "state.json", failed | {"message": said.message, "hint": said.hint})
        return 1
    finally:
        # in this order: who finds no supervisor any more must find no user either
        users.close()
        lock.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
