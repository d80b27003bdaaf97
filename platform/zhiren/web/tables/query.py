"""What a person asks of a table, read from the address, and its translation into SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from litestar import Request
from sqlalchemy import ColumnElement, Select, or_

from zhiren.context import Context
from zhiren.web.tables.spec import PAGE_SIZES, TableSpec

MAX_SEARCH: Final = 100
MAX_PAGE: Final = 100_000


@dataclass(frozen=True, slots=True)
class TableQuery:
    """Unknown columns, filters and figures in an address are passed over: old links and saved views keep working."""

    search: str = ""
    sort: str = ""
    page: int = 1
    size: int = 50
    columns: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)
    export: str = ""

    @property
    def narrowed(self) -> bool:
        return bool(self.search or self.filters)


def read_query(spec: TableSpec, request: Request[Any, Any, Any]) -> TableQuery:
    asked = request.query_params
    known = {column.key: column for column in spec.columns}
    sort = asked.get("sort", "")
    if (column := known.get(sort.removeprefix("-"))) is None or not column.sort:
        sort = ""
    wanted = [key for key in asked.get("cols", "").split(",") if key in known]
    filters = {one.key: value for one in spec.filters if (value := asked.get(f"f.{one.key}", ""))}
    size = _whole(asked.get("size", ""), spec.size)
    return TableQuery(
        search=asked.get("q", "").strip()[:MAX_SEARCH] if spec.searchable else "",
        sort=sort,
        page=min(_whole(asked.get("page", ""), 1), MAX_PAGE),
        size=size if size in PAGE_SIZES else spec.size,
        columns=",".join(dict.fromkeys(wanted)),
        filters=filters,
        export=asked.get("export", "") if spec.exportable else "",
    )


def _whole(text: str, otherwise: int) -> int:
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 8 else otherwise


def like(text: str) -> str:
    """``text`` as a pattern that finds it anywhere, its own wildcards meaning themselves (escape ``\\``)."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def narrow(spec: TableSpec, query: TableQuery, ctx: Context, statement: Select[Any]) -> Select[Any]:
    if query.search:
        conditions: list[ColumnElement[bool]] = [
            column.expression.ilike(like(query.search), escape="\\")
            for column in spec.columns
            if column.search and column.expression is not None
        ]
        if spec.search is not None and (extra := spec.search(ctx, query.search)) is not None:
            conditions.append(extra)
        if conditions:
            statement = statement.where(or_(*conditions))
    for one in spec.filters:
        value = query.filters.get(one.key)
        if value is None:
            continue
        if one.apply is not None:
            statement = statement.where(one.apply(value))
        elif one.expression is not None:
            statement = statement.where(one.expression == value)
    return statement


def ordered(spec: TableSpec, query: TableQuery, statement: Select[Any]) -> Select[Any]:
    order = list(spec.order_by)
    for column in spec.columns:
        if column.key == query.sort.removeprefix("-") and column.sortable and column.expression is not None:
            descending = query.sort.startswith("-")
            order.insert(0, column.expression.desc().nulls_last() if descending else column.expression.nulls_last())
    return statement.order_by(*order)
