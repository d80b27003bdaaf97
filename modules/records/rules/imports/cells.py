"""One cell in, one value out: dates in many spellings, money, sex, status. Pure."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, Final

from zhiren.i18n import N_


class CellFault(ValueError):
    """``code`` names a text of ``CELL_FAULTS``."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code, self.params = code, params


CELL_FAULTS: Final[dict[str, str]] = {
    "date": N_("“{value}”不是日期；可写成 2020-03-01、2020.3.1 或 2020年3月1日"),
    "date_range": N_("日期 {value} 不在 1900 至 2100 年之间"),
    "date_two_ways": N_("“{value}”分不清月和日；请写成 2020-03-01 的样子"),
    "date_two_digits": N_("“{value}”看不出年份；请写四位年份"),
    "money": N_("“{value}”不是金额；可写成 8500 或 8,500.00"),
    "money_negative": N_("金额不能是负数"),
    "gender": N_("“{value}”不是性别；请写男或女"),
    "status": N_("“{value}”不是在职状态；请写试用、正式、停薪留职或离职"),
    "id_kind": N_("“{value}”不是认识的证件类型"),
    "rounded": N_("号码被表格程序改成了科学记数，末几位已丢失；请把这列设为文本后重新填写"),
    "excel_error": N_("单元格里是公式错误 {value}"),
}

_EXCEL_EPOCH: Final = date(1899, 12, 30)
_EMPTY: Final = frozenset({"", "-", "--", "—", "——", "/", "无", "暂无", "null", "none", "n/a", "na", "nan"})
_ERRORS: Final = frozenset({"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"})
_MONTHS: Final = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
_GENDERS: Final = {
    "男": "male", "男性": "male", "m": "male", "male": "male", "先生": "male",
    "女": "female", "女性": "female", "f": "female", "female": "female", "女士": "female",
}  # fmt: skip
_STATUSES: Final = {
    "试用": "probation", "试用期": "probation", "probation": "probation", "实习": "probation",
    "正式": "regular", "在职": "regular", "转正": "regular", "在岗": "regular", "已转正": "regular",
    "active": "regular", "regular": "regular", "permanent": "regular", "full time": "regular", "employed": "regular",
    "停薪留职": "suspended", "suspended": "suspended", "长假": "suspended", "on leave": "suspended",
    "离职": "left", "已离职": "left", "left": "left", "terminated": "left", "resigned": "left", "inactive": "left",
}  # fmt: skip
_ID_KINDS: Final = {
    "身份证": "resident", "居民身份证": "resident", "二代身份证": "resident", "resident": "resident",
    "港澳居民来往内地通行证": "hk_macau", "港澳通行证": "hk_macau", "回乡证": "hk_macau", "hk macau": "hk_macau",
    "台湾居民来往大陆通行证": "taiwan", "台胞证": "taiwan",
    "外国人永久居留身份证": "foreign_permit", "永久居留证": "foreign_permit",
    "护照": "passport", "passport": "passport", "其他": "other", "other": "other",
}  # fmt: skip


def text_of(cell: Any) -> str:
    """What a person sees in the cell, outer spaces and zero-width marks off. Whole floats lose their ``.0``."""
    if cell is None:
        return ""
    if isinstance(cell, dict):
        return str(cell.get("d", ""))
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    return str(cell).strip(" \t\r\n\u3000\u200b\u200e\u200f\ufeff\xa0")


def is_empty(cell: Any) -> bool:
    return text_of(cell).lower() in _EMPTY


def refuse_errors(text: str) -> None:
    if text.upper() in _ERRORS:
        raise CellFault("excel_error", value=text)


def digits_of(cell: Any) -> str:
    """A number that is a name (ID, card, mobile): text with an apostrophe or a ``.0`` cleaned off. A number of more
    than 15 digits that came as a number has lost its tail in the spreadsheet program."""
    if isinstance(cell, (int, float)) and not isinstance(cell, bool) and abs(cell) >= 10**15:
        raise CellFault("rounded")
    text = unicodedata.normalize("NFKC", text_of(cell)).strip().lstrip("'")
    if re.fullmatch(r"[0-9](\.[0-9]+)?[eE]\+?[0-9]{2}", text):
        raise CellFault("rounded")
    return re.sub(r"^([0-9]+)\.0$", r"\1", text)


_YEAR_FIRST: Final = re.compile(r"(\d{4})\s*[-./年]\s*(\d{1,2})(?:\s*[-./月]\s*(\d{1,2})?\s*[日号]?)?")
_DAY_MONTH: Final = re.compile(r"(?P<d>\d{1,2})[- ./](?P<m>[A-Za-z]{3})[a-z]*[- ./,]+(?P<y>\d{4})")
_MONTH_DAY: Final = re.compile(r"(?P<m>[A-Za-z]{3})[a-z]*\.? (?P<d>\d{1,2}),? (?P<y>\d{4})")
_YEAR_LAST: Final = re.compile(r"(\d{1,2})[-./](\d{1,2})[-./](\d{4})")


def date_of(cell: Any) -> date:
    """2020-03-01, 2020.3.1, 2020/3/1, 20200301, 2020年3月1日, 2020年3月 (its first day), 1-Mar-2020, Excel's serial."""
    if isinstance(cell, dict):
        return _plausible(date.fromisoformat(cell["d"]))
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return _date_of_number(float(cell))
    text = unicodedata.normalize("NFKC", text_of(cell)).strip()
    text = re.sub(r"[T ]\d{1,2}:\d{2}(:\d{2})?(\.\d+)?Z?$", "", text)
    if re.fullmatch(r"\d{5}(\.\d+)?|\d{8}|\d{6}", text):
        return _date_of_number(float(text))
    if match := _YEAR_FIRST.fullmatch(text):
        return _date(text, int(match[1]), int(match[2]), int(match[3] or 1))
    match = _DAY_MONTH.fullmatch(text) or _MONTH_DAY.fullmatch(text)
    if match and match["m"].lower() in _MONTHS:
        return _date(text, int(match["y"]), _MONTHS[match["m"].lower()], int(match["d"]))
    if match := _YEAR_LAST.fullmatch(text):
        return _year_last(text, int(match[1]), int(match[2]), int(match[3]))
    if re.fullmatch(r"\d{2}[-./年]\d{1,2}[-./月]\d{1,2}日?", text):
        raise CellFault("date_two_digits", value=text)
    raise CellFault("date", value=text[:40])


def _year_last(text: str, first: int, second: int, year: int) -> date:
    """17-06-2003 can be read one way only; 03/04/2020 can be read two, and is refused rather than guessed."""
    if first > 12 >= second:
        return _date(text, year, second, first)
    if second > 12 >= first or first == second:
        return _date(text, year, first, second)
    raise CellFault("date_two_ways", value=text)


def _date_of_number(number: float) -> date:
    whole = int(number)
    if 19_000_000 < whole < 21_010_000:
        return _date(str(whole), whole // 10_000, whole // 100 % 100, whole % 100)
    if 190_000 < whole < 210_100:
        return _date(str(whole), whole // 100, whole % 100, 1)
    if 366 < whole < 73_415:
        return _EXCEL_EPOCH + timedelta(days=whole)
    raise CellFault("date", value=str(whole)[:40])


def _date(text: str, year: int, month: int, day: int) -> date:
    try:
        return _plausible(date(year, month, day))
    except ValueError as error:
        if isinstance(error, CellFault):
            raise
        raise CellFault("date", value=text[:40]) from error


def _plausible(day: date) -> date:
    if not 1900 <= day.year <= 2100:
        raise CellFault("date_range", value=day.isoformat())
    return day


def fen_of(cell: Any) -> int:
    """Yuan as written (8500, 8,500.00, ¥8500, 1.2万) to fen; half a fen goes up."""
    text = unicodedata.normalize("NFKC", text_of(cell)).replace(",", "").replace(" ", "")
    text = re.sub(r"^(¥|RMB|CNY|\$|USD)|(元|块)$", "", text, flags=re.IGNORECASE)
    scale = Decimal(1)
    if text.endswith("万"):
        text, scale = text[:-1], Decimal(10_000)
    try:
        amount = Decimal(text)
    except InvalidOperation as error:
        raise CellFault("money", value=text_of(cell)[:40]) from error
    if not amount.is_finite() or abs(amount) > 10**10:
        raise CellFault("money", value=text_of(cell)[:40])
    if amount < 0:
        raise CellFault("money_negative")
    return int((amount * scale * 100).quantize(Decimal(1), ROUND_HALF_UP))


def word_of(kind: str, cell: Any) -> str:
    """Sex, employment status or kind of document, from the words people use."""
    words = {"gender": _GENDERS, "status": _STATUSES, "id_kind": _ID_KINDS}[kind]
    text = unicodedata.normalize("NFKC", text_of(cell)).strip().lower()
    if text not in words:
        raise CellFault(kind, value=text_of(cell)[:40])
    return words[text]


def path_of(text: str) -> list[str]:
    """「制造中心/一车间」 to its names, from the root down."""
    parts = re.split(r"\s*[/／>＞\\＼→|｜]\s*", text)
    return [part.strip() for part in parts if part.strip()]


def city_of(text: str) -> str:
    """北京市 to 北京; 上海市浦东新区 to 上海. Others as written, a closing 市 off."""
    for city in ("北京", "上海", "天津", "重庆"):
        if text.startswith(city):
            return city
    return text.removesuffix("市") if len(text) > 2 else text
