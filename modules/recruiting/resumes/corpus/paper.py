"""Layouts drawn by ReportLab at given places, in a font that is not in the file, as old writers do."""

from __future__ import annotations

import io
import random
from typing import Any

from modules.recruiting.resumes.corpus.people import Person, period

_FONT = "STSong-Light"


def _canvas() -> tuple[io.BytesIO, Any]:
    # of the development tools, not of an installation
    from reportlab.lib.pagesizes import A4  # type: ignore[import-untyped]  # noqa: PLC0415
    from reportlab.pdfbase import pdfmetrics  # type: ignore[import-untyped]  # noqa: PLC0415
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont  # type: ignore[import-untyped]  # noqa: PLC0415
    from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]  # noqa: PLC0415

    pdfmetrics.registerFont(UnicodeCIDFont(_FONT))
    sink = io.BytesIO()
    return sink, Canvas(sink, pagesize=A4, invariant=1)


class _Pen:
    """Writes downwards at ``x``; a new page when this one is full."""

    def __init__(self, canvas: Any, x: float, y: float) -> None:
        self.canvas, self.x, self.y, self._top = canvas, x, y, y

    def line(self, text: str, size: float = 10, *, dx: float = 0, gap: float = 1.6, stay: bool = False) -> None:
        if self.y < 60:
            self.canvas.showPage()
            self.y = 780
        self.canvas.setFont(_FONT, size)
        self.canvas.drawString(self.x + dx, self.y, text)
        if not stay:
            self.y -= size * gap


def timeline(one: Person, chance: random.Random) -> bytes:
    """No labels: a large name, one line of facts, then years at the left and what was done at the right."""
    sink, canvas = _canvas()
    pen = _Pen(canvas, 50, 790)
    style = chance.choice((0, 1))
    pen.line(one.name, 22)
    pen.line(f"{one.gender} | {one.age}岁 | {one.city} | {one.wish}", 10)
    pen.line(f"{one.mobile[:3]}-{one.mobile[3:7]}-{one.mobile[7:]}    {one.mail}", 10)
    pen.y -= 8
    pen.line("■ 教育背景", 13)
    for school in one.schools:
        pen.line(period(school.since, school.until, style), stay=True)
        pen.line(f"{school.name} · {school.major} · {school.degree}", dx=150)
    pen.line("■ 工作经验", 13)
    for job in one.jobs:
        pen.line(period(job.since, job.until, style), stay=True)
        pen.line(job.employer, 10.5, dx=150)
        pen.line(f"{job.department}  {job.title}", dx=150)
        for duty in job.duties:
            pen.line(f"- {duty}", 9.5, dx=150)
    pen.line("■ 技能特长", 13)
    pen.line(one.skills)
    pen.line("■ 自我评价", 13)
    pen.line(one.note)
    canvas.save()
    return sink.getvalue()


def columns(one: Person, chance: random.Random) -> bytes:
    """A title across the page, then two columns that are drawn by turns."""
    sink, canvas = _canvas()
    canvas.setFont(_FONT, 20)
    canvas.drawCentredString(297, 790, f"{one.name} 的个人简历")
    canvas.setFont(_FONT, 9)
    canvas.drawCentredString(297, 770, f"手机：{one.mobile}　邮箱：{one.mail}　所在城市：{one.city}")
    style = chance.choice((0, 3))
    left, right = _Pen(canvas, 40, 735), _Pen(canvas, 235, 731)
    left.line("教育经历", 13)
    right.line("工作经历", 13)
    for number in range(max(len(one.schools), len(one.jobs))):
        if number < len(one.schools):
            school = one.schools[number]
            left.line(school.name, 10.5)
            left.line(f"{school.major}", 9.3)
            left.line(f"{school.degree}　{period(school.since, school.until, 0)}", 9.3, gap=2.2)
        if number < len(one.jobs):
            job = one.jobs[number]
            right.line(job.employer, 10.5)
            right.line(f"{job.title}　{period(job.since, job.until, style)}", 9.6)
            for duty in job.duties:
                right.line("· " + duty[:34], 9)
            right.y -= 7
    left.line("求职意向", 13)
    left.line(one.wish)
    left.line(f"期望薪资：{one.salary}", 9.3)
    left.line("专业技能", 13)
    for skill in one.skills.split("、"):
        left.line(skill, 9.3)
    canvas.save()
    return sink.getvalue()
