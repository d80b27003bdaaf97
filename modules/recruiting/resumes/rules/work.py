"""Jobs: who, as what, from when to when; and the years they add up to."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence

import msgspec

from modules.recruiting.resumes.document import Line
from modules.recruiting.resumes.rules.dates import Period, periods, worked_months
from modules.recruiting.resumes.rules.evidence import found
from modules.recruiting.resumes.rules.labels import Labelled, cell_label
from modules.recruiting.resumes.rules.words import CITY, DEPARTMENT, EMPLOYER, INTERN, TITLE, Section, degree_of
from modules.recruiting.resumes.schemas import Found
from modules.recruiting.shapes import Experience

_SPLIT = re.compile(r"[\t|;]|\s/\s| {2,}|\s[-·•]\s|,\s*(?=[一-龥])")
_LABELS = re.compile(
    r"(?:公司名称|工作单位|单位名称|公司|单位|职位名称|担任职位|担任职务|职位|职务|岗位|所在部门|所属部门|"
    r"部门|起止时间|工作时间|在职时间|时间)\s*:\s*"
)
_SENTENCE = re.compile(r"[。;；]|^(?:\d+[.、)]|[-•·●◆*>])|负责|参与|完成|主导|带领|协助|优化|实现|推动|搭建|提升")
_STATED = re.compile(r"(?<![\d.])(\d{1,2}(?:\.\d)?)\s?年(?:以上)?(?:的)?(?:[一-龥]{0,6}?(?:工作)?经验|工龄)")
_STATED_CELL = re.compile(r"(?<![\d.])(\d{1,2}(?:\.\d)?)\s?年(?:以上)?$")


class Job(msgspec.Struct):
    value: Experience
    line: Line
    period: Period
    sure: float
    intern: bool


def jobs(lines: Sequence[tuple[Section, Line]], today: datetime.date) -> list[Job]:
    """In the order written. Without a heading for work, every period that has an employer beside it."""
    parts: dict[Section, list[Line]] = {}
    for section, line in lines:
        parts.setdefault(section, []).append(line)
    found_jobs = _of(parts.get("work", []), today, intern=False)
    if not found_jobs:
        loose = [line for section in ("basics", "wish", "other", "summary") for line in parts.get(section, [])]
        found_jobs = [job for job in _of(loose, today, intern=False) if EMPLOYER.search(job.value.employer)]
        found_jobs = [job for job in found_jobs if not degree_of(job.line.text)]
    return found_jobs + _of(parts.get("intern", []), today, intern=True)


def _of(part: Sequence[Line], today: datetime.date, *, intern: bool) -> list[Job]:
    anchors = [
        (number, *one)
        for number, line in enumerate(part)
        for one in periods(line.text, today)[:1]
        # a period within a sentence is no job
        if len(line.text) - len(one[0].group()) < 70 and not re.search(r"项目", line.text[:12])
    ]
    result: list[Job] = []
    for order, (number, match, period) in enumerate(anchors):
        before = anchors[order - 1][0] if order else -1
        after = anchors[order + 1][0] if order + 1 < len(anchors) else len(part)
        job = _job(part, number, match, period, before=before, after=after)
        if job is not None:
            job.intern = intern or bool(INTERN.search(job.value.title))
            result.append(job)
    return result


def _job(
    part: Sequence[Line], number: int, match: re.Match[str], period: Period, *, before: int, after: int
) -> Job | None:
    line = part[number]
    own = line.text[: match.start()] + "\t" + line.text[match.end() :]
    employer, title = _named(own)
    used = number
    # the rest of a head stands under its period, or above it
    for other in range(number + 1, min(number + 4, after)):
        if employer and title:
            break
        if _SENTENCE.search(part[other].text) or len(part[other].text) > 60:
            break
        # what stands right above the next period belongs there
        if (
            other == after - 1
            and after < len(part)
            and other > number + 1
            and EMPLOYER.search(part[other].text.split("\t")[0])
        ):
            break
        more_employer, more_title = _named(part[other].text)
        if (more_employer and not employer) or (more_title and not title):
            employer, title, used = employer or more_employer, title or more_title, other
    surely = bool(EMPLOYER.search(employer))
    for other in range(number - 1, max(before, number - 3), -1):
        if surely and title:
            break
        if _SENTENCE.search(part[other].text) or len(part[other].text) > 60:
            break
        more_employer, more_title = _named(part[other].text)
        if more_employer and (not employer or (not surely and EMPLOYER.search(more_employer))):
            if employer and not title and TITLE.search(employer):
                title = employer
            employer = more_employer
            surely = bool(EMPLOYER.search(employer))
        title = title or more_title
    if not employer:
        return None
    duties = "\n".join(one.text for one in part[used + 1 : after])[:2000]
    value = Experience(employer=employer, title=title, since=period.since_text, until=period.until_text, text=duties)
    return Job(value, line, period, 0.92 if surely else 0.75, False)


def _named(text: str) -> tuple[str, str]:
    """Employer and title among the cells of a line that is no sentence."""
    employer = title = other = ""
    for cell in _cells(text):
        if EMPLOYER.search(cell) and len(cell) > 3 and not TITLE.search(cell):
            employer = employer or cell
        elif TITLE.search(cell):
            title = title or cell
        elif not DEPARTMENT.search(cell) and not CITY.fullmatch(cell.removesuffix("市")) and not cell_label(cell):
            other = other or cell
    return employer or other, title


def _cells(text: str) -> list[str]:
    cells: list[str] = []
    for part in _SPLIT.split(_LABELS.sub("\t", text)):
        ends = " :,-|/·•【】◆●■▪★" + ("" if re.search(r"\([^()]*\)", part) else "()[]")
        cell = part.strip(ends)
        if not re.search(r"[一-龥A-Za-z]{2}", cell) or re.fullmatch(r"[\d年个月.\s()]+", cell) or len(cell) > 45:
            continue
        words = cell.split(" ")
        if len(words) > 1 and not cell.isascii():
            cells += [word for word in words if len(word) > 1]
        else:
            cells += _unglued(cell)
    return cells


def _unglued(cell: str) -> list[str]:
    """OCR drops the room between an employer and a title: 某某有限公司产品经理."""
    match = re.match(
        r"(.{2,28}?(?:有限责任公司|股份有限公司|有限公司|集团|银行|事务所|研究院|医院)(?:\([^()]{1,8}\))?)(.{2,16})$",
        cell,
    )
    if match and TITLE.search(match[2]) and not EMPLOYER.search(match[2]):
        return [match[1], re.sub(r"^[一-龥]{2,6}?部(?=[一-龥]{2})", "", match[2])]
    return [cell]


def latest(found_jobs: Sequence[Job], labels: Sequence[Labelled]) -> tuple[Found[str] | None, Found[str] | None]:
    """Employer and title of the job that lasted longest into the present; a job that is no internship first."""
    if found_jobs:
        best = max(found_jobs, key=lambda one: (not one.intern, one.period.now, one.period.until, one.period.since))
        title = found(best.value.title, best.sure * 0.97, best.line) if best.value.title else None
        return found(best.value.employer, best.sure, best.line), title
    employer = next((one for one in labels if one.kind == "employer" and 2 < len(one.value) < 40), None)
    named = next((one for one in labels if one.kind == "title" and 1 < len(one.value) < 25), None)
    return (
        found(employer.value, 0.85, employer.line, max(employer.offset, 0)) if employer else None,
        found(named.value, 0.8, named.line, max(named.offset, 0)) if named else None,
    )


def years(
    found_jobs: Sequence[Job], labels: Sequence[Labelled], head: Sequence[Line], today: datetime.date
) -> Found[float] | None:
    """Counted from the jobs; what is stated confirms it, or stands in where no job could be read."""
    told = _stated(labels, head)
    real = [job for job in found_jobs if not job.intern]
    if not real:
        return told
    counted = round(worked_months([job.period for job in real], today) / 12, 1)
    sure = 0.9 if len(real) == len(found_jobs) else 0.85
    if told is not None:
        sure = 0.97 if abs(told.value - counted) <= 1 else 0.6
    first = min(real, key=lambda job: job.period.since)
    return found(counted, sure, first.line)


def _stated(labels: Sequence[Labelled], head: Sequence[Line]) -> Found[float] | None:
    for one in labels:
        match = re.match(r"(\d{1,2}(?:\.\d)?)", one.value) if one.kind == "years" else None
        if match:
            return found(float(match[1]), 0.85, one.line, max(one.offset, 0))
    for line in head:
        for cell in (line.text, *re.split(r"[\t|/,·•]| +", line.text)):
            match = _STATED.search(cell) or _STATED_CELL.search(cell.strip())
            if match and float(match[1]) < 50:
                return found(float(match[1]), 0.75, line)
    return None
