"""Labelled values: ``姓名：张三``, a table's cell and the one beside or beneath it."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from modules.recruiting.resumes.document import CELL, Document, Line

_WORDS: Final[dict[str, str]] = {
    "name": "姓名|Name",
    "gender": "性别|Gender|Sex",
    "birth": "出生年月日|出生年月|出生日期|出生时间|生日|Date of Birth",
    "age": "年龄|Age",
    "mobile": "联系电话|手机号码|手机号|移动电话|联系手机|电话号码|手机|电话|Mobile|Phone|Tel",
    "mail": "电子邮箱|电子邮件|邮箱地址|邮箱|邮件|E-?mail",
    "contact": "联系方式",
    "degree": "最高学历|学历/学位|文化程度|教育程度|学历|学位|Degree",
    "school": "毕业院校|毕业学校|毕业于|就读院校|学校名称|院校名称|学校|院校|School",
    "major": "所学专业|专业名称|专业|Major",
    "city": (
        "现居住地|现居住城市|现居城市|现居地址|现居地|居住地址|居住地|所在城市|所在地区|所在地|现所在地|"
        "现住址|居住城市|现居|住址|地址|城市|Location|Address"
    ),
    "wish_city": "期望城市|期望地点|期望工作地|工作地点|意向城市|期望地区|工作地区",
    "salary": "期望薪资|期望月薪|薪资要求|期望薪酬|期望待遇|待遇要求|期望工资|薪资期望|期望年薪|薪酬要求",
    "years": "工作年限|工作经验|从业年限|工龄",
    "employer": (
        "现任公司|目前公司|所在公司|现单位|现工作单位|当前公司|最近工作单位|公司名称|工作单位|单位名称|公司|"
        "单位|雇主|Company"
    ),
    "title": "现任职位|目前职位|当前职位|职位名称|担任职位|担任职务|所任职位|岗位名称|职务|职位|岗位|Position|Title",
    "department": "所在部门|所属部门|部门",
    "period": "起止时间|起止年月|工作时间|在职时间|就读时间|在校时间|时间|任职时间",
    "wish_title": "求职意向|应聘职位|应聘岗位|期望职位|意向岗位|目标职位|期望岗位|求职岗位|意向职位",
    "skills": "专业技能|技能特长|掌握技能|技能",
    "other": (
        "民族|籍贯|户籍|户口所在地|户口|政治面貌|婚姻状况|婚否|婚姻|身高|体重|健康状况|到岗时间|求职状态|"
        "目前状态|身份证号码|身份证号|身份证|微信号|微信|QQ"
        "|个人主页|英语水平|外语水平|国籍|邮编|工作性质|期望行业|毕业时间|入学时间|目前薪资|目前年薪|"
        "汇报对象|下属人数|工作描述|工作职责|工作内容|主要职责|离职原因|工作业绩|职责"
        "|证明人|职称|照片|参加工作时间|参加工作|学制|主修课程|公司规模|公司性质|所属行业|行业"
    ),
}
_KIND: Final = {word: kind for kind, words in _WORDS.items() for word in words.split("|")}
_ANY: Final = "|".join(
    r"\s*".join(re.sub(r"([^\w?])", r"\\\1", letter) if letter != "?" else "?" for letter in word)
    if re.fullmatch(r"[一-龥]{2}", word)
    else word
    for word in sorted(_KIND, key=len, reverse=True)
)
#: a label in the middle of a line needs its colon; OCR drops spaces before it
_GLUED: Final = re.compile(rf"(?P<word>{_ANY})\s*(?P<colon>:)\s*", re.IGNORECASE)
_CELL_LABEL: Final = re.compile(rf"(?P<word>{_ANY})\s*:?", re.IGNORECASE)


class Labelled(msgspec.Struct, frozen=True):
    kind: str
    value: str
    line: Line
    #: index of the line in the document
    at: int
    #: where the value begins in the line; -1 when it stands in another
    offset: int


def kind_of(word: str) -> str:
    bare = re.sub(r"\s", "", word)
    return next((kind for known, kind in _KIND.items() if re.fullmatch(known, bare, re.IGNORECASE)), "other")


def cell_label(cell: str) -> str | None:
    """The kind of label a cell is, if it is nothing else."""
    match = _CELL_LABEL.fullmatch(cell.strip())
    return kind_of(match["word"]) if match else None


def labelled(document: Document) -> list[Labelled]:
    """In reading order; a value may be that of several labels when it is not clear whose it is."""
    found: list[Labelled] = []
    for at, line in enumerate(document.lines):
        cells = line.text.split(CELL)
        kinds = [cell_label(cell) for cell in cells]
        heads = sum(kind is not None for kind in kinds)
        if heads > 1 and heads == len(cells) and at + 1 < len(document.lines):
            found += _beneath(kinds, document, at)
            continue
        found += _beside(cells, kinds, line, at)
        found += _inline(line, at)
    return found


def _beneath(kinds: list[str | None], document: Document, at: int) -> list[Labelled]:
    """A row of heads: each value stands in the row under it."""
    under = document.lines[at + 1]
    cells = under.text.split(CELL)
    if len(cells) != len(kinds) or any(cell_label(cell) for cell in cells):
        return []
    offsets = _offsets(cells)
    return [
        Labelled(kind, cell, under, at + 1, offset)
        for kind, cell, offset in zip(kinds, cells, offsets, strict=True)
        if kind
    ]


def _beside(cells: list[str], kinds: list[str | None], line: Line, at: int) -> list[Labelled]:
    offsets = _offsets(cells)
    return [
        Labelled(kind, cells[number + 1].strip(), line, at, offsets[number + 1])
        for number, kind in enumerate(kinds[:-1])
        if kind and kinds[number + 1] is None
    ]


def _inline(line: Line, at: int) -> list[Labelled]:
    marks = list(_GLUED.finditer(line.text))
    found = []
    for number, mark in enumerate(marks):
        end = marks[number + 1].start() if number + 1 < len(marks) else len(line.text)
        value = re.split(r"\t| {3,}|\s\|\s?|[;；]", line.text[mark.end() : end].strip(" "))[0].strip(" |/,;·•\t")
        if value:
            found.append(Labelled(kind_of(mark["word"]), value, line, at, mark.end()))
    return found


def _offsets(cells: list[str]) -> list[int]:
    offsets, at = [], 0
    for cell in cells:
        offsets.append(at)
        at += len(cell) + 1
    return offsets
