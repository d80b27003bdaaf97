"""What a table is: its columns, filters and order. Immutable, made once at import."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute

from zhiren.context import Context
from zhiren.i18n import N_

Expression = ColumnElement[Any] | InstrumentedAttribute[Any]
Kind = Literal["text", "number", "money", "date", "datetime"]
Row = Any

PAGE_SIZES: Final = (20, 50, 100)
DEFAULT_SIZE: Final = 50
EXPORT_LIMIT: Final = 100_000


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``title`` is Chinese source text.

    ``expression`` makes it sortable in SQL (set ``sort=False`` against it) and, with ``search``, searchable; sealed
    fields have none. ``value`` reads the cell from a row, by default the attribute ``key``. ``badges`` maps a value to
    (kind, source text). ``html`` may return markup of its own for the page; exports use ``value``.
    """

    key: str
    title: str
    expression: Expression | None = None
    kind: Kind = "text"
    value: Callable[[Row], Any] | None = None
    href: Callable[[Row], str] | None = None
    html: Callable[[Row], Any] | None = None
    badges: Mapping[Any, tuple[str, str]] = field(default_factory=dict)
    sort: bool = True
    search: bool = False
    #: shown before the person chooses columns
    shown: bool = True
    #: the card's heading on a phone
    main: bool = False
    export: bool = True

    @property
    def read(self) -> Callable[[Row], Any]:
        return self.value or attrgetter(self.key)

    @property
    def sortable(self) -> bool:
        return self.sort and self.expression is not None


@dataclass(frozen=True, slots=True)
class Filter:
    """A choice above the table. ``choices`` are (value, Chinese source text); data such as unit names are handed to
    ``load(choices=...)`` instead and not translated. ``apply`` turns the chosen value into a condition; by default
    ``expression == value``."""

    key: str
    title: str
    expression: Expression | None = None
    choices: Sequence[tuple[str, str]] = ()
    apply: Callable[[str], ColumnElement[bool]] | None = None
    #: for tables made of a list: keeps the row
    keep: Callable[[Row, str], bool] | None = None


@dataclass(frozen=True, slots=True)
class TableSpec:
    """A table's declaration. ``name`` is stable: saved views and exports refer to it.

    ``order_by`` ends every order, so that pages are stable: its last expression must be unique. ``search`` adds
    conditions for a search text that ordinary columns cannot answer (an equality on a blind index).
    ``row_href`` opens a row.
    """

    name: str
    title: str = N_("列表")
    columns: Sequence[Column] = ()
    filters: Sequence[Filter] = ()
    order_by: Sequence[Any] = ()
    search: Callable[[Context, str], ColumnElement[bool] | None] | None = None
    row_href: Callable[[Row], str] | None = None
    row_id: Callable[[Row], Any] = attrgetter("id")
    size: int = DEFAULT_SIZE
    exportable: bool = True
    saved_views: bool = True
    cards: bool = True

    def __post_init__(self) -> None:
        keys = [column.key for column in self.columns]
        if len(set(keys)) != len(keys):
            raise ValueError(f"table {self.name}: two columns of one key")

    @property
    def dom_id(self) -> str:
        return self.name.replace(".", "-").replace("_", "-")

    @property
    def searchable(self) -> bool:
        return self.search is not None or any(column.search for column in self.columns)
