"""Schools, from lines in any order: period, school, major, degree on one line, on several, or in a table."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence

from modules.recruiting.resumes.document import Line
from modules.recruiting.resumes.rules.dates import Period, periods
from modules.recruiting.resumes.rules.evidence import found
from modules.recruiting.resumes.rules.labels import Labelled, cell_label
from modules.recruiting.resumes.rules.words import DEGREE, SCHOOL, Section, degree_of
from modules.recruiting.resumes.schemas import Found
from modules.recruiting.shapes import DEGREES, Degree, Schooling

_SPLIT = re.compile(r"[\t|/,;·•()\[\]【】]|\s+-\s+| +")
_NOT_A_MAJOR = re.compile(
    r"统招|全日制|非全日制|在职|自考|函授|成教|GPA|绩点|排名|主修|课程|学制|学历|学位|奖|毕业|至今|\d|"
    r"^双一流$|^985$|^211$|^专业$|^学校$|^时间$|大学|学院$|院$|系$"
)


def entries(
    lines: Sequence[tuple[Section, Line]], today: datetime.date
) -> list[tuple[Found[Schooling], Period | None]]:
    """One for each school named in the education part, in the order written."""
    part = [line for section, line in lines if section == "education"]
    anchors = [number for number, line in enumerate(part) if school_in(line.text)]
    result = []
    for order, number in enumerate(anchors):
        before = anchors[order - 1] + 1 if order else 0
        after = anchors[order + 1] if order + 1 < len(anchors) else len(part)
        result.append(_entry(part, number, before, after, today))
    return result


def school_in(text: str) -> str:
    """The school named in ``text`` without its faculty; "" without any."""
    cleaned = re.sub(r"毕业院校|毕业学校|学校名称|院校名称|毕业于|就读于|学校:|院校:", " ", text)
    match = SCHOOL.search(cleaned)
    if match is None:
        return ""
    name = re.sub(r"^(?:在|于|月|年|日|至今|今)+", "", match.group())
    return name if len(name) > 3 or name.endswith("大学") else ""


def _entry(
    part: Sequence[Line], number: int, before: int, after: int, today: datetime.date
) -> tuple[Found[Schooling], Period | None]:
    line = part[number]
    near = [line, *part[number + 1 : min(after, number + 4)]]
    # a period may stand alone above the school
    above = part[number - 1] if number > before and periods(part[number - 1].text, today) else None
    own = periods(line.text, today)
    below = [one for other in near[1:] for one in periods(other.text, today)]
    written = periods(above.text, today) if above is not None and not own else own or below
    period = written[0][1] if written else None
    if above is not None and not own:
        near.insert(0, above)
    degree: Degree = ""
    major = ""
    for other in near:
        if degree and major:
            break
        degree = degree or degree_of(other.text)
        major = major or _major(other.text, today)
    value = Schooling(
        school=school_in(line.text),
        major=major,
        degree=degree,
        since=period.since_text if period else "",
        until=period.until_text if period else "",
    )
    return found(value, 0.92 if period else 0.8, line), period


def _major(text: str, today: datetime.date) -> str:
    marked = re.search(r"专业\s*:\s*([^\s|,;()\t]{2,20})", text)
    if marked:
        return marked[1]
    for match, _period in reversed(periods(text, today)):
        text = text[: match.start()] + "\t" + text[match.end() :]
    text = DEGREE.sub("\t", SCHOOL.sub("\t", text))
    for cell in _SPLIT.split(text):
        word = re.sub(r"专业$|学$(?<=学学)", "", cell.strip(" :-"))
        if re.fullmatch(r"[一-龥A-Za-z&与和及]{2,18}", word) and not _NOT_A_MAJOR.search(word) and not cell_label(word):
            return word
    return ""


def highest(
    schools: Sequence[tuple[Found[Schooling], Period | None]], labels: Sequence[Labelled], head: Sequence[Line]
) -> Found[Degree] | None:
    """What is labelled and what the schools say; the higher where they differ, and then less surely."""
    candidates: list[Found[Degree]] = []
    for one in labels:
        if one.kind == "degree" and (degree := degree_of(one.value)):
            candidates.append(found(degree, 0.95, one.line, max(one.offset, 0)))
    for entry, _period in schools:
        if entry.value.degree:
            candidates.append(
                Found(entry.value.degree, entry.confidence, entry.source, entry.page, entry.start, entry.end)
            )
    if not candidates:
        for line in head:
            cells = [cell.strip() for cell in re.split(r"[\t|/,·•()]| +", line.text)]
            for cell in cells:
                match = DEGREE.match(cell)
                if match and len(cell) <= len(match.group()) + 2:
                    return found(degree_of(cell), 0.85, line, max(line.text.find(cell), 0))
        return None
    best = max(candidates, key=lambda one: (DEGREES.index(one.value), one.confidence))
    agree = all(one.value == best.value for one in candidates)
    return best if agree or len(schools) > 1 else Found(best.value, best.confidence * 0.85, *_place(best))


def latest(
    schools: Sequence[tuple[Found[Schooling], Period | None]], labels: Sequence[Labelled], head: Sequence[Line]
) -> tuple[Found[str] | None, Found[str] | None]:
    """School and major of the last time somebody studied."""
    if schools:
        best = max(
            schools,
            key=lambda one: (one[1].until if one[1] else 0, DEGREES.index(one[0].value.degree), one[0].confidence),
        )[0]
        major = Found(best.value.major, best.confidence * 0.95, *_place(best)) if best.value.major else None
        return Found(best.value.school, best.confidence, *_place(best)), major or _labelled_major(labels)
    for one in labels:
        if one.kind == "school":
            name = school_in(one.value) or (one.value if 3 < len(one.value) < 30 else "")
            if name:
                return found(name, 0.93, one.line, max(one.offset, 0)), _labelled_major(labels)
    for line in head:
        if (name := school_in(line.text)) and not re.search(r"公司|任职|教师", line.text):
            return found(name, 0.7, line), _labelled_major(labels)
    return None, _labelled_major(labels)


def _labelled_major(labels: Sequence[Labelled]) -> Found[str] | None:
    for one in labels:
        if one.kind == "major" and 1 < len(one.value) < 25:
            return found(one.value, 0.9, one.line, max(one.offset, 0))
    return None


def _place(one: Found[Degree] | Found[Schooling]) -> tuple[str, int, int, int]:
    return one.source, one.page, one.start, one.end
