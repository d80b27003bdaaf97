"""What the pages of an import show: columns with samples, faults at their cells, figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from modules.records import schemas
from modules.records.models import Import, ImportRow
from modules.records.repository import imports
from modules.records.rules.imports.cells import text_of
from modules.records.rules.imports.checker import OPTIONAL
from modules.records.rules.imports.fields import BY_CODE, FIELDS
from modules.records.rules.masks import FIELD_CLASSES, mask
from modules.records.service.imports.checking import fault_text
from modules.records.service.imports.reader import NOTICES
from zhiren.context import Context
from zhiren.i18n import N_, _

GROUPS: Final = (
    ("person", N_("人员")),
    ("seat", N_("任职")),
    ("contact", N_("联系方式")),
    ("bank", N_("银行")),
    ("pay", N_("薪酬")),
)
PAGE_ROWS: Final = 50
_SAMPLE_ROWS: Final = 3


@dataclass(frozen=True, slots=True)
class ColumnShown:
    index: int
    letter: str
    heading: str
    field: str
    samples: list[str]
    sure: bool


@dataclass(frozen=True, slots=True)
class FaultShown:
    title: str
    text: str
    column: int | None
    letter: str
    heading: str
    value: str
    blocks: bool


@dataclass(frozen=True, slots=True)
class RowShown:
    number: int
    name: str
    state: str
    action: str
    faults: list[FaultShown]


@dataclass(frozen=True, slots=True)
class FaultGroup:
    field: str
    title: str
    text: str
    n: int
    blocks: bool
    can_leave_out: bool


def letter(index: int) -> str:
    """0 → A, 26 → AA: what the spreadsheet program writes above the column."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return name


def notices(found: Import) -> list[str]:
    told = []
    for notice in found.layout.get("notices", ()):
        text = NOTICES.get(notice["code"])
        if text is not None:
            told.append(_(text, **{name: value for name, value in notice.items() if name != "code"}))
    return told


def field_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Fields to choose from, by group."""
    return [(_(title), [(f.code, _(f.title)) for f in FIELDS if f.group == group]) for group, title in GROUPS]


async def columns(ctx: Context, found: Import) -> list[ColumnShown]:
    """Every column with the first values; sealed kinds masked."""
    first = await imports.rows(ctx.session, found.id, limit=_SAMPLE_ROWS)
    cells: list[Any] = ImportRow.cells.open_rows(first, ctx.keyring)
    by_column = {column: code for code, column in found.plan["mapping"].items()}
    shown = []
    for column in found.layout["columns"]:
        index = column["index"]
        code = by_column.get(index, "")
        texts = [text_of(row[index]) if index < len(row) else "" for row in cells]
        hidden = code if code in FIELD_CLASSES else column["guess"]
        samples = [(mask(hidden, t) or "") if hidden in FIELD_CLASSES else _short(t) for t in texts]
        sure = not code or (code == column["guess"] and column["confidence"] >= 0.8)
        shown.append(ColumnShown(index, letter(index), column["heading"], code, samples, sure))
    return shown


async def fault_rows(ctx: Context, found: Import, page: int) -> list[RowShown]:
    """Rows that are held back, a page at a time, each fault with its cell's text as it stands."""
    rows = await imports.rows(
        ctx.session, found.id, states=("fault",), offset=(max(page, 1) - 1) * PAGE_ROWS, limit=PAGE_ROWS
    )
    return shown_rows(ctx, found, rows)


async def rows_page(ctx: Context, found: Import, states: Sequence[str], page: int) -> list[RowShown]:
    rows = await imports.rows(
        ctx.session, found.id, states=states, offset=(max(page, 1) - 1) * PAGE_ROWS, limit=PAGE_ROWS
    )
    return shown_rows(ctx, found, rows)


def shown_rows(ctx: Context, found: Import, rows: Sequence[ImportRow]) -> list[RowShown]:
    headings = {c["index"]: c["heading"] for c in found.layout["columns"]}
    name_at = found.plan["mapping"].get("name", found.plan["mapping"].get("last_name"))
    cells: list[Any] = ImportRow.cells.open_rows(rows, ctx.keyring)
    faults: list[Any] = ImportRow.faults.open_rows(rows, ctx.keyring)
    values: list[Any] = ImportRow.values.open_rows(rows, ctx.keyring)
    shown = []
    for row, row_cells, row_faults, row_values in zip(rows, cells, faults, values, strict=True):
        at = [
            FaultShown(
                title=_title(fault["field"]),
                text=fault_text(fault["code"], fault["params"]),
                column=fault["column"],
                letter=letter(fault["column"]) if fault["column"] is not None else "",
                heading=headings.get(fault["column"], "") if fault["column"] is not None else "",
                value=_cell(row_cells, fault["column"]),
                blocks=fault["blocks"],
            )
            for fault in row_faults or ()
        ]
        name = _cell(row_cells, name_at) or (row_values or {}).get("person", {}).get("name", "")
        shown.append(RowShown(row.row_number, _short(name), row.state, (row_values or {}).get("action", ""), at))
    return shown


def fault_groups(found: Import) -> list[FaultGroup]:
    """Faults by kind, the frequent first: what to look at, and what may be left out."""
    tolerated = set(found.plan.get("tolerated", ()))
    return [
        FaultGroup(
            field=fault["field"],
            title=_title(fault["field"]),
            text=_general(fault["code"]),
            n=fault["n"],
            blocks=fault["blocks"],
            can_leave_out=fault["blocks"] and fault["field"] in OPTIONAL and fault["field"] not in tolerated,
        )
        for fault in found.counts.get("faults", ())
    ]


def struct_of(found: Import) -> schemas.Import:
    return schemas.Import(
        id=found.id,
        version=found.version,
        state=found.state,
        file_name=found.file_name,
        created_at=found.created_at,
        created_by_name=found.created_by_name,
        sheet=found.layout.get("sheet", ""),
        header_row=found.layout.get("header_row", 0),
        columns=[
            schemas.ImportColumn(index=c["index"], letter=letter(c["index"]), heading=c["heading"], guess=c["guess"])
            for c in found.layout.get("columns", ())
        ],
        mapping=found.plan.get("mapping", {}),
        mode=found.plan.get("mode", "add_update"),
        effective_on=found.plan.get("effective_on", ""),
        legal_entity_id=UUID(found.plan["legal_entity_id"]) if found.plan.get("legal_entity_id") else None,
        counts={name: n for name, n in found.counts.items() if isinstance(n, int)},
        notices=notices(found),
        job_id=found.job_id,
    )


def struct_of_row(row: RowShown) -> schemas.ImportRow:
    return schemas.ImportRow(
        row_number=row.number,
        state=row.state,
        faults=[
            schemas.ImportFault(
                column=fault.column, letter=fault.letter, field=fault.title, text=fault.text, blocks=fault.blocks
            )
            for fault in row.faults
        ],
    )


def _title(code: str) -> str:
    return _(BY_CODE[code].title)


def _general(code: str) -> str:
    """The text of a fault without its row's own figures."""
    blank: dict[str, Any] = dict.fromkeys(
        ("value", "row", "number", "name", "count", "unit", "first", "limit", "expected"), "…"
    )
    return fault_text(code, blank)


def _cell(cells: Sequence[Any], column: int | None) -> str:
    return text_of(cells[column]) if column is not None and column < len(cells) else ""


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"
