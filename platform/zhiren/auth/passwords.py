"""Argon2id, off the event loop and behind a queue with an end; and which passwords are taken."""

from __future__ import annotations

import asyncio
import os
import threading
import unicodedata
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

from zhiren.auth.errors import LoginBusy, WeakPassword
from zhiren.auth.policy import DEFAULT_POLICY, Policy
from zhiren.i18n import _

#: RFC 9106, section 4: 3 passes over 64 MiB, in one lane so that a log-in takes one core and not all of them
_HASHER: Final = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1, hash_len=32, salt_len=16)
#: a well-formed hash of nothing anybody knows: checking against it takes as long as checking a real one
_DECOY: Final = "$argon2id$v=19$m=65536,t=3,p=1$fuy1IpBda4FxFe6PreMMSA$G0TDUGN6pF6Zt3n5KKE+mj1kjG5BVXdEskeXEEIW5K4"
#: zxcvbn's estimate; 10^8 is what eight characters at random cost, and common passwords are far below
_GUESSES_LOG10_MIN: Final = 8.0
_ZXCVBN_MAX: Final = 72

_T = TypeVar("_T")


class PasswordWorkers:
    """Hashes and checks one password at a time; with ``queue_cap`` waiting, a further one is refused at once.

    Each takes 64 MiB and a core for about 0.15 s, so a burst of log-ins would otherwise take the machine from
    everybody who is already at work. Take :meth:`slot` before the first query: waiting then holds no connection.
    """

    def __init__(self, *, queue_cap: int = 100) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="argon2", initializer=_be_nice)
        self._turn = asyncio.Semaphore(1)
        self._queue_cap = queue_cap
        self._waiting = 0

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """One's turn. Raises LoginBusy when too many wait."""
        if self._waiting >= self._queue_cap:
            raise LoginBusy(_("现在登录的人太多"), hint=_("请过几秒再试"), params={"retry_after_s": 5})
        self._waiting += 1
        try:
            await self._turn.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._turn.release()

    async def verify(self, stored: str | None, password: str) -> bool:
        """Whether the password fits. ``None`` (nobody has that log-in) takes as long as a real check."""

        def check() -> bool:
            try:
                return _HASHER.verify(stored or _DECOY, _normalised(password)) and stored is not None
            except (VerificationError, InvalidHashError):
                return False

        return await self._run(check)

    async def hash(self, password: str) -> str:
        return await self._run(lambda: _HASHER.hash(_normalised(password)))

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _run(self, work: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)


async def hash_password(password: str) -> str:
    """For programs that make accounts; requests go through the workers of their runtime."""
    return await asyncio.to_thread(lambda: _HASHER.hash(_normalised(password)))


def outdated(stored: str) -> bool:
    """Whether a hash was made with other costs than today's."""
    return _HASHER.check_needs_rehash(stored)


def check_password(
    password: str, *, known: Iterable[str] = (), second_factor: bool = False, policy: Policy = DEFAULT_POLICY
) -> None:
    """Raises WeakPassword for one that is too short, too long, common, or made of ``known`` words (log-in, name)."""
    low = policy.password_min_with_second_factor if second_factor else policy.password_min
    if len(password) < low:
        raise _weak(_("密码至少 {count} 个字符，可以是一句话，空格和汉字都算", count=low))
    if len(password) > policy.password_max:
        raise _weak(_("密码最多 {count} 个字符", count=policy.password_max))
    words = [w for w in (_normalised(word).casefold().strip() for word in known) if w]
    folded = _normalised(password).casefold()
    if any(len(word) >= 4 and word in folded for word in words):
        raise _weak(_("密码里不要用登录名或姓名"))
    judged = zxcvbn(_normalised(password)[:_ZXCVBN_MAX], user_inputs=[*words, "zhiren", "知人"])
    if float(judged["guesses_log10"]) < _GUESSES_LOG10_MIN:
        raise _weak(_("这个密码太常见，容易被猜到"))


def _weak(message: str) -> WeakPassword:
    return WeakPassword(message, hint=_("换一个再试"), fields={"new_password": message})


def _normalised(password: str) -> str:
    # the same password typed on two systems may come composed differently (800-63B-4, 3.1.1.2)
    return unicodedata.normalize("NFKC", password)


def _be_nice() -> None:
    # a page somebody waits for goes before a log-in being checked
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 5)
