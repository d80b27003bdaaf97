"""Argon2id, off the event loop and behind a queue with an end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from zhiren.auth.errors import LoginBusy

#: RFC 9106, section 4, second recommended option: 3 passes over 64 MiB in 4 lanes
_HASHER: Final = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4, hash_len=32, salt_len=16)
#: a well-formed hash of nothing anybody knows: checking against it takes as long as checking a real one
_DECOY: Final = "$argon2id$v=19$m=65536,t=3,p=4$Y2hlY2tlZCBmb3IgdW5rbm93bg$q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA"
_THREADS: Final = 1
_QUEUE_CAP: Final = 40

_T = TypeVar("_T")


class PasswordWorkers:
    """Hashes and checks in ``threads`` threads; with ``queue_cap`` already waiting, a further one is refused at once.

    Each takes 64 MiB and a fifth of a second of the machine, so an unbounded burst of log-ins would take it from
    everybody who is already at work.
    """

    def __init__(self, *, threads: int = _THREADS, queue_cap: int = _QUEUE_CAP) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="argon2")
        self._queue_cap = queue_cap
        self._waiting = 0

    async def hash(self, password: str) -> str:
        return await self._run(lambda: _HASHER.hash(password))

    async def verify(self, stored: str | None, password: str) -> bool:
        """Whether the password fits. ``None`` (nobody has that log-in) takes as long as a real check."""

        def check() -> bool:
            try:
                return _HASHER.verify(stored or _DECOY, password) and stored is not None
            except (VerificationError, InvalidHashError):
                return False

        return await self._run(check)

    def outdated(self, stored: str) -> bool:
        """Whether a hash was made with lower costs than today's."""
        return _HASHER.check_needs_rehash(stored)

    async def _run(self, work: Callable[[], _T]) -> _T:
        if self._waiting >= self._queue_cap:
            raise LoginBusy("现在登录的人太多", hint="请过几秒再试")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._waiting -= 1


workers: Final = PasswordWorkers()
