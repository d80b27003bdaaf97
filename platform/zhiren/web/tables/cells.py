"""The markup of a column's cells, made for all rows at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Final

from markupsafe import Markup, escape

from zhiren.i18n import _
from zhiren.web.filters import NONE, day, fen, moment
from zhiren.web.tables.spec import Column, Row

CSS: Final = {"number": "num", "money": "money", "date": "num-date", "datetime": "num-date"}
_FORMAT: Final[dict[str, Callable[[Any], str]]] = {
    "money": fen,
    "date": day,
    "datetime": moment,
    "number": lambda value: NONE if value is None else f"{value:,}",
    "text": lambda value: NONE if value is None or value == "" else str(value),
}
_BETWEEN: Final = "\x1f"


def escaped(texts: list[str]) -> list[str]:
    """Each of ``texts`` safe in HTML; escaped together, since a call for each costs more than the escaping."""
    together = str(escape(_BETWEEN.join(texts))).split(_BETWEEN)
    # a text that holds the separator itself
    return together if len(together) == len(texts) else [str(escape(text)) for text in texts]


def column_cells(column: Column, rows: Sequence[Row]) -> tuple[str, list[list[str]]]:
    """The cell as a %-form, and for each of its places the texts of all rows, safe in HTML."""
    css = f' class="{CSS[column.kind]}"' if column.kind in CSS else ""
    mark = " data-main" if column.main else " data-badge" if column.badges else ""
    label = str(escape(_(column.title))).replace("%", "%%")
    start = f'<td{css}{mark} data-label="{label}">'
    if column.html is not None:
        return f"{start}%s</td>", [[str(escape(column.html(row))) for row in rows]]
    values = list(map(column.read, rows))
    write = _FORMAT[column.kind]
    texts = escaped([write(value) for value in values])
    if column.badges:
        badges = {
            value: f'<span class="zr-badge zr-badge-{escape(kind)}">{escape(_(title))}</span>'
            for value, (kind, title) in column.badges.items()
        }
        return f"{start}%s</td>", [[badges.get(v) or t for v, t in zip(values, texts, strict=True)]]
    if column.href is not None:
        links = escaped([column.href(row) for row in rows])
        return f'{start}<a class="zr-main-cell" href="%s">%s</a></td>', [links, texts]
    return f"{start}%s</td>", [texts]


@lru_cache(maxsize=128)
def options(choices: tuple[tuple[str, str], ...], chosen: str) -> Markup:
    """Markup of a filter's choices. The last ones are kept: a customer's units are the same on every page."""
    form = Markup('<option value="%s"%s>%s</option>')
    mark = Markup(" selected")
    return Markup("").join(form % (value, mark if value == chosen else "", title) for value, title in choices)
