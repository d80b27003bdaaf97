"""How often something may be tried: counted in Redis for all processes, in this one alone while Redis is away."""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from redis.asyncio import Redis
from redis.exceptions import RedisError

_PREFIX: Final = "zhiren:limit:"
#: after a failure Redis is left alone this long, so that its absence does not slow every log-in
_REST_S: Final = 5.0
_LOCAL_CAP: Final = 50_000


class Limiter:
    """Fixed windows. Subjects are hashed before they leave the process."""

    def __init__(self, redis: Redis | None, *, clock: Callable[[], float] = time.time) -> None:
        self._redis = redis
        self._clock = clock
        self._resting_until = 0.0
        self._local: OrderedDict[str, int] = OrderedDict()

    async def hit(self, subject: str, *, limit: int, window_s: int) -> int:
        """Counts one try. Returns 0 when it is within ``limit``, else the seconds until the window ends."""
        return self._wait_s(await self._count(subject, window_s, 1), limit, window_s)

    async def check(self, subject: str, *, limit: int, window_s: int) -> int:
        """As ``hit``, for one more try, without counting it."""
        return self._wait_s(await self._count(subject, window_s, 0) + 1, limit, window_s)

    async def close(self) -> None:
        if self._redis is not None:
            await self._redis.aclose()

    def _wait_s(self, count: int, limit: int, window_s: int) -> int:
        return 0 if count <= limit else max(1, window_s - int(self._clock()) % window_s)

    async def _count(self, subject: str, window_s: int, by: int) -> int:
        digest = hashlib.sha256(subject.encode("utf-8", "surrogatepass")).hexdigest()[:32]
        key = f"{_PREFIX}{digest}:{window_s}:{int(self._clock()) // window_s}"
        # counted here as well: when Redis goes away in mid-window the count does not start over
        here = self._count_here(key, by)
        there = await self._count_there(key, window_s, by)
        return max(here, there)

    def _count_here(self, key: str, by: int) -> int:
        count = self._local.pop(key, 0) + by
        if count:
            self._local[key] = count
            if len(self._local) > _LOCAL_CAP:
                self._local.popitem(last=False)
        return count

    async def _count_there(self, key: str, window_s: int, by: int) -> int:
        if self._redis is None or self._clock() < self._resting_until:
            return 0
        try:
            if not by:
                return int(await self._redis.get(key) or 0)
            async with self._redis.pipeline(transaction=False) as pipe:
                pipe.incrby(key, by)
                pipe.expire(key, window_s + 1)
                count, _ = await pipe.execute()
            return int(count)
        except (RedisError, OSError, TimeoutError):
            self._resting_until = self._clock() + _REST_S
            return 0
