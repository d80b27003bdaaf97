"""Parcels: found and opened by their code alone, for a quarter of an hour."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from redis.asyncio import Redis

from zhiren.ids import new_id
from zhiren.parcels import KEPT_S, MAX_BYTES, ParcelNotFound, Parcels, ParcelsUnavailable
from zhiren.settings import Settings

CONTENT = "欧阳知行 13800001111".encode()


@pytest_asyncio.fixture
async def redis(settings: Settings) -> AsyncIterator[Redis]:
    found = Redis.from_url(settings.redis_url)
    yield found
    await found.aclose()


@pytest.fixture
def namespace() -> str:
    return new_id().hex


@pytest.fixture
def parcels(redis: Redis, namespace: str) -> Parcels:
    return Parcels(redis, namespace)


async def test_a_code_finds_what_was_put(parcels: Parcels, redis: Redis, namespace: str) -> None:
    code = await parcels.put("candidate", CONTENT)
    assert await parcels.open("candidate", code) == CONTENT
    # as people type it
    assert await parcels.open("candidate", f" {code.lower().replace('-', ' ')} ") == CONTENT
    assert await parcels.open("candidate", code.replace("0", "O").replace("1", "l")) == CONTENT
    (key,) = [one async for one in redis.scan_iter(f"*{namespace}*")]
    assert 0 < await redis.ttl(key) <= KEPT_S


async def test_redis_knows_neither_code_nor_content(parcels: Parcels, redis: Redis, namespace: str) -> None:
    code = (await parcels.put("candidate", CONTENT)).replace("-", "")
    (key,) = [one async for one in redis.scan_iter(f"*{namespace}*")]
    held = bytes(key) + bytes(await redis.get(key) or b"")
    assert code.encode() not in held
    assert CONTENT not in held
    assert b"13800001111" not in held


async def test_another_code_kind_or_installation_finds_nothing(parcels: Parcels, redis: Redis) -> None:
    code = await parcels.put("candidate", CONTENT)
    wrong = ("2" if code[0] != "2" else "3") + code[1:]
    for found, kind, said in (
        (parcels, "candidate", wrong),
        (parcels, "agency", code),
        (Parcels(redis, "another"), "candidate", code),
        (parcels, "candidate", ""),
        (parcels, "candidate", "啊" * 500),
    ):
        with pytest.raises(ParcelNotFound):
            await found.open(kind, said)


async def test_what_was_changed_in_redis_is_not_opened(parcels: Parcels, redis: Redis, namespace: str) -> None:
    code = await parcels.put("candidate", CONTENT)
    (key,) = [one async for one in redis.scan_iter(f"*{namespace}*")]
    sealed = bytearray(await redis.get(key) or b"")
    sealed[-1] ^= 1
    await redis.set(key, bytes(sealed))
    with pytest.raises(ParcelNotFound):
        await parcels.open("candidate", code)
    await redis.set(key, b"x")
    with pytest.raises(ParcelNotFound):
        await parcels.open("candidate", code)


async def test_dropped_is_over(parcels: Parcels) -> None:
    code = await parcels.put("candidate", CONTENT)
    await parcels.drop("candidate", code)
    with pytest.raises(ParcelNotFound):
        await parcels.open("candidate", code)
    await parcels.drop("candidate", code)


async def test_too_large_is_a_mistake_of_the_program(parcels: Parcels) -> None:
    with pytest.raises(ValueError, match="at most"):
        await parcels.put("candidate", b"0" * (MAX_BYTES + 1))


async def test_without_redis_it_is_said() -> None:
    away = Redis.from_url("redis://127.0.0.1:1/0", socket_connect_timeout=0.2)
    parcels = Parcels(away, "x")
    for act in (parcels.put("candidate", b"1"), parcels.open("candidate", "0"), parcels.drop("candidate", "0")):
        with pytest.raises(ParcelsUnavailable):
            await act
    await away.aclose()
