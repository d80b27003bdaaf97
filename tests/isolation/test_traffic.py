"""100,000 mixed requests over 50 customers through pooled connections: nobody is given what is another's."""

from __future__ import annotations

import logging
import random
import time

import msgspec
import pytest
from redis.asyncio import Redis

from ops import hosted
from tests.application import make_parts, serving
from tests.isolation.houses import Watch, furnish, open_doors
from tests.isolation.traffic import Traffic
from tests.sizes import size
from zhiren.context import TenantRef
from zhiren.jobs.runtime import Runtime
from zhiren.settings import Settings

REQUESTS = size("ISOLATION_REQUESTS", everyday=10_000, whole=100_000)
CONNECTIONS = 6


async def _redis_texts(settings: Settings) -> list[str]:
    redis = Redis.from_url(settings.redis_url)
    texts = []
    async for key in redis.scan_iter():
        kind = await redis.type(key)
        value: object = b""
        if kind == b"string":
            value = await redis.get(key)
        elif kind == b"hash":
            value = await redis.hgetall(key)
        elif kind == b"list":
            value = await redis.lrange(key, 0, -1)
        elif kind == b"zset":
            value = await redis.zrange(key, 0, -1)
        texts.append(f"{key!r} {value!r}")
    await redis.aclose()
    return texts


@pytest.mark.isolation
async def test_nobody_is_given_what_is_anothers(
    settings: Settings, crowd: list[TenantRef], caplog: pytest.LogCaptureFixture, request: pytest.FixtureRequest
) -> None:
    chance = random.Random(20_240_101)
    watch = Watch()
    parts: hosted.Hosted = make_parts(msgspec.structs.replace(settings, database_pool_size=CONNECTIONS))
    root = logging.getLogger()
    async with serving(parts) as app:
        houses = [await furnish(parts.database, tenant, watch, chance) for tenant in crowd]
        for house in houses:
            await open_doors(parts, app, house, watch, chance)
        traffic = Traffic(
            parts.database, houses, watch, chance, app=app, runtime=Runtime(parts.database, parts.tenants)
        )
        # the log of 100,000 requests is looked at line by line, not kept
        caplog.handler.setLevel(logging.CRITICAL)
        root.addHandler(watch)
        level = root.level
        root.setLevel(logging.INFO)
        began_s = time.monotonic()
        try:
            await traffic.run(REQUESTS)
        finally:
            root.removeHandler(watch)
            root.setLevel(level)
        took_s = time.monotonic() - began_s
        for text in await _redis_texts(settings):
            watch.look("redis", "", text)
        for house in houses:
            for client in house.visitors:
                await client.aclose()
    print(f"\n{REQUESTS} requests in {took_s:.0f} s: {dict(traffic.made)}; looked at {dict(watch.looked)}")
    print(f"turned away for want of a connection: {watch.turned_away}")
    # all of them, so that no leak hides behind what else was found
    assert not watch.found, f"{len(watch.found)} found:\n" + "\n".join(watch.found)
    # a busy machine may turn some away; more would leave the proof hollow
    assert watch.turned_away <= REQUESTS / 100
    assert sum(traffic.made.values()) - traffic.made["jobs run"] == REQUESTS
    assert traffic.made["jobs run"] > traffic.made["background"] / 2
    assert watch.looked["log"] > REQUESTS / 10
    assert watch.looked["page"] > REQUESTS / 50
    kinds = ("career", "apply", "portal-candidate", "portal-agency", "other-candidate", "guest-elsewhere")
    for what in (*kinds, "foreign-guest", "foreign-act"):
        assert watch.looked[what] > REQUESTS / 500, what
