"""One process of an installation: ``python -m ops.run web|worker|scheduler``, all settings in its environment.

The command line starts these through ``ops.fleet``; under systemd or in containers they may be started directly, with
``--alone``. A second word names another composition than ``ops.hosted``.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from granian import Granian
from granian.constants import Interfaces, Loops
from granian.log import LogLevels
from litestar import Litestar

from ops import logs, memory
from zhiren.jobs import scheduler as jobs_scheduler
from zhiren.jobs import worker as jobs_worker
from zhiren.jobs.scheduler import Task
from zhiren.settings import Settings

if TYPE_CHECKING:
    from ops.hosted import Hosted

#: prctl(2)
_PR_SET_PDEATHSIG: Final = 1
HOSTED: Final = "ops.hosted"


class Composition(Protocol):
    """A module that puts the parts together: ``ops.hosted``, or one like it."""

    def deployment(self, settings: Settings) -> Hosted: ...

    def application(self) -> Litestar: ...

    def scheduled(self, parts: Hosted) -> Sequence[Task]: ...


def web(settings: Settings, composition: str) -> None:
    """Serve HTTP until SIGTERM. Server processes that die are started again."""
    Granian(
        f"{composition}:application",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        loop=Loops.asyncio,
        workers=settings.web_workers,
        websockets=True,
        respawn_failed_workers=True,
        respawn_interval=0.5,
        workers_kill_timeout=20,
        # backends and caches grow with the tenants they met; a fresh process costs less than the memory
        workers_max_rss=1024,
        log_level=LogLevels(settings.log_level),
        log_access=False,
        log_dictconfig=_LOGGING,
    ).serve(target_loader=partial(_served, composition), wrap_loader=False)


def _served(composition: str) -> Litestar:
    """The application, in a server process. It does not outlive the first process, which alone could replace it: left
    over, it would go on answering at our port, with the program and settings of yesterday."""
    parent = multiprocessing.parent_process()
    _end_with_parent(parent.pid if parent is not None and parent.pid else os.getppid())
    return cast("Composition", import_module(composition)).application()


def _end_with_parent(parent: int) -> None:
    """SIGTERM to us when process ``parent`` is no more; at once if it is gone already."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit(1)


def worker(settings: Settings, composition: str) -> None:
    house = cast("Composition", import_module(composition))
    parts = house.deployment(settings)
    memory.settle()
    jobs_worker.run(parts)


def scheduler(settings: Settings, composition: str) -> None:
    house = cast("Composition", import_module(composition))
    found = house.deployment(settings)
    jobs_scheduler.run(found, house.scheduled(found))


#: the server's lines go where ours go
_LOGGING: Final[dict[str, Any]] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {},
    "handlers": {},
    "loggers": {"_granian": {"handlers": [], "level": "INFO", "propagate": True}},
}

_ROLES: Final[Mapping[str, Callable[[Settings, str], None]]] = {"web": web, "worker": worker, "scheduler": scheduler}


def main(arguments: Sequence[str]) -> int:
    words = [word for word in arguments if not word.startswith("--")]
    if "--alone" not in arguments:
        # the parent watches us and nobody else does: without it we end too, in good order
        _end_with_parent(os.getppid())
    settings = Settings.load(os.environ)
    logs.configure(settings)
    _ROLES[words[0]](settings, words[1] if len(words) > 1 else HOSTED)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
