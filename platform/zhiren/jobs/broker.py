"""Dramatiq over Redis, used for one thing: to bring a job's id to a free worker quickly."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

import dramatiq
import redis
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import Middleware
from sqlalchemy.engine import make_url

if TYPE_CHECKING:
    from zhiren.settings import Settings

QUEUE = "jobs"


def create_broker(settings: Settings, *middleware: Middleware) -> RedisBroker:
    """A broker without Dramatiq's own retries and limits: those are kept in the job's row."""
    client = redis.Redis.from_url(settings.redis_url, socket_timeout=10, socket_connect_timeout=3)
    # installations that share a Redis do not see each other's hints
    namespace = f"zhiren:{make_url(settings.database_url).database}"
    return RedisBroker(  # type: ignore[no-untyped-call]
        client=client, middleware=list(middleware), namespace=namespace
    )


def declare_actor(broker: RedisBroker, body: Callable[[str, str], Awaitable[None]]) -> None:
    """The one actor, ``run(tenant_id, job_id)``."""
    dramatiq.actor(actor_name="run", queue_name=QUEUE, broker=broker)(body)


class Hints:
    """The relay's end of the broker."""

    def __init__(self, settings: Settings) -> None:
        self._broker = create_broker(settings)
        self._broker.declare_queue(QUEUE)

    def send(self, tenant_id: str, job_ids: Sequence[UUID]) -> None:
        """Hand out ids. Blocks; raises ``redis.RedisError`` when Redis does not answer."""
        for job_id in job_ids:
            self._broker.enqueue(
                dramatiq.Message(
                    queue_name=QUEUE, actor_name="run", args=(tenant_id, str(job_id)), kwargs={}, options={}
                )
            )

    def close(self) -> None:
        self._broker.close()
