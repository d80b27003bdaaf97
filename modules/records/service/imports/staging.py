"""An upload becomes an import: read in the sandbox, laid out, sealed row by row. Columns and cells can be mended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from modules.records import errors
from modules.records.models import Import, ImportRow
from modules.records.repository import imports, organisation
from modules.records.rules.imports.fields import BY_CODE
from modules.records.rules.imports.guess import Layout, find_header, lay_out
from modules.records.service.imports.reader import Sheet, Workbook, read_spreadsheet
from zhiren import audit
from zhiren.clock import today
from zhiren.context import Context
from zhiren.i18n import _
from zhiren.ids import new_id

MODES = ("add_update", "add_only", "update_only")
#: states in which nothing has been written to the records yet
OPEN = ("staged", "checked")
#: an upload that nobody commits is thrown away after this
KEEP_OPEN: Final = timedelta(days=14)
#: what an import read is forgotten after this, and with it the means to undo it (个人信息保护法 第十九条)
KEEP_DONE: Final = timedelta(days=90)


async def stage(ctx: Context, file_name: str, data: bytes) -> Import:
    """Reads an uploaded file. Raises ImportRefused; then nothing of it is kept."""
    book = await read_spreadsheet(file_name, data)
    entities = [entity for entity in await organisation.legal_entities(ctx.session) if entity.active]
    found = Import(
        file_name=_safe_name(file_name),
        file_bytes=len(data),
        created_by_id=ctx.actor.user_id,
        created_by_name=ctx.actor.name,
        layout={},
        plan={
            "mapping": {},
            "mode": "add_update",
            "effective_on": today().isoformat(),
            "legal_entity_id": str(entities[0].id) if len(entities) == 1 else None,
            "tolerated": [],
        },
        counts={},
    )
    found.file_ct = ctx.keyring.seal(Import.__tablename__, "file_ct", found.id, data)
    _lay_out(found, book, _likeliest(book.sheets))
    ctx.session.add(found)
    await ctx.session.flush()
    await _write(ctx, found, book)
    audit.record(
        ctx,
        "records.import.stage",
        object_type="records.import",
        object_id=found.id,
        changes={"file_name": (None, found.file_name), "rows": (None, found.counts.get("staged", 0))},
    )
    return found


async def find(ctx: Context, import_id: UUID, *, lock: bool = False) -> Import:
    found = await imports.get(ctx.session, import_id, lock=lock)
    if found is None:
        raise errors.ImportNotFound(_("没有这次导入。"))
    return found


async def open_import(ctx: Context, import_id: UUID) -> Import:
    """The import, held, as long as it can still be changed. Raises ImportState."""
    found = await find(ctx, import_id, lock=True)
    if found.state not in OPEN:
        raise errors.ImportState(_("这次导入已经提交，不能再改。"), hint=_("可以撤销它，或重新导入一个文件。"))
    return found


async def choose_sheet(ctx: Context, import_id: UUID, sheet: str) -> Import:
    """Takes another sheet of the same file; what was mended is lost with the old one."""
    found = await open_import(ctx, import_id)
    if found.file_ct is None:
        raise errors.ImportState(_("原文件已不在，请重新上传。"))
    data = ctx.keyring.open(Import.__tablename__, "file_ct", found.id, found.file_ct)
    book = await read_spreadsheet(found.file_name, data)
    if not any(candidate.name == sheet for candidate in book.sheets):
        raise errors.InvalidRecord(_("没有这张工作表。"), fields={"sheet": _("没有这张工作表")})
    _lay_out(found, book, next(s for s in book.sheets if s.name == sheet))
    found.state = "staged"
    await ctx.session.flush()
    await _write(ctx, found, book)
    _record(ctx, "sheet", found, {"sheet": (None, sheet)})
    return found


async def set_plan(ctx: Context, import_id: UUID, changes: Mapping[str, Any]) -> Import:
    """``mapping`` (column → field, empty for none), ``mode``, ``effective_on``, ``legal_entity_id``, ``tolerated``.

    What was sent replaces what was there. Raises InvalidRecord. The check has to be made anew afterwards.
    """
    found = await open_import(ctx, import_id)
    plan = dict(found.plan)
    for name in ("mode", "effective_on", "legal_entity_id", "tolerated"):
        if name in changes:
            plan[name] = changes[name]
    if "mapping" in changes:
        plan["mapping"] = _checked_mapping(changes["mapping"], [c["index"] for c in found.layout["columns"]])
    if plan["mode"] not in MODES:
        raise errors.InvalidRecord(_("导入方式不对。"), fields={"mode": _("请选择一种")})
    if plan["legal_entity_id"] and not await _is_legal_entity(ctx, str(plan["legal_entity_id"])):
        raise errors.InvalidRecord(_("没有这个用人单位。"), fields={"legal_entity_id": _("没有这个用人单位")})
    changed = {name: (found.plan.get(name), plan[name]) for name in changes if found.plan.get(name) != plan.get(name)}
    found.plan = plan
    found.state = "staged"
    await ctx.session.flush()
    _record(ctx, "plan", found, changed)
    return found


async def _is_legal_entity(ctx: Context, text: str) -> bool:
    try:
        return await organisation.legal_entity(ctx.session, UUID(text)) is not None
    except ValueError:
        return False


async def mend(ctx: Context, import_id: UUID, row_number: int, column: int, text: str) -> ImportRow:
    """Another value for one cell. The file is left as it was; the next check sees the new value."""
    found = await open_import(ctx, import_id)
    row = await imports.row(ctx.session, import_id, row_number)
    if row is None or not 0 <= column < 200:
        raise errors.ImportNotFound(_("没有这个单元格。"))
    cells: list[Any] = list(row.cells or [])
    cells.extend([None] * (column + 1 - len(cells)))
    before, cells[column] = cells[column], text.strip()[:500] or None
    row.cells = cells
    found.state = "staged"
    await ctx.session.flush()
    _record(ctx, "mend", found, {f"{row_number}:{column}": (before, cells[column])})
    return row


async def skip_row(ctx: Context, import_id: UUID, row_number: int) -> None:
    """Leaves one row out, by emptying it."""
    found = await open_import(ctx, import_id)
    row = await imports.row(ctx.session, import_id, row_number)
    if row is None:
        raise errors.ImportNotFound(_("没有这一行。"))
    await imports.drop_row(ctx.session, row)
    found.state = "staged"
    await ctx.session.flush()
    _record(ctx, "skip_row", found, {"row": (row_number, None)})


async def cancel(ctx: Context, import_id: UUID) -> None:
    """Throws an import away that was not committed, rows, file and all."""
    found = await open_import(ctx, import_id)
    await imports.drop_rows(ctx.session, import_id)
    found.state, found.file_ct = "cancelled", None
    await ctx.session.flush()
    audit.record(ctx, "records.import.cancel", object_type="records.import", object_id=import_id)


async def expire(ctx: Context) -> int:
    """Throws away what holds people's data for nothing any more: what was uploaded ``KEEP_OPEN`` ago and never
    committed, and the rows of what was done ``KEEP_DONE`` ago. Returns how many imports."""
    stale = await imports.open_before(ctx.session, OPEN, datetime.now(UTC) - KEEP_OPEN)
    for found in stale:
        await imports.drop_rows(ctx.session, found.id)
        found.state, found.file_ct = "cancelled", None
        reason = _("上传后 {days} 天没有提交", days=KEEP_OPEN.days)
        audit.record(ctx, "records.import.cancel", object_type="records.import", object_id=found.id, reason=reason)
    done = await imports.done_before(ctx.session, datetime.now(UTC) - KEEP_DONE)
    for found in done:
        await imports.drop_rows(ctx.session, found.id)
        found.file_ct = None
        reason = _("完成已满 {days} 天", days=KEEP_DONE.days)
        audit.record(ctx, "records.import.forget", object_type="records.import", object_id=found.id, reason=reason)
    await ctx.session.flush()
    return len(stale) + len(done)


# ---- within


def _record(ctx: Context, verb: str, found: Import, changes: Mapping[str, tuple[object, object]]) -> None:
    audit.record(ctx, f"records.import.{verb}", object_type="records.import", object_id=found.id, changes=changes)


def _lay_out(found: Import, book: Workbook, sheet: Sheet) -> None:
    layout: Layout = lay_out(sheet.rows)
    found.layout = {
        "kind": book.kind,
        "sheets": [{"name": s.name, "rows": len(s.rows), "hidden": s.hidden} for s in book.sheets],
        "sheet": sheet.name,
        "header_row": layout.header_row,
        "columns": [
            {
                "index": column.index,
                "heading": column.heading[:100],
                "guess": column.guess,
                "confidence": column.confidence,
                "because": column.because,
            }
            for column in layout.columns
        ],
        "notices": [n for n in book.notices if n.get("sheet", sheet.name) == sheet.name] + layout.notices,
    }
    found.plan = {**found.plan, "mapping": {c.guess: c.index for c in layout.columns if c.guess}}
    found.counts = {"staged": len(layout.data)}


async def _write(ctx: Context, found: Import, book: Workbook) -> None:
    sheet = next(s for s in book.sheets if s.name == found.layout["sheet"])
    seal = ImportRow.cells.seal_value
    rows: list[dict[str, Any]] = []
    for row in lay_out(sheet.rows).data:
        row_id = new_id()
        rows.append(
            {
                "id": row_id,
                "row_number": row[0],
                "state": "staged",
                "commit_order": 0,
                "cells_ct": seal(row_id, row[1:], ctx.keyring),
            }
        )
    await imports.write_rows(ctx, found.id, rows)


def _likeliest(sheets: Sequence[Sheet]) -> Sheet:
    """The sheet that looks most like a list of people: shown, with headings we know, and long."""

    def score(sheet: Sheet) -> tuple[bool, bool, int]:
        return (not sheet.hidden, find_header(sheet.rows) is not None, len(sheet.rows))

    return max(sheets, key=score)


def _checked_mapping(sent: Mapping[str, str], columns: Sequence[int]) -> dict[str, int]:
    mapping: dict[str, int] = {}
    twice: dict[str, str] = {}
    for column, code in sent.items():
        if not code:
            continue
        if code not in BY_CODE or not str(column).isdigit() or int(column) not in columns:
            raise errors.InvalidRecord(_("列的对应关系不对，请刷新页面。"))
        if code in mapping:
            twice[f"column_{column}"] = _("「{title}」只能对应一列", title=_(BY_CODE[code].title))
        mapping[code] = int(column)
    if twice:
        raise errors.InvalidRecord(_("有 {n} 处需要更正。", n=len(twice)), fields=twice)
    return mapping


def _safe_name(name: str) -> str:
    name = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(letter for letter in name if letter.isprintable())[-120:] or "file"
