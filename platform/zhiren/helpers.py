"""Processor work in processes of its own: a long calculation uses every core, and the event loop stays free."""

from __future__ import annotations

import asyncio
import gc
import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from importlib import import_module

log = logging.getLogger(__name__)

#: helpers with nothing to do end after so long, and their memory is free
IDLE_S = 60.0
#: more would only wait for the database
MOST = 4


def cores() -> int:
    """How many processors this process may use, as far as helpers are worth having: 0 where there is only one."""
    found = len(os.sched_getaffinity(0))
    return min(found, MOST) if found > 1 else 0


class Helpers:
    """Up to ``processes`` helpers of this process, made by ``start``. Belongs to one event loop.

    What they are given is pure work on bytes: it goes to them and comes back through a pipe, never by a file. They end
    with this process, however that ends. A helper that is lost costs time and nothing else: its work is done here.
    """

    def __init__(self, processes: int | None = None) -> None:
        self.processes = cores() if processes is None else processes
        self._pool: ProcessPoolExecutor | None = None
        self._learning: list[Future[None]] = []
        self._running = 0
        self._end: asyncio.TimerHandle | None = None

    def start(self, work: Callable[[bytes], bytes]) -> None:
        """Make helpers that know ``work``, a function of a module. It takes them a second or two to stand; until then,
        and without this, ``run`` works here."""
        if self._pool is not None or not self.processes:
            return
        # a fresh interpreter each: a copy of this one would share its threads' locks and its random numbers
        fresh = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(self.processes, mp_context=fresh, initializer=_begin)
        self._learning = [self._pool.submit(_learn, work.__module__) for _ in range(self.processes)]
        self._end_later()

    async def standing(self) -> None:
        """Returns once every helper that was started can be given work."""
        await asyncio.gather(*map(asyncio.wrap_future, self._learning))

    async def run(self, work: Callable[[bytes], bytes], task: bytes) -> bytes:
        """``work(task)``, by a helper if there is one. Raises what it raises."""
        pool = self._pool
        if pool is None or not self._stand():
            return work(task)
        self._running += 1
        try:
            return await asyncio.wrap_future(pool.submit(work, task))
        except BrokenProcessPool:
            log.warning("a helper process was lost; its work is done here")
            if self._pool is pool:
                self.close()
            return work(task)
        finally:
            self._running -= 1
            self._end_later()

    def close(self) -> None:
        """End the helpers. Who still waits for one gets what it was waiting for."""
        pool, self._pool = self._pool, None
        if self._end is not None:
            self._end.cancel()
            self._end = None
        if pool is not None:
            pool.shutdown(wait=False)

    def _end_later(self) -> None:
        if self._end is not None:
            self._end.cancel()
        self._end = asyncio.get_running_loop().call_later(IDLE_S, self._end_if_idle)

    def _end_if_idle(self) -> None:
        if self._running or not self._stand():
            self._end_later()
        else:
            self.close()

    def _stand(self) -> bool:
        """Whether a helper can be given work."""
        return any(each.done() for each in self._learning)


def _begin() -> None:
    """The first thing a helper does: it ends with its parent, who alone decides about Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
    os._exit(0)


def _learn(module: str) -> None:
    import_module(module)
    # what is loaded stays for good: the garbage collector need not walk through it again and again
    gc.collect()
    gc.freeze()
