"""Recruiting's tables: the people of a job, and everybody."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from markupsafe import Markup
from sqlalchemy import ColumnElement

from modules.recruiting import words
from modules.recruiting.models import Application, Candidate, Channel
from modules.recruiting.repository import people
from zhiren.cn import ids
from zhiren.context import Context
from zhiren.i18n import N_, _
from zhiren.web.tables import Column, Filter, TableSpec

_YEARS: Final = {
    "0": N_("不到 1 年"),
    "1": N_("1–3 年"),
    "3": N_("3–5 年"),
    "5": N_("5–10 年"),
    "10": N_("10 年以上"),
}
_DEGREES: Final = tuple(words.DEGREES.items())
_YEAR_CHOICES: Final = tuple(_YEARS.items())
_POOL: Final = (("in", N_("在人才库")), ("out", N_("不在人才库")))
_NARROWED: Final = people.CONDITIONS


def _uuid(value: str, column: Any) -> ColumnElement[bool]:
    try:
        found: ColumnElement[bool] = column == UUID(value)
    except ValueError:
        return Candidate.id.is_(None)
    return found


def _degree(row: Any) -> str:
    return words.degree(row.degree)


def _years(row: Any) -> str:
    return "" if row.years is None else f"{row.years:g}"


def _tags(row: Any) -> str:
    return "、".join(row.tags)


def tag_badges(row: Any) -> Markup:
    return Markup(" ").join(Markup('<span class="zr-badge">%s</span>') % tag for tag in row.tags[:4])


def findings_badges(row: Any) -> Markup:
    parts = []
    for outcome, kind in (("failed", "danger"), ("unknown", "warning")):
        if names := row.found(outcome):
            title = _(words.OUTCOMES[outcome][1])
            parts.append(
                Markup('<span class="zr-badge zr-badge-%s" title="%s">%s %s</span>')
                % (kind, "、".join(names), title, len(names))
            )
    return Markup(" ").join(parts)


def _person(row: Any) -> str:
    return f"/recruiting/candidates/{row.candidate_id}"


@lru_cache(maxsize=256)
def pipeline_table(show: str, stages: tuple[tuple[str, str], ...], reasons: tuple[tuple[str, str], ...]) -> TableSpec:
    """The people of a job in one of the lists of ``service.pipeline.SHOWS``."""
    named, why = dict(stages), dict(reasons)
    ended = show == "ended"
    columns = [
        Column("name", N_("姓名"), Candidate.name, main=True, search=True, href=_person),
        Column(
            "stage", N_("阶段"), Application.stage, value=lambda row: _(named.get(row.stage) or row.stage), sort=False
        ),
    ]
    if ended:
        columns += [
            Column("state", N_("结果"), Application.state, badges=words.APPLICATION_STATES),
            Column("reason", N_("原因"), value=lambda row: why.get(row.reason, ""), sort=False),
            Column("ended_at", N_("结束时间"), Application.ended_at, kind="datetime"),
        ]
    columns += [
        Column("degree", N_("学历"), value=_degree, sort=False),
        Column("school", N_("学校"), Candidate.school, search=True),
        Column("employer", N_("最近雇主"), Candidate.employer, search=True),
        Column("title", N_("职务"), Candidate.title, search=True),
        Column("years", N_("工作年限"), Candidate.years, kind="number"),
        Column("city", N_("城市"), Candidate.city, shown=False),
        Column("days", N_("停留天数"), Application.stage_since, kind="number", shown=not ended),
        Column("channel", N_("渠道"), Channel.name),
        Column("findings", N_("筛选"), value=_found, html=findings_badges, sort=False),
        Column("tags", N_("标签"), value=_tags, html=tag_badges, sort=False, shown=False),
        Column("applied_at", N_("应聘时间"), Application.applied_at, kind="datetime", shown=False),
    ]
    filters = [
        Filter("stage", N_("阶段"), Application.stage),
        Filter("degree", N_("学历"), Candidate.degree, choices=_DEGREES),
        Filter("years", N_("工作年限"), choices=_YEAR_CHOICES, apply=people.years_between),
        Filter("channel", N_("渠道"), apply=lambda value: _uuid(value, Application.channel_id)),
    ]
    if ended:
        filters.append(Filter("reason", N_("原因"), Application.reason))
    return TableSpec(
        name="recruiting.pipeline",
        title=N_("应聘"),
        columns=tuple(columns),
        filters=tuple(filters),
        order_by=(Application.ended_at.desc(), Application.id)
        if ended
        else (Application.rank, Application.stage_since, Application.id),
        row_href=_person,
        row_id=lambda row: f"{row.id}:{row.version}",
    )


def _found(row: Any) -> str:
    return "、".join(f"{finding.name}: {_(words.OUTCOMES[finding.outcome][1])}" for finding in row.findings)


def _open_person(row: Any) -> str:
    return f"/recruiting/candidates/{row.id}"


def _search(ctx: Context, text: str) -> ColumnElement[bool]:
    """A whole mobile or mail address is found by its blind index, by who may see contacts; else by the full text."""
    if ctx.actor.can("field.contact.read"):
        mobile = ids.normalise(text).removeprefix("+86")
        if ids.is_mobile(mobile):
            return Candidate.mobile.matches(mobile)
        if "@" in text and " " not in text:
            return Candidate.mail.matches(text)
    return people.matching(text)


CANDIDATES: Final = TableSpec(
    name="recruiting.candidates",
    title=N_("候选人"),
    columns=(
        Column("name", N_("姓名"), Candidate.name, main=True, href=_open_person),
        Column("degree", N_("学历"), value=_degree, sort=False),
        Column("school", N_("学校")),
        Column("major", N_("专业"), shown=False),
        Column("employer", N_("最近雇主")),
        Column("title", N_("职务")),
        Column("years", N_("工作年限"), kind="number"),
        Column("city", N_("城市")),
        Column("tags", N_("标签"), value=_tags, html=tag_badges, sort=False),
        Column("channel", N_("渠道"), shown=False),
        Column("pooled_at", N_("入库时间"), kind="datetime", shown=False),
        Column("created_at", N_("收录时间"), Candidate.created_at, kind="datetime"),
    ),
    filters=(
        Filter("degree", N_("学历"), choices=_DEGREES, apply=_NARROWED["degree"]),
        Filter("years", N_("工作年限"), choices=_YEAR_CHOICES, apply=_NARROWED["years"]),
        Filter("city", N_("城市"), apply=_NARROWED["city"]),
        Filter("tag", N_("标签"), apply=_NARROWED["tag"]),
        Filter("pool", N_("人才库"), choices=_POOL, apply=_NARROWED["pool"]),
        Filter("channel", N_("渠道"), apply=_NARROWED["channel"]),
    ),
    order_by=(Candidate.created_at.desc(), Candidate.id),
    search=_search,
    row_href=_open_person,
)
