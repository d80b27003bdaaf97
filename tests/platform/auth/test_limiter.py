"""Rates hold across processes by Redis, and within this one while Redis is away."""

from __future__ import annotations

from typing import Any

from redis.exceptions import ConnectionError as RedisGone

from zhiren.auth.limiter import Limiter


class FakeRedis:
    """A Redis that can be switched off. Shared by two limiters it stands for two processes."""

    def __init__(self) -> None:
        self.values: dict[str, int] = {}
        self.away = False
        self.asked = 0

    async def get(self, key: str) -> int | None:
        self._answer()
        return self.values.get(key)

    def pipeline(self, *, transaction: bool) -> FakePipeline:
        return FakePipeline(self)

    async def aclose(self) -> None: ...

    def _answer(self) -> None:
        self.asked += 1
        if self.away:
            raise RedisGone("gone")


class FakePipeline:
    def __init__(self, redis: FakeRedis) -> None:
        self._redis = redis
        self._commands: list[tuple[str, int]] = []

    async def __aenter__(self) -> FakePipeline:
        return self

    async def __aexit__(self, *_: object) -> None: ...

    def incrby(self, key: str, by: int) -> None:
        self._commands.append((key, by))

    def expire(self, key: str, seconds: int) -> None: ...

    async def execute(self) -> list[Any]:
        self._redis._answer()
        (key, by) = self._commands[0]
        self._redis.values[key] = self._redis.values.get(key, 0) + by
        return [self._redis.values[key], True]


class Clock:
    now_s = 1_000_000_000.0

    def __call__(self) -> float:
        return self.now_s


def limiters(count: int = 1) -> tuple[FakeRedis, Clock, list[Limiter]]:
    redis, clock = FakeRedis(), Clock()
    return redis, clock, [Limiter(redis, clock=clock) for _ in range(count)]  # type: ignore[arg-type]


async def test_past_the_limit_it_says_how_long_to_wait() -> None:
    _, clock, [limiter] = limiters()
    clock.now_s = 1_000_000_020.0 - 1_000_000_020.0 % 60 + 45
    assert [await limiter.hit("a", limit=2, window_s=60) for _ in range(3)] == [0, 0, 15]
    assert await limiter.hit("b", limit=2, window_s=60) == 0
    clock.now_s += 15
    assert await limiter.hit("a", limit=2, window_s=60) == 0


async def test_processes_count_together() -> None:
    _, _, [one, two] = limiters(2)
    assert await one.hit("a", limit=2, window_s=60) == 0
    assert await two.hit("a", limit=2, window_s=60) == 0
    assert await one.hit("a", limit=2, window_s=60) > 0


async def test_without_redis_the_process_still_counts() -> None:
    redis, _, [limiter] = limiters()
    assert await limiter.hit("a", limit=2, window_s=60) == 0
    redis.away = True
    assert await limiter.hit("a", limit=2, window_s=60) == 0
    assert await limiter.hit("a", limit=2, window_s=60) > 0


async def test_a_redis_that_is_gone_is_left_alone_for_a_while() -> None:
    redis, clock, [limiter] = limiters()
    redis.away = True
    for _ in range(5):
        await limiter.hit("a", limit=100, window_s=60)
    assert redis.asked == 1
    clock.now_s += 6
    await limiter.hit("a", limit=100, window_s=60)
    assert redis.asked == 2


async def test_looking_does_not_count() -> None:
    _, _, [limiter] = limiters()
    assert [await limiter.check("a", limit=1, window_s=60) for _ in range(3)] == [0, 0, 0]
    await limiter.hit("a", limit=1, window_s=60)
    assert await limiter.check("a", limit=1, window_s=60) > 0


async def test_what_is_counted_leaves_no_name_in_redis() -> None:
    redis, _, [limiter] = limiters()
    await limiter.hit("zhangwei", limit=1, window_s=60)
    assert not [key for key in redis.values if "zhangwei" in key]


async def test_the_memory_of_a_process_is_bounded() -> None:
    _, _, [limiter] = limiters()
    for number in range(51_000):
        limiter._count_here(str(number), 1)
    assert len(limiter._local) == 50_000
