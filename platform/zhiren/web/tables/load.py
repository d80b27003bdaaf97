"""From a statement, or a list at hand, to a table: at most two queries, whatever is shown."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

from litestar import Request
from sqlalchemy import Select, func, select

from zhiren.context import Context
from zhiren.i18n import _
from zhiren.web.tables.query import narrow, ordered, read_query
from zhiren.web.tables.spec import EXPORT_LIMIT, Filter, Row, TableSpec
from zhiren.web.tables.table import Table

Prepare = Callable[[Context, list[Row]], Awaitable[Sequence[Row]]]
Choices = Mapping[str, Sequence[tuple[str, str]]]


async def load(
    spec: TableSpec,
    request: Request[Any, Any, Any],
    ctx: Context,
    statement: Select[Any],
    *,
    prepare: Prepare | None = None,
    choices: Choices | None = None,
    count: Select[Any] | None = None,
    total: int | None = None,
) -> Table:
    """The page that the request asks for, or every row for an export.

    ``statement`` says which rows the person may see at all. ``prepare`` turns the fetched rows into what columns read,
    in bulk (open sealed fields, look names up). ``count`` is a cheaper statement with the same number of rows, for
    tables whose joins do not change it; narrowing is applied to it too. ``total``, where the page has counted anyway,
    is how many rows ``statement`` has: nothing is counted again until the table is narrowed.
    """
    query = read_query(spec, request)
    narrowed = narrow(spec, query, ctx, statement)
    paged = ordered(spec, query, narrowed)
    skipped = 0 if query.export else (query.page - 1) * query.size
    # one row more than shown tells whether counting is needed at all
    paged = paged.limit(EXPORT_LIMIT) if query.export else paged.limit(query.size + 1).offset(skipped)
    result = await ctx.session.execute(paged)
    single = len(result.keys()) == 1
    rows: list[Row] = list(result.scalars()) if single else list(result)
    found = skipped + len(rows)
    if not query.export and (len(rows) > query.size or (skipped and not rows)):
        if total is not None and not query.narrowed:
            found = total
        else:
            counted = narrow(spec, query, ctx, count) if count is not None else narrowed
            inner = counted.order_by(None).subquery()
            found = int(await ctx.session.scalar(select(func.count()).select_from(inner)) or 0)
        rows = rows[: query.size]
    shown = list(await prepare(ctx, rows)) if prepare is not None else rows
    return Table(spec, query, request, shown, found, ctx=ctx, choices=_titles(spec, choices))


def from_rows(
    spec: TableSpec,
    request: Request[Any, Any, Any],
    ctx: Context,
    rows: Iterable[Row],
    *,
    choices: Choices | None = None,
) -> Table:
    """A table of what is in memory already: searched, filtered and sorted here."""
    query = read_query(spec, request)
    kept = list(rows)
    if query.search:
        wanted = query.search.casefold()
        readers = [column.read for column in spec.columns if column.search]
        kept = [row for row in kept if any(wanted in str(read(row) or "").casefold() for read in readers)]
    for one in spec.filters:
        value = query.filters.get(one.key)
        if value is not None:
            kept = [row for row in kept if _keeps(one, row, value)]
    if query.sort:
        read = next(column.read for column in spec.columns if column.key == query.sort.removeprefix("-"))
        present = [row for row in kept if read(row) is not None]
        absent = [row for row in kept if read(row) is None]
        kept = sorted(present, key=read, reverse=query.sort.startswith("-")) + absent
    total = len(kept)
    if not query.export:
        skipped = (query.page - 1) * query.size
        kept = kept[skipped : skipped + query.size]
    return Table(spec, query, request, kept[:EXPORT_LIMIT], total, ctx=ctx, choices=_titles(spec, choices))


def _keeps(one: Filter, row: Row, chosen: str) -> bool:
    return one.keep(row, chosen) if one.keep is not None else str(getattr(row, one.key)) == chosen


def _titles(spec: TableSpec, choices: Choices | None) -> dict[str, Sequence[tuple[str, str]]]:
    """Declared choices are source texts; those handed in are data and stay as they are."""
    handed = choices or {}
    return {
        one.key: handed[one.key] if one.key in handed else [(value, _(title)) for value, title in one.choices]
        for one in spec.filters
    }
