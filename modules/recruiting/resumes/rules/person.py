"""Who it is, how to reach them, what they wish for."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from typing import Literal

from modules.recruiting.resumes.document import CELL, Document, Line
from modules.recruiting.resumes.rules.dates import POINT
from modules.recruiting.resumes.rules.evidence import found
from modules.recruiting.resumes.rules.labels import Labelled
from modules.recruiting.resumes.rules.words import CITY, NAME, NOT_A_NAME, heading
from modules.recruiting.resumes.schemas import Found

_MOBILE = re.compile(r"(?<![\d.])(?:\(?\+?0{0,2}86\)?[-\s]?)?(1[3-9]\d)[-\s]?(\d{4})[-\s]?(\d{4})(?!\d)")
_MAIL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._%+\-]{0,63}\s?@\s?[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)*\.[A-Za-z]{2,10}")
_FULL_NAME = re.compile(r"[一-龥](?:\s?[一-龥]){1,3}|[一-龥]{1,8}(?:·[一-龥]{1,10})+|[A-Za-z][A-Za-z.'\- ]{2,40}")
_MONEY = re.compile(
    r"(?P<low>\d+(?:\.\d+)?)\s?(?P<unit1>[kK千万wW])?\s?(?:[-~至到]\s?(?P<high>\d+(?:\.\d+)?)\s?(?P<unit>["
    r"kK千万wW])?)?\s?(?P<rest>[^,;，；\t]*)"
)
_SPLIT = re.compile(r"[\t|/,;·•]| {2,}")


def mobile(document: Document, labels: Iterable[Labelled]) -> Found[str] | None:
    marked = {one.at for one in labels if one.kind in {"mobile", "contact"}}
    best: Found[str] | None = None
    for at, line in enumerate(document.lines):
        for match in _MOBILE.finditer(line.text):
            sure = 0.98 if at in marked else 0.93 if at < 12 else 0.8
            one = found("".join(match.groups()), sure, line, match.start(), match.end())
            best = one if best is None or one.confidence > best.confidence else best
    return best


def mail(document: Document) -> Found[str] | None:
    for line in document.lines:
        match = _MAIL.search(line.text)
        if match:
            # a number glued to the address is the phone before it
            text = re.sub(r"\s", "", match.group())
            glued = re.match(r"1[3-9]\d{9}(?=[A-Za-z])", text)
            start = match.start() + (glued.end() if glued else 0)
            return found(text[glued.end() :] if glued else text, 0.97, line, start, match.end())
    return None


def name(document: Document, labels: Iterable[Labelled], file_name: str) -> Found[str] | None:
    """What is labelled so; else what looks like a name near the top, the larger the surer."""
    for one in labels:
        if one.kind == "name":
            match = _FULL_NAME.match(one.value)
            if match and not NOT_A_NAME.search(match.group()):
                value = match.group().strip()
                if not value.isascii():
                    value = re.sub(r"\s", "", value)
                return found(value, 0.98 if one.offset >= 0 else 0.9, one.line, max(one.offset, 0))
    best: Found[str] | None = None
    place = 0
    for line in document.lines[:40]:
        for cell, offset in _cells(line):
            place += 1
            value = re.sub(
                r"(?<=[一-龥])\s+(?=[一-龥])",
                "",
                re.sub(r"(?:的?个人)?(?:求职)?简历$", "", cell.strip(" :()[]【】").strip()),
            ).strip()
            if not NAME.fullmatch(value) or NOT_A_NAME.search(value) or heading(value) or CITY.fullmatch(value):
                continue
            sure = 0.55 + 0.2 * min(max(line.size - 1, 0), 1) + 0.15 * (place <= 3) + 0.1 * (value in file_name)
            sure -= 0.02 * min(place, 15)
            likely = found(value, min(sure, 0.95), line, offset)
            best = likely if best is None or likely.confidence > best.confidence else best
    return best


def _cells(line: Line) -> Iterable[tuple[str, int]]:
    at = 0
    for cell in _SPLIT.split(line.text):
        yield cell, at
        at += len(cell) + 1
        # 张三 男 28岁: the first word alone
        first = cell.split(" ")[0]
        if first != cell and len(first) > 1:
            yield first, at - len(cell) - 1


def gender(document: Document, labels: Iterable[Labelled]) -> Found[Literal["male", "female"]] | None:
    for one in labels:
        if one.kind == "gender" and one.value[:1] in "男女":
            return found(_gender(one.value), 0.98, one.line, max(one.offset, 0))
    for line in document.lines[:25]:
        match = re.search(r"(?:^|[\s|/,·()])(男|女)(?:$|[\s|/,·()性])", line.text)
        if match:
            return found(_gender(match[1]), 0.9, line, match.start(1), match.end(1))
    return None


def _gender(text: str) -> Literal["male", "female"]:
    return "male" if text.startswith("男") else "female"


def birth(document: Document, labels: Iterable[Labelled], today: datetime.date) -> Found[str] | None:
    places = [(one.value, one.line, max(one.offset, 0), 0.96) for one in labels if one.kind == "birth"]
    for line in document.lines[:25]:
        match = re.search(r"(.{6,12})(?:出生|生)(?![产活])", line.text)
        if match:
            places.append((match[1], line, match.start(1), 0.9))
    for text, line, offset, sure in places:
        match = POINT.search(text)
        if not match:
            continue
        numbers = [int(number) for number in re.findall(r"\d+", match.group())]
        if len(str(numbers[0])) == 6:
            numbers = [numbers[0] // 100, numbers[0] % 100]
        if 14 <= today.year - numbers[0] <= 80:
            written = "-".join(f"{number:02d}" for number in numbers[:3])
            return found(written, sure, line, offset + match.start(), offset + match.end())
    return None


def city(document: Document, labels: Iterable[Labelled]) -> Found[str] | None:
    for kind in ("city", "wish_city"):
        for one in labels:
            match = CITY.search(one.value) if one.kind == kind else None
            if match:
                sure = 0.95 if kind == "city" else 0.5
                return found(match.group(), sure, one.line, max(one.offset, 0))
    for line in document.lines[:15]:
        for cell, offset in _cells(line):
            match = re.fullmatch(
                rf"(?:现居|居住地?:?|坐标:?)?\s?({CITY.pattern})市?(?:[一-龥]{{1,4}}区)?", cell.strip()
            )
            if match:
                return found(match[1], 0.75, line, offset)
    return None


def salary_wish_fen(document: Document, labels: Iterable[Labelled]) -> Found[int] | None:
    """The lower end, of a month: 15-20K, 1.5万, 20000元/月, 年薪30万."""
    for one in labels:
        if one.kind == "salary" and (fen := month_fen(one.value, yearly="年薪" in one.line.text)):
            return found(fen, 0.9, one.line, max(one.offset, 0))
    for line in document.lines[:25]:
        match = re.search(r"\d{1,3}\s?-\s?\d{1,3}\s?[kK]\b", line.text)
        if match and (fen := month_fen(match.group())):
            return found(fen, 0.7, line, match.start(), match.end())
    return None


def month_fen(text: str, *, yearly: bool = False) -> int | None:
    """None when no amount is meant, or none that anybody is paid."""
    match = _MONEY.search(text)
    if match is None:
        return None
    unit = (match["unit1"] or match["unit"] or "").lower()
    yuan = float(match["low"]) * {"k": 1_000, "千": 1_000, "万": 10_000, "w": 10_000}.get(unit, 1)
    if yearly or re.search(r"年薪|/年|每年", text):
        yuan /= 12
    return round(yuan * 100) if 500 <= yuan <= 2_000_000 else None


def skills(sections: Iterable[tuple[str, Line]], labels: Iterable[Labelled]) -> list[Found[str]]:
    places = [(line.text, line, 0) for section, line in sections if section == "skills"]
    places += [(one.value, one.line, max(one.offset, 0)) for one in labels if one.kind == "skills"]
    result: dict[str, Found[str]] = {}
    for text, line, offset in places:
        body = re.sub(r"^.{0,10}:\s?", "", text)
        for part in re.split(rf"[、,;/|{CELL}。·•]| {{2,}}", body):
            word = re.sub(
                r"^(?:熟练)?(?:掌握|使用|熟悉|精通|了解|运用)(?:使用)?|等.{0,4}$", "", part.strip(" .-")
            ).strip()
            if 1 < len(word) <= 20 and heading(word) is None:
                result.setdefault(word.lower(), found(word, 0.8, line, offset))
    return list(result.values())[:40]
