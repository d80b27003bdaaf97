"""Layouts written by python-docx."""

from __future__ import annotations

import io
import random
from typing import Any

from modules.recruiting.resumes.corpus.people import Person, period

_BOX = (
    '<w:r xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:v="urn:schemas-microsoft-com:vml">'
    '<w:pict><v:shape style="width:180pt;height:120pt"><v:textbox>'
    "<w:txbxContent>{}</w:txbxContent></v:textbox></v:shape></w:pict></w:r>"
)


def _document() -> Any:
    import docx  # noqa: PLC0415 - of the corpus only

    return docx.Document()


def _bytes(document: Any) -> bytes:
    sink = io.BytesIO()
    document.save(sink)
    return sink.getvalue()


def table(one: Person, chance: random.Random) -> bytes:
    """One table for everything: labels at the left, schools and jobs as rows of lines."""
    document = _document()
    document.add_heading("求职简历", 0)
    grid = document.add_table(rows=0, cols=4)
    for row in (
        ("姓    名", one.name, "性    别", one.gender),
        ("联系电话", one.mobile, "E-mail", one.mail),
        ("最高学历", one.schools[0].degree, "毕业学校", one.schools[0].name),
        ("居住地址", f"{one.city}市高新区创业路 88 号", "期望月薪", one.salary),
    ):
        for cell, text in zip(grid.add_row().cells, row, strict=True):
            cell.text = text
    style = chance.choice((0, 1, 4))
    for title, lines in (
        ("教育经历", [f"{period(s.since, s.until, style)}  {s.name}  {s.major}  {s.degree}" for s in one.schools]),
        (
            "工作经历",
            [
                line
                for j in one.jobs
                for line in (
                    f"{period(j.since, j.until, style)}  {j.employer}  {j.department}  {j.title}",
                    "工作内容：" + "；".join(j.duties),
                )
            ],
        ),
        ("自我评价", [one.note]),
    ):
        cells = grid.add_row().cells
        cells[0].text = title
        merged = cells[1].merge(cells[3])
        merged.text = lines[0]
        for line in lines[1:]:
            merged.add_paragraph(line)
    return _bytes(document)


def boxes(one: Person, chance: random.Random) -> bytes:
    """Name and phone in the page header, facts in a text box, jobs in paragraphs with tab stops."""
    from docx.oxml import parse_xml  # noqa: PLC0415 - of the corpus only

    document = _document()
    document.sections[0].header.paragraphs[0].text = f"{one.name}\t{one.mobile}"
    anchor = document.add_paragraph()
    facts = (f"性别：{one.gender}", f"邮箱：{one.mail}", f"现居：{one.city}", f"出生年月：{one.born.replace('-', '.')}")
    inner = "".join(f"<w:p><w:r><w:t>{fact}</w:t></w:r></w:p>" for fact in facts)
    anchor._p.append(parse_xml(_BOX.format(inner)))
    style = chance.choice((0, 2))
    document.add_heading("工作履历 / Work Experience", 2)
    for job in one.jobs:
        document.add_paragraph(f"{job.employer}\t{period(job.since, job.until, style)}")
        document.add_paragraph(f"职位：{job.title}    部门：{job.department}")
        for duty in job.duties:
            document.add_paragraph(duty, style="List Bullet")
    document.add_heading("教育背景 / Education", 2)
    for school in one.schools:
        document.add_paragraph(f"{school.name}\t{period(school.since, school.until, style)}")
        document.add_paragraph(f"{school.degree}，{school.major}")
    document.add_heading("专业技能", 2)
    document.add_paragraph(one.skills)
    return _bytes(document)


def board(one: Person, chance: random.Random) -> bytes:
    """As job boards export it: one line of facts, then blocks without tables."""
    document = _document()
    years = int(one.years)
    document.add_paragraph().add_run(one.name).font.size = 254_000
    document.add_paragraph(f"{one.gender} | {one.age}岁 | {years}年工作经验 | {one.schools[0].degree} | {one.city}")
    document.add_paragraph(f"手机号：{one.mobile}    邮箱：{one.mail}")
    document.add_paragraph(f"求职意向：{one.wish} | 期望薪资：{one.salary} | 期望城市：{one.city}")
    document.add_paragraph("工作经历").runs[0].bold = True
    style = chance.choice((0, 2))
    for job in one.jobs:
        document.add_paragraph(f"{job.employer}    {job.title}    {period(job.since, job.until, style)}")
        document.add_paragraph("内容：" + "\n".join(f"{at}. {duty}" for at, duty in enumerate(job.duties, 1)))
    document.add_paragraph("项目经历").runs[0].bold = True
    document.add_paragraph(f"数据中台建设项目    负责人    {period(one.jobs[0].since, one.jobs[0].until, style)}")
    document.add_paragraph("与多家公司合作，覆盖全国 12 个城市。")
    document.add_paragraph("教育经历").runs[0].bold = True
    for school in one.schools:
        document.add_paragraph(
            f"{school.name}    {school.degree}    {school.major}    {school.since[:4]}-{school.until[:4]}"
        )
    document.add_paragraph("个人优势").runs[0].bold = True
    document.add_paragraph(one.note)
    return _bytes(document)
