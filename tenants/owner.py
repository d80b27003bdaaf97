"""The log-in that owns schemas and tables. Migrations and provisioning use it, a request never does."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import AsyncCursor
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from zhiren.db.database import transaction
from zhiren.db.engine import create_engine

if TYPE_CHECKING:
    from zhiren.settings import Settings

_ROLE_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}\Z")


@dataclass(frozen=True, slots=True)
class Logins:
    """The three log-ins of an installation: who owns schemas and tables, who serves requests, who chains audit events.
    ``ops.services.bootstrap`` makes them; their names are read from the settings."""

    owner: str
    app: str
    sequencer: str


class Owner:
    """Connections of the owner, one pool per process that provisions or migrates."""

    def __init__(self, settings: Settings, *, connections: int = 4) -> None:
        self.connections = connections
        self.logins = Logins(
            owner=_user(settings.database_owner_url),
            app=_user(settings.database_url),
            sequencer=_user(settings.database_sequencer_url),
        )
        self._engine = create_engine(settings.database_owner_url, pool_size=connections)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """One transaction as the owner. Raises ``Unavailable`` when the database is away."""
        async with transaction(self._engine) as session:
            yield session

    async def close(self) -> None:
        await self._engine.dispose()


async def run_script(session: AsyncSession, script: str) -> Any:
    """Runs many statements in one round trip, inside the session's transaction; returns the first value of the last
    one's first row, None where it has no rows.

    For text made by this package alone: the simple protocol knows no parameters. Raises SQLAlchemy's DBAPIError.
    """
    connection = await session.connection()
    pooled = await connection.get_raw_connection()
    driver: Any = pooled.driver_connection
    try:
        async with AsyncCursor(driver) as cursor:
            await cursor.execute(script.encode())
            while cursor.nextset():
                pass
            row = await cursor.fetchone() if cursor.description else None
            return row[0] if row else None
    except psycopg.Error as error:
        raise DBAPIError.instance(
            "(script)", None, error, psycopg.Error, connection_invalidated=driver.closed, dialect=connection.dialect
        ) from error


def _user(url: str) -> str:
    name = str(conninfo_to_dict(url).get("user", ""))
    if not _ROLE_NAME.match(name):
        raise ValueError(f"the log-in {name!r} must be named in lower-case letters, digits and underscores")
    return name
