"""Spreadsheets as people send them, made by the libraries that write them."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from datetime import date
from random import Random
from typing import Any

import openpyxl
import xlsxwriter
import xlwt

from tests.factories import people

ROSTER = (
    "序号", "工号", "姓名", "性别", "身份证号码", "所属部门", "岗位", "直接上级", "入职时间", "手机号码", "银行卡号",
    "开户行", "家庭住址", "月薪", "紧急联系人电话",
)  # fmt: skip


def roster(count: int, *, seed: int = 1, start: int = 1) -> list[list[Any]]:
    """Rows of a Chinese roster: the first leads, each tenth leads the nine after them."""
    random = Random(seed)
    rows: list[list[Any]] = []
    for n in range(count):
        female = random.random() < 0.5
        manager = None if n == 0 else f"A{start + (0 if n % 10 == 0 else n - n % 10):05d}"
        hired = date(2015, 1, 5).toordinal() + random.randrange(3000)
        rows.append(
            [
                n + 1,
                f"A{start + n:05d}",
                people.person_name(random),
                "女" if female else "男",
                people.id_number(random, female=female),
                random.choice(("制造中心/一车间", "制造中心/二车间", "研发中心", "人力资源部")),
                random.choice(("操作工", "工程师", "班长")),
                manager,
                _written(random, date.fromordinal(hired)),
                people.mobile(random),
                people.bank_account(random),
                "中国工商银行",
                f"某市某区某路 {n} 号",
                random.randrange(60, 300) * 100,
                "13900000000",
            ]
        )
    return rows


def _written(random: Random, day: date) -> Any:
    return random.choice(
        (
            day,
            day.isoformat(),
            f"{day.year}.{day.month}.{day.day}",
            f"{day.year}年{day.month}月{day.day}日",
            f"{day:%Y%m%d}",
            f"{day.year}/{day.month}/{day.day}",
        )
    )


def xlsx(rows: Sequence[Sequence[Any]], change: Callable[[Any], None] | None = None) -> bytes:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.title = "花名册"
    for row in rows:
        sheet.append(list(row))
    if change:
        change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def big_xlsx(rows: Sequence[Sequence[Any]]) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"constant_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet()
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            sheet.write(r, c, value.isoformat() if isinstance(value, date) else value)
    book.close()
    return out.getvalue()


def xls(rows: Sequence[Sequence[Any]]) -> bytes:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("花名册")
    day = xlwt.easyxf(num_format_str="YYYY-MM-DD")
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            if isinstance(value, date):
                sheet.write(r, c, value, day)
            else:
                sheet.write(r, c, value)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def csv_text(rows: Sequence[Sequence[Any]]) -> str:
    return "".join(",".join("" if v is None else str(v) for v in row) + "\r\n" for row in rows)
