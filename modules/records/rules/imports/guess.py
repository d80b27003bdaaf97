"""Finds the heading row and says which column is what, by heading first and by content second. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from modules.records.rules.imports.cells import CellFault, date_of, digits_of, fen_of, is_empty, text_of
from modules.records.rules.imports.fields import heading_key, match_heading
from zhiren.cn import ids

_SEARCHED_ROWS: Final = 30
_SAMPLE: Final = 200
_SURNAMES: Final = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭"
    "陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
_END_WORDS: Final = ("合计", "总计", "小计", "制表", "审核", "填表", "备注", "说明", "注:", "注：", "total", "打印")


@dataclass(slots=True)
class Column:
    """A column of the sheet: ``index`` counts from 0 at column A, ``guess`` is a field code or empty."""

    index: int
    heading: str
    guess: str = ""
    #: 0 to 1
    confidence: float = 0.0
    #: "heading", "content" or ""
    because: str = ""


@dataclass(slots=True)
class Layout:
    #: row number as shown by the spreadsheet program; 0 where there is none
    header_row: int
    columns: list[Column]
    data: list[list[Any]]
    skipped: int = 0
    notices: list[dict[str, Any]] = field(default_factory=list)


def lay_out(rows: Sequence[Sequence[Any]]) -> Layout:
    """Heading row, columns with their guessed fields, and the rows of data among ``rows``."""
    place = find_header(rows)
    width = max((len(row) - 1 for row in rows), default=0)
    if place is None:
        headings, body, header_row = [""] * width, list(rows), 0
    else:
        header = rows[place]
        headings = [text_of(header[i + 1]) if i + 1 < len(header) else "" for i in range(width)]
        body, header_row = list(rows[place + 1 :]), int(header[0])
    data = [list(row) for row in body if not _is_remark(row, headings)]
    columns = [Column(i, heading) for i, heading in enumerate(headings)]
    columns = [
        c for c in columns if c.heading or any(len(r) > c.index + 1 and not is_empty(r[c.index + 1]) for r in data)
    ]
    _guess(columns, data)
    layout = Layout(header_row, columns, data, skipped=len(body) - len(data))
    if layout.skipped:
        layout.notices.append({"code": "totals", "count": layout.skipped})
    if not header_row:
        layout.notices.append({"code": "headerless"})
    return layout


def find_header(rows: Sequence[Sequence[Any]]) -> int | None:
    """Index of the row with the most headings of different fields; the later of two when it knows more."""
    best: tuple[float, int] | None = None
    for index, row in enumerate(rows[:_SEARCHED_ROWS]):
        sure: dict[str, float] = {}
        for cell in row[1:]:
            if isinstance(cell, str) and (found := match_heading(cell)) and found[1] >= 0.7:
                sure[found[0]] = max(sure.get(found[0], 0.0), found[1])
        score = sum(sure.values())
        if len(sure) >= 2 and (best is None or score > best[0]):
            best = (score, index)
    return best[1] if best else None


def _is_remark(row: Sequence[Any], headings: Sequence[str]) -> bool:
    """Totals, signatures and headings repeated on every printed page."""
    cells = [text_of(cell) for cell in row[1:]]
    filled = [cell for cell in cells if cell]
    if not filled:
        return True
    if filled[0].lower().startswith(_END_WORDS) and len(filled) <= max(3, len(cells) // 3):
        return True
    same = sum(
        1 for cell, heading in zip(cells, headings, strict=False) if cell and heading_key(cell) == heading_key(heading)
    )
    return same >= 2 and same >= 0.6 * len(filled)


def _guess(columns: list[Column], data: Sequence[Sequence[Any]]) -> None:
    offers: list[tuple[float, str, Column, str]] = []
    for column in columns:
        sample = _sample(column.index, data)
        if found := match_heading(column.heading):
            code, score = found
            if code in DETECTORS and sample:
                # content confirms or shakes what the heading says
                score = score * 0.8 + 0.2 * _share(DETECTORS[code], sample)
            offers.append((score, code, column, "heading"))
        if len(sample) < 2 and column.heading:
            continue
        for code, detect in DETECTORS.items():
            share = _share(detect, sample)
            if share >= 0.7 and code not in _HEADING_ONLY:
                offers.append((0.45 * share + _BONUS.get(code, 0.0), code, column, "content"))
    taken: set[str] = set()
    # a name beats an id of the same thing: 部门名称 before 部门编号, JOB_TITLE before JOB_ID
    for score, code, column, because in sorted(
        offers, key=lambda offer: (-round(offer[0], 3), _is_key(offer[2].heading))
    ):
        if column.guess or code in taken or (because == "content" and match_heading(column.heading)):
            continue
        if because == "content" and column.heading and score < 0.44:
            continue
        column.guess, column.confidence, column.because = code, round(min(score, 1.0), 2), because
        taken.add(code)
    if "name" in taken:
        for column in columns:
            if column.guess in {"first_name", "last_name"}:
                column.guess = ""


def _is_key(heading: str) -> bool:
    key = heading_key(heading)
    return key.endswith(("id", "编号", "代码", "code"))


def _sample(index: int, data: Sequence[Sequence[Any]]) -> list[Any]:
    found: list[Any] = []
    for row in data:
        if len(row) > index + 1 and not is_empty(row[index + 1]):
            found.append(row[index + 1])
            if len(found) >= _SAMPLE:
                break
    return found


def _share(detect: Callable[[Any], bool], sample: Sequence[Any]) -> float:
    return sum(1 for cell in sample if detect(cell)) / len(sample) if sample else 0.0


def _quiet(convert: Callable[[Any], Any], cell: Any) -> Any:
    try:
        return convert(cell)
    except (CellFault, ValueError):
        return None


def _looks_like_id_number(cell: Any) -> bool:
    text = _quiet(digits_of, cell)
    return bool(text) and ids.check_id_number(text).valid


def _looks_like_mobile(cell: Any) -> bool:
    text = _quiet(digits_of, cell)
    return bool(text) and ids.is_mobile(ids.normalise_mobile(text))


def _looks_like_card(cell: Any) -> bool:
    text = _quiet(digits_of, cell)
    if not text or not isinstance(cell, str):
        return False
    number = ids.normalise_bank_card(text)
    return 16 <= len(number) <= 19 and ids.luhn_ok(number) and not ids.check_id_number(number).valid


def _looks_like_past_date(first: int, last: int) -> Callable[[Any], bool]:
    def detect(cell: Any) -> bool:
        if isinstance(cell, (int, float)) and not isinstance(cell, bool) and cell < 10_000:
            return False
        day: date | None = _quiet(date_of, cell)
        return day is not None and first <= day.year <= last

    return detect


def _looks_like_name(cell: Any) -> bool:
    text = text_of(cell)
    return 2 <= len(text) <= 4 and text[0] in _SURNAMES and re.fullmatch(r"[\u4e00-\u9fff]+", text) is not None


def _looks_like_number(cell: Any) -> bool:
    text = text_of(cell)
    return re.fullmatch(r"[A-Za-z]{0,4}-?[0-9]{2,8}", text) is not None


def _looks_like_wage(cell: Any) -> bool:
    fen: int | None = _quiet(fen_of, cell)
    return fen is not None and 100_000 <= fen <= 50_000_000


DETECTORS: Final[dict[str, Callable[[Any], bool]]] = {
    "id_number": _looks_like_id_number,
    "mobile": _looks_like_mobile,
    "bank_account": _looks_like_card,
    "email": lambda cell: re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", text_of(cell)) is not None,
    "gender": lambda cell: text_of(cell).lower() in {"男", "女", "male", "female", "m", "f"},
    "name": _looks_like_name,
    "birth_date": _looks_like_past_date(1940, 2008),
    "hired_on": _looks_like_past_date(1975, 2100),
    "number": _looks_like_number,
    "monthly_wage": _looks_like_wage,
}
#: never taken for what content alone suggests: too many other things look the same
_HEADING_ONLY: Final = frozenset({"monthly_wage", "birth_date", "number"})
_BONUS: Final[dict[str, float]] = {
    "id_number": 0.3,
    "mobile": 0.25,
    "email": 0.25,
    "bank_account": 0.2,
    "gender": 0.2,
    "name": 0.15,
}
