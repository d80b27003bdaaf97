"""Roles, database and the revokes that tenancy rests on: for the embedded PostgreSQL and for one given by URL.

Three log-ins exist in a cluster and none is a superuser:

- ``zhiren_owner`` owns the database, makes tenants' schemas and roles, runs migrations;
- ``zhiren_app`` owns nothing and inherits nothing: it works as a tenant's role or not at all;
- ``zhiren_sequencer`` chains audit events.

Everything here may be run again at any time. After a restore it must be: the revokes belong to the database, not to
the schema, and a dump does not carry those on ``pg_catalog``.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, LiteralString
from urllib.parse import quote, urlencode

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

APP: Final = "zhiren_app"
OWNER: Final = "zhiren_owner"
SEQUENCER: Final = "zhiren_sequencer"

_ATTRIBUTES: Final[Mapping[str, LiteralString]] = {
    OWNER: "LOGIN NOSUPERUSER CREATEROLE NOCREATEDB INHERIT NOREPLICATION",
    APP: "LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB NOINHERIT NOREPLICATION",
    SEQUENCER: "LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB NOINHERIT NOREPLICATION",
}
_SETTINGS: Final[Mapping[str, str]] = {
    OWNER: "ZHIREN_DATABASE_OWNER_URL",
    APP: "ZHIREN_DATABASE_URL",
    SEQUENCER: "ZHIREN_DATABASE_SEQUENCER_URL",
}
#: one bootstrap at a time in a cluster ("zhiren" in ASCII)
_LOCK: Final = 0x7A68_6972_656E

#: What PUBLIC may do by default and a tenant's role must not. ``set_config('role', …)`` and a DO block would both step
#: out of ``SET LOCAL ROLE``; temporary tables could shadow real ones; large objects belong to no tenant.
_REVOKES: Final = (
    "REVOKE EXECUTE ON FUNCTION pg_catalog.set_config(text, text, boolean) FROM PUBLIC",
    "REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC",
    "GRANT USAGE ON LANGUAGE plpgsql TO zhiren_owner",
    "REVOKE EXECUTE ON FUNCTION pg_catalog.lo_creat(integer) FROM PUBLIC",
    "REVOKE EXECUTE ON FUNCTION pg_catalog.lo_create(oid) FROM PUBLIC",
    "REVOKE EXECUTE ON FUNCTION pg_catalog.lo_from_bytea(oid, bytea) FROM PUBLIC",
    "REVOKE ALL ON SCHEMA public FROM PUBLIC",
)


@dataclass(frozen=True, slots=True)
class Passwords:
    """Passwords of the three log-ins. An empty one leaves the role's password as it is."""

    owner: str = ""
    app: str = ""
    sequencer: str = ""

    @classmethod
    def random(cls) -> Passwords:
        return cls(*(secrets.token_urlsafe(24) for _ in range(3)))

    @classmethod
    def of(cls, known: Mapping[str, str]) -> Passwords:
        return cls(known["postgres_owner"], known["postgres_app"], known["postgres_sequencer"])

    def by_role(self) -> dict[str, str]:
        return {OWNER: self.owner, APP: self.app, SEQUENCER: self.sequencer}


@dataclass(frozen=True, slots=True)
class Bootstrapped:
    #: the three ``ZHIREN_DATABASE…URL`` settings; without a password for a role in ``unchanged``
    settings_env: dict[str, str]
    #: roles that were there before and kept the password they had
    unchanged: tuple[str, ...]


def bootstrap(admin_url: str, *, database: str = "zhiren", passwords: Passwords | None = None) -> Bootstrapped:
    """Make roles, database and revokes in the cluster ``admin_url`` points to, as far as they are missing.

    ``admin_url`` must log in as a superuser: only its owner may revoke rights on PostgreSQL's own functions. Without
    ``passwords``, new roles get random ones and existing roles keep theirs. Raises psycopg.Error.
    """
    given = (passwords or Passwords()).by_role()
    unchanged: list[str] = []
    with psycopg.connect(admin_url, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
        for role, attributes in _ATTRIBUTES.items():
            given[role], kept = _ensure_role(connection, role, attributes, given[role])
            if kept:
                unchanged.append(role)
        _ensure_database(connection, database)
        with psycopg.connect(make_conninfo(admin_url, dbname=database), autocommit=True) as inside:
            for statement in _REVOKES:
                inside.execute(statement)
    urls = {_SETTINGS[role]: database_url(admin_url, role, password, database) for role, password in given.items()}
    return Bootstrapped(urls, tuple(unchanged))


def close_cluster(admin_url: str) -> None:
    """Keep the log-ins out of the cluster's other databases. For a cluster that serves nobody else."""
    with psycopg.connect(admin_url, autocommit=True) as connection:
        for name in ("postgres", "template1"):
            connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))


def database_url(template_url: str, role: str, password: str, database: str) -> str:
    """``template_url`` with another log-in and database; host, port and TLS parameters stay."""
    parts = {key: str(value) for key, value in conninfo_to_dict(template_url).items() if value is not None}
    for key in ("user", "password", "dbname", "passfile"):
        parts.pop(key, None)
    host, port = parts.pop("host", ""), parts.pop("port", "")
    network = host if host and not host.startswith("/") and "," not in host else ""
    if host and not network:
        parts["host"] = host
    if port and not network:
        parts["port"] = port
    login = quote(role, safe="") + (f":{quote(password, safe='')}" if password else "")
    place = (f"[{network}]" if ":" in network else network) + (f":{port}" if port and network else "")
    query = f"?{urlencode(parts, safe='/', quote_via=quote)}" if parts else ""
    return f"postgresql://{login}@{place}/{quote(database, safe='')}{query}"


def _ensure_role(
    connection: psycopg.Connection[tuple[object, ...]], role: str, attributes: LiteralString, password: str
) -> tuple[str, bool]:
    """Make or correct ``role``. Returns its password, empty when an unknown one was kept, and whether it was kept."""
    name = sql.Identifier(role)
    exists = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone() is not None
    if exists and not password:
        connection.execute(sql.SQL("ALTER ROLE {} " + attributes).format(name))
        return "", True
    password = password or secrets.token_urlsafe(24)
    # hashed here, so that the password itself is in no statement and no log
    hashed = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    verb: LiteralString = "ALTER" if exists else "CREATE"
    statement = sql.SQL(verb + " ROLE {} " + attributes + " PASSWORD {}")
    connection.execute(statement.format(name, sql.Literal(hashed)))
    return password, False


def _ensure_database(connection: psycopg.Connection[tuple[object, ...]], database: str) -> None:
    name = sql.Identifier(database)
    if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (database,)).fetchone() is None:
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER {} ENCODING 'UTF8' TEMPLATE template0").format(
                name, sql.Identifier(OWNER)
            )
        )
    connection.execute(sql.SQL("ALTER DATABASE {} OWNER TO {}").format(name, sql.Identifier(OWNER)))
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
    for role in (APP, SEQUENCER):
        connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(name, sql.Identifier(role)))
