"""A table ready to be shown: what ``kit/table.html`` asks, and the body's markup made in one go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final
from urllib.parse import quote, urlencode

from litestar import Request, Response
from markupsafe import Markup, escape

from zhiren import audit
from zhiren.context import Context
from zhiren.i18n import _
from zhiren.web.pages import Page
from zhiren.web.tables.cells import CSS, column_cells, escaped, options
from zhiren.web.tables.export import export_response
from zhiren.web.tables.query import TableQuery
from zhiren.web.tables.spec import Column, Row, TableSpec

_OWN: Final = frozenset({"q", "sort", "page", "size", "cols", "export"})


@dataclass(frozen=True, slots=True)
class HeadCell:
    title: str
    css: str
    sort_url: str
    sorted: str


@dataclass(frozen=True, slots=True)
class Choice:
    title: str
    url: str
    shown: bool


@dataclass(frozen=True, slots=True)
class FilterShown:
    key: str
    title: str
    options: Markup


@dataclass(frozen=True, slots=True)
class PageLink:
    text: str = ""
    url: str = ""
    current: bool = False
    icon: str = ""
    label: str = ""


class Table:
    """Rows of one page with everything around them."""

    def __init__(
        self,
        spec: TableSpec,
        query: TableQuery,
        request: Request[Any, Any, Any],
        rows: Sequence[Row],
        total: int,
        *,
        ctx: Context,
        choices: Mapping[str, Sequence[tuple[str, str]]],
    ) -> None:
        self.spec = spec
        self.query = query
        self.rows = rows
        self.total = total
        #: cells of the last line: (text, css class); set by the handler, one for each shown column
        self.totals: Sequence[tuple[str, str]] = ()
        self._request = request
        self._ctx = ctx
        self._choices = choices
        self.name = spec.name
        self.dom_id = spec.dom_id
        self.cards = spec.cards
        self.searchable = spec.searchable
        self.saved_views = spec.saved_views
        self.exportable = spec.exportable and total > 0

    async def answer(self, template: str, /, **context: Any) -> Page | Response[bytes]:
        """The page, with this table as ``table``; or the file, when an export was asked for, which is recorded."""
        if not self.query.export:
            return Page(template, {"table": self, **context})
        columns = [column for column in self.shown if column.export]
        audit.record(
            self._ctx,
            f"{self.name}.export",
            object_type=self.name,
            object_id="",
            fields=[column.key for column in columns],
            changes={"rows": (None, len(self.rows))},
            sensitive=True,
        )
        return await export_response(self._ctx, self.title, columns, self.rows, self.query.export)

    @property
    def title(self) -> str:
        return _(self.spec.title)

    @property
    def narrowed(self) -> bool:
        return self.query.narrowed

    @cached_property
    def shown(self) -> list[Column]:
        if self.query.columns:
            wanted = set(self.query.columns.split(","))
            return [column for column in self.spec.columns if column.key in wanted]
        return [column for column in self.spec.columns if column.shown]

    @cached_property
    def columns(self) -> list[HeadCell]:
        return [self._head(column) for column in self.shown]

    def _head(self, column: Column) -> HeadCell:
        url, direction = "", ""
        in_memory = column.sort and not self.spec.order_by
        if column.sortable or in_memory:
            if self.query.sort == column.key:
                direction = "ascending"
            elif self.query.sort == f"-{column.key}":
                direction = "descending"
            following = {"": column.key, "ascending": f"-{column.key}", "descending": None}[direction]
            url = self._url(sort=following, page=None)
        return HeadCell(_(column.title), CSS.get(column.kind, ""), url, direction)

    @property
    def filters(self) -> list[FilterShown]:
        return [
            FilterShown(
                one.key, _(one.title), options(tuple(self._choices[one.key]), self.query.filters.get(one.key, ""))
            )
            for one in self.spec.filters
        ]

    @property
    def column_choices(self) -> list[Choice]:
        now = {column.key for column in self.shown}
        # an empty choice leaves the parameter open at the end of the address
        start = self._url(cols="")
        choices = []
        for column in self.spec.columns:
            after = [c.key for c in self.spec.columns if (c.key in now) != (c is column)]
            if after:
                choices.append(Choice(_(column.title), start + quote(",").join(after), column.key in now))
        return choices

    @property
    def kept(self) -> list[tuple[str, str]]:
        """Parameters of the page itself, which the tools' form must not lose."""
        return [
            (name, value)
            for name, value in self._request.query_params.multi_items()
            if name not in _OWN and not name.startswith("f.")
        ] + ([("size", str(self.query.size))] if self.query.size != self.spec.size else [])

    @property
    def cleared_url(self) -> str:
        filters = {name: None for name in self._request.query_params if name.startswith("f.")}
        return self._url(q=None, page=None, **filters)

    @property
    def first(self) -> int:
        return (self.query.page - 1) * self.query.size + 1

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1

    @property
    def total_text(self) -> str:
        return f"{self.total:,}"

    @cached_property
    def pages(self) -> list[PageLink]:
        last = max(1, -(-self.total // self.query.size))
        now = min(self.query.page, last)
        if last == 1:
            return []
        near = sorted({1, last, *range(max(1, now - 1), min(last, now + 1) + 1)})
        links = [self._step("chevron-left", _("上一页"), now - 1 if now > 1 else 0)]
        before = 0
        for number in near:
            if number - before > 1:
                links.append(PageLink(text="…"))
            current = number == now
            links.append(PageLink(text=str(number), url="" if current else self._url(page=number), current=current))
            before = number
        links.append(self._step("chevron-right", _("下一页"), now + 1 if now < last else 0))
        return links

    def _step(self, icon: str, label: str, number: int) -> PageLink:
        return PageLink(icon=icon, label=label, url=self._url(page=number) if number else "")

    @cached_property
    def _pairs(self) -> list[tuple[str, str]]:
        """The parameters of this address, each with its encoded form."""
        pairs = self._request.query_params.multi_items()
        return [(key, urlencode(((key, value),))) for key, value in pairs if value and key != "export"]

    def _url(self, **changes: object) -> str:
        parts = [encoded for key, encoded in self._pairs if key not in changes]
        parts += [f"{key}={quote(str(value))}" for key, value in changes.items() if value is not None]
        path: str = self._request.scope["path"]
        return f"{path}?{'&'.join(parts)}" if parts else path

    def body(self, *, select: bool = False) -> Markup:
        """All rows. Made column by column: escaping cell by cell, or in Jinja, would cost most of the page's time."""
        rows = self.rows
        start = '<tr data-row tabindex="0">'
        columns: list[Sequence[str]] = []
        if (href := self.spec.row_href) is not None:
            start = '<tr data-row tabindex="0" data-href="%s">'
            columns.append(escaped([href(row) for row in rows]))
        if select:
            start += (
                '<td class="zr-select"><input class="form-check-input" type="checkbox" data-select name="id" '
                f'form="bulk-{self.dom_id}" value="%s" aria-label="{escape(_("选择"))}"></td>'
            )
            columns.append(escaped([str(self.spec.row_id(row)) for row in rows]))
        form = start
        for column in self.shown:
            cell, texts = column_cells(column, rows)
            form += cell
            columns += texts
        form += "</tr>"
        # every text went through escaped() or is markup made here
        return Markup("".join([form % cells for cells in zip(*columns, strict=True)]))  # noqa: S704
