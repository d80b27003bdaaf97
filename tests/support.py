"""The database of a test run: one for each process, dropped at its end, leftovers of killed runs cleared."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from ops.services import Running, start
from ops.services.bootstrap import Passwords, bootstrap

ROOT = Path(__file__).parents[1]
#: superuser URL of a PostgreSQL to test on instead of the embedded one
ADMIN_URL = "ZHIREN_TEST_ADMIN_URL"


class TestServices:
    """Real PostgreSQL, Redis and OpenBao, shared by all test processes; a database of this process's own."""

    __test__ = False

    def __init__(self, env: Mapping[str, str], worker: str) -> None:
        self.database = f"test_{os.getpid()}_{worker}"
        given = {
            name: value
            for name, value in env.items()
            if name.startswith("ZHIREN_") and not name.startswith("ZHIREN_TEST_")
        }
        self._external = env.get(ADMIN_URL, "")
        #: whether the database server is one that was given
        self.external = bool(self._external)
        if self._external:
            given |= self._bootstrap(self.database)
        self.running: Running = start(ROOT / "var" / "test-services", given, profile="test")
        self.admin_url = self._external or self.running.admin_url
        self._drop_leftovers()
        self.settings_env = self.running.settings_env if self._external else self.running.with_database(self.database)

    def _bootstrap(self, database: str) -> dict[str, str]:
        # passwords are the same for all processes of a run, since roles belong to the cluster
        seed = hashlib.sha256(self._external.encode()).hexdigest()
        return bootstrap(self._external, database=database, passwords=Passwords(seed, seed, seed)).settings_env

    def admin(self, database: str | None = None) -> psycopg.Connection[Any]:
        """A superuser's connection, to this process's database unless another is named."""
        return psycopg.connect(make_conninfo(self.admin_url, dbname=database or self.database), autocommit=True)

    def another_database(self, suffix: str) -> dict[str, str]:
        """Settings for one more database, made anew. Dropped at the end with this process's own."""
        name = f"{self.database}_{suffix}"
        drop_database(self.admin_url, name)
        if self._external:
            return {**self.settings_env, **self._bootstrap(name)}
        return self.running.with_database(name)

    def close(self) -> None:
        self._drop_leftovers(own=True)
        self.running.stop()

    def _drop_leftovers(self, *, own: bool = False) -> None:
        with psycopg.connect(make_conninfo(self.admin_url, dbname="postgres"), autocommit=True) as admin:
            names = [row[0] for row in admin.execute("SELECT datname FROM pg_database WHERE datname LIKE 'test\\_%'")]
        for name in names:
            pid = name.split("_")[1]
            mine = pid == str(os.getpid())
            if (own and mine) or (not mine and not (pid.isdigit() and Path(f"/proc/{pid}").exists())):
                drop_database(self.admin_url, name)


def drop_database(admin_url: str, name: str) -> None:
    """Drops a test database with the roles of its tenants, which belong to the whole cluster."""
    try:
        with psycopg.connect(make_conninfo(admin_url, dbname=name), autocommit=True) as inside:
            rows = inside.execute("SELECT nspname FROM pg_namespace WHERE nspname ~ '^t_[a-z2-7]{16}$'").fetchall()
    except psycopg.OperationalError:
        return
    with psycopg.connect(make_conninfo(admin_url, dbname="postgres"), autocommit=True) as admin:
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
        for (role,) in rows:
            admin.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(role)))
