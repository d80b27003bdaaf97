"""Layouts made by WeasyPrint from HTML."""

from __future__ import annotations

import random
from html import escape

from modules.recruiting.resumes.corpus.people import Person, period

_BASE = (
    "@page{size:A4;margin:16mm 15mm}body{font-family:'Noto Sans CJK SC','Noto Sans "
    "SC',sans-serif;font-size:10pt;line-height:1.6}"
)


def pdf(body: str, style: str) -> bytes:
    import weasyprint  # type: ignore[import-untyped]  # noqa: PLC0415 - heavy, of the corpus only

    page = f"<html lang=zh-CN><head><style>{_BASE}{style}</style></head><body>{body}</body></html>"
    return bytes(weasyprint.HTML(string=page).write_pdf() or b"")


def labelled(one: Person, chance: random.Random) -> bytes:
    """Everything with its label, two to a line; what came first first."""
    return pdf(*labelled_page(one, chance))


def labelled_page(one: Person, chance: random.Random) -> tuple[str, str]:
    style = chance.randint(0, 3)
    spaced = chance.random() < 0.5
    name = f"姓　名：{one.name}" if spaced else f"姓名：{one.name}"
    basics = [
        (name, f"性　别：{one.gender}" if spaced else f"性别：{one.gender}"),
        (f"出生年月：{one.born.replace('-', '年')}月", f"现居住地：{one.city}市"),
        (f"联系电话：{one.mobile}", f"电子邮箱：{one.mail}"),
        (f"期望薪资：{one.salary}", f"应聘职位：{one.wish}"),
    ]
    rows = "".join(f"<tr><td>{escape(a)}</td><td>{escape(b)}</td></tr>" for a, b in basics)
    schools = "".join(
        f"<p>{period(s.since, s.until, style)}　{s.name}　{s.major}专业　{s.degree}</p>" for s in one.schools
    )
    jobs = "".join(
        f"<p><b>{period(j.since, j.until, style)}　{escape(j.employer)}　{j.title}</b></p><ul>"
        + "".join(f"<li>{escape(d)}；</li>" for d in j.duties)
        + "</ul>"
        for j in one.jobs
    )
    body = (
        f"<h1>个人简历</h1><h2>基本信息</h2><table>{rows}</table><h2>教育背景</h2>{schools}<h2>工作经历</h2>{jobs}"
        f"<h2>专业技能</h2><p>{one.skills}</p><h2>自我评价</h2><p>{one.note}</p>"
    )
    look = (
        "h1{text-align:center;font-size:18pt}h2{font-size:12pt;border-bottom:1px solid #888}table{width:100%}"
        "td{width:50%}p{margin:3pt 0}"
    )
    return body, look


def sidebar(one: Person, chance: random.Random) -> bytes:
    """White on dark at the left: who it is; the way so far at the right."""
    style = chance.choice((0, 2))
    left = (
        f"<h1>{one.name}</h1><p>{one.wish}</p><h3>联系方式</h3><p>{one.mobile}</p><p>{one.mail}</p><p>{one.city}</p>"
        f"<h3>技能</h3>"
        + "".join(f"<p>{skill}</p>" for skill in one.skills.split("、"))
        + f"<h3>关于我</h3><p>{one.note}</p>"
    )
    right = "<h2>工作经历</h2>" + "".join(
        f"<div class=row><b>{escape(j.employer)}</b><i>"
        f"{period(j.since, j.until, style)}</i></div><p>{j.title} · {j.department}</p>"
        + "".join(f"<p>{escape(d)}</p>" for d in j.duties)
        for j in one.jobs
    )
    right += "<h2>教育经历</h2>" + "".join(
        f"<div class=row><b>{s.name}</b><i>{period(s.since, s.until, style)}</i></div><p>{s.major} | {s.degree}</p>"
        for s in one.schools
    )
    look = (
        "@page{margin:0}"
        ".l{position:absolute;left:0;top:0;width:56mm;height:281mm;padding:8mm;background:#24364b;color:#fff}"
        ".r{margin-left:78mm;padding:10mm 10mm 0 "
        "0}.row{display:flex;justify-content:space-between}i{font-style:normal;color:#555}"
        "p{margin:2pt 0}h3{margin:14pt 0 3pt}.l p{font-size:9pt}"
    )
    return pdf(f"<div class=l>{left}</div><div class=r>{right}</div>", look)


def form(one: Person, chance: random.Random) -> bytes:
    """An application form: everything in cells with rules around them."""
    return pdf(*form_page(one, chance))


def form_page(one: Person, chance: random.Random) -> tuple[str, str]:
    style = chance.choice((0, 4))
    head = one.schools[0]
    rows = [
        ("姓名", one.name, "性别", one.gender, "民族", "汉族"),
        ("出生年月", one.born, "籍贯", "江苏", "政治面貌", "群众"),
        ("学历", head.degree, "毕业院校", head.name, "专业", head.major),
        ("手机", one.mobile, "邮箱", one.mail, "现居地", one.city),
    ]
    cells = "".join(
        "<tr>"
        + "".join(
            f"<{'th' if i % 2 == 0 else 'td'}>{escape(c)}</{'th' if i % 2 == 0 else 'td'}>" for i, c in enumerate(row)
        )
        + "</tr>"
        for row in rows
    )
    schools = "<tr><th>起止时间</th><th>学校</th><th>专业</th><th>学历</th></tr>" + "".join(
        f"<tr><td>{period(s.since, s.until, style)}</td><td>{s.name}</td><td>{s.major}</td><td>{s.degree}</td></tr>"
        for s in one.schools
    )
    jobs = "<tr><th>起止时间</th><th>工作单位</th><th>职位</th><th>证明人</th></tr>" + "".join(
        f"<tr><td>{period(j.since, j.until, style)}</td><td>{escape(j.employer)}</td><td>{j.title}"
        f"</td><td>{chance.choice('赵钱孙李')}经理</td></tr>"
        for j in one.jobs
    )
    body = (
        f"<h1>应聘人员登记表</h1><table>{cells}</table><h2>教育经历</h2><table>{schools}"
        f"</table><h2>工作经历</h2><table>{jobs}</table>"
        f"<h2>自我评价</h2><p>{one.note}</p>"
    )
    return (
        body,
        "table{border-collapse:collapse;width:100%;margin:4pt 0}th,td{border:1px solid "
        "#333;padding:3pt 4pt;font-size:9pt}th{background:#eee}h1{text-align:center}",
    )
