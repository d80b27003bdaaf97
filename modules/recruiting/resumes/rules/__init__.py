"""From lines to fields. Pure: no files, no clock; text that looks like orders to a machine is text."""

from __future__ import annotations

import datetime
import re

from modules.recruiting.resumes.document import Document
from modules.recruiting.resumes.rules import education, person, work
from modules.recruiting.resumes.rules.evidence import found
from modules.recruiting.resumes.rules.labels import labelled
from modules.recruiting.resumes.rules.sections import sections
from modules.recruiting.resumes.schemas import Notice, Parsed

_ORDERS = re.compile(
    r"(?:忽略|无视|忘记)(?:以上|上面|之前|前面|此前)?.{0,6}(?:指令|指示|提示|要求|规则)|ignore (?:all |"
    r"any )?(?:the )?(?:previous|above|prior) instructions"
    r"|(?:你是|作为)(?:一个|一名)?(?:AI|人工智能|大模型|语言模型)|system prompt|(?:请|务必).{0,6}(?:评为|"
    r"打|给出)(?:满分|最高分|最高评价)",
    re.IGNORECASE,
)


def extract(document: Document, *, today: datetime.date, name: str = "") -> Parsed:
    """``name`` of the file only confirms a name that stands in the text."""
    labels = labelled(document)
    parts = sections(document)
    head = [line for section, line in parts if section in {"basics", "wish", "summary"}][:25]
    schools = education.entries(parts, today)
    jobs = work.jobs(parts, today)
    school, major = education.latest(schools, labels, head)
    employer, title = work.latest(jobs, labels)
    notices = list(document.notices)
    if _ORDERS.search(document.text):
        notices.append(Notice("instructions"))
    return Parsed(
        name=person.name(document, labels, name),
        mobile=person.mobile(document, labels),
        mail=person.mail(document),
        gender=person.gender(document, labels),
        birth=person.birth(document, labels, today),
        degree=education.highest(schools, labels, head),
        school=school,
        major=major,
        education=tuple(entry for entry, _period in schools),
        employer=employer,
        title=title,
        experience=tuple(found(job.value, job.sure, job.line) for job in jobs),
        years=work.years(jobs, labels, head, today),
        city=person.city(document, labels),
        salary_wish_fen=person.salary_wish_fen(document, labels),
        skills=tuple(person.skills(parts, labels)),
        text=document.text,
        pages=document.pages,
        read_as=document.read_as,
        format=document.format,
        notices=tuple(notices),
    )
