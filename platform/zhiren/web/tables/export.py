"""Files of what is seen: xlsx with the viewer's name on every printed page, or csv that spreadsheets open rightly."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final
from urllib.parse import quote

import xlsxwriter  # type: ignore[import-untyped]
from litestar import Response

from zhiren.context import Context
from zhiren.errors import InvalidInput
from zhiren.i18n import _
from zhiren.web.filters import CHINA
from zhiren.web.tables.spec import Column, Row

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: a spreadsheet would run a text that begins with one of these
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
#: a thread for files of more rows, so that other requests go on
_IN_THREAD: Final = 200


def defused(text: str) -> str:
    """``text`` such that no spreadsheet takes it for a formula (CWE-1236)."""
    return "'" + text if text.startswith(_FORMULA_STARTS) else text


def cell_value(column: Column, row: Row) -> Any:
    """Figures stay figures; money is yuan; everything else is text that cannot act."""
    value = column.read(row)
    if value is None:
        return ""
    if column.badges and value in column.badges:
        return _(column.badges[value][1])
    if column.kind == "money":
        return value / 100
    if isinstance(value, datetime):
        return value.astimezone(CHINA).replace(tzinfo=None)
    if isinstance(value, (bool, int, float, date)):
        return value
    return defused(str(value))


async def export_response(
    ctx: Context, title: str, columns: Sequence[Column], rows: Sequence[Row], form: str
) -> Response[bytes]:
    """``form`` is xlsx or csv. Raises InvalidInput for another."""
    if form not in {"xlsx", "csv"}:
        raise InvalidInput(_("只能导出为 xlsx 或 csv。"))
    now = datetime.now(CHINA)
    heads = [_(column.title) for column in columns]
    values = [[cell_value(column, row) for column in columns] for row in rows]
    if form == "csv":
        content, media_type = csv_bytes(heads, values), "text/csv; charset=utf-8"
    else:
        mark = _("{name} 导出于 {when}", name=ctx.actor.name, when=now.strftime("%Y-%m-%d %H:%M"))
        kinds = [column.kind for column in columns]
        if len(values) > _IN_THREAD:
            content = await asyncio.to_thread(xlsx_bytes, title, heads, kinds, values, mark)
        else:
            content = xlsx_bytes(title, heads, kinds, values, mark)
        media_type = XLSX
    name = f"{title}-{now:%Y%m%d-%H%M}.{form}"
    disposition = f"attachment; filename=\"export.{form}\"; filename*=UTF-8''{quote(name)}"
    return Response(content, media_type=media_type, headers={"content-disposition": disposition})


def csv_bytes(heads: Sequence[str], values: Sequence[Sequence[Any]]) -> bytes:
    """UTF-8 with a byte order mark, which Excel needs to read Chinese."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(heads)
    for row in values:
        writer.writerow([cell.strftime("%Y-%m-%d %H:%M") if isinstance(cell, datetime) else cell for cell in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def xlsx_bytes(
    title: str, heads: Sequence[str], kinds: Sequence[str], values: Sequence[Sequence[Any]], mark: str
) -> bytes:
    """Row by row in constant memory; texts are written as texts, whatever they look like."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": title, "comments": mark})
    sheet = book.add_worksheet(_sheet_name(title))
    bold = book.add_format({"bold": True, "bg_color": "#EEF2F1", "bottom": 1})
    formats = {
        "money": book.add_format({"num_format": "#,##0.00"}),
        "percent": book.add_format({"num_format": "0.0%"}),
        "days": book.add_format({"num_format": "0.0"}),
        "date": book.add_format({"num_format": "yyyy-mm-dd"}),
        "datetime": book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
    }
    footer = mark.replace("&", "&&")[:200]
    sheet.set_header(f"&C&8{footer}")
    sheet.set_footer(f"&L&8{footer}&R&8&P / &N")
    sheet.freeze_panes(1, 0)
    for index, head in enumerate(heads):
        sheet.set_column(index, index, max(10, min(30, 2 * len(head) + 4)))
        sheet.write_string(0, index, head, bold)
    for number, row in enumerate(values, start=1):
        for index, cell in enumerate(row):
            style = formats.get(kinds[index])
            if isinstance(cell, str):
                sheet.write_string(number, index, cell)
            elif isinstance(cell, bool):
                sheet.write_boolean(number, index, cell)
            elif isinstance(cell, date):
                moment: Any = cell  # a date or a datetime: xlsxwriter takes both, its stub knows one
                sheet.write_datetime(number, index, moment, style)
            elif cell is not None:
                sheet.write_number(number, index, cell, style)
    if values:
        sheet.autofilter(0, 0, len(values), len(heads) - 1)
    book.close()
    return out.getvalue()


def _sheet_name(title: str) -> str:
    return "".join(c for c in title if c not in "[]:*?/\\'")[:31] or "Sheet1"
