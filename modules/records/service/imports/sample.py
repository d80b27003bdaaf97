"""A sample roster for the empty page: what a good file may look like, not what it must."""

from __future__ import annotations

import io

import xlsxwriter  # type: ignore[import-untyped]

from zhiren.cn.ids import id_check_digit
from zhiren.i18n import _

HEADINGS = (
    "工号", "姓名", "性别", "身份证号", "部门", "岗位", "直接上级", "入职日期", "手机号", "银行账号", "开户行",
    "工作城市", "月工资",
)  # fmt: skip


def _id_number(first17: str) -> str:
    return first17 + id_check_digit(first17)


#: people who do not exist; their numbers keep the check digits, so that the sample can be tried at once
ROWS = (
    (
        "A0001", "陈志远", "男", _id_number("11010119800307427"), "制造中心", "总监", "", "2016-03-01", "13800000001",
        "6222020000000000018", "中国工商银行", "上海", 32000,
    ),
    (
        "A0002", "林晓", "女", _id_number("31010119910512386"), "制造中心/一车间", "班长", "A0001", "2018.7.2",
        "13800000002", "6222020000000000026", "中国工商银行", "上海", 12500,
    ),
    (
        "A0003", "王海涛", "男", _id_number("32010619951120331"), "制造中心/一车间", "操作工", "林晓", "2021年5月10日",
        "13800000003", "6222020000000000034", "中国工商银行", "上海", 8600,
    ),
)  # fmt: skip


def sample_xlsx() -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False})
    sheet = book.add_worksheet("花名册")
    bold = book.add_format({"bold": True, "bottom": 1})
    text = book.add_format({"num_format": "@"})
    for column, heading in enumerate(HEADINGS):
        sheet.write_string(0, column, heading, bold)
        sheet.set_column(column, column, 20 if heading in {"身份证号", "银行账号"} else 13, text)
    for number, row in enumerate(ROWS, start=1):
        for column, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(number, column, value, text)
            else:
                sheet.write_number(number, column, value)
    sheet.freeze_panes(1, 0)
    book.set_properties({"title": _("员工花名册示例")})
    book.close()
    return out.getvalue()
