"""Many rows at once, by PostgreSQL's COPY in binary form."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import psycopg
from psycopg import AsyncConnection, sql
from sqlalchemy import Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

_DIALECT = postgresql.psycopg.dialect()  # type: ignore[no-untyped-call]


async def copy_in(session: AsyncSession, table: Table, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """Writes ``rows``, whose values stand in the order of ``columns``, into the session's tenant; returns how many.

    Takes part in the session's transaction. Python-side defaults and sealed fields are the caller's to fill in: values
    go to the table as they are. Raises what an INSERT would (``IntegrityError`` when a row breaks a constraint);
    nothing is kept then.
    """
    await session.flush()
    connection = await session.connection()
    pooled = await connection.get_raw_connection()
    driver: Any = pooled.driver_connection
    assert isinstance(driver, AsyncConnection)
    types = [table.c[name].type for name in columns]
    convert = [_bind_processor(type_) for type_ in types]
    plain = all(processor is None for processor in convert)
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(
        sql.Identifier(*([table.schema] if table.schema else []), table.name),
        sql.SQL(", ").join(sql.Identifier(table.c[name].name) for name in columns),
    )
    try:
        async with driver.cursor() as cursor:
            async with cursor.copy(statement) as copy:
                copy.set_types([type_.compile(_DIALECT).lower() for type_ in types])
                for row in rows:
                    await copy.write_row(row if plain else _converted(row, convert))
            return cursor.rowcount
    except psycopg.Error as error:
        raise DBAPIError.instance(f"COPY {table.name}", None, error, psycopg.Error, dialect=_DIALECT) from error


def _converted(row: Sequence[object], convert: Sequence[Callable[[Any], Any] | None]) -> list[object]:
    return [
        value if processor is None or value is None else processor(value)
        for processor, value in zip(convert, row, strict=True)
    ]


def _bind_processor(type_: Any) -> Callable[[Any], Any] | None:
    processor: Callable[[Any], Any] | None = type_.dialect_impl(_DIALECT).bind_processor(_DIALECT)
    return processor
