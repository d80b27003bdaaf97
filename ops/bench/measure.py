"""What measures share: a database of their own, and comparing two things fairly on a machine that does other work."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from statistics import median
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from ops.services import Running
from zhiren.settings import Settings

DATABASE = "zhiren_bench"


@dataclass(frozen=True, slots=True)
class Result:
    """``ratio`` is how many times the bare operation; at most ``aim`` is what we want."""

    name: str
    ratio: float
    aim: float
    detail: str

    @property
    def met(self) -> bool:
        return self.ratio <= self.aim


class Bench:
    """The services to measure on."""

    def __init__(self, running: Running, *, quick: bool = False) -> None:
        self._running = running
        self.quick = quick

    def size(self, full: int, quick: int) -> int:
        """``quick`` where a glance is wanted: its figures show that a measure works, not what it says."""
        return quick if self.quick else full

    def fresh_database(self) -> Settings:
        """Settings for an empty database in the embedded PostgreSQL, durable as in production."""
        self.drop_database()
        return Settings.load(self._running.with_database(DATABASE))

    def settle(self) -> None:
        """What autovacuum would have done by the time somebody asks."""
        with psycopg.connect(make_conninfo(self._running.admin_url, dbname=DATABASE), autocommit=True) as admin:
            admin.execute("VACUUM ANALYZE")

    def drop_database(self) -> None:
        """Removes the database and the roles of its tenants."""
        with psycopg.connect(make_conninfo(self._running.admin_url), autocommit=True) as admin:
            if admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone() is None:
                return
            with psycopg.connect(make_conninfo(self._running.admin_url, dbname=DATABASE)) as inside:
                roles = inside.execute("SELECT nspname FROM pg_namespace WHERE nspname ~ '^t_[a-z2-7]{16}$'").fetchall()
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(DATABASE)))
            for (role,) in roles:
                admin.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(role)))


Measure = Callable[[Bench], Coroutine[Any, Any, list[Result]]]


async def compare(
    ours: Callable[[], Awaitable[object]],
    bare: Callable[[], Awaitable[object]],
    *,
    rounds: int,
    between: Callable[[], Awaitable[object]] | None = None,
) -> tuple[float, float, float]:
    """Runs both in turn, ``rounds`` times; returns the median ratio and both medians in seconds.

    Neighbouring runs share what else the machine is doing, so the ratio is taken between neighbours. ``between`` puts
    things back after each round, and is not timed.
    """
    ratios, ours_s, bare_s = [], [], []
    for number in range(rounds):
        order = (ours, bare) if number % 2 else (bare, ours)
        took = {}
        for action in order:
            began_s = time.perf_counter()
            await action()
            took[action] = time.perf_counter() - began_s
        ours_s.append(took[ours])
        bare_s.append(took[bare])
        ratios.append(took[ours] / took[bare])
        if between is not None:
            await between()
    return median(ratios), median(ours_s), median(bare_s)
